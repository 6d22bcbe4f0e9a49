//! What TEST statements become, and who waits for them.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_pipeline::{Plan, Selection, StepKind, TestSeverity, TestStep};
use serde_json::json;
use support::Project;

const ORDERS: &str = "SOURCE s TYPE CSV PARAMS {\"path\": \"data/o.csv\"};\nLOAD orders FROM s;\n";

fn tests(text: &str) -> Vec<TestStep> {
    let steps = Project::new(&format!("{ORDERS}{text}")).plan().steps;
    let test = |kind| if let StepKind::Test(test) = kind { Some(test) } else { None };
    steps.into_iter().filter_map(|step| test(step.kind)).collect()
}

fn depends_on(plan: &Plan, step: &str) -> Vec<String> {
    let step = plan.steps.iter().find(|found| found.id.as_str() == step).unwrap_or_else(|| panic!("no step {step}"));
    step.depends_on.iter().map(ToString::to_string).collect()
}

#[test]
fn every_form_is_a_query_for_the_rows_that_must_not_be() {
    for (text, query) in [
        (
            "TEST orders NOT NULL (id, \"Customer Id\")",
            r#"SELECT * FROM "orders" WHERE "id" IS NULL OR "Customer Id" IS NULL"#,
        ),
        (
            "TEST orders UNIQUE (id)",
            r#"SELECT "id", count(*) AS occurrences FROM "orders" AS tested WHERE tested."id" IS NOT NULL GROUP BY "id" HAVING count(*) > 1"#,
        ),
        (
            "TEST orders (status) IN ('new', 'it''s (paid)')",
            r#"SELECT * FROM "orders" AS tested WHERE tested."status" IS NOT NULL AND "status" NOT IN ('new', 'it''s (paid)')"#,
        ),
        (
            "TEST orders (a, b) REFERENCES stage.c (x, y)",
            r#"SELECT * FROM "orders" AS tested WHERE tested."a" IS NOT NULL AND tested."b" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "stage"."c" AS other WHERE tested."a" = other."x" AND tested."b" = other."y")"#,
        ),
        ("TEST no_debts AS SELECT * FROM orders WHERE total < 0", "SELECT * FROM orders WHERE total < 0"),
    ] {
        assert_eq!(tests(&format!("{text};"))[0].query, query, "{text}");
    }
}

#[test]
fn severity_stands_before_the_check_or_after_it() {
    let found = tests(
        "TEST orders NOT NULL (id);
         TEST orders NOT NULL (id) SEVERITY WARN;
         TEST orders SEVERITY WARN UNIQUE (id);
         TEST any SEVERITY WARN AS SELECT * FROM orders;
         TEST orders UNIQUE (id) SEVERITY error;",
    );
    let severities: Vec<_> = found.iter().map(|test| test.severity).collect();
    use TestSeverity::{Error, Warn};
    assert_eq!(severities, [Error, Warn, Warn, Warn, Error]);
}

#[test]
fn values_of_variables_are_literals() {
    let project = Project::new(&format!("{ORDERS}TEST orders (status) IN (${{a}}, ${{n|7}});"));
    let plan = project.vars(json!({"a": "x') OR (1 = 1"})).plan();
    let StepKind::Test(test) = &plan.steps[2].kind else { panic!("no test") };
    assert!(test.query.ends_with("NOT IN ('x'') OR (1 = 1', 7)"), "{}", test.query);
}

#[test]
fn what_reads_a_tested_table_further_down_waits_for_the_test() {
    let plan = Project::new(&format!(
        "{ORDERS}CREATE TABLE early AS SELECT * FROM orders;
         CREATE VIEW seen AS SELECT * FROM orders;
         TEST orders UNIQUE (id);
         TEST orders NOT NULL (id) SEVERITY WARN;
         CREATE TABLE late AS SELECT * FROM orders;
         EXPORT SELECT * FROM seen TO \"out.csv\" TYPE CSV;
         CREATE TABLE other AS SELECT 1 AS x;
         LOAD orders FROM s MODE APPEND;
         CREATE TABLE after AS SELECT * FROM orders;"
    ))
    .plan();
    let waits = |step: &str| depends_on(&plan, step).contains(&"test_orders_unique_4".to_owned());
    assert!(waits("transform_late_6"));
    assert!(waits("export_csv_seen"), "through a view");
    assert!(waits("load_orders_append_9"), "before it writes what was tested");
    for free in ["transform_early_2", "transform_other_8", "transform_after_10", "test_orders_not_null_5"] {
        assert!(!waits(free), "{free}");
    }
    let warned = depends_on(&plan, "transform_late_6").contains(&"test_orders_not_null_5".to_owned());
    assert!(!warned, "nothing waits for a test that only warns");
}

#[test]
fn a_test_of_what_is_made_further_down_holds_nobody_up() {
    let plan = Project::new(
        "TEST t UNIQUE (x);
         CREATE TABLE a AS SELECT * FROM t;
         CREATE TABLE t AS SELECT 1 AS x;",
    )
    .plan();
    assert_eq!(depends_on(&plan, "test_t_unique_0"), ["transform_t_2"]);
    assert_eq!(depends_on(&plan, "transform_a_1"), ["transform_t_2"]);
}

#[test]
fn tests_are_read_back_from_a_plan_and_selected_by_name_and_table() {
    let text = format!(
        "{ORDERS}TEST orders (status) IN ('a') SEVERITY WARN;
         TEST orders (c) REFERENCES orders (id);
         TEST no_debts AS SELECT * FROM orders WHERE total < 0;"
    );
    let plan = Project::new(&text).plan();
    assert_eq!(Plan::from_json(&plan.to_json().to_string()).unwrap(), plan);
    let chosen = |select: &str| {
        let none: [&str; 0] = [];
        let selected = plan.select(&Selection::parse(&[select], &none).unwrap()).unwrap();
        selected.steps.iter().map(|step| step.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(chosen("no_debts"), ["test_no_debts"]);
    assert_eq!(chosen("test_*"), ["test_orders_in_2", "test_orders_references_3", "test_no_debts"]);
    assert_eq!(chosen("orders"), ["source_s", "load_orders_replace_1", "test_orders_in_2", "test_orders_references_3"]);
}

#[test]
fn a_table_of_rejects_is_a_table_that_its_load_writes() {
    let plan = Project::new(&format!(
        "{ORDERS}LOAD t FROM s MODE APPEND OPTIONS {{\"rejects\": \"bad.rows\", \"on_schema_change\": \"fail\"}};
         CREATE TABLE seen AS SELECT * FROM bad.rows;"
    ))
    .plan();
    assert_eq!(depends_on(&plan, "transform_seen_3"), ["load_t_append_2"]);
    assert_eq!(Plan::from_json(&plan.to_json().to_string()).unwrap(), plan);
    assert_eq!(plan.external_tables, []);
}
