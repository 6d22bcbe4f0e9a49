//! Secrets that stand in a pipeline's own text: what a compiled plan shows of them.

use crate::support::Project;

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
