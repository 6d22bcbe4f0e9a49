//! Dependencies and the order that follows from them.
#![allow(clippy::unwrap_used)]

mod support;

use support::Project;

/// The order of the steps of a pipeline over sources `s` and `s2`, and what each depends on.
#[track_caller]
fn check(text: &str, expected: &[(&str, &[&str])]) {
    let text = format!("SOURCE s TYPE CSV PARAMS {{}};\nSOURCE s2 TYPE CSV PARAMS {{}};\n{text}");
    let plan = Project::new(&text).plan();
    let steps = plan.steps.iter().filter(|step| !step.id.as_str().starts_with("source_"));
    let actual = steps
        .map(|step| {
            let needs = step.depends_on.iter().map(ToString::to_string).filter(|id| !id.starts_with("source_"));
            (step.id.to_string(), needs.collect::<Vec<_>>())
        })
        .collect::<Vec<_>>();
    let expected = expected
        .iter()
        .map(|(id, needs)| ((*id).to_owned(), needs.iter().map(|need| (*need).to_owned()).collect::<Vec<_>>()));
    assert_eq!(actual, expected.collect::<Vec<_>>());
}

#[test]
fn a_reader_between_two_writers_sees_the_first_only() {
    check(
        "LOAD u FROM s;
         CREATE TABLE r1 AS SELECT COUNT(*) AS n FROM u;
         LOAD u FROM s2 MODE APPEND;
         CREATE TABLE r2 AS SELECT COUNT(*) AS n FROM u;",
        &[
            ("load_u_replace_2", &[]),
            ("transform_r1_3", &["load_u_replace_2"]),
            ("load_u_append_4", &["load_u_replace_2", "transform_r1_3"]),
            ("transform_r2_5", &["load_u_append_4"]),
        ],
    );
}

#[test]
fn reading_through_a_view_is_reading() {
    check(
        "LOAD u FROM s;
         CREATE VIEW v AS SELECT * FROM u;
         CREATE TABLE r1 AS SELECT * FROM v;
         LOAD u FROM s2 MODE APPEND;
         CREATE TABLE r2 AS SELECT * FROM v;",
        &[
            ("load_u_replace_2", &[]),
            ("transform_v_3", &["load_u_replace_2"]),
            ("transform_r1_4", &["load_u_replace_2", "transform_v_3"]),
            ("load_u_append_5", &["load_u_replace_2", "transform_r1_4"]),
            ("transform_r2_6", &["transform_v_3", "load_u_append_5"]),
        ],
    );
}

#[test]
fn definitions_may_stand_in_any_order() {
    check(
        "CREATE TABLE b AS SELECT COUNT(*) AS n FROM a1;
         CREATE TABLE A1 AS SELECT * FROM \"U\";
         LOAD u FROM s;
         LOAD u FROM s2 MODE APPEND;",
        &[
            ("load_u_replace_4", &[]),
            ("load_u_append_5", &["load_u_replace_4"]),
            ("transform_A1_3", &["load_u_append_5"]),
            ("transform_b_2", &["transform_A1_3"]),
        ],
    );
}

#[test]
fn a_table_made_from_itself_is_no_cycle() {
    check(
        "CREATE TABLE t AS SELECT 1 AS id;
         CREATE OR REPLACE TABLE t AS SELECT id + 1 AS id FROM t;
         CREATE TABLE r AS SELECT * FROM t;
         CREATE TABLE h MODE APPEND AS SELECT * FROM h;",
        &[
            ("transform_t_2", &[]),
            ("transform_t_replace_3", &["transform_t_2"]),
            ("transform_r_4", &["transform_t_replace_3"]),
            ("transform_h_5", &[]),
        ],
    );
}

#[test]
fn independent_steps_stay_in_the_order_of_the_text() {
    check(
        "CREATE TABLE x AS SELECT 1 AS a;
         LOAD u FROM s;
         CREATE TABLE y AS SELECT 2 AS a;
         EXPORT x TO \"x.csv\";
         EXPORT y TO \"x.csv\";",
        &[
            ("transform_x_2", &[]),
            ("load_u_replace_3", &[]),
            ("transform_y_4", &[]),
            ("export_csv_x", &["transform_x_2"]),
            ("export_csv_y", &["transform_y_4", "export_csv_x"]),
        ],
    );
}

#[test]
fn a_source_can_be_read_by_its_name() {
    let plan = Project::new("SOURCE s TYPE CSV PARAMS {}; CREATE TABLE t AS SELECT * FROM S;").plan();
    assert_eq!(plan.steps[1].depends_on, [plan.steps[0].id.clone()]);
    assert!(plan.external_tables.is_empty());
}

#[test]
fn tables_of_sqlflows_table_functions_are_read() {
    let text = "SOURCE s TYPE CSV PARAMS {};
        CREATE TABLE t AS SELECT * FROM PYTHON_FUNC(\"python_udfs.tab.dbl\", u);
        CREATE TABLE w AS SELECT 1, PYTHON_FUNC(\"python_udfs.m.up\", t) FROM x;
        LOAD u FROM s;";
    let plan = Project::new(text).existing("x").plan();
    let needs = |name: &str| {
        let step = plan.steps.iter().find(|step| step.id.as_str().starts_with(name)).unwrap();
        step.depends_on.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(needs("transform_t_1"), ["load_u_replace_3"]);
    assert_eq!(needs("transform_w_2"), Vec::<String>::new());
}

#[test]
fn tables_of_the_database_are_named_and_not_mistaken_for_misspelt_ones() {
    let project = Project::new(
        "CREATE TABLE users AS SELECT * FROM user_s; CREATE TABLE v AS SELECT * FROM sales_2023; CREATE TABLE sales_2024 AS SELECT 1 AS x;",
    );
    let project = project.existing("user_s");
    let compilation = project.compile();
    assert_eq!(compilation.diagnostics.len(), 1, "{}", support::shown(&compilation));
    let external = compilation.plan.unwrap().external_tables;
    assert_eq!(external.iter().map(ToString::to_string).collect::<Vec<_>>(), ["sales_2023", "user_s"]);
}
