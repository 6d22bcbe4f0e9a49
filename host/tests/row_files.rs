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
fn workbooks_are_written_by_one_pipeline_and_loaded_by_the_next_what_is_new_of_them() {
    let write = |file: &str, rows: &str| {
        format!(
            "CREATE TABLE orders AS SELECT * FROM (VALUES {rows}) AS o(id, changed, day, price, paid, note);\n\
             EXPORT orders TO \"out/{file}.xlsx\" TYPE EXCEL OPTIONS {{\"sheet\": \"orders\"}};"
        )
    };
    let first = "(1, TIMESTAMP '2024-01-01 12:00:00', DATE '2024-01-01', 1.5::DECIMAL(9,2), true, '=1+1'), \
                 (2, TIMESTAMP '2024-01-02 06:30:15', NULL, 2, false, NULL)";
    let project = Project::new(&write("1", first)).file(
        "pipelines/read.sf",
        "SOURCE orders TYPE EXCEL PARAMS {\"path\": \"out/*.xlsx\", \"sheet\": \"Orders\", \"sync_mode\": \"incremental\", \
                                          \"cursor_field\": \"changed\"};\n\
         LOAD kept FROM orders MODE APPEND;",
    );
    let run = |pipeline: &str, database: &str| {
        let said = project.duckpen(&["run", pipeline, "--database", database]);
        assert_eq!(said.exit, 0, "{}", said.stderr);
    };
    run("p", ":memory:");
    run("read", "kept.duckdb");
    let later = "(3, TIMESTAMP '2024-01-03 00:00:01', DATE '2024-01-03', 3.25, NULL, 'late')";
    std::fs::write(project.path().join("pipelines/p.sf"), write("2", later)).unwrap();
    run("p", ":memory:");
    run("read", "kept.duckdb");
    let sql = |query: &str| {
        let said = project.duckpen(&["sql", query, "--database", "kept.duckdb", "--format", "json"]);
        serde_json::from_str::<serde_json::Value>(&said.stdout).unwrap()
    };
    let kept = sql(
        "SELECT string_agg(concat_ws(' ', id, changed, day, price, paid, note), '; ' ORDER BY id) AS kept FROM kept",
    );
    assert_eq!(
        kept[0]["kept"],
        "1 2024-01-01 12:00:00 2024-01-01 1.5 true =1+1; 2 2024-01-02 06:30:15 2.0 false; \
         3 2024-01-03 00:00:01 2024-01-03 3.25 late"
    );
    let types = sql("SELECT string_agg(column_type, ' ') AS types FROM (DESCRIBE kept)");
    assert_eq!(types[0]["types"], "BIGINT TIMESTAMP DATE DOUBLE BOOLEAN VARCHAR");
    let lineage = project.duckpen(&["lineage", "read", "--columns", "--format", "json"]);
    assert!(lineage.stdout.contains("TIMESTAMP"), "the columns are known before a run: {}", lineage.stdout);
    let document = project.duckpen(&["run", "read", "--database", "kept.duckdb", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&document.stdout).unwrap();
    let reader = &document["functions"][0];
    assert_eq!((&reader["name"], &reader["step"]), (&"excel".into(), &"load_kept_append_1".into()), "{document}");
}

/// A workbook that Excel would not write: the parts are not packed, or packed into next to nothing.
fn forged(shared_strings: &str, method: zip::CompressionMethod) -> Vec<u8> {
    use std::io::Write;
    let namespace = "http://schemas.openxmlformats.org";
    let main = format!("{namespace}/spreadsheetml/2006/main");
    let relations = format!("{namespace}/officeDocument/2006/relationships");
    let related = |parts: &str| {
        format!("<Relationships xmlns=\"{namespace}/package/2006/relationships\">{parts}</Relationships>")
    };
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{relations}/{kind}\" Target=\"{target}\"/>")
    };
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [
        ("_rels/.rels", related(&relation("r1", "officeDocument", "xl/workbook.xml"))),
        (
            "xl/_rels/workbook.xml.rels",
            related(
                &(relation("r1", "worksheet", "worksheets/sheet1.xml")
                    + &relation("r2", "sharedStrings", "sharedStrings.xml")),
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{main}\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData></worksheet>"
            ),
        ),
        ("xl/sharedStrings.xml", shared_strings.to_owned()),
    ] {
        archive.start_file(name, zip::write::FileOptions::<()>::default().compression_method(method)).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_that_claims_more_than_there_is_fails_its_step_and_harms_nothing_else() {
    let strings = |count: &str, strings: &str| {
        forged(&format!("<sst uniqueCount=\"{count}\">{strings}</sst>"), zip::CompressionMethod::Deflated)
    };
    // 300 MB of text in 0.3 MB.
    let bomb = format!("<si><t>{}</t></si>", "x".repeat(300_000_000));
    for (workbook, expected) in [
        (strings("1", "<si><t>name</t></si>"), None),
        // More than a guest can count is not believed.
        (strings("9999999999999", "<si><t>name</t></si>"), None),
        (strings("100000000", "<si><t>name</t></si>"), Some("the connector `excel`: memory limit reached: ")),
        (strings("1", &bomb), Some("the connector `excel`: memory limit reached: ")),
    ] {
        let project = Project::new(
            "SOURCE a TYPE EXCEL PARAMS {\"path\": \"a.xlsx\"};\nLOAD t FROM a;\n\
             CREATE TABLE other AS SELECT 1 AS n;\nEXPORT other TO \"out/other.csv\" TYPE CSV;",
        );
        std::fs::write(project.path().join("a.xlsx"), workbook).unwrap();
        let said = project.duckpen(&["run", "p"]);
        match expected {
            None => assert_eq!(said.exit, 0, "{}", said.stderr),
            Some(expected) => {
                assert_eq!(said.exit, 1, "{}", said.stderr);
                assert!(said.stderr.contains(expected), "{}", said.stderr);
            }
        }
        assert!(project.path().join("out/other.csv").is_file(), "the other steps are done: {}", said.stderr);
    }
}

#[test]
fn what_is_wrong_with_them_is_told_before_a_run() {
    let project = Project::new(
        "SOURCE a TYPE ARROW PARAMS {\"path\": \"a.arrow\", \"compression\": \"lz4\"};\n\
         LOAD t FROM a;\n\
         SOURCE b TYPE EXCEL PARAMS {\"path\": \"a.xlsx\", \"sheat\": \"x\", \"errors\": \"ignore\"};\n\
         LOAD u FROM b;\n\
         EXPORT t TO \"t.xlsx\" TYPE EXCEL OPTIONS {\"sheat\": \"x\"};",
    );
    assert_snapshot!(project.transcript(&["validate", "p"]), @r#"
    exit 2
    --- stdout
    rejected  p  4 errors
    --- stderr
    error[E0412]: step `source_a`: Unknown parameters for ARROW connector: compression
     --> pipelines/p.sf:1:48
      |
    1 | SOURCE a TYPE ARROW PARAMS {"path": "a.arrow", "compression": "lz4"};
      |                                                ^^^^^^^^^^^^^
      |
    hint: Available parameters: path, sync_mode, cursor_field, primary_key, lookback_window

    error[E0412]: step `source_b`: Unknown parameters for EXCEL connector: sheat
     --> pipelines/p.sf:3:47
      |
    3 | SOURCE b TYPE EXCEL PARAMS {"path": "a.xlsx", "sheat": "x", "errors": "ignore"};
      |                                               ^^^^^^^
      |
    hint: Did you mean 'sheet'?

    error[E0412]: step `source_b`: Field 'errors' has an unknown value: ignore
     --> pipelines/p.sf:3:61
      |
    3 | SOURCE b TYPE EXCEL PARAMS {"path": "a.xlsx", "sheat": "x", "errors": "ignore"};
      |                                                             ^^^^^^^^
      |
    hint: Allowed values: fail, null

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
fn a_file_that_is_none_of_its_format_fails_its_step_and_is_told_by_connect_test() {
    for (kind, reason) in [
        ("ARROW", "'a.file' is no file of arrow: it does not end as one"),
        ("EXCEL", "'a.file' cannot be read: it is no workbook of Excel (.xlsx): "),
    ] {
        let project = Project::new(&format!("SOURCE a TYPE {kind} PARAMS {{\"path\": \"a.file\"}};\nLOAD t FROM a;"))
            .file("a.file", "id,name\n1,a\n2,b\n3,c\n")
            .file("profiles/dev.yml", &format!("connectors:\n  a: {{type: {kind}, params: {{path: a.file}}}}\n"));
        for arguments in [&["run", "p"][..], &["connect", "test"]] {
            let said = project.duckpen(arguments);
            assert_eq!(said.exit, 1, "{}{}", said.stdout, said.stderr);
            assert!(said.stderr.contains(reason), "{}", said.stderr);
        }
    }
}
