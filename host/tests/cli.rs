//! Whole commands: what they print and how they end.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use insta::assert_snapshot;
use serde_json::Value;

use support::{Project, guest_bytes};

const USERS: &str = "id,name\n1,Ada\n2,Grace\n";

const PIPELINE: &str = "\
SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\", \"has_header\": true};
LOAD users FROM users_csv;
CREATE TABLE shouted AS SELECT id, upper(name) AS name FROM users;
EXPORT SELECT * FROM shouted ORDER BY id TO \"out/shouted.csv\" TYPE CSV OPTIONS {\"header\": true};
";

fn project() -> Project {
    Project::new(PIPELINE).file("data/users.csv", USERS)
}

#[test]
fn help_shows_the_commands_and_the_exit_codes() {
    assert_snapshot!(project().transcript(&["--help"]), @"");
}

#[test]
fn a_run_prints_a_line_a_step_and_the_table_of_costs() {
    let transcript = project().transcript(&["run", "p", "--threads", "1"]);
    assert_snapshot!(transcript, @"");
}

#[test]
fn a_run_in_json_is_one_document_that_is_kept_with_the_project() {
    let project = project();
    let said = project.duckpen(&["run", "p", "--format", "json", "--quiet"]);
    assert_eq!((said.exit, said.stderr.as_str()), (0, ""));
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let steps = document["steps"].as_array().unwrap();
    let told = steps.iter().map(|step| format!("{} {} {} {}", step["id"], step["kind"], step["status"], step["rows"]));
    assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @"");
    for step in steps {
        assert!(
            step["fuel"]["used"].as_u64() > Some(0) && step["fuel"]["used"].as_u64() < step["fuel"]["limit"].as_u64()
        );
        assert!(step["memory"]["peak"].as_u64() <= step["memory"]["limit"].as_u64());
        assert!(step["handler"]["digest"].as_str().unwrap().starts_with("sha256:"));
    }
    let runs = project.path().join("target/runs");
    let run = runs.read_dir().unwrap().next().unwrap().unwrap().path();
    let kept: Value = serde_json::from_slice(&std::fs::read(run.join("run_results.json")).unwrap()).unwrap();
    assert_eq!((&kept["pipeline"], &kept["status"]), (&document["pipeline"], &document["status"]));
    let exported = std::fs::read_to_string(project.path().join("out/shouted.csv")).unwrap();
    assert_eq!(exported, "id,name\n1,ADA\n2,GRACE\n");
}

#[test]
fn sql_prints_an_array_of_objects() {
    let project = project();
    assert_eq!(project.duckpen(&["run", "p", "--database", "out.duckdb", "-q"]).exit, 0);
    let query = "SELECT * FROM shouted ORDER BY id";
    assert_snapshot!(project.transcript(&["sql", query, "--database", "out.duckdb", "--format", "json"]), @"");
    assert_snapshot!(project.transcript(&["sql", query, "--database", "out.duckdb"]), @"");
    let nothing = project.duckpen(&["sql", "SELECT 1 WHERE false", "--format", "json"]);
    assert_eq!((nothing.exit, nothing.stdout.as_str()), (0, "[]\n"));
}

#[test]
fn sql_does_not_leave_the_database() {
    let transcript = project().transcript(&["sql", "COPY (SELECT 1) TO 'x.csv'"]);
    assert_snapshot!(transcript, @"");
}

#[test]
fn sql_without_its_database_does_not_make_one() {
    let project = project();
    assert_snapshot!(project.transcript(&["sql", "SELECT 1", "--database", "none.duckdb"]), @"");
    assert!(!project.path().join("none.duckdb").exists());
}

#[test]
fn an_unknown_pipeline_is_told_with_the_ones_there_are() {
    let project = project().file("pipelines/daily.sf", "");
    assert_snapshot!(project.transcript(&["run", "dialy"]), @"");
}

#[test]
fn mistakes_in_a_pipeline_are_found_before_anything_runs() {
    let project = Project::new(
        "LOAD a FROM nowhere;\n\
         CREATE TABLE t AS SELECT 1 AS x;\n\
         CREATE TABLE t AS SELECT 2 AS x;\n\
         CREATE TABLE left_side AS SELECT * FROM right_side;\n\
         CREATE TABLE right_side AS SELECT * FROM left_side;\n",
    );
    assert_snapshot!(project.transcript(&["run", "p", "--database", "out.duckdb"]), @"");
    assert!(!project.path().join("out.duckdb").exists());
}

#[test]
fn a_misspelt_table_is_told_with_the_one_meant() {
    let project = Project::new(&PIPELINE.replace("FROM users;", "FROM usres;"));
    assert_snapshot!(project.transcript(&["validate"]), @"");
}

#[test]
fn an_unknown_option_is_refused_by_the_handler_at_its_place() {
    let project = Project::new(&PIPELINE.replace("has_header", "has_haeder")).file("data/users.csv", USERS);
    assert_snapshot!(project.transcript(&["validate", "p"]), @"");
}

#[test]
fn a_rejected_pipeline_is_one_document_in_json() {
    let said = Project::new("LOAD a FROM nowhere;").duckpen(&["run", "p", "--format", "json"]);
    assert_eq!((said.exit, said.stderr.as_str()), (2, ""));
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document["status"], "rejected");
    let first = &document["diagnostics"][0];
    assert_eq!((&first["code"], &first["location"]["line"]), (&"E0402".into(), &1.into()));
}

#[test]
fn a_missing_file_fails_its_step_and_skips_what_needs_it() {
    let project = Project::new(PIPELINE);
    assert_snapshot!(project.transcript(&["run", "p", "--threads", "1", "--database", "out.duckdb"]), @"");
    assert!(!project.path().join("out").exists());
}

#[test]
fn a_place_outside_of_the_project_is_refused() {
    let project = Project::new(&PIPELINE.replace("data/users.csv", "../users.csv"));
    assert_snapshot!(project.transcript(&["run", "p"]), @"");
}

#[test]
fn a_file_that_is_no_component_is_refused() {
    let project = project().file("functions/text.wasm", "not wasm");
    assert_snapshot!(project.transcript(&["run", "p"]), @"");
}

#[test]
fn a_component_of_another_version_of_the_contract_is_refused() {
    let mut bytes = guest_bytes("web_orders_text.wasm");
    let versions = bytes.windows(5).enumerate().filter(|(_, window)| window == b"0.1.0").map(|(at, _)| at);
    for at in versions.collect::<Vec<_>>() {
        bytes[at + 2] = b'7';
    }
    assert_snapshot!(project().file("functions/text.wasm", bytes).transcript(&["functions"]), @"");
}

#[test]
fn a_component_that_imports_too_much_is_refused() {
    assert_snapshot!(project().component("evil_import.wasm").transcript(&["functions"]), @"");
}

#[test]
fn functions_are_listed_with_their_signatures() {
    assert_snapshot!(project().component("web_orders_text.wasm").transcript(&["functions"]), @"");
}

#[test]
fn a_component_can_be_inspected_without_being_used() {
    let project = project().component("web_orders_text.wasm").file("evil.wasm", guest_bytes("evil_import.wasm"));
    assert_snapshot!(project.transcript(&["inspect", "functions/text.wasm"]), @"");
    assert_snapshot!(project.transcript(&["inspect", "evil.wasm"]), @"");
}

#[test]
fn a_misspelt_key_of_the_configuration_is_told_with_its_place() {
    let project = project().file("duckpen.toml", "[limits]\nfuel = \"500M\"\n\n[componnets.text]\n");
    assert_snapshot!(project.transcript(&["run", "p"]), @"");
    let project = project.file("duckpen.toml", "[limits]\nfule = 1\n");
    assert_snapshot!(project.transcript(&["run", "p"]), @"");
}

#[test]
fn a_profile_that_is_named_has_to_be_there() {
    assert_eq!(project().duckpen(&["run", "p", "--profile", "dev"]).exit, 0);
    let project = project().file("profiles/prod.yml", "");
    assert_snapshot!(project.transcript(&["run", "p", "--profile", "prd"]), @"");
}

#[test]
fn a_run_that_failed_is_continued_only_when_asked_to() {
    let project = Project::new(&format!("CREATE TABLE first AS SELECT 1 AS x;\n{PIPELINE}"));
    let run = ["run", "p", "--threads", "1", "--database", "out.duckdb"];
    assert_eq!(project.duckpen(&run).exit, 1);
    let project = project.file("data/users.csv", USERS);
    assert_snapshot!(project.duckpen(&[&run[..], &["--resume"]].concat()).stderr, @"");
    let anew = project.duckpen(&run);
    assert_eq!((anew.exit, anew.stderr.contains("resumed")), (0, false));
}

#[test]
fn the_plan_is_a_table_or_a_document() {
    let project = project();
    assert_snapshot!(project.transcript(&["compile", "p"]), @"");
    let said = project.duckpen(&["pipeline", "compile", "p", "--format", "json"]);
    let plan: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.exit, &plan["operation_count"]), (0, &4.into()));
}

#[test]
fn pipelines_are_listed_and_codes_explained() {
    assert_snapshot!(project().transcript(&["list"]), @"");
    assert_snapshot!(project().transcript(&["explain", "e0404"]), @"");
    assert_snapshot!(project().transcript(&["explain", "E9999"]), @"");
}
