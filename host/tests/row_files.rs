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
fn a_workbook_that_claims_more_than_there_is_fails_its_step_and_not_the_host() {
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
        let project = Project::new("SOURCE a TYPE EXCEL PARAMS {\"path\": \"a.xlsx\"};\nLOAD t FROM a;");
        std::fs::write(project.path().join("a.xlsx"), workbook).unwrap();
        let said = project.duckpen(&["run", "p"]);
        match expected {
            None => assert_eq!(said.exit, 0, "{}", said.stderr),
            Some(expected) => {
                assert_eq!(said.exit, 1, "{}", said.stderr);
                assert!(said.stderr.contains(expected), "{}", said.stderr);
            }
        }
    }
}

/// A project with a connector of its own that reads files: it is the one for workbooks, by another name.
fn with_sheets(pipeline: &str, configuration: &str) -> Project {
    let configuration = format!("[connectors.sheets]\ncomponent = \"connectors/sheets.wasm\"\n{configuration}");
    let project = Project::new(pipeline).file("duckpen.toml", configuration).file("connectors/README", "");
    let guests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/guests");
    let component = guests.join("duckpen_connector_excel.wasm");
    std::fs::copy(component, project.path().join("connectors/sheets.wasm")).unwrap();
    project
}

#[test]
fn files_of_any_format_are_read_by_a_component_of_the_project() {
    let pipeline = "CREATE TABLE t AS SELECT 1 AS id, 'x' AS name;\n\
                    EXPORT t TO \"in/1.xlsx\" TYPE EXCEL;\nEXPORT SELECT 2 AS id, 'y' AS name TO \"in/2.xlsx\" TYPE EXCEL;";
    let read = "SOURCE s TYPE SHEETS PARAMS {\"path\": \"in/*.xlsx\", \"range\": \"A2\", \"header\": false, \
                                           \"sync_mode\": \"incremental\", \"cursor_field\": \"A\"};\n\
                LOAD kept FROM s MODE APPEND;";
    let project = with_sheets(pipeline, "reads_files = true\n")
        .file("pipelines/read.sf", read)
        .file("profiles/dev.yml", "connectors:\n  a: {type: SHEETS, params: {path: in/2.xlsx}}\n");
    let succeeds = |arguments: &[&str]| {
        let said = project.duckpen(arguments);
        assert_eq!(said.exit, 0, "{}", said.stderr);
        said.stdout
    };
    succeeds(&["run", "p"]);
    for _ in 0..2 {
        succeeds(&["run", "read", "--database", "kept.duckdb"]);
    }
    let kept = succeeds(&["sql", "FROM kept ORDER BY A", "--database", "kept.duckdb", "--format", "json"]);
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept, serde_json::json!([{"A": 1, "B": "x"}, {"A": 2, "B": "y"}]));
    assert!(succeeds(&["lineage", "read", "--columns", "--format", "json"]).contains("BIGINT"));
    assert_snapshot!(project.transcript(&["connect", "test"]), @r#"
    exit 0
    --- stdout
    ok  a  sheets  parameters, 1 file, 2 columns (id BIGINT, name VARCHAR)
    --- stderr
    "#);
}

#[test]
fn what_is_wrong_with_a_reader_of_files_is_told_by_its_name() {
    let pipeline = "SOURCE s TYPE SHEETS PARAMS {\"sheat\": \"x\"};\nLOAD t FROM s;\nEXPORT t TO \"t.x\" TYPE SHEETS;";
    let reads = "reads_files = true\n";
    assert_snapshot!(with_sheets(pipeline, reads).transcript(&["validate", "p"]), @r#"
    exit 2
    --- stdout
    rejected  p  3 errors
    --- stderr
    error[E0412]: step `source_s`: Required field 'path' is missing
     --> pipelines/p.sf:1:1
      |
    1 | SOURCE s TYPE SHEETS PARAMS {"sheat": "x"};
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
    hint: a file of the project, or several by a pattern: data/*.avro

    error[E0412]: step `source_s`: Unknown parameters for SHEETS connector: sheat
     --> pipelines/p.sf:1:30
      |
    1 | SOURCE s TYPE SHEETS PARAMS {"sheat": "x"};
      |                              ^^^^^^^
      |
    hint: its parameters are errors, header, range, sheet

    error[E0412]: step `export_sheets_t`: Unknown connector type: SHEETS
     --> pipelines/p.sf:3:1
      |
    3 | EXPORT t TO "t.x" TYPE SHEETS;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
    hint: Available connector types: CSV, PARQUET, JSON, ARROW, EXCEL, POSTGRES, S3, REST, SHOPIFY
    "#);
    let without = with_sheets("SOURCE s TYPE SHEETS PARAMS {\"path\": \"a.x\"};\nLOAD t FROM s;", "");
    assert_snapshot!(without.transcript(&["validate", "p"]), @r#"
    exit 2
    --- stdout
    rejected  p  1 error
    --- stderr
    error[E0412]: step `source_s`: component `sheets` imports duckpen:connectors/files@0.1.0, which it is not granted (in connectors/sheets.wasm)
     --> pipelines/p.sf:1:1
      |
    1 | SOURCE s TYPE SHEETS PARAMS {"path": "a.x"};
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
    hint: with `reads_files = true` it is given files in the place of a network
    "#);
    for (configuration, expected) in [
        (
            "reads_files = true\nhosts = [\"a.example\"]\n",
            "connectors.sheets.reads_files excludes `hosts`: what reads files asks nobody",
        ),
        ("reads_files = 1\n", "connectors.sheets.reads_files must be true or false"),
        ("[connectors.rest]\nreads_files = true\n", "connectors.rest.reads_files needs a `component`"),
        ("[connectors.tsv]\ncomponent = \"a.wasm\"\n", "`tsv` is a connector of the host's own, and no component"),
    ] {
        let said = with_sheets(pipeline, configuration).duckpen(&["validate", "p"]);
        assert_eq!(said.exit, 2, "{}", said.stderr);
        assert!(said.stderr.contains(expected), "{}", said.stderr);
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
            .file("profiles/dev.yml", format!("connectors:\n  a: {{type: {kind}, params: {{path: a.file}}}}\n"));
        for arguments in [&["run", "p"][..], &["connect", "test"]] {
            let said = project.duckpen(arguments);
            assert_eq!(said.exit, 1, "{}{}", said.stdout, said.stderr);
            assert!(said.stderr.contains(reason), "{}", said.stderr);
        }
    }
}
