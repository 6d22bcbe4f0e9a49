//! TEST statements, as a user of the command sees them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::Project;

const PIPELINE: &str = r#"SOURCE orders_csv TYPE CSV PARAMS {"path": "data/orders.csv"};
LOAD orders FROM orders_csv;
TEST orders NOT NULL (status) SEVERITY WARN;
TEST orders UNIQUE (id);
CREATE TABLE totals AS SELECT status, count(*) AS n FROM orders GROUP BY status;
EXPORT totals TO "out/totals.csv" TYPE CSV;
EXPORT SELECT 1 AS x TO "out/other.csv" TYPE CSV;
"#;

fn project() -> Project {
    Project::new(PIPELINE).file("data/orders.csv", "id,status\n1,new\n2,\n2,paid\n")
}

fn results(project: &Project, arguments: &[&str]) -> (i32, Value) {
    let said = project.duckpen(arguments);
    (said.exit, serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{}{}", said.stdout, said.stderr)))
}

fn step<'r>(results: &'r Value, id: &str) -> &'r Value {
    results["steps"].as_array().unwrap().iter().find(|step| step["id"] == id).unwrap()
}

#[test]
fn a_test_that_does_not_hold_stops_what_reads_the_table_and_is_shown_with_rows() {
    let project = project();
    let said = project.duckpen(&["run", "p", "--keep-going"]);
    assert_eq!(said.exit, 1, "{}", said.stderr);
    for part in [
        "warn  test_orders_not_null_2  1 row found",
        "failed  test_orders_unique_3  1 row found",
        "skipped  transform_totals_4  because `test_orders_unique_3` failed",
        "warning[E0907]: test `test_orders_not_null_2` does not hold: 1 row of `orders` has no value in status",
        "error[E0907]: step `test_orders_unique_3` failed: 1 value of id in `orders` occurs more than once",
        "id: 2, status: NULL",
        "id: 2, occurrences: 2",
        "pipelines/p.sf:4:1",
    ] {
        assert!(said.stderr.contains(part), "no {part:?} in:\n{}", said.stderr);
    }
    assert!(project.path().join("out/other.csv").exists(), "what does not read the table is done");
    assert!(!project.path().join("out/totals.csv").exists());
}

#[test]
fn results_tell_what_a_test_found() {
    let (exit, found) = results(&project(), &["run", "p", "--format", "json"]);
    assert_eq!(exit, 1);
    let failed = step(&found, "test_orders_unique_3");
    assert_eq!(
        (&failed["kind"], &failed["status"], &failed["handler"]),
        (&"test".into(), &"failed".into(), &Value::Null)
    );
    assert_eq!(failed["error"]["code"], "E0907");
    assert_eq!(failed["test"]["rows_found"], 1);
    assert_eq!(failed["test"]["sample"], serde_json::json!(["id: 2, occurrences: 2"]));
    let warned = step(&found, "test_orders_not_null_2");
    assert_eq!((&warned["status"], &warned["test"]["rows_found"]), (&"success".into(), &1.into()));
    let load = step(&found, "load_orders_replace_1");
    assert_eq!((&load["rows_in"], &load["rows_inserted"]), (&3.into(), &3.into()));
}

#[test]
fn a_run_that_a_test_stopped_is_continued_at_the_test() {
    let project = project();
    assert_eq!(project.duckpen(&["run", "p", "--database", "p.duckdb"]).exit, 1);
    // Nothing has become better: the test is run again, and fails again.
    let (exit, again) = results(&project, &["run", "p", "--database", "p.duckdb", "--resume", "--format", "json"]);
    assert_eq!(exit, 1);
    assert_eq!(step(&again, "load_orders_replace_1")["status"], "resumed");
    assert_eq!(step(&again, "test_orders_unique_3")["status"], "failed");
    let project = project.file("data/orders.csv", "id,status\n1,new\n2,paid\n");
    let (exit, fresh) = results(&project, &["run", "p", "--database", "p.duckdb", "--format", "json"]);
    assert_eq!(exit, 0);
    assert_eq!(step(&fresh, "test_orders_unique_3")["rows"], 0);
    assert!(project.path().join("out/totals.csv").exists());
}

#[test]
fn a_column_that_the_tested_table_lacks_is_a_failed_step_with_the_columns_there_are() {
    let project = Project::new("CREATE TABLE t AS SELECT 1 AS id;\nTEST t UNIQUE (ident);");
    let said = project.duckpen(&["run", "p"]);
    assert_eq!(said.exit, 1);
    assert!(said.stderr.contains("the table `t` has no column `ident`"), "{}", said.stderr);
    assert!(said.stderr.contains("hint: its columns are id"), "{}", said.stderr);
}

#[test]
fn a_column_that_the_tested_table_will_lack_is_found_before_anything_runs() {
    let load = "SOURCE s TYPE CSV PARAMS {\"path\": \"data/s.csv\", \"has_header\": true};\nLOAD t FROM s;\n";
    let made = "CREATE TABLE t AS SELECT 1 AS id, 'a' AS name;\n";
    for (before, test, expected) in [
        (load, "TEST t UNIQUE (ident);", Some("the table `t` has no column `ident`")),
        (load, "TEST t NOT NULL (id, nam);", Some("the table `t` has no column `nam`")),
        (load, "TEST s NOT NULL (ident);", Some("the table `s` has no column `ident`")),
        (load, "TEST t NOT NULL (ID);", None),
        (made, "TEST t (state) IN ('a', 'b');", Some("the table `t` has no column `state`")),
        (made, "TEST t (id) REFERENCES t (key);", Some("the table `t` has no column `key`")),
        (made, "TEST few AS SELECT * FROM t WHERE ident = 1;", Some("Referenced column \"ident\" not found")),
        (made, "TEST few AS SELECT * FROM t WHERE id = 2;", None),
        // What is not known is not judged: a file that is not there yet, a table that another pipeline makes.
        ("SOURCE s TYPE CSV PARAMS {\"path\": \"data/later.csv\"};\nLOAD t FROM s;\n", "TEST t UNIQUE (x);", None),
        ("", "TEST elsewhere UNIQUE (x);", None),
        ("", "TEST few AS SELECT * FROM elsewhere WHERE x = 1;", None),
        (
            "SOURCE s TYPE CSV PARAMS {\"path\": \"data/s.csv\"};\nCREATE TABLE t AS SELECT 1 AS id;\n\
             LOAD t FROM s MODE APPEND OPTIONS {\"on_schema_change\": \"add_columns\"};\n",
            "TEST t NOT NULL (name);",
            None,
        ),
    ] {
        let project = Project::new(&format!("{before}{test}")).file("data/s.csv", "id,name\n1,a\n");
        let said = project.duckpen(&["validate", "p"]);
        match expected {
            None => assert_eq!(said.exit, 0, "{test}: {}", said.stderr),
            Some(expected) => {
                assert_eq!(said.exit, 2, "{test}: {}", said.stderr);
                let line = format!("pipelines/p.sf:{}:", before.lines().count() + 1);
                for part in ["error[E0415]", expected, &line] {
                    assert!(said.stderr.contains(part), "no {part:?} for {test} in:\n{}", said.stderr);
                }
            }
        }
        // Nothing is left behind by looking.
        assert!(!project.path().join("target").exists(), "{test}");
    }
}

#[test]
fn a_wrong_option_of_load_is_found_before_anything_runs() {
    let text = |options: &str| {
        format!("SOURCE s TYPE CSV PARAMS {{\"path\": \"data/s.csv\"}};\nLOAD t FROM s MODE APPEND OPTIONS {options};")
    };
    for (options, message) in [
        (r#"{"on_schema_chang": "widen"}"#, "Unknown parameters for LOAD: on_schema_chang"),
        (r#"{"on_schema_change": "evolve"}"#, "Field 'on_schema_change' has an unknown value: evolve"),
        (r#"{"on_schema_change": "widen", "rejects": "r"}"#, "widen and rejects cannot be used together"),
    ] {
        let project = Project::new(&text(options)).file("data/s.csv", "id\n1\n");
        for command in ["validate", "run"] {
            let said = project.duckpen(&[command, "p"]);
            assert_eq!(said.exit, 2, "{options}: {}", said.stderr);
            assert!(said.stderr.contains(message) && said.stderr.contains("p.sf:2:"), "{options}: {}", said.stderr);
        }
    }
}
