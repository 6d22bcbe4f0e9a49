//! The host is killed, or a call fails, at every named point of a run. Run again, it gives what an undisturbed run gives:
//! no row is lost or doubled, no watermark is elsewhere, no file is left.

#![cfg(debug_assertions)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../connectors/tests/support/web.rs"]
mod web;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use duckpen_database::{Database, Options, Session};
use duckpen_faults::Point;
use duckpen_object_server::Server;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use web::{Web, answer};

/// Leaves tables, watermarks and a file that waits to be published.
const BEFORE: &str = r#"
SOURCE base TYPE CSV PARAMS {"path": "data/base.csv"};
LOAD appended FROM base;
LOAD kept FROM base;
SOURCE events TYPE CSV PARAMS {"path": "data/events.csv", "sync_mode": "incremental", "cursor_field": "ts"};
LOAD seen_events FROM events MODE APPEND;
CREATE TABLE daily MODE INCREMENTAL BY day LOOKBACK 2 DAYS AS SELECT ts::DATE AS day, sum(v) AS v FROM seen_events GROUP BY ALL;
EXPORT SELECT * FROM kept ORDER BY id TO "out/before.csv" TYPE CSV;
"#;

/// Leaves an upload that waits to be completed.
const SENT: &str = r#"
CREATE TABLE sent AS SELECT 1 AS id;
EXPORT SELECT * FROM sent TO lake OPTIONS {"key": "out/sent.csv"};
"#;

/// Leaves an upload that was cut off.
const CUT_OFF: &str = r#"EXPORT SELECT range AS id FROM range(20) TO pond OPTIONS {"key": "out/cut_off.csv"};"#;

/// Leaves an upload that was begun and whose name was not noted.
const BEGUN: &str = r#"EXPORT SELECT 1 AS id TO pool OPTIONS {"key": "out/begun.csv"};"#;

/// Every kind of load, transform and export, on what `BEFORE` has left.
const PIPELINE: &str = r#"
SOURCE more TYPE CSV PARAMS {"path": "data/more.csv"};
SOURCE changes TYPE CSV PARAMS {"path": "data/changes.csv"};
SOURCE events TYPE CSV PARAMS {"path": "data/events.csv", "sync_mode": "incremental", "cursor_field": "ts"};
LOAD replaced FROM more;
LOAD appended FROM more MODE APPEND OPTIONS {"on_schema_change": ["add_columns", "widen"]};
LOAD kept FROM changes MODE UPSERT KEY (id) OPTIONS {"rejects": "kept_rejected"};
LOAD seen_events FROM events MODE APPEND;
TEST kept UNIQUE (id);
TEST appended NOT NULL (note) SEVERITY WARN;
CREATE TABLE daily MODE INCREMENTAL BY day LOOKBACK 2 DAYS AS SELECT ts::DATE AS day, sum(v) AS v FROM seen_events GROUP BY ALL;
CREATE TABLE history MODE APPEND AS SELECT count(*) AS n FROM appended;
CREATE TABLE totals MODE UPSERT KEY (k) AS SELECT id % 3 AS k, sum(v) AS v FROM kept GROUP BY ALL;
CREATE VIEW overview AS SELECT k, v FROM totals;
EXPORT SELECT * FROM overview ORDER BY k TO "out/deep/overview.csv" TYPE CSV;
EXPORT SELECT * FROM daily ORDER BY day TO "out/daily.json" TYPE JSON;
EXPORT SELECT * FROM kept ORDER BY id TO "rows" TYPE REST OPTIONS {"url": "${api}", "batch_size": 1};
SOURCE stock FROM "lake" OPTIONS {"key": "in/*.csv"};
LOAD stock_seen FROM stock MODE APPEND;
EXPORT SELECT * FROM stock_seen ORDER BY id TO lake OPTIONS {"key": "out/stock.csv"};
EXPORT SELECT id % 2 AS part, id FROM stock_seen ORDER BY id TO lake
    OPTIONS {"key": "out/parted", "file_format": "parquet", "partition_by": "part", "part_size_mb": 0.0002};
"#;

/// The same store under three names, of which some can be out of reach. Parts of uploads are so small that each has several.
const PROFILE: &str = r#"
connectors:
  lake: {type: S3, params: {bucket: shop, endpoint_url: "${LAKE}", access_key_id: id, secret_access_key: secret,
         part_size_mb: 0.00001, parallel_workers: 1, retry_delay: 0.01}}
  pond: {type: S3, params: {bucket: shop, endpoint_url: "${POND}", access_key_id: id, secret_access_key: secret,
         part_size_mb: 0.00001, parallel_workers: 1, max_retries: 0}}
  pool: {type: S3, params: {bucket: shop, endpoint_url: "${POOL}", access_key_id: id, secret_access_key: secret,
         max_retries: 0}}
"#;

/// A system that takes rows over HTTP, and none twice that come under one key: for each project what it took.
struct Api {
    web: Web,
    taken: Arc<Mutex<Vec<[String; 3]>>>,
    _runtime: Runtime,
}

fn api() -> &'static Api {
    static API: OnceLock<Api> = OnceLock::new();
    API.get_or_init(|| {
        let taken: Arc<Mutex<Vec<[String; 3]>>> = Arc::default();
        let noted = Arc::clone(&taken);
        let runtime = Runtime::new().unwrap();
        let web = runtime.block_on(Web::start(move |_, asked| {
            let key = asked.header("idempotency-key").unwrap_or_default().to_owned();
            let request = [asked.target.clone(), key, String::from_utf8_lossy(&asked.body).into_owned()];
            let mut taken = noted.lock().unwrap();
            if !taken.iter().any(|[target, key, _]| *target == request[0] && *key == request[1]) {
                taken.push(request);
            }
            answer(201, "")
        }));
        Api { web, taken, _runtime: runtime }
    })
}

const TABLES: [&str; 10] = [
    "appended",
    "kept",
    "kept_rejected",
    "replaced",
    "seen_events",
    "daily",
    "history",
    "totals",
    "overview",
    "stock_seen",
];

/// A project, and the object store that it reads and writes.
struct Project(TempDir, Server);

impl Project {
    /// In the state in which a pipeline was killed before its file was in its place.
    fn with_a_file_that_waits() -> Self {
        Self::killed(&[("before", "publish.before_rename=kill")])
    }

    /// In the state in which a pipeline was killed while it sent an object, and another before its object was to be seen.
    fn with_uploads_that_wait() -> Self {
        Self::killed(&[
            ("before", ""),
            ("cut_off", "upload.part_sent=kill@2"),
            ("begun", "upload.begun=kill"),
            ("sent", "upload.before_complete=kill"),
        ])
    }

    fn killed(runs: &[(&str, &str)]) -> Self {
        let server = Server::with_keys("id", "secret").unwrap();
        server.put("shop", "in/a.csv", "id,v\n1,10\n2,20\n");
        server.put("shop", "in/b.csv", "id,v\n3,30\n");
        let project = Self(tempfile::tempdir().unwrap(), server);
        let write = |path: &str, text: &str| {
            let path = project.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("duckpen.toml", "[network]\nprivate = [\"127.0.0.1\"]\n");
        write("pipelines/before.sf", BEFORE);
        write("pipelines/sent.sf", SENT);
        write("pipelines/cut_off.sf", CUT_OFF);
        write("pipelines/begun.sf", BEGUN);
        write("pipelines/p.sf", PIPELINE);
        write("profiles/dev.yml", PROFILE);
        write("data/base.csv", "id,v\n1,10\n2,20\n3,30\n");
        write("data/events.csv", "ts,v\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n");
        for (number, (pipeline, fault)) in runs.iter().enumerate() {
            // None is to give up what an earlier one has begun.
            let nowhere = ["POND", "POOL"].into_iter().take(number.saturating_sub(1));
            let mut environment: Vec<_> = nowhere.map(|name| (name, "http://127.0.0.1:1")).collect();
            environment.push(("DUCKPEN_FAULT", fault));
            let ended = project.run(pipeline, &environment, &[]);
            assert!(was_killed(&ended) || fault.is_empty() && ended.status.success(), "{pipeline}: {ended:?}");
        }
        write("data/more.csv", "id,v,note\n4,4000000000000000000000,\n5,50,five\n");
        write("data/changes.csv", "id,v\n2,22\nx,1\n9,90\n9\n");
        write("data/events.csv", "ts,v\n2024-01-02,5\n2024-01-03,3\n2024-01-04,4\n2024-01-05,6\n");
        project
    }

    fn copy(&self) -> Self {
        let copy = tempfile::tempdir().unwrap();
        for file in files(self.path()) {
            let to = copy.path().join(&file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(self.path().join(&file), to).unwrap();
        }
        Self(copy, self.1.copy().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn name(&self) -> &str {
        self.path().file_name().unwrap().to_str().unwrap()
    }

    fn run(&self, pipeline: &str, environment: &[(&str, &str)], options: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_duckpen"));
        command.args(["run", pipeline, "--threads", "1"]).args(options);
        command.arg("--project").arg(self.path()).arg("--database").arg(self.path().join("p.duckdb"));
        command.env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
        command
            .env("api", api().web.url(&format!("/{}", self.name())))
            .env("LAKE", self.1.endpoint())
            .env("POND", self.1.endpoint())
            .env("POOL", self.1.endpoint())
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Whether the last run of the pipeline has reached its end.
    fn is_complete(&self) -> bool {
        let status = "SELECT status FROM duckpen.runs WHERE pipeline = 'p' ORDER BY run_id DESC LIMIT 1";
        // A run that was killed very early has left no ledger to look into.
        ask(&self.open(), status).is_some_and(|rows| rows.contains("success"))
    }

    fn open(&self) -> Session {
        Database::open(Options::file(self.path().join("p.duckdb"))).unwrap().connect().unwrap()
    }

    /// Everything that a run leaves, but what differs from run to run.
    fn result(&self) -> BTreeMap<String, String> {
        let mut result = BTreeMap::new();
        for file in files(self.path()) {
            if !file.starts_with("target/runs") && file != "p.duckdb" {
                result.insert(format!("file {file}"), fs::read_to_string(self.path().join(&file)).unwrap());
            }
        }
        let target = format!("/{}/rows", self.name());
        let taken = api().taken.lock().unwrap();
        let sent = taken.iter().filter(|[asked, ..]| *asked == target).map(|[_, _, body]| body.as_str());
        result.insert("rows sent".into(), sent.collect::<Vec<_>>().join(" "));
        drop(taken);
        for key in self.1.keys("shop") {
            let object = self.1.object("shop", &key).unwrap();
            result.insert(format!("object {key}"), String::from_utf8_lossy(&object).into_owned());
        }
        result.insert("uploads".into(), self.1.uploads("shop").join(" "));
        let staging = self.path().join("target/staging");
        let left = if staging.is_dir() { fs::read_dir(staging).unwrap().count() } else { 0 };
        result.insert("folders aside".into(), left.to_string());
        let session = self.open();
        for table in TABLES {
            let own = if table == "kept_rejected" { "* EXCLUDE (run_id, rejected_at)" } else { "*" };
            result.insert(
                format!("table {table}"),
                ask(&session, &format!("SELECT {own} FROM {table} ORDER BY ALL")).unwrap(),
            );
        }
        for (name, sql) in [
            ("watermarks", "SELECT * EXCLUDE (moved_at) FROM duckpen.watermarks ORDER BY ALL"),
            ("outbox", "SELECT * FROM duckpen.outbox"),
            (
                "marks",
                "SELECT step_id, count(*) AS n FROM duckpen.steps \
                 WHERE run_id = (SELECT max(run_id) FROM duckpen.runs WHERE pipeline = 'p') GROUP BY ALL ORDER BY ALL",
            ),
        ] {
            result.insert(name.into(), ask(&session, sql).unwrap());
        }
        result
    }
}

fn ask(session: &Session, sql: &str) -> Option<String> {
    session.query(sql).ok().map(|rows| rows.to_json().to_string())
}

/// Files below a folder, relative to it.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

fn was_killed(output: &Output) -> bool {
    output.status.code().is_none()
}

struct Case {
    point: &'static str,
    fault: &'static str,
    time: usize,
}

impl Case {
    /// Disturbs a run, runs again, and says what is not as it should be.
    fn check(&self, template: &Project, expected: &BTreeMap<String, String>) -> Result<(), String> {
        let project = template.copy();
        let armed = format!("{}={}@{}", self.point, self.fault, self.time);
        let disturbed = project.run("p", &[("DUCKPEN_FAULT", &armed)], &[]);
        let said = String::from_utf8_lossy(&disturbed.stderr).into_owned();
        let was_reached = match self.fault {
            "kill" => was_killed(&disturbed),
            _ => said.contains(&format!("injected fault at `{}`", self.point)),
        };
        if !was_reached {
            return Err(format!("{armed}: the point was not reached:\n{said}"));
        }
        if !project.is_complete() {
            let again = project.run("p", &[], &["--resume"]);
            if !again.status.success() {
                let said = String::from_utf8_lossy(&again.stderr).into_owned();
                return Err(format!("{armed}: the run again fails:\n{said}"));
            }
        }
        let mut wrong = String::new();
        let found = project.result();
        for name in expected.keys().chain(found.keys()) {
            let [wanted, is] = [expected, &found].map(|result| result.get(name).map_or("(nothing)", String::as_str));
            // What a run leaves aside at its very end, the next one removes.
            let ends_here = name == "folders aside" && ["run.finished", "staging.before_remove"].contains(&self.point);
            if wanted != is && !ends_here {
                wrong += &format!("{armed}: {name} is\n  {is}\nand not\n  {wanted}\n");
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

/// What an undisturbed run gives, and how often it reaches each point.
fn undisturbed(template: &Project) -> (BTreeMap<String, String>, BTreeMap<String, usize>) {
    let project = template.copy();
    let trace = tempfile::NamedTempFile::new().unwrap();
    let run = project.run("p", &[("DUCKPEN_FAULT_TRACE", trace.path().to_str().unwrap())], &[]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let expected = project.result();
    for (what, nothing) in [("outbox", "[]"), ("folders aside", "0"), ("uploads", "")] {
        assert_eq!(expected[what], nothing, "{what}");
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for line in fs::read_to_string(trace.path()).unwrap().lines() {
        *times.entry(line.to_owned()).or_default() += 1;
    }
    (expected, times)
}

fn cases(points: impl Iterator<Item = &'static str>, times: &BTreeMap<String, usize>) -> Vec<Case> {
    let mut cases = Vec::new();
    for point in points {
        let Some(last) = times.get(point).copied() else { continue };
        cases.push(Case { point, fault: "kill", time: 1 });
        cases.push(Case { point, fault: "fail", time: 1 });
        if last > 1 {
            cases.push(Case { point, fault: "kill", time: last });
        }
    }
    cases
}

fn check(cases: &[Case], template: &Project, expected: &BTreeMap<String, String>) {
    let (next, wrong) = (Mutex::new(cases.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(case) = next.lock().unwrap().next() else { break };
                    if let Err(said) = case.check(template, expected) {
                        eprintln!("{said}");
                        wrong.lock().unwrap().push(said);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} cases are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn a_run_that_is_disturbed_at_any_point_and_run_again_gives_what_an_undisturbed_one_gives() {
    let names = || Point::ALL.iter().map(|point| point.name());
    assert!(Point::ALL.len() >= 30);
    let file = Project::with_a_file_that_waits();
    let (expected, times) = undisturbed(&file);
    let uploads = Project::with_uploads_that_wait();
    let (expected_of_uploads, times_of_uploads) = undisturbed(&uploads);
    assert_eq!(expected_of_uploads["object out/sent.csv"], "id\n1\n");
    assert!(!expected_of_uploads.contains_key("object out/cut_off.csv"));
    assert_eq!(uploads.1.uploads("shop"), ["out/begun.csv", "out/cut_off.csv", "out/sent.csv"].map(str::to_owned));
    for point in names() {
        assert!(times.contains_key(point) || times_of_uploads.contains_key(point), "no step reaches `{point}`");
    }
    check(&cases(names(), &times), &file, &expected);
    // Of the others only those that are about what waits.
    let recovering = names().filter(|point| point.starts_with("recovery.") || point.starts_with("upload."));
    check(&cases(recovering, &times_of_uploads), &uploads, &expected_of_uploads);
}
