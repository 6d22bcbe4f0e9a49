//! Files of Arrow and Excel, through the command.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use insta::assert_snapshot;
use support::Project;

#[test]
fn an_arrow_file_is_written_by_one_pipeline_and_loaded_by_the_next_what_is_new_of_it() {
    let write = |rows: &str| {
        format!(
            "CREATE TABLE orders AS SELECT * FROM (VALUES {rows}) AS o(id, changed, tags);\n\
             EXPORT orders TO \"out/orders.arrow\" TYPE ARROW;"
        )
    };
    let project = Project::new(&write("(1, TIMESTAMP '2024-01-01 12:00:00', ['a', NULL]), (2, NULL, [])")).file(
        "pipelines/read.sf",
        "SOURCE orders TYPE ARROW PARAMS {\"path\": \"out/*.arrow\", \"sync_mode\": \"incremental\", \"cursor_field\": \"changed\"};\n\
         LOAD kept FROM orders MODE APPEND;",
    );
    let run = |pipeline: &str, database: &str| {
        let said = project.duckpen(&["run", pipeline, "--database", database]);
        assert_eq!(said.exit, 0, "{}", said.stderr);
    };
    run("p", ":memory:");
    run("read", "kept.duckdb");
    let project = &project;
    std::fs::write(
        project.path().join("pipelines/p.sf"),
        write("(1, TIMESTAMP '2024-01-01 12:00:00', ['a', NULL]), (3, TIMESTAMP '2024-01-02', ['late'])"),
    )
    .unwrap();
    run("p", ":memory:");
    run("read", "kept.duckdb");
    let query = "SELECT string_agg(concat_ws(' ', id, changed, tags), '; ' ORDER BY id) AS kept, any_value(typeof(tags)) AS tags FROM kept";
    let kept = project.duckpen(&["sql", query, "--database", "kept.duckdb", "--format", "json"]);
    let kept: serde_json::Value = serde_json::from_str(&kept.stdout).unwrap();
    assert_eq!(kept[0]["kept"], "1 2024-01-01 12:00:00 [a, NULL]; 2 []; 3 2024-01-02 00:00:00 [late]");
    assert_eq!(kept[0]["tags"], "VARCHAR[]");
    let lineage = project.duckpen(&["lineage", "read", "--columns", "--format", "json"]);
    assert!(lineage.stdout.contains("VARCHAR[]"), "the columns of the file are known before a run: {}", lineage.stdout);
}

#[test]
fn a_workbook_is_whole_or_not_there() {
    let project = Project::new(
        "CREATE TABLE t AS SELECT range AS n, repeat('x', range::INT * 10000) AS s FROM range(5);\n\
         EXPORT SELECT n, 'a' || n AS s FROM t TO \"out/t.xlsx\" TYPE EXCEL OPTIONS {\"sheet\": \"numbers\"};\n\
         EXPORT t TO \"out/long.xlsx\" TYPE EXCEL;",
    );
    let said = project.duckpen(&["run", "p"]);
    assert_eq!(said.exit, 1);
    let reason = "column `s`: a text of it has more than the 32,767 characters of a cell";
    assert!(said.stderr.contains(reason), "{}", said.stderr);
    assert!(std::fs::read(project.path().join("out/t.xlsx")).unwrap().starts_with(b"PK"));
    let files: Vec<_> =
        std::fs::read_dir(project.path().join("out")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["t.xlsx"]);
}

#[test]
fn what_is_wrong_with_them_is_told_before_a_run() {
    let project = Project::new(
        "SOURCE a TYPE ARROW PARAMS {\"path\": \"a.arrow\", \"compression\": \"lz4\"};\n\
         LOAD t FROM a;\n\
         SOURCE b TYPE EXCEL PARAMS {\"path\": \"a.xlsx\"};\n\
         LOAD u FROM b;\n\
         EXPORT t TO \"t.xlsx\" TYPE EXCEL OPTIONS {\"sheat\": \"x\"};",
    );
    assert_snapshot!(project.transcript(&["validate", "p"]), @r#"
    exit 2
    --- stdout
    rejected  p  3 errors
    --- stderr
    error[E0412]: step `source_a`: Unknown parameters for ARROW connector: compression
     --> pipelines/p.sf:1:48
      |
    1 | SOURCE a TYPE ARROW PARAMS {"path": "a.arrow", "compression": "lz4"};
      |                                                ^^^^^^^^^^^^^
      |
    hint: Available parameters: path, sync_mode, cursor_field, primary_key, lookback_window

    error[E0412]: step `source_b`: Unknown connector type: EXCEL
     --> pipelines/p.sf:3:1
      |
    3 | SOURCE b TYPE EXCEL PARAMS {"path": "a.xlsx"};
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
    hint: Available connector types: CSV, PARQUET, JSON, ARROW, POSTGRES, SQLITE, DUCKDB, S3, REST, SHOPIFY

    error[E0412]: step `export_excel_t`: Unknown parameters for EXCEL export: sheat
     --> pipelines/p.sf:5:42
      |
    5 | EXPORT t TO "t.xlsx" TYPE EXCEL OPTIONS {"sheat": "x"};
      |                                          ^^^^^^^
      |
    hint: Did you mean 'sheet'?
    "#);
}

#[test]
fn a_file_that_is_none_of_arrow_fails_its_step_and_is_told_by_connect_test() {
    let project = Project::new("SOURCE a TYPE ARROW PARAMS {\"path\": \"a.arrow\"};\nLOAD t FROM a;")
        .file("a.arrow", "id,name\n1,a\n2,b\n3,c\n")
        .file("profiles/dev.yml", "connectors:\n  a: {type: ARROW, params: {path: a.arrow}}\n");
    let reason = "'a.arrow' is no file of arrow: it does not end as one";
    for arguments in [&["run", "p"][..], &["connect", "test"]] {
        let said = project.duckpen(arguments);
        assert_eq!(said.exit, 1, "{}{}", said.stdout, said.stderr);
        assert!(said.stderr.contains(reason), "{}", said.stderr);
    }
}
