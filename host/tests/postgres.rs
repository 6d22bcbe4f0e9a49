//! Pipelines that read and write a real PostgreSQL server, through the command.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/proxy.rs"]
mod proxy;
#[path = "../connectors/tests/support/server.rs"]
mod server;
mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use assert_cmd::cargo::cargo_bin;
use duckpen_database::{Database, Options};
use proxy::{Cut, Proxy};
use serde_json::json;
use server::{DATABASE, PASSWORD, Server, USER, shared};
use support::{Project, Said};

/// A profile with the server as the connector `pg`, and a database that is kept.
fn profile(port: u16) -> String {
    format!(
        "engines: {{duckdb: {{mode: persistent, path: p.duckdb}}}}\nconnectors:\n  pg:\n    type: POSTGRES\n    params:\n      \
         {{host: 127.0.0.1, port: {port}, database: {DATABASE}, user: {USER}, password: \"{PASSWORD}\", retry_delay: 0.1}}\n"
    )
}

fn project(server: &Server, pipeline: &str) -> Project {
    Project::new(pipeline).file("profiles/dev.yml", profile(server.port))
}

fn succeeds(said: &Said) {
    assert_eq!(said.exit, 0, "{}\n{}", said.stdout, said.stderr);
}

#[test]
fn the_example_reads_what_is_new_and_writes_it_back() {
    let Some(server) = shared("the_example_reads_what_is_new_and_writes_it_back") else { return };
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/postgres_sync");
    let read = |file: &str| fs::read_to_string(example.join(file)).unwrap();
    server.sql("CREATE DATABASE shop");
    let in_shop = |text: &str| server.try_sql_in("shop", text).unwrap();
    in_shop(&read("schema.sql"));
    let copy = Project::new(&read("pipelines/sync.sf")).file("profiles/dev.yml", read("profiles/dev.yml"));
    let run = || {
        let output = Command::new(cargo_bin("duckpen"))
            .args(["run", "p", "--format", "json"])
            .current_dir(copy.path())
            .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
            .envs([("PGHOST", "127.0.0.1"), ("PGPORT", &server.port.to_string()), ("PGDATABASE", "shop")])
            .envs([("PGUSER", USER), ("PGPASSWORD", PASSWORD)])
            .output()
            .unwrap();
        let said = [output.stdout.clone(), output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success(), "{said:?}");
        assert!(said.iter().all(|text| !text.contains(PASSWORD)), "{said:?}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let rows = |results: &serde_json::Value, step: &str| {
        let steps = results["steps"].as_array().unwrap();
        let step = steps.iter().find(|found| found["id"].as_str().unwrap().starts_with(step)).unwrap();
        (step["rows"].clone(), step["rows_inserted"].clone(), step["rows_updated"].clone())
    };
    let totals = "SELECT customer_id, name, orders, paid, to_char(last_order AT TIME ZONE 'UTC', \
                  'YYYY-MM-DD HH24:MI:SS') || '+00', comment FROM customer_totals ORDER BY customer_id";
    let written = || {
        let line =
            |row: Vec<Option<String>>| row.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join(",");
        in_shop(totals).into_iter().map(line).collect::<Vec<_>>()
    };
    let expected = |file: &str| read(file).lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let first = run();
    assert_eq!(rows(&first, "load_orders"), (json!(4), json!(4), json!(0)));
    assert_eq!(rows(&first, "export_postgres"), (json!(3), json!(2), json!(1)));
    assert_eq!(written(), expected("expected/first.csv"));
    in_shop(&read("changes.sql"));
    let second = run();
    assert_eq!(rows(&second, "load_orders"), (json!(4), json!(2), json!(2)), "three changes, and the newest once more");
    assert_eq!(written(), expected("expected/second.csv"));
    assert_eq!(
        fs::read_to_string(copy.path().join("output/totals.csv")).unwrap(),
        "customer_id,name,orders,paid\n1,Ada,3,24.90\n2,Bo,2,250.00\n3,Cy,1,80.00\n"
    );
}

#[test]
fn the_parameters_of_sqlflow_work() {
    let Some(server) = shared("the_parameters_of_sqlflow_work") else { return };
    server.sql("CREATE SCHEMA sf; CREATE TABLE sf.t AS SELECT i AS id FROM generate_series(1, 3) i");
    let port = server.port;
    let way = format!(
        r#""host": "127.0.0.1", "port": {port}, "dbname": "{DATABASE}", "username": "{USER}", "password": "${{pw}}""#
    );
    let pipeline = format!(
        "SOURCE a TYPE POSTGRES PARAMS {{{way}, \"schema\": \"sf\", \"table\": \"t\", \"sslmode\": \"prefer\", \
         \"connect_timeout\": 30, \"min_connections\": 1, \"max_connections\": 5}};\n\
         LOAD a1 FROM a;\n\
         EXPORT SELECT * FROM a1 WHERE id > 1 TO \"postgresql://{USER}:${{url_pw}}@127.0.0.1:{port}/{DATABASE}\" TYPE POSTGRES \
         OPTIONS {{\"schema\": \"sf\", \"table\": \"u\"}};\n\
         EXPORT a1 TO \"sf.v\" TYPE POSTGRES OPTIONS {{{way}, \"mode\": \"replace\"}};\n\
         EXPORT a1 TO \"postgres://{USER}:${{url_pw}}@127.0.0.1:{port}/{DATABASE}/sf/w_${{day|2024-01-31}}\" TYPE POSTGRES \
         OPTIONS {{\"if_exists\": \"replace\"}};\n"
    );
    let project = Project::new(&pipeline);
    let vars = json!({"pw": PASSWORD, "url_pw": PASSWORD.replace('\'', "%27")}).to_string();
    succeeds(&project.duckpen(&["run", "p", "--vars", &vars]));
    succeeds(&project.duckpen(&["run", "p", "--vars", &vars]));
    assert_eq!(server.lines("SELECT count(*), sum(id) FROM sf.u"), "4|10", "each run appends once");
    assert_eq!(server.lines("SELECT count(*), sum(id) FROM sf.v"), "3|6");
    assert_eq!(server.lines("SELECT count(*), sum(id) FROM sf.\"w_2024-01-31\""), "3|6");
}

#[test]
fn a_failure_says_what_to_do_and_never_the_password() {
    let Some(server) = shared("a_failure_says_what_to_do_and_never_the_password") else { return };
    for (table, password, expected, hint) in [
        ("nowhere", PASSWORD, "relation \"nowhere\" does not exist", "look at `schema` and `table`"),
        ("pg_class", "hunter2secret", "password authentication failed", "look at `user` and `password`"),
    ] {
        let pipeline = format!("SOURCE s FROM \"pg\" OPTIONS {{\"table\": \"{table}\"}};\nLOAD t FROM s;");
        let profile = profile(server.port).replace(PASSWORD, password);
        let project = Project::new(&pipeline).file("profiles/dev.yml", profile);
        let said = project.duckpen(&["run", "p"]);
        assert_eq!(said.exit, 1);
        assert!(said.stderr.contains(expected) && said.stderr.contains(hint), "{}", said.stderr);
        assert!(!format!("{}{}", said.stdout, said.stderr).contains(password), "{}", said.stderr);
    }
}

#[test]
fn a_server_that_is_not_among_the_hosts_of_the_project_is_not_connected_to() {
    let pipeline = "SOURCE a FROM \"pg\" OPTIONS {\"table\": \"t\"};\nLOAD t FROM a;";
    // Nobody listens there, which would be another failure.
    let project = Project::new(pipeline)
        .file("profiles/dev.yml", profile(1))
        .file("duckpen.toml", "[network]\nhosts = [\"db.example.com\"]\n");
    for (arguments, exit) in [(&["run", "p"][..], 4), (&["connect", "test"], 1)] {
        let said = project.duckpen(arguments);
        assert_eq!(said.exit, exit, "{}", said.stderr);
        let refusal = "the host `127.0.0.1` is not among those that the project may reach";
        let hint = "`[network] hosts = [\"127.0.0.1\"]` in duckpen.toml adds it to them";
        assert!(said.stderr.contains(refusal) && said.stderr.contains(hint), "{}", said.stderr);
    }
}

#[test]
fn a_column_whose_type_was_changed_between_runs_is_refused_or_taken_anew() {
    let Some(server) = shared("a_column_whose_type_was_changed_between_runs_is_refused_or_taken_anew") else { return };
    server.sql("CREATE SCHEMA altered; CREATE TABLE altered.t AS SELECT 1::bigint AS x");
    let pipeline =
        |mode: &str| format!("SOURCE s FROM \"pg\" OPTIONS {{\"table\": \"altered.t\"}};\nLOAD t FROM s MODE {mode};");
    let project = project(server, &pipeline("APPEND"));
    succeeds(&project.duckpen(&["run", "p"]));
    server.sql("ALTER TABLE altered.t ALTER COLUMN x TYPE double precision USING x + 0.5");
    let said = project.duckpen(&["run", "p"]);
    assert_eq!(said.exit, 1);
    let expected = "Column 'x' has incompatible types: source=DOUBLE, target=BIGINT";
    assert!(said.stderr.contains(expected), "{}", said.stderr);
    let project = project.file("pipelines/p.sf", pipeline("REPLACE"));
    succeeds(&project.duckpen(&["run", "p"]));
}

#[test]
fn a_step_whose_mark_was_lost_here_is_not_written_twice_there() {
    let Some(server) = shared("a_step_whose_mark_was_lost_here_is_not_written_twice_there") else { return };
    server.sql("CREATE SCHEMA lost");
    let pipeline = "CREATE TABLE t AS SELECT i AS id FROM range(1000) r(i);\n\
                    EXPORT t TO pg OPTIONS {\"schema\": \"lost\", \"table\": \"t\"};\n\
                    SOURCE missing TYPE CSV PARAMS {\"path\": \"data/missing.csv\"};\nLOAD m FROM missing;";
    let project = project(server, pipeline);
    assert_eq!(project.duckpen(&["run", "p", "--keep-going"]).exit, 1);
    assert_eq!(server.lines("SELECT count(*) FROM lost.t"), "1000");
    // As if the host had been killed between the commit there and the commit here.
    let database = Database::open(Options::file(project.path().join("p.duckdb"))).unwrap();
    let forgotten =
        database.connect().unwrap().execute("DELETE FROM duckpen.steps WHERE step_id LIKE 'export%'").unwrap();
    assert_eq!(forgotten, 1);
    drop(database);
    let project = project.file("data/missing.csv", "x\n1\n");
    succeeds(&project.duckpen(&["run", "p", "--resume"]));
    assert_eq!(server.lines("SELECT count(*) FROM lost.t"), "1000");
    succeeds(&project.duckpen(&["run", "p"]));
    assert_eq!(server.lines("SELECT count(*) FROM lost.t"), "2000", "another run is another matter");
}

#[test]
fn a_connection_that_is_cut_loses_nothing_and_doubles_nothing() {
    let Some(server) = shared("a_connection_that_is_cut_loses_nothing_and_doubles_nothing") else { return };
    server.sql("CREATE SCHEMA cut; CREATE TABLE cut.source AS SELECT i AS id, repeat('x', 100) AS t FROM generate_series(1, 50000) i");
    let pipeline = "SOURCE s FROM \"pg\" OPTIONS {\"table\": \"cut.source\"};\nLOAD t FROM s MODE APPEND;\n\
                    EXPORT t TO pg OPTIONS {\"schema\": \"cut\", \"table\": \"sink\"};";
    for (cut, what) in [
        (Cut::FromServer { after: 2_000_000 }, "while rows come"),
        (Cut::FromClient { after: 2_000_000 }, "while rows go"),
        (Cut::AnswerTo("30 days'; COMMIT"), "with the answer to a commit on its way"),
    ] {
        server.sql("DROP TABLE IF EXISTS cut.sink");
        let proxy = Proxy::start(server.port, cut);
        let project = Project::new(pipeline).file("profiles/dev.yml", profile(proxy.port()));
        let said = project.duckpen(&["run", "p", "--retries", "3"]);
        succeeds(&said);
        assert!(proxy.has_cut(), "{what}");
        assert_eq!(server.lines("SELECT count(*), count(DISTINCT id) FROM cut.sink"), "50000|50000", "{what}");
        let database = Database::open(Options::file(project.path().join("p.duckdb"))).unwrap();
        let rows = database.connect().unwrap().query("SELECT count(*) AS n FROM t").unwrap();
        assert_eq!(rows.to_json().to_string(), r#"[{"n":50000}]"#, "{what}");
    }
}

#[test]
fn a_run_that_is_killed_and_continued_writes_once() {
    let Some(server) = shared("a_run_that_is_killed_and_continued_writes_once") else { return };
    server.sql("CREATE SCHEMA killed; CREATE TABLE killed.source AS SELECT i AS id, md5(i::text) AS t FROM generate_series(1, 100000) i");
    let pipeline = "SOURCE s FROM \"pg\" OPTIONS {\"table\": \"killed.source\"};\nLOAD t FROM s MODE APPEND;\n\
                    EXPORT t TO pg OPTIONS {\"schema\": \"killed\", \"table\": \"sink\"};\n\
                    EXPORT SELECT id % 10 AS k, count(*) AS n FROM t GROUP BY ALL TO pg \
                    OPTIONS {\"schema\": \"killed\", \"table\": \"counts\", \"mode\": \"upsert\", \"upsert_keys\": \"k\"};";
    let start = |project: &Project| {
        let mut command = Command::new(cargo_bin("duckpen"));
        command.args(["run", "p"]).current_dir(project.path());
        command.env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let clean = || server.sql("DROP TABLE IF EXISTS killed.sink, killed.counts");
    // Once for the cache of compiled components, and once to know how long it takes.
    clean();
    assert!(start(&project(server, pipeline)).wait().unwrap().success());
    clean();
    let began = Instant::now();
    assert!(start(&project(server, pipeline)).wait().unwrap().success());
    let whole = began.elapsed();
    let mut cut_off = 0;
    for moment in 1..=8 {
        clean();
        let project = project(server, pipeline);
        let mut run = start(&project);
        // Real time is the subject here.
        thread::sleep(whole * moment / 9);
        run.kill().unwrap();
        cut_off += u32::from(!run.wait().unwrap().success());
        // A run that had ended before it was killed is complete: another one would rightly append again.
        if !is_complete(project.path()) {
            succeeds(&project.duckpen(&["run", "p"]));
        }
        let found = server.lines("SELECT (SELECT count(*) FROM killed.sink), (SELECT count(DISTINCT id) FROM killed.sink), (SELECT sum(n) FROM killed.counts)");
        assert_eq!(found, "100000|100000|100000", "killed at moment {moment} of 9");
    }
    // How many depends on how evenly the machine is busy.
    assert!(cut_off > 0, "none of 8 was killed before its end");
}

/// Whether the ledger says that the last run ended with success.
fn is_complete(folder: &Path) -> bool {
    let database = Database::open(Options::file(folder.join("p.duckdb"))).unwrap();
    let question = "SELECT status FROM duckpen.runs ORDER BY run_id DESC LIMIT 1";
    // Before the first run has begun there is no ledger.
    let rows = database.connect().unwrap().query(question);
    rows.is_ok_and(|rows| rows.first().is_some_and(|status| status.to_string() == "success"))
}

#[test]
fn what_happens_on_the_way_is_among_the_events() {
    let Some(server) = shared("what_happens_on_the_way_is_among_the_events") else { return };
    server.sql("CREATE SCHEMA events; CREATE TABLE events.t AS SELECT 1 AS id, '10.0.0.1'::inet AS ip");
    let proxy = Proxy::start(server.port, Cut::FromServer { after: 10 });
    let pipeline = "SOURCE s FROM \"pg\" OPTIONS {\"table\": \"events.t\"};\nLOAD t FROM s;";
    let project = Project::new(pipeline).file("profiles/dev.yml", profile(proxy.port()));
    let said = project.duckpen(&["run", "p", "--log-format", "json", "-v"]);
    succeeds(&said);
    for expected in ["call failed, will be repeated", "column read as text: its type has no counterpart"] {
        assert!(said.stderr.contains(expected), "{expected}: {}", said.stderr);
    }
}
