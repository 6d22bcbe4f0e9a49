//! A PostgreSQL server of the tests' own: its data in a temporary folder, its port one that was free. It ends with the
//! process that started it, however that ends, and its folder goes with it.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::fs;
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tokio_postgres::{NoTls, SimpleQueryMessage};

/// The owner of everything in the server.
pub const USER: &str = "tester";
pub const PASSWORD: &str = "s3cret'pass";
pub const DATABASE: &str = "postgres";

/// Runs the server until the pipe to this process closes, then stops it and removes its folder.
const KEEPER: &str = r#"
"$@" >"$LOG" 2>&1 </dev/null &
cat >/dev/null
kill -INT $! 2>/dev/null
wait $!
[ -z "$REMOVE" ] || rm -rf "$REMOVE"
"#;

pub struct Server {
    programs: PathBuf,
    folder: PathBuf,
    pub port: u16,
    keeper: Option<(Child, ChildStdin)>,
}

/// The server that the tests of a process share; none where PostgreSQL is not installed. Each test has a schema of its own.
pub fn shared(test: &str) -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(Server::start).as_ref();
    if server.is_none() {
        // Past the test harness, which keeps the output of tests that pass.
        let _ =
            writeln!(io::stderr(), "left out: {test}: PostgreSQL is not installed (`cargo xtask test` installs it)");
    }
    server
}

impl Server {
    /// A server of this test alone, to be stopped and started again.
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("duckpen-postgres-").tempdir().expect("a folder").keep();
        if is_root() {
            let owned = Command::new("chown").args(["-R", "postgres"]).arg(&folder).status().expect("chown runs");
            assert!(owned.success(), "the folder is not postgres's");
        }
        let password = folder.join("password");
        fs::write(&password, PASSWORD).expect("the password is written");
        let made = as_nobody_special(&programs.join("initdb"))
            .arg("--pgdata")
            .arg(folder.join("data"))
            .args(["--username", USER, "--encoding", "UTF8", "--locale", "C", "--auth-host", "scram-sha-256"])
            .args(["--auth-local", "trust", "--no-sync", "--pwfile"])
            .arg(&password)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
        let mut server = Self { programs, folder, port, keeper: None };
        server.run();
        Some(server)
    }

    /// Starts it, again if need be, and waits until it answers.
    pub fn run(&mut self) {
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]);
        if is_root() {
            keeper.args(["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        }
        keeper.arg(self.programs.join("postgres"));
        keeper.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder);
        keeper.args(["-p", &self.port.to_string(), "-h", "127.0.0.1", "-c", "fsync=off", "-c", "max_connections=40"]);
        keeper.env("LOG", self.folder.join("log")).env("REMOVE", &self.folder);
        let mut child =
            keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sh runs");
        let pipe = child.stdin.take().expect("a pipe");
        self.keeper = Some((child, pipe));
        let began = Instant::now();
        while self.try_sql("SELECT 1").is_err() {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(began.elapsed() < Duration::from_secs(120), "the server does not answer: {}", log());
            // It says nowhere that it is ready but by answering.
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Lets it offer encryption, with a certificate for `localhost`, and gives that of the authority. None where there is no
    /// OpenSSL to make them.
    pub fn encrypt(&self) -> Option<String> {
        const MAKE: &str = r#"
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem &&
            openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr &&
            printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' > server.ext &&
            openssl x509 -req -in server.csr -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -extfile server.ext -out server.crt &&
            chmod 600 server.key
        "#;
        let data = self.folder.join("data");
        let made = Command::new("sh").args(["-c", MAKE]).current_dir(&data).output().expect("sh runs");
        if !made.status.success() {
            let _ = writeln!(io::stderr(), "left out: encrypted connections: OpenSSL is not installed");
            return None;
        }
        if is_root() {
            let owned =
                Command::new("chown").arg("postgres").arg(data.join("server.key")).status().expect("chown runs");
            assert!(owned.success());
        }
        self.sql("ALTER SYSTEM SET ssl = on");
        self.sql("SELECT pg_reload_conf()");
        let began = Instant::now();
        while self.lines("SHOW ssl") != "on" {
            assert!(began.elapsed() < Duration::from_secs(30), "the server does not take its certificate");
            std::thread::sleep(Duration::from_millis(20));
        }
        fs::read_to_string(data.join("ca.pem")).ok()
    }

    /// Ends it as a crash would.
    pub fn crash(&mut self) {
        let pid = fs::read_to_string(self.folder.join("data/postmaster.pid")).expect("it runs");
        let pid = pid.lines().next().unwrap_or_default().to_owned();
        let killed = Command::new("kill").args(["-QUIT", &pid]).status().expect("kill runs");
        assert!(killed.success());
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            assert!(began.elapsed() < Duration::from_secs(60), "the server does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
        // The keeper, which would remove the folder.
        if let Some((mut keeper, pipe)) = self.keeper.take() {
            let _ = keeper.kill();
            let _ = keeper.wait();
            drop(pipe);
        }
        let _ = fs::remove_file(self.folder.join("data/postmaster.pid"));
    }

    /// Runs statements and gives the rows of all of them, as text.
    pub fn sql(&self, text: &str) -> Vec<Vec<Option<String>>> {
        self.try_sql(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    /// The rows as lines, columns apart by `|`, NULL as `-`.
    pub fn lines(&self, query: &str) -> String {
        let cell = |cell: Option<String>| cell.unwrap_or_else(|| "-".to_owned());
        let line = |row: Vec<Option<String>>| row.into_iter().map(cell).collect::<Vec<_>>().join("|");
        self.sql(query).into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    pub fn try_sql(&self, text: &str) -> Result<Vec<Vec<Option<String>>>, tokio_postgres::Error> {
        self.try_sql_in(DATABASE, text)
    }

    pub fn try_sql_in(&self, database: &str, text: &str) -> Result<Vec<Vec<Option<String>>>, tokio_postgres::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut config = tokio_postgres::Config::new();
            config.host("127.0.0.1").port(self.port).user(USER).password(PASSWORD).dbname(database);
            let (client, connection) = config.connect(NoTls).await?;
            let connection = tokio::spawn(connection);
            let messages = client.simple_query(text).await?;
            connection.abort();
            let rows = messages.iter().filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => {
                    Some((0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect())
                }
                _ => None,
            });
            Ok(rows.collect())
        })
    }

    /// The parameters of a connector for it, as JSON, with more of them.
    pub fn params(&self, more: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
        let mut params = serde_json::json!({
            "host": "127.0.0.1", "port": self.port, "database": DATABASE, "user": USER, "password": PASSWORD,
        });
        let params = params.as_object_mut().expect("an object");
        params.extend(more.as_object().cloned().unwrap_or_default());
        params.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((mut keeper, pipe)) = self.keeper.take() {
            drop(pipe);
            let _ = keeper.wait();
        }
    }
}

/// The folder of the server's programs.
fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    for place in ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt"] {
        let versions = fs::read_dir(place).into_iter().flatten().flatten();
        folders.extend(versions.map(|version| version.path().join("bin")));
    }
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout.trim_ascii() == b"0"
}

/// The server's programs refuse to run as root.
fn as_nobody_special(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}
