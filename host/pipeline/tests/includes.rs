//! INCLUDE: files become one pipeline, under names of their own.
#![allow(clippy::unwrap_used)]

mod support;

use support::Project;

#[test]
fn tables_of_an_included_file_are_read_by_name_and_by_alias() {
    let project = Project::new(
        "SOURCE s TYPE CSV PARAMS {};
         LOAD u FROM s;
         INCLUDE \"common/base.sf\" AS common;
         CREATE TABLE t AS SELECT SUM(v) AS s FROM base;
         CREATE TABLE w AS SELECT common.base.v FROM common.base JOIN \"Common\" . \"base\" b2 ON true;
         EXPORT common.base TO \"base.csv\";",
    )
    .file("pipelines/common/base.sf", "CREATE TABLE base AS SELECT id, v FROM u WHERE v > 10;");
    assert_eq!(
        project.order(),
        ["source_s", "load_u_replace_1", "transform_base_2", "transform_t_3", "transform_w_4", "export_csv_base"]
    );
    assert_eq!(project.transform("w").query, "SELECT base.v FROM base JOIN \"base\" b2 ON true");
}

#[test]
fn sources_of_an_included_file_have_its_alias_before_their_name() {
    let project = Project::new(
        "SOURCE s TYPE CSV PARAMS {\"path\": \"outer.csv\"};
         INCLUDE \"a.sf\" AS a;
         INCLUDE \"b.sf\" AS b;
         LOAD outer_t FROM s;
         LOAD from_a FROM a.s;
         LOAD from_b FROM only_b;",
    )
    .file("pipelines/a.sf", "SOURCE s TYPE CSV PARAMS {\"path\": \"a.csv\"}; LOAD in_a FROM s;")
    .file("pipelines/b.sf", "SOURCE only_b TYPE CSV PARAMS {\"path\": \"b.csv\"}; LOAD in_b FROM s;");
    let plan = project.plan();
    let source_of = |step: &str| {
        let step = plan.steps.iter().find(|found| found.id.as_str().starts_with(step)).unwrap();
        step.depends_on[0].to_string()
    };
    assert_eq!(source_of("load_in_a"), "source_a_s");
    assert_eq!(source_of("load_in_b"), "source_s");
    assert_eq!(source_of("load_outer_t"), "source_s");
    assert_eq!(source_of("load_from_a"), "source_a_s");
    assert_eq!(source_of("load_from_b"), "source_b_only_b");
}

#[test]
fn variables_go_in_and_come_out_and_paths_may_hold_them() {
    let project = Project::new(
        "SET env = 'dev';
         INCLUDE \"${env}/settings.sf\" AS settings;
         CREATE TABLE t AS SELECT ${limit} AS x;",
    )
    .file("pipelines/dev/settings.sf", "INCLUDE \"../shared.sf\" AS shared; SET limit = ${base} * 2;")
    .file("pipelines/shared.sf", "SET base = 21;");
    assert_eq!(project.transform("t").query, "SELECT 42 AS x");
}

#[test]
fn a_file_of_a_branch_not_taken_is_not_read() {
    let project = Project::new("IF ${e|a} == 'b' THEN INCLUDE \"nowhere.sf\" AS n; END IF; SET a = 1;");
    assert!(project.plan().steps.is_empty());
}

#[test]
fn a_circle_of_files_is_named_in_full() {
    let project = Project::new("INCLUDE \"one.sf\" AS one;")
        .file("pipelines/one.sf", "INCLUDE \"two.sf\" AS two;")
        .file("pipelines/two.sf", "INCLUDE \"one.sf\" AS one;");
    let shown = project.shown();
    assert!(shown.contains("pipelines/one.sf -> pipelines/two.sf -> pipelines/one.sf"), "{shown}");
}

#[test]
fn files_that_multiply_are_stopped() {
    let mut project = Project::new("INCLUDE \"f0.sf\" AS a;");
    for level in 0..40 {
        let next = level + 1;
        let text = format!("INCLUDE \"f{next}.sf\" AS a; INCLUDE \"f{next}.sf\" AS b;");
        project = project.file(&format!("pipelines/f{level}.sf"), &text);
    }
    let project = project.file("pipelines/f40.sf", "SET a = 1;");
    assert!(project.shown().contains("more than 1000 includes"));
}

#[test]
fn errors_of_an_included_file_are_shown_in_it() {
    let project = Project::new("INCLUDE \"bad.sf\" AS bad;\nCREATE TABLE t AS SELECT 1 AS x;")
        .file("pipelines/bad.sf", "SET a = 1;\nCREATE TABLE t AS SELECT 2 AS x;\nDROP TABLE t;");
    let shown = project.shown();
    assert!(shown.contains("pipelines/bad.sf:3:1"), "{shown}");
    let twice = project.file("pipelines/bad.sf", "CREATE TABLE t AS SELECT 2 AS x;").shown();
    assert!(twice.contains("pipelines/bad.sf:1:14") && twice.contains("pipelines/p.sf:2:14"), "{twice}");
}

#[test]
fn a_file_can_be_included_twice_where_variables_make_its_names_differ() {
    let text = "SET region = 'eu';
        INCLUDE \"region.sf\" AS eu;
        SET region = 'us';
        INCLUDE \"region.sf\" AS us;
        CREATE TABLE both AS SELECT * FROM sales_eu UNION ALL SELECT * FROM us.sales_us;";
    let project = Project::new(text).file(
        "pipelines/region.sf",
        "SOURCE s TYPE CSV PARAMS {\"path\": \"data/${region}.csv\"};
         LOAD raw_${region} FROM s;
         CREATE TABLE sales_${region} AS SELECT *, ${region} AS region FROM raw_${region};",
    );
    let plan = project.plan();
    let last = plan.steps.last().unwrap();
    assert_eq!(last.depends_on.len(), 2);
    assert_eq!(project.transform("sales_us").query, "SELECT *, 'us' AS region FROM \"raw_us\"");
    assert_eq!(plan.steps[0].id.as_str(), "source_eu_s");
    let fixed = project.file("pipelines/region.sf", "CREATE TABLE sales AS SELECT 1 AS x;");
    let shown = fixed.shown();
    assert!(shown.contains("hint: the file is included twice: make a variable a part of the name"), "{shown}");
}
