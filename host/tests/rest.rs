//! The connector `rest` through the whole command: a server of the tests is read page by page, goes on where it ended, is
//! written with keys, and is not asked where nobody granted it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../connectors/tests/support/web.rs"]
mod web;

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use duckpen_database::{Database, Options};
use serde_json::{Value, json};
use support::{Project, Said};
use tokio::runtime::Runtime;
use web::{Asked, Reply, Web, answer, with_header};

/// A server with a runtime of its own.
struct Serving {
    web: Web,
    _runtime: Runtime,
}

impl Serving {
    fn start(reply: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = Runtime::new().unwrap();
        let web = runtime.block_on(Web::start(reply));
        Self { web, _runtime: runtime }
    }

    /// A project that may ask it, whose profile has it as `shop`.
    fn project(&self, pipeline: &str) -> Project {
        let profile = format!(
            "connectors:\n  shop:\n    type: rest\n    params:\n      url: {}\n      retry_delay: 0.01\n      \
             auth: {{type: bearer, token: the-shops-own-token}}\n",
            self.web.url("")
        );
        Project::new(pipeline).file("profiles/dev.yml", profile).file("duckpen.toml", self.grant())
    }

    fn grant(&self) -> String {
        format!("[network]\nprivate = [\"{}\"]\n", self.web.address)
    }
}

fn run(project: &Project) -> Said {
    project.duckpen(&["run", "p", "--database", "p.duckdb"])
}

#[track_caller]
fn succeeds(said: &Said) {
    assert_eq!(said.exit, 0, "{}\n{}", said.stdout, said.stderr);
}

fn ask(project: &Project, query: &str) -> String {
    let database = Database::open(Options::file(project.path().join("p.duckdb"))).unwrap();
    let rows = database.connect().unwrap().query(query).unwrap();
    let texts = rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    texts.collect::<Vec<_>>().join(" ")
}

fn parameter(asked: &Asked, name: &str) -> Option<String> {
    let (_, query) = asked.target.split_once('?')?;
    let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
    Some(found.to_owned())
}

/// Three orders a page, seven in all.
fn orders(asked: &Asked) -> Reply {
    let page: i64 = parameter(asked, "page").unwrap_or_else(|| "1".to_owned()).parse().unwrap();
    let ids = (page - 1) * 3 + 1..=(page * 3).min(7);
    let rows: Vec<Value> = ids.map(|id| json!({"id": id, "customer": {"name": format!("c{id}")}})).collect();
    answer(200, &json!({"data": {"orders": rows}}).to_string())
}

const PAGES: &str = r#"
SOURCE orders FROM "shop" OPTIONS {
    "path": "/orders", "data_path": "data.orders",
    "pagination": {"type": "page", "page_param": "page", "size_param": "size", "page_size": 3}
};
LOAD orders FROM orders;
"#;

#[test]
fn pages_become_a_table() {
    let serving = Serving::start(|_, asked| orders(asked));
    let project = serving.project(PAGES);
    succeeds(&run(&project));
    assert_eq!(ask(&project, "SELECT count(*), sum(id), max(\"customer.name\") FROM orders"), "7,28,c7");
    assert_eq!(serving.web.asked().len(), 3, "each page once: rows are read once, whatever the load asks of them");
    assert!(
        serving.web.asked().iter().all(|asked| asked.header("authorization") == Some("Bearer the-shops-own-token"))
    );
}

/// As SQLFlow's own pipelines have it: the destination is the address, and the credentials stand among the headers.
#[test]
fn an_export_goes_to_the_address_that_it_names_with_the_headers_that_it_has() {
    for headers in [
        r#"{"Content-Type": "application/json", "Authorization": "Bearer ${API_TOKEN}"}"#,
        r#""{\"authorization\": \"Bearer ${API_TOKEN}\"}""#,
    ] {
        let serving = Serving::start(|_, _| answer(200, ""));
        let pipeline = format!(
            "EXPORT SELECT '2024-01-31' AS report_date, 3 AS orders TO \"{}\" TYPE REST \
             OPTIONS {{\"method\": \"POST\", \"headers\": {headers}}};\n\
             EXPORT SELECT 1 AS x TO \"{}\" TYPE REST OPTIONS {{\"url\": \"{}\"}};",
            serving.web.url("/notifications"),
            serving.web.url("/other"),
            serving.web.url("/not/this"),
        );
        let project = Project::new(&pipeline).file("duckpen.toml", serving.grant());
        let vars = ["--vars", "API_TOKEN=hunter2-of-the-shop"];
        for arguments in [["compile", "p", "--format", "json"].as_slice(), &["plan", "p"], &["run", "p"]] {
            let said = project.duckpen(&[arguments, &vars].concat());
            succeeds(&said);
            assert!(!format!("{}{}", said.stdout, said.stderr).contains("hunter2"), "{arguments:?}");
        }
        let mut asked = serving.web.asked();
        // Steps that do not need each other run at once.
        asked.sort_by(|a, b| a.target.cmp(&b.target));
        assert_eq!(asked.iter().map(|asked| asked.target.as_str()).collect::<Vec<_>>(), ["/notifications", "/other"]);
        assert_eq!(asked[0].header("authorization"), Some("Bearer hunter2-of-the-shop"));
        assert_eq!(asked[0].header("content-type"), Some("application/json"));
        assert_eq!(asked[1].header("authorization"), None);
    }
}

#[test]
fn what_fails_for_a_moment_is_asked_again() {
    let serving = Serving::start(|number, asked| match number {
        1 => answer(503, "a moment"),
        3 => with_header(429, "Retry-After", "0.01"),
        _ => orders(asked),
    });
    let project = serving.project(PAGES);
    let said = run(&project);
    succeeds(&said);
    assert_eq!(ask(&project, "SELECT count(*) FROM orders"), "7");
    assert_eq!(serving.web.asked().len(), 5);
}

#[test]
fn a_load_goes_on_where_the_last_one_ended() {
    let last = Arc::new(AtomicUsize::new(3));
    let known = Arc::clone(&last);
    let serving = Serving::start(move |_, asked| {
        let since: usize = parameter(asked, "since").map_or(0, |since| since.parse().unwrap());
        let ids = since.max(1)..=known.load(Ordering::SeqCst);
        answer(200, &Value::from(ids.map(|id| json!({"id": id})).collect::<Vec<_>>()).to_string())
    });
    let project = serving.project(
        r#"SOURCE orders FROM "shop" OPTIONS {
            "path": "orders", "sync_mode": "incremental", "cursor_field": "id", "since_param": "since",
            "columns": {"id": "BIGINT"}
        };
        LOAD bought FROM orders MODE APPEND;"#,
    );
    succeeds(&run(&project));
    assert_eq!(ask(&project, "SELECT count(*), sum(id) FROM bought"), "3,6");
    last.store(5, Ordering::SeqCst);
    succeeds(&run(&project));
    assert_eq!(ask(&project, "SELECT count(*), sum(id) FROM bought"), "5,15", "nothing twice, nothing left out");
    succeeds(&run(&project));
    assert_eq!(ask(&project, "SELECT count(*), sum(id) FROM bought"), "5,15");
    let since: Vec<_> = serving.web.asked().iter().map(|asked| parameter(asked, "since")).collect();
    assert_eq!(since, [None, Some("3".to_owned()), Some("5".to_owned())]);
    assert_eq!(ask(&project, "SELECT count(*) FROM duckpen.watermarks WHERE type = 'STATE'"), "1");
    succeeds(&project.duckpen(&["run", "p", "--database", "p.duckdb", "--full-refresh"]));
    assert_eq!(ask(&project, "SELECT count(*), sum(id) FROM bought"), "5,15", "made anew from all there is");
    assert_eq!(parameter(serving.web.asked().last().unwrap(), "since"), None);
}

#[test]
fn a_load_that_fails_moves_nothing() {
    let serving = Serving::start(|number, asked| match number {
        2.. => answer(500, "broken"),
        _ => orders(asked),
    });
    let project = serving.project(
        &PAGES
            .replace("\"path\"", "\"sync_mode\": \"incremental\", \"cursor_field\": \"id\", \"path\"")
            .replace("FROM orders;", "FROM orders MODE APPEND;"),
    );
    let said = run(&project);
    assert_ne!(said.exit, 0);
    assert!(said.stderr.contains("500") && said.stderr.contains("broken"), "{}", said.stderr);
    assert_eq!(ask(&project, "SELECT count(*) FROM duckpen.watermarks"), "0");
    assert_eq!(ask(&project, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'orders'"), "0");
}

const EXPORT: &str = r#"
CREATE TABLE t AS SELECT range AS id, 'n' || range AS name FROM range(5);
EXPORT SELECT * FROM t ORDER BY id TO "customers" TYPE REST OPTIONS {
    "url": "URL", "auth": {"token": "the-shops-own-token"}, "batch_size": 2, "retry_delay": 0.01
};
"#;

/// A system that takes nothing twice.
#[derive(Default)]
struct Taken(Mutex<Vec<(String, String)>>);

impl Taken {
    fn take(&self, asked: &Asked) {
        let key = asked.header("idempotency-key").unwrap().to_owned();
        let mut taken = self.0.lock().unwrap();
        if !taken.iter().any(|(known, _)| *known == key) {
            taken.push((key, String::from_utf8_lossy(&asked.body).into_owned()));
        }
    }

    fn bodies(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }
}

const BODIES: [&str; 3] = [
    r#"[{"id":0,"name":"n0"},{"id":1,"name":"n1"}]"#,
    r#"[{"id":2,"name":"n2"},{"id":3,"name":"n3"}]"#,
    r#"[{"id":4,"name":"n4"}]"#,
];

#[test]
fn rows_are_sent_in_batches_and_a_lost_answer_doubles_nothing() {
    let taken = Arc::new(Taken::default());
    let known = Arc::clone(&taken);
    let serving = Serving::start(move |number, asked| {
        match number {
            // Taken, and the answer is lost; not taken at all.
            1 => known.take(asked),
            2 => return answer(503, "a moment"),
            _ => known.take(asked),
        }
        if number == 1 { Reply::Raw(Vec::new()) } else { answer(201, "{}") }
    });
    let project = serving.project(&EXPORT.replace("URL", &serving.web.url("/")));
    succeeds(&run(&project));
    assert_eq!(taken.bodies(), BODIES);
    let asked = serving.web.asked();
    assert_eq!(asked.len(), 5);
    assert!(asked.iter().all(|asked| asked.method == "POST" && asked.target == "/customers"));
    assert_eq!(asked[1].header("idempotency-key"), asked[3].header("idempotency-key"));
}

#[test]
fn a_step_that_is_run_again_sends_nothing_twice() {
    let taken = Arc::new(Taken::default());
    let known = Arc::clone(&taken);
    let serving = Serving::start(move |number, asked| {
        if (1..=4).contains(&number) {
            return answer(400, "this one not now");
        }
        known.take(asked);
        answer(201, "{}")
    });
    let project = serving.project(&EXPORT.replace("URL", &serving.web.url("/")));
    let said = run(&project);
    assert_ne!(said.exit, 0);
    assert!(said.stderr.contains("this one not now"), "{}", said.stderr);
    for _ in 0..4 {
        project.duckpen(&["run", "p", "--database", "p.duckdb", "--resume"]);
    }
    assert_eq!(taken.bodies(), BODIES);
}

#[test]
fn nobody_is_asked_who_was_not_granted() {
    let serving = Serving::start(|_, asked| orders(asked));
    let project = serving.project(PAGES).file("duckpen.toml", "");
    let said = run(&project);
    assert_eq!(said.exit, 4, "{}", said.stderr);
    let address = serving.web.address;
    assert!(
        said.stderr.contains(&format!("the host `127.0.0.1` is at the private address {address}")),
        "{}",
        said.stderr
    );
    assert!(said.stderr.contains(&format!("`[network] private = [\"{address}\"]` in duckpen.toml grants it")));
    let listed = format!("{}hosts = [\"api.example.com\"]\n", serving.grant());
    let said = run(&serving.project(PAGES).file("duckpen.toml", listed));
    assert!(
        said.stderr.contains("the host `127.0.0.1` is not among those that the project may reach"),
        "{}",
        said.stderr
    );
    assert!(serving.web.asked().is_empty());
}

#[test]
fn a_connector_is_tried() {
    let serving = Serving::start(|_, _| answer(200, "[]"));
    let project = serving.project("");
    let said = project.duckpen(&["connect", "test", "shop"]);
    assert_eq!(said.exit, 0, "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.starts_with("ok  shop  rest  "), "{}", said.stdout);
    let list = project.duckpen(&["connect", "list"]);
    assert!(list.stdout.contains("rest") && !list.stdout.contains("the-shops-own-token"), "{}", list.stdout);
    let gone = Project::new("").file(
        "profiles/dev.yml",
        "connectors:\n  shop:\n    type: rest\n    params: {url: 'http://127.0.0.1:1/', retry_delay: 0.01}\n",
    );
    let gone = gone.file("duckpen.toml", "[network]\nprivate = [\"127.0.0.1:1\"]\n");
    let said = gone.duckpen(&["connect", "test", "shop"]);
    assert_eq!(said.exit, 1, "{}", said.stderr);
    assert!(said.stderr.contains("rest at 127.0.0.1") && said.stderr.contains("refused"), "{}", said.stderr);
}

#[test]
fn parameters_are_judged_before_anything_runs() {
    for (pipeline, expected) in [
        (r#"SOURCE s TYPE REST PARAMS {"path": "x"}; LOAD t FROM s;"#, "Required field 'url' is missing"),
        (
            r#"SOURCE s TYPE REST PARAMS {"url": "https://a.example", "pth": "x"}; LOAD t FROM s;"#,
            "Unknown parameters for REST connector: pth",
        ),
        (
            r#"SOURCE s TYPE REST PARAMS {"url": "https://u:p@a.example"}; LOAD t FROM s;"#,
            "Field 'url' must be a URL without credentials",
        ),
        (r#"SOURCE s TYPE REST PARAMS {"url": "a.example", "auth": {"tokn": "x"}}; LOAD t FROM s;"#, "auth.tokn"),
        (r#"SOURCE s TYPE RST PARAMS {"url": "a.example"}; LOAD t FROM s;"#, "Did you mean 'REST'?"),
        (
            r#"CREATE TABLE t AS SELECT 1 AS a; EXPORT SELECT * FROM t TO "x" TYPE SHOPIFY OPTIONS {};"#,
            "EXPORT to SHOPIFY is not supported: the connector only reads",
        ),
    ] {
        let said = Project::new(pipeline).duckpen(&["validate", "p"]);
        assert_eq!(said.exit, 2, "{pipeline}: {}{}", said.stdout, said.stderr);
        assert!(said.stderr.contains(expected), "{pipeline}: {}", said.stderr);
    }
    for (toml, expected) in [
        ("[network]\nprivate = [\"localhost\"]\n", "`localhost` is not an address such as 127.0.0.1"),
        ("[network]\nhosts = [\"https://a.example\"]\n", "`https://a.example` is neither a host"),
        ("[network]\nproxy = \"x\"\n", "proxy"),
        ("[connectors.csv]\nhosts = []\n", "is a connector of the host's own"),
        ("[connectors.rset]\nhosts = []\n", "did you mean `rest`?"),
        ("[connectors.mine]\ncomponent = \"x.wasm\"\nhost = []\n", "host"),
        ("[connector_limits]\nfule = 1\n", "fule"),
    ] {
        let said = Project::new("CREATE TABLE t AS SELECT 1;").file("duckpen.toml", toml).duckpen(&["validate", "p"]);
        assert_eq!(said.exit, 2, "{toml}: {}{}", said.stdout, said.stderr);
        assert!(said.stderr.contains(expected), "{toml}: {}", said.stderr);
    }
}

#[test]
fn a_secret_of_a_pipeline_is_nowhere_else() {
    let serving = Serving::start(|_, _| answer(401, "who is the-shops-own-token?"));
    let project = serving.project(&format!(
        r#"SOURCE s TYPE REST PARAMS {{"url": "{}", "auth": {{"token": "the-shops-own-token"}}}}; LOAD t FROM s;"#,
        serving.web.url("/")
    ));
    for arguments in [
        &["compile", "p", "--output-dir", "target/compiled"][..],
        &["compile", "p", "--format", "json"],
        &["validate", "p"],
        &["plan", "p"],
        &["run", "p", "--dry-run", "--format", "json"],
        &["run", "p", "--database", "p.duckdb"],
        &["run", "p", "--database", "p.duckdb", "--format", "json"],
    ] {
        let said = project.duckpen(arguments);
        let all = format!("{}{}", said.stdout, said.stderr);
        assert!(!all.contains("the-shops-own-token"), "{arguments:?}: {all}");
    }
    let compiled = std::fs::read_to_string(project.path().join("target/compiled/p.json")).unwrap();
    assert!(compiled.contains("***") && !compiled.contains("the-shops-own-token"), "{compiled}");
    let said = project.duckpen(&["run", "target/compiled/p.json"]);
    let missing = "the value of `token` of step `source_s` was left out of the plan, as it is secret";
    assert!(said.stderr.contains(missing), "{}", said.stderr);
    assert_eq!(serving.web.asked()[0].header("authorization"), Some("Bearer the-shops-own-token"));
}
