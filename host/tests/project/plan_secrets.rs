//! Secrets that stand in a pipeline's own text: what a compiled plan shows of them.

use std::path::Path;

use crate::support::{Project, Said};

const PIPELINE: &str = r#"SOURCE users TYPE POSTGRES PARAMS {
    "host": "127.0.0.1", "port": 1, "database": "shop", "user": "me", "password": "hunter2", "table": "users"
};
LOAD users_t FROM users;
EXPORT users_t TO "postgresql://me:hunter3@127.0.0.1:1/shop" TYPE POSTGRES OPTIONS {"table": "copy"};
"#;

const HIDDEN: &[&str] = &["hunter2", "hunter3"];

#[test]
fn a_plan_shows_secrets_only_where_it_is_told_to() {
    let project = Project::new(PIPELINE);
    for arguments in [&["compile", "p", "--format", "json"][..], &["run", "p", "--dry-run", "--format", "json"]] {
        let said = project.duckpen(arguments);
        assert_eq!(said.exit, 0, "{}", said.stderr);
        assert!(HIDDEN.iter().all(|secret| !said.stdout.contains(secret)), "{}", said.stdout);
        assert!(said.stdout.contains(r#""password": "***""#), "{}", said.stdout);
        assert!(said.stdout.contains("postgresql://me:***@127.0.0.1:1/shop"), "{}", said.stdout);
        // Names that are no secrets stay.
        assert!(said.stdout.contains(r#""user": "me""#), "{}", said.stdout);
    }
    let said = project.duckpen(&["compile", "p", "--format", "json", "--show-secrets"]);
    assert!(HIDDEN.iter().all(|secret| said.stdout.contains(secret)), "{}", said.stdout);
}

#[test]
fn a_plan_without_its_secrets_says_which_are_missing_and_one_with_them_runs() {
    let project = Project::new(PIPELINE);
    let said = project.duckpen(&["compile", "p", "--output-dir", "plans"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    assert!(said.stderr.contains("secrets are left out"), "{}", said.stderr);
    let written = std::fs::read_to_string(project.path().join("plans/p.json")).unwrap();
    assert!(HIDDEN.iter().all(|secret| !written.contains(secret)), "{written}");
    let ran = project.duckpen(&["run", "plans/p.json"]);
    assert_eq!(ran.exit, 2, "{}", ran.stderr);
    for part in [
        "error[E0720]",
        "plans/p.json: the value of `password` of step `source_users` was left out",
        "the value of `destination` of step",
        "--show-secrets",
    ] {
        assert!(ran.stderr.contains(part), "no {part:?} in:\n{}", ran.stderr);
    }
    project.duckpen(&["compile", "p", "--output-dir", "plans", "--show-secrets"]);
    let ran = project.duckpen(&["run", "plans/p.json"]);
    // Nothing listens there: the step fails, and the plan was taken.
    assert_eq!(ran.exit, 1, "{}", ran.stderr);
}

const TOKEN: &str = "tok3n's secret";
const PASSWORD: &str = "hunter2hunter2";

/// A project whose statements have the values of secret variables in their texts.
fn with_secret_variables(pipeline: &str) -> Project {
    let profile = format!(
        "variables:\n  shop_password: {PASSWORD}\nengines:\n  duckdb:\n    mode: persistent\n    path: target/x.duckdb\n"
    );
    Project::new(pipeline).file(".env", format!("API_TOKEN=\"{TOKEN}\"\n")).file("profiles/dev.yml", profile)
}

/// Whatever a command prints and writes, but for the tables and the rows it was asked for.
#[test]
fn the_values_of_secret_variables_are_read_nowhere() {
    let works = "CREATE TABLE a AS SELECT 1 AS id, '${API_TOKEN}' AS t, 'x${shop_password}y' AS u;\n\
                 TEST none AS SELECT id FROM a WHERE t <> ${API_TOKEN};\n\
                 EXPORT SELECT id FROM a WHERE t = '${API_TOKEN}' TO \"out/a.csv\" TYPE CSV;\n";
    let commands: &[&[&str]] = &[
        &["validate", "p"],
        &["compile", "p", "--format", "json"],
        &["compile", "p", "--output-dir", "plans"],
        &["plan", "p", "--format", "json"],
        &["run", "p", "--dry-run", "--format", "json"],
        &["lineage", "p", "--columns", "--format", "json"],
        &["docs"],
        &["env"],
        &["profiles", "show", "dev", "--origin"],
        &["run", "p", "--format", "json"],
    ];
    let project = with_secret_variables(works);
    for arguments in commands {
        let said = project.duckpen(arguments);
        assert_eq!(said.exit, 0, "{arguments:?}: {}", said.stderr);
        assert_discreet(&project, &said, &format!("{arguments:?}"));
    }
    // The database quotes the statements that it refuses, and a test shows the rows that it finds.
    for (wrong, told) in [
        ("CREATE TABLE b AS SELECT CAST('${API_TOKEN}' AS INTEGER) AS x;", "string '***API_TOKEN***' to INT32"),
        ("CREATE TABLE b AS SELECT nothing_like_it, '${shop_password}' AS x FROM range(3);", "'***shop_password***'"),
        ("CREATE TABLE b AS SELECT 1 AS x;\nTEST t AS SELECT '${API_TOKEN}' AS s;", "'***API_TOKEN***'"),
        ("CREATE TABLE b AS SELECT 1 AS x;\nTEST t AS SELECT '${API_TOKEN}' AS s SEVERITY WARN;", ""),
    ] {
        let project = with_secret_variables(wrong);
        let said = project.duckpen(&["run", "p", "--format", "json"]);
        assert!(said.stderr.contains(told), "{wrong}: {}", said.stderr);
        assert_discreet(&project, &said, wrong);
    }
}

#[track_caller]
fn assert_discreet(project: &Project, said: &Said, what: &str) {
    let written = ["plans", "target/docs", "target/runs"].map(|folder| project.path().join(folder));
    let written = written.iter().flat_map(|folder| texts_below(folder));
    for text in [said.stdout.clone(), said.stderr.clone()].into_iter().chain(written) {
        // As statements have it, and without the quote that divides it.
        for secret in [TOKEN, "tok3n''s secret", PASSWORD] {
            assert!(!text.contains(secret), "{what}: {text}");
        }
    }
}

fn texts_below(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => texts_below(&path),
            false => vec![String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned()],
        })
        .collect()
}

#[test]
fn a_plan_without_the_value_of_a_variable_says_so_and_one_with_it_runs() {
    let project = with_secret_variables("CREATE TABLE a AS SELECT '${API_TOKEN}' AS t, '***' AS stars;");
    project.duckpen(&["compile", "p", "--output-dir", "plans"]);
    let ran = project.duckpen(&["run", "plans/p.json"]);
    assert_eq!(ran.exit, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("the value of `API_TOKEN` of step `transform_a_0` was left out"), "{}", ran.stderr);
    project.duckpen(&["compile", "p", "--output-dir", "plans", "--show-secrets"]);
    let ran = project.duckpen(&["run", "plans/p.json"]);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
}

/// SQLFlow writes values as they are.
#[test]
fn a_plan_that_sqlflow_compiled_runs_with_its_secrets() {
    let plan = r#"{"pipeline_name": "p", "operations": [
        {"id": "source_users", "type": "source_definition", "name": "users", "connector_type": "postgres",
         "query": {"host": "127.0.0.1", "port": 1, "database": "shop", "user": "me", "password": "hunter2", "table": "users"},
         "depends_on": []},
        {"id": "load_users", "type": "load", "name": "u", "source_name": "users", "target_table": "u",
         "source_connector_type": "postgres", "mode": "REPLACE",
         "query": {"source_name": "users", "table_name": "u"}, "depends_on": ["source_users"]}
    ], "operation_count": 2}"#;
    let project = Project::new("").file("target/compiled/p.json", plan);
    let ran = project.duckpen(&["run", "target/compiled/p.json"]);
    assert_eq!(ran.exit, 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains("left out") && !ran.stderr.contains("hunter2"), "{}", ran.stderr);
}
