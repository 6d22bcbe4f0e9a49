//! What the command does with the language: parts of a plan, compiled plans, refreshes, explanations.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use support::{Project, Said};

const PIPELINE: &str = "\
SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\", \"has_header\": true};
LOAD users FROM users_csv;
CREATE TABLE shouted TAGS (loud) AS SELECT id, upper(name) AS name FROM users;
CREATE TABLE counted AS SELECT count(*) AS n FROM shouted;
EXPORT counted TO \"out/counted.csv\" TYPE CSV TAGS (loud, report);
";

const DATABASE: &str = "engines: {duckdb: {mode: persistent, path: target/p.duckdb}}\n";

fn project() -> Project {
    Project::new(PIPELINE).file("data/users.csv", "id,name\n1,Ada\n2,Grace\n")
}

fn kept() -> Project {
    project().file("profiles/dev.yml", DATABASE)
}

/// The steps of a run that ended well, or of a plan.
#[track_caller]
fn steps(said: &Said) -> Vec<String> {
    assert_eq!(said.exit, 0, "{}", said.stderr);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let steps = document.get("steps").or(document.get("operations")).unwrap().as_array().unwrap().iter();
    let id = |step: &Value| step.get("id").or(step.get("step")).unwrap().as_str().unwrap().to_owned();
    steps.map(id).collect()
}

/// Rows of a query on the project's database.
#[track_caller]
fn rows(project: &Project, query: &str) -> String {
    let said = project.duckpen(&["sql", query, "--format", "json"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    let rows: Value = serde_json::from_str(&said.stdout).unwrap();
    rows.to_string()
}

const ALL: [&str; 5] =
    ["source_users_csv", "load_users_replace_1", "transform_shouted_2", "transform_counted_3", "export_csv_counted"];

#[test]
fn a_part_of_the_plan_is_shown_and_run() {
    for (selected, expected) in [
        (&["--select", "+shouted"][..], &ALL[..3]),
        (&["--select", "tag:loud", "--exclude", "tag:report"], &ALL[2..3]),
        (&["-s", "shouted+"], &ALL[2..]),
        (&["--select", "shouted counted"], &ALL[2..4]),
        (&["--select", "tag:loud,shouted+"], &[ALL[2], ALL[4]]),
        (&["--exclude", "counted+"], &ALL[..3]),
        (&["--select", "path:pipelines/p.sf"], &ALL),
    ] {
        let project = kept();
        project.duckpen(&["run", "p"]);
        for command in ["compile", "run"] {
            let said = project.duckpen(&[&[command, "p", "--format", "json"], selected].concat());
            assert_eq!(steps(&said), expected, "{command} {selected:?}");
        }
    }
}

#[test]
fn a_selected_step_whose_tables_are_neither_made_nor_there_is_refused_before_anything_runs() {
    let project = kept();
    assert_snapshot!(project.transcript(&["run", "p", "--select", "counted"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: step `transform_counted_3` reads `shouted`, which only steps that are not selected make, and which is not in the database
     |
    hint: select what it needs, too: --select +transform_counted_3
    ");
    assert!(!project.path().join("target/p.duckdb").exists());
}

#[test]
fn selectors_that_select_nothing_are_refused() {
    let project = project();
    for (selector, said) in [
        ("shuoted", "no step, table or source is called 'shuoted'\n |\nhint: did you mean 'shouted'?"),
        ("tag:lout", "no step has the tag 'lout'\n |\nhint: did you mean 'loud'?"),
        ("path:pipelines/q.sf", "no step comes from the file 'pipelines/q.sf'"),
        ("kind:load", "'kind:load' selects in a way that is not known; known are tag: and path:"),
        ("+", "'+' selects by no name"),
        ("users,tag:report", "no step fits all of 'users,tag:report'"),
    ] {
        let found = project.duckpen(&["run", "p", "--select", selector]);
        assert_eq!(found.exit, 2, "{selector}");
        assert!(found.stderr.starts_with(&format!("error[E0701]: {said}")), "{}", found.stderr);
    }
    let nothing = project.duckpen(&["run", "p", "--select", "users", "--exclude", "+users+"]);
    assert_eq!((nothing.exit, nothing.stdout.as_str()), (2, ""), "{}", nothing.stderr);
}

#[test]
fn a_dry_run_shows_the_steps_and_touches_nothing() {
    let project = kept();
    let said = project.duckpen(&["run", "p", "--dry-run", "--select", "+shouted"]);
    assert_eq!(said.exit, 0);
    assert!(
        said.stdout.contains("transform_shouted_2") && !said.stdout.contains("transform_counted_3"),
        "{}",
        said.stdout
    );
    assert_eq!(said.stderr, "dry run: 3 steps of 5 would run, nothing was run\n");
    let said = project.duckpen(&["run", "p", "--dry-run", "--format", "json", "-q"]);
    assert_eq!(steps(&said), ALL);
    for path in ["target", "out"] {
        assert!(!project.path().join(path).exists(), "{path}");
    }
}

#[test]
fn a_compiled_plan_runs_as_the_pipeline_does() {
    let project = kept();
    assert_eq!(project.duckpen(&["compile", "--output-dir", "target/compiled", "-q"]).exit, 0);
    fs::remove_file(project.path().join("pipelines/p.sf")).unwrap();
    let said = project.duckpen(&["run", "target/compiled/p.json", "--format", "json"]);
    assert_eq!(steps(&said), ALL);
    assert_eq!(rows(&project, "FROM counted"), r#"[{"n":2}]"#);
    assert_eq!(fs::read_to_string(project.path().join("out/counted.csv")).unwrap(), "n\n2\n");
    // From another folder, as a path of its own.
    let elsewhere = kept();
    let plan = project.path().join("target/compiled/p.json");
    let said = elsewhere.duckpen(&["run", plan.to_str().unwrap(), "--select", "+users", "--format", "json"]);
    assert_eq!(steps(&said), ALL[..2]);
}

/// As SQLFlow writes it: no tables that are read, a load behind the transform that needs it.
const SQLFLOW_PLAN: &str = r#"{"pipeline_name": "old", "operation_count": 4, "operations": [
 {"id":"source_u","type":"source_definition","name":"u","connector_type":"CSV","source_connector_type":"CSV",
  "query":{"path":"data/users.csv","has_header":true},"sync_mode":"full_refresh","cursor_field":null,"primary_key":[],"depends_on":[]},
 {"id":"transform_inc_4","type":"transform","name":"inc","query":"SELECT name FROM Users WHERE id > 1","is_replace":false,"depends_on":[]},
 {"id":"load_users_replace_2","type":"load","name":"users","source_name":"u","target_table":"users",
  "source_connector_type":"csv","mode":"REPLACE","upsert_keys":[],
  "query":{"source_name":"u","table_name":"users"},"depends_on":["source_u"]},
 {"id":"export_csv_inc","type":"export","source_table":"inc","source_connector_type":"csv",
  "query":{"sql_query":"SELECT * FROM inc","destination_uri":"out/inc.csv","options":{"header":true},"type":"csv"},
  "depends_on":["transform_inc_4"]}]}"#;

#[test]
fn a_plan_compiled_by_sqlflow_runs_in_an_order_that_works() {
    let project = project().file("target/compiled/old.json", SQLFLOW_PLAN);
    let said = project.duckpen(&["run", "target/compiled/old.json", "--format", "json"]);
    assert_eq!(steps(&said), ["source_u", "load_users_replace_2", "transform_inc_4", "export_csv_inc"]);
    assert_eq!(fs::read_to_string(project.path().join("out/inc.csv")).unwrap(), "name\nGrace\n");
}

#[test]
fn a_plan_from_a_file_is_granted_no_more_than_a_pipeline() {
    for (from, to, exit, part) in [
        ("data/users.csv", "../secret.csv", 4, "outside of the project"),
        ("FROM Users", "FROM read_csv('../users.csv')", 4, "outside of the project"),
        ("FROM Users", "FROM read_text('data/users.csv')", 4, "read_text"),
        ("SELECT name", "DROP TABLE users; SELECT name", 2, "operation transform_inc_4 of the plan"),
        (
            "\"source_name\":\"u\",\"target",
            "\"source_name\":\"v\",\"target",
            2,
            "LOAD references undefined source: 'v'",
        ),
        ("[\"transform_inc_4\"]", "[\"transform_inc_5\"]", 2, "depends on 'transform_inc_5', which is missing"),
        ("\"id\":\"export_csv_inc\"", "\"id\":\"source_u\"", 2, "another operation has this id"),
        ("\"depends_on\":[\"source_u\"]", "\"depends_on\":[\"export_csv_inc\"]", 2, "the plan has no order: "),
        ("\"operations\"", "\"operation\"", 2, "no list of operations"),
    ] {
        let plan = SQLFLOW_PLAN.replace(from, to);
        assert_ne!(plan, SQLFLOW_PLAN, "{from}");
        let project = project().file("plan.json", plan);
        let said = project.duckpen(&["run", "plan.json"]);
        assert_eq!(said.exit, exit, "{to}: {}", said.stderr);
        assert!(said.stderr.contains(part), "{to}: {}", said.stderr);
        assert!(!project.path().join("out").exists());
    }
    let missing = project().duckpen(&["run", "nowhere.json"]);
    assert_eq!(missing.exit, 2);
    assert!(missing.stderr.contains("nowhere.json"), "{}", missing.stderr);
}

const INCREMENTAL: &str = "\
SOURCE events_csv TYPE CSV PARAMS {\"path\": \"data/events.csv\", \"has_header\": true,
  \"sync_mode\": \"incremental\", \"cursor_field\": \"seen\"};
SOURCE first_csv TYPE CSV PARAMS {\"path\": \"data/first.csv\", \"has_header\": true};
LOAD events FROM events_csv MODE APPEND;
LOAD both FROM first_csv;
LOAD both FROM events_csv MODE APPEND;
CREATE TABLE log MODE APPEND AS SELECT count(*) AS n FROM events;
CREATE TABLE daily MODE INCREMENTAL BY day AS SELECT seen::DATE AS day, count(*) AS n FROM events GROUP BY day;
";

#[test]
fn a_full_refresh_makes_incremental_tables_anew_and_keeps_what_is_nowhere_else() {
    let events = "id,seen\n1,2024-01-01 08:00:00\n2,2024-01-02 08:00:00\n";
    let project = Project::new(INCREMENTAL)
        .file("data/events.csv", events)
        .file("data/first.csv", "id,seen\n0,2023-12-31 00:00:00\n")
        .file("profiles/dev.yml", DATABASE);
    let run = |arguments: &[&str]| {
        let said = project.duckpen(&[&["run", "p", "--threads", "1"], arguments].concat());
        assert_eq!(said.exit, 0, "{}", said.stderr);
        rows(
            &project,
            "SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM \"both\") AS \"both\", \
             (SELECT count(*) FROM log) AS log, (SELECT string_agg(n, ' ' ORDER BY day) FROM daily) AS daily",
        )
    };
    assert_eq!(run(&[]), r#"[{"events":2,"both":3,"log":1,"daily":"1 1"}]"#);
    // A row that was there all along has changed: an incremental run does not see it.
    fs::write(project.path().join("data/events.csv"), "id,seen\n1,2024-01-01 08:00:00\n3,2024-01-01 09:00:00\n")
        .unwrap();
    assert_eq!(run(&[]), r#"[{"events":2,"both":1,"log":2,"daily":"1 1"}]"#);
    assert_eq!(run(&["--full-refresh"]), r#"[{"events":2,"both":3,"log":3,"daily":"2"}]"#);
    // From there it goes on as before.
    assert_eq!(run(&[]), r#"[{"events":2,"both":1,"log":4,"daily":"2"}]"#);
    // Of a part of the plan only that part.
    assert_eq!(run(&["--full-refresh", "--select", "events"]), r#"[{"events":2,"both":1,"log":4,"daily":"2"}]"#);
}

#[test]
fn an_explanation_has_an_example_and_a_way_out() {
    assert_snapshot!(project().transcript(&["explain", "e0403"]), @r"
    exit 0
    --- stdout
    E0403: a table defined twice

    CREATE TABLE makes a new table. To replace one that an earlier step makes, write CREATE OR REPLACE TABLE; to add to it, give a MODE.

    Wrong:

        CREATE TABLE t AS SELECT 1 AS x;
        CREATE TABLE t AS SELECT x + 1 AS x FROM t;

    Right:

        CREATE TABLE t AS SELECT 1 AS x;
        CREATE OR REPLACE TABLE t AS SELECT x + 1 AS x FROM t;
    --- stderr
    ");
    let said = project().duckpen(&["explain", "E0413", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(document["right"].as_str().unwrap().starts_with("SOURCE"), "{document}");
}

#[test]
fn a_mistake_in_sql_is_shown_where_duckdb_found_it() {
    let project = Project::new(
        "SET name = 'a rather long text';\nCREATE TABLE t AS\nSELECT ${name} AS name,\n       upper(x FORM) AS é\nFROM u;\n",
    );
    assert_snapshot!(project.transcript(&["validate"]), @r#"
    exit 2
    --- stdout
    rejected  p  1 error
    --- stderr
    error[E0407]: DuckDB cannot parse the query: syntax error at or near "FORM"
     --> pipelines/p.sf:4:16
      |
    4 |        upper(x FORM) AS é
      |                ^^^^
    "#);
}
