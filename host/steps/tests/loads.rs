//! The rules of LOAD, as `handlers/load/README.md` has them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use duckpen_steps::StepOutput;
use support::Project;

const TABLE: &str = "id,name,v\n1,a,10\n2,b,20\n";

/// The source `s` of a file, loaded into `t`.
fn load(rest: &str) -> String {
    format!("SOURCE s TYPE CSV PARAMS {{\"path\": \"data/s.csv\"}};\nLOAD t FROM s {rest};")
}

/// A project with a table `t`.
fn project() -> Project {
    let project = Project::new(&[("data/s.csv", TABLE)]);
    project.run(&load("")).unwrap();
    project
}

fn only(outputs: &std::collections::HashMap<String, StepOutput>) -> &StepOutput {
    outputs.iter().find(|(step, _)| step.starts_with("load_")).unwrap().1
}

/// What becomes of the table when a file is loaded into it: its rows, or the message.
struct Case {
    name: &'static str,
    csv: &'static str,
    rest: &'static str,
    becomes: Result<&'static str, &'static str>,
}

#[track_caller]
fn check(cases: &[Case]) {
    for Case { name, csv, rest, becomes } in cases {
        let project = project();
        project.write("data/s.csv", csv);
        let found = match project.run(&load(rest)) {
            Ok(_) => Ok(project.rows("SELECT * FROM t ORDER BY ALL")),
            Err(fault) => Err(fault.to_string()),
        };
        match (&found, becomes) {
            (Ok(rows), Ok(expected)) => assert_eq!(rows, expected, "{name}"),
            (Err(message), Err(expected)) => assert!(message.contains(expected), "{name}: {message}"),
            _ => panic!("{name}: {found:?}"),
        }
        if found.is_err() {
            let kept = r#"[{"id":1,"name":"a","v":10},{"id":2,"name":"b","v":20}]"#;
            assert_eq!(project.rows("SELECT * FROM t ORDER BY ALL"), kept, "{name}: a failed load changes nothing");
        }
    }
}

#[test]
fn keys_of_an_upsert() {
    check(&[
        Case {
            name: "a NULL key equals nothing",
            csv: "id,name\n,x\n,y\n2,B\n",
            rest: "MODE UPSERT KEY (id)",
            becomes: Ok(
                r#"[{"id":1,"name":"a","v":10},{"id":2,"name":"B","v":20},{"id":null,"name":"x","v":null},{"id":null,"name":"y","v":null}]"#,
            ),
        },
        Case {
            name: "a key twice is refused",
            csv: "id,name\n3,x\n3,y\n",
            rest: "MODE UPSERT KEY (id)",
            becomes: Err("the rows have the key id = 3 more than once"),
        },
        Case {
            name: "several columns are one key",
            csv: "id,name,v\n1,a,11\n1,b,12\n",
            rest: "MODE UPSERT KEY (id, name)",
            becomes: Ok(r#"[{"id":1,"name":"a","v":11},{"id":1,"name":"b","v":12},{"id":2,"name":"b","v":20}]"#),
        },
        Case {
            name: "a NULL in one of several key columns equals nothing either",
            csv: "id,name,v\n1,,11\n",
            rest: "MODE UPSERT KEY (id, name)",
            becomes: Ok(r#"[{"id":1,"name":"a","v":10},{"id":1,"name":null,"v":11},{"id":2,"name":"b","v":20}]"#),
        },
        Case {
            name: "only key columns",
            csv: "id\n1\n3\n",
            rest: "MODE UPSERT KEY (id)",
            becomes: Ok(r#"[{"id":1,"name":"a","v":10},{"id":2,"name":"b","v":20},{"id":3,"name":null,"v":null}]"#),
        },
        Case {
            name: "a key the source lacks",
            csv: "name,v\nx,1\n",
            rest: "MODE UPSERT KEY (id)",
            becomes: Err("Upsert key 'id' does not exist in source 's'. Available columns: name, v"),
        },
        Case {
            name: "a key of another kind of type",
            csv: "id,v\n1.5,1\n",
            rest: "MODE UPSERT KEY (id)",
            becomes: Err("Upsert key 'id' has incompatible types: source='DOUBLE', target='BIGINT'"),
        },
        Case {
            name: "keys in another case of letters",
            csv: "ID,V\n2,21\n",
            rest: "MODE UPSERT KEY (Id)",
            becomes: Ok(r#"[{"id":1,"name":"a","v":10},{"id":2,"name":"b","v":21}]"#),
        },
    ]);
}

#[test]
fn columns_and_types_of_an_append() {
    check(&[
        Case {
            name: "names match in any case and order",
            csv: "V,ID\n30,3\n",
            rest: "MODE APPEND",
            becomes: Ok(r#"[{"id":1,"name":"a","v":10},{"id":2,"name":"b","v":20},{"id":3,"name":null,"v":30}]"#),
        },
        Case {
            name: "a column more",
            csv: "id,note\n3,x\n",
            rest: "MODE APPEND",
            becomes: Err("Column 'note' in source does not exist in target table 't'"),
        },
        Case {
            name: "a column more, added",
            csv: "id,note\n3,x\n",
            rest: "MODE APPEND OPTIONS {\"on_schema_change\": \"add_columns\"}",
            becomes: Ok(
                r#"[{"id":1,"name":"a","v":10,"note":null},{"id":2,"name":"b","v":20,"note":null},{"id":3,"name":null,"v":null,"note":"x"}]"#,
            ),
        },
        Case {
            name: "a fraction in a column of whole numbers",
            csv: "id,v\n3,1.5\n",
            rest: "MODE APPEND",
            becomes: Err("Column 'v' has incompatible types: source=DOUBLE, target=BIGINT"),
        },
        Case {
            name: "a fraction, widened",
            csv: "id,v\n3,1.5\n",
            rest: "MODE APPEND OPTIONS {\"on_schema_change\": [\"widen\"]}",
            becomes: Ok(r#"[{"id":1,"name":"a","v":10.0},{"id":2,"name":"b","v":20.0},{"id":3,"name":null,"v":1.5}]"#),
        },
        Case {
            name: "text is never made of numbers",
            csv: "id,v\n3,many\n",
            rest: "MODE APPEND OPTIONS {\"on_schema_change\": \"widen\"}",
            becomes: Err("Column 'v' has incompatible types: source=VARCHAR, target=BIGINT"),
        },
        Case {
            name: "a column without any value",
            csv: "id,v\n3,\n",
            rest: "MODE APPEND",
            becomes: Ok(r#"[{"id":1,"name":"a","v":10},{"id":2,"name":"b","v":20},{"id":3,"name":null,"v":null}]"#),
        },
        Case { name: "REPLACE takes the columns of the source", csv: "x\n1\n", rest: "", becomes: Ok(r#"[{"x":1}]"#) },
    ]);
}

#[test]
fn a_widened_key_and_a_new_column_in_one_upsert() {
    let project = project();
    project.write("data/s.csv", "id,note\n2,x\n2.5,y\n");
    let outputs = project
        .run(&load("MODE UPSERT KEY (id) OPTIONS {\"on_schema_change\": [\"add_columns\", \"widen\"]}"))
        .unwrap();
    assert_eq!(only(&outputs).note.as_deref(), Some("widened column id to DOUBLE, added column note VARCHAR"));
    assert_eq!(
        project.rows("SELECT id, v, note, typeof(id) AS k FROM t ORDER BY id"),
        concat!(
            r#"[{"id":1.0,"v":10,"note":null,"k":"DOUBLE"},{"id":2.0,"v":20,"note":"x","k":"DOUBLE"},"#,
            r#"{"id":2.5,"v":null,"note":"y","k":"DOUBLE"}]"#
        )
    );
}

#[test]
fn a_type_that_would_change_a_value_is_refused() {
    let project = Project::new(&[("data/s.csv", "v\n9007199254740993\n")]);
    project.run(&load("")).unwrap();
    project.write("data/s.csv", "v\n1.5\n");
    let fault = project.run(&load("MODE APPEND OPTIONS {\"on_schema_change\": \"widen\"}")).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "the column 'v' cannot become DOUBLE: its value 9007199254740993 would be another one"
    );
    assert_eq!(project.rows("SELECT v FROM t"), r#"[{"v":9007199254740993}]"#);
}

#[test]
fn a_misfit_comes_with_the_option_that_lets_it_pass() {
    let project = project();
    for (csv, hint) in [
        ("id,note\n3,x\n", r#"OPTIONS {"on_schema_change": "add_columns"} adds columns to the table"#),
        ("id,v\n3,1.5\n", r#"OPTIONS {"on_schema_change": "widen"} gives the table wider types"#),
    ] {
        project.write("data/s.csv", csv);
        let fault = project.run(&load("MODE APPEND")).unwrap_err();
        assert!(fault.hint().is_some_and(|said| said.starts_with(hint)), "{:?}", fault.hint());
    }
}

/// The rows of a file are a source `t`, which the table `t` of the same name is loaded from, twice.
#[test]
fn a_source_may_have_the_name_of_the_table_it_is_loaded_into() {
    let plain = r#"{"path": "data/s.csv"}"#;
    let by_id = r#"{"path": "data/s.csv", "sync_mode": "incremental", "cursor_field": "id"}"#;
    let (old, new) = (r#"{"id":1,"v":10},{"id":2,"v":20}"#, r#"{"id":2,"v":21},{"id":3,"v":30}"#);
    for (source, params, rest, expected) in [
        ("t", plain, "", format!("[{new}]")),
        ("t", plain, "MODE APPEND", format!("[{old},{new}]")),
        ("T", plain, "MODE APPEND", format!("[{old},{new}]")),
        ("t", plain, "MODE UPSERT KEY (id)", format!(r#"[{{"id":1,"v":10}},{new}]"#)),
        ("t", by_id, "MODE APPEND", format!(r#"[{old},{{"id":3,"v":30}}]"#)),
        ("t", by_id, "MODE UPSERT KEY (id)", format!(r#"[{{"id":1,"v":10}},{new}]"#)),
        ("t", plain, r#"MODE APPEND OPTIONS {"rejects": "wrong"}"#, format!("[{old},{new}]")),
    ] {
        let project = Project::new(&[("data/s.csv", "id,v\n1,10\n2,20\n")]);
        let pipeline = format!("SOURCE {source} TYPE CSV PARAMS {params};\nLOAD t FROM {source} {rest};");
        project.run(&pipeline).unwrap_or_else(|fault| panic!("{pipeline}: {fault}"));
        project.write("data/s.csv", "id,v\n2,21\n3,30\n");
        project.run(&pipeline).unwrap_or_else(|fault| panic!("{pipeline}: {fault}"));
        assert_eq!(project.rows("SELECT * FROM t ORDER BY ALL"), expected, "{pipeline}");
    }
}

#[test]
fn rows_are_counted() {
    let project = project();
    let counts = |csv: &str, rest: &str| {
        project.write("data/s.csv", csv);
        let outputs = project.run(&load(rest)).unwrap();
        let output = only(&outputs);
        (output.rows_in, output.inserted, output.updated, output.rejected, output.rows)
    };
    assert_eq!(counts(TABLE, ""), (Some(2), Some(2), None, None, Some(2)));
    assert_eq!(counts("id\n3\n", "MODE APPEND"), (Some(1), Some(1), None, None, Some(1)));
    assert_eq!(counts("id,v\n1,1\n4,4\n5,5\n", "MODE UPSERT KEY (id)"), (Some(3), Some(2), Some(1), None, Some(3)));
    let rejecting = "MODE UPSERT KEY (id) OPTIONS {\"rejects\": \"r\"}";
    assert_eq!(counts("id,v\n1,2\n6,x\ny,z\n7,7\n", rejecting), (Some(4), Some(1), Some(1), Some(2), Some(2)));
    assert_eq!(counts("id,v\n1,3\n", rejecting), (Some(1), Some(0), Some(1), Some(0), Some(1)));
}

const REJECTED: &str = "SELECT source, file, line, column_name AS c, row_text AS r FROM bad ORDER BY line, c";

#[test]
fn lines_of_a_csv_file_that_do_not_fit_are_put_aside() {
    let project = project();
    project.write("data/s.csv", "id,v\n3,30\nx,y\n4\n5,50,more\n6,60\n");
    project.run(&load("MODE APPEND OPTIONS {\"rejects\": \"bad\"}")).unwrap();
    assert_eq!(project.rows("SELECT id, v FROM t WHERE id > 2 ORDER BY id"), r#"[{"id":3,"v":30},{"id":6,"v":60}]"#);
    assert_eq!(
        project.rows(REJECTED),
        concat!(
            r#"[{"source":"s","file":"s.csv","line":3,"c":"id","r":"x,y"},{"source":"s","file":"s.csv","line":3,"c":"v","r":"x,y"},"#,
            r#"{"source":"s","file":"s.csv","line":4,"c":"v","r":"4"},{"source":"s","file":"s.csv","line":5,"c":null,"r":"5,50,more"}]"#
        )
    );
    assert_eq!(
        project.rows("SELECT reason FROM bad WHERE line = 3 AND column_name = 'id'"),
        r#"[{"reason":"Error when converting column \"id\". Could not convert string \"x\" to 'BIGINT'"}]"#
    );
}

#[test]
fn a_table_that_is_made_has_the_types_of_the_first_lines_and_rejects_later_ones() {
    let lines: String = (0..30_000).map(|id| format!("{id},{id}\n")).collect();
    let project = Project::new(&[("data/s.csv", &format!("id,zip\n1,00123\n{lines}late,9\n"))]);
    let outputs = project.run(&load("OPTIONS {\"rejects\": \"bad\"}")).unwrap();
    assert_eq!((only(&outputs).rows, only(&outputs).rejected), (Some(30_001), Some(1)));
    assert_eq!(
        project.rows("SELECT typeof(id) AS i, typeof(zip) AS z FROM t LIMIT 1"),
        r#"[{"i":"BIGINT","z":"VARCHAR"}]"#
    );
    assert_eq!(project.rows("SELECT line, row_text AS r FROM bad"), r#"[{"line":30003,"r":"late,9"}]"#);
}

#[test]
fn a_file_that_begins_with_wrong_lines_is_read_all_the_same() {
    let project = project();
    project.write("data/s.csv", "id,name,v\n3,\"c,30\n");
    let outputs = project.run(&load("MODE APPEND OPTIONS {\"rejects\": \"bad\"}")).unwrap();
    assert_eq!((only(&outputs).rows, only(&outputs).rejected), (Some(0), Some(1)));
    assert_eq!(
        project.rows("SELECT line, reason FROM bad"),
        r#"[{"line":2,"reason":"Value with unterminated quote found."}]"#
    );
}

#[test]
fn rows_of_other_sources_that_do_not_convert_are_put_aside() {
    let project = project();
    project.write("data/s.json", r#"[{"id": "3", "v": 30}, {"id": "x", "v": 1}, {"id": null, "v": 99}]"#);
    let text = "SOURCE s TYPE JSON PARAMS {\"path\": \"data/s.json\"};\n\
                LOAD t FROM s MODE APPEND OPTIONS {\"rejects\": \"bad\"};";
    let outputs = project.run(text).unwrap();
    assert_eq!((only(&outputs).rows_in, only(&outputs).rows, only(&outputs).rejected), (Some(3), Some(2), Some(1)));
    assert_eq!(
        project.rows("SELECT id, v FROM t WHERE name IS NULL ORDER BY v"),
        r#"[{"id":3,"v":30},{"id":null,"v":99}]"#
    );
    assert_eq!(
        project.rows("SELECT file, line, column_name AS c, reason FROM bad"),
        r#"[{"file":null,"line":2,"c":"id","reason":"Could not convert x to BIGINT"}]"#
    );
}

#[test]
fn objects_of_json_become_columns_where_that_is_wanted() {
    let rows = concat!(
        r#"{"id": 1, "address": {"city": "Oslo", "geo": {"lat": 1.5}}, "tags": ["a"], "list": [{"x": 1}], "address.city": "A"}"#,
        "\n",
        r#"{"id": 2, "address": null, "tags": []}"#,
        "\n"
    );
    let project = Project::new(&[("data/s.jsonl", rows)]);
    for (params, expected) in [
        (r#", "flatten": true"#, "id,address.city,address.geo.lat,tags,list,address.city_2"),
        (r#", "flatten": true, "max_depth": 1"#, "id,address.city,address.geo,tags,list,address.city_2"),
        ("", "id,address,tags,list,address.city"),
    ] {
        let text = format!("SOURCE s TYPE JSON PARAMS {{\"path\": \"data/s.jsonl\"{params}}};\nLOAD t FROM s;");
        project.run(&text).unwrap();
        let columns = "SELECT string_agg(column_name, ',' ORDER BY column_index) AS names FROM duckdb_columns() \
                       WHERE table_name = 't'";
        assert_eq!(project.rows(columns), format!("[{{\"names\":\"{expected}\"}}]"), "{params}");
        if params.ends_with("true") {
            assert_eq!(
                project.rows("SELECT \"address.geo.lat\" AS lat, \"address.city_2\" AS city FROM t ORDER BY id"),
                r#"[{"lat":1.5,"city":"A"},{"lat":null,"city":null}]"#
            );
        }
    }
}

#[test]
fn what_is_rejected_goes_with_its_load() {
    let project = project();
    project.write("data/s.csv", "id,v\n3,30\n3,31\nx,1\n");
    let fault = project.run(&load("MODE UPSERT KEY (id) OPTIONS {\"rejects\": \"bad\"}")).unwrap_err();
    assert!(fault.to_string().contains("more than once"), "{fault}");
    assert_eq!(project.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'bad'"), "[]");
}

/// Loads of one source, one after the other: each is a file and what the table then holds.
#[track_caller]
fn incremental(name: &str, params: &str, mode: &str, loads: &[(&str, &str)]) {
    let project = Project::new(&[]);
    let text = format!(
        "SOURCE s TYPE CSV PARAMS {{\"path\": \"data/s.csv\", \"sync_mode\": \"incremental\", \"cursor_field\": \"at\"{params}}};\n\
         LOAD t FROM s MODE {mode};"
    );
    for (number, (csv, ids)) in loads.iter().enumerate() {
        project.write("data/s.csv", csv);
        project.run(&text).unwrap_or_else(|fault| panic!("{name}, load {number}: {fault}"));
        let rows = project.rows("SELECT string_agg(id, '' ORDER BY id) AS ids FROM t");
        assert_eq!(rows, format!(r#"[{{"ids":"{ids}"}}]"#), "{name}, load {number}");
    }
}

#[test]
fn cursors_of_every_kind() {
    incremental(
        "integers",
        "",
        "APPEND",
        &[
            ("id,at\na,9\nb,10\n", "ab"),
            ("id,at\nc,10\nd,11\n", "abd"),
            ("id,at\nd,11\n", "abd"),
            ("id,at\ne,100\n", "abde"),
        ],
    );
    incremental(
        "dates, late rows",
        "",
        "APPEND",
        &[("id,at\na,2024-01-01\nb,2024-01-05\n", "ab"), ("id,at\nc,2024-01-04\nd,2024-01-06\n", "abd")],
    );
    incremental(
        "timestamps to the microsecond",
        "",
        "APPEND",
        &[
            ("id,at\na,2024-01-01 00:00:00.000001\n", "a"),
            ("id,at\nb,2024-01-01 00:00:00.000002\nc,2024-01-01 00:00:00.000001\n", "ab"),
        ],
    );
    incremental(
        "text, compared as text",
        "",
        "APPEND",
        &[("id,at\na,v09\nb,v10\n", "ab"), ("id,at\nc,v1\nd,v11\n", "abd")],
    );
    incremental("decimals", "", "APPEND", &[("id,at\na,0.1\nb,0.25\n", "ab"), ("id,at\nc,0.25\nd,0.3\n", "abd")]);
}

#[test]
fn ties_are_read_again_where_there_is_a_key() {
    incremental(
        "ties",
        "",
        "UPSERT KEY (id)",
        &[("id,at\na,1\nb,2\n", "ab"), ("id,at\nb,2\nc,2\n", "abc"), ("id,at\nd,1\n", "abc")],
    );
}

#[test]
fn a_lookback_reaches_back() {
    incremental(
        "a number",
        ", \"lookback_window\": 5",
        "UPSERT KEY (id)",
        &[("id,at\na,10\n", "a"), ("id,at\nb,5\nc,4\n", "ab")],
    );
    incremental(
        "seconds before a date",
        ", \"lookback_window\": 86400",
        "UPSERT KEY (id)",
        &[("id,at\na,2024-03-10\n", "a"), ("id,at\nb,2024-03-09\nc,2024-03-08\nd,2024-03-11\n", "abd")],
    );
    incremental(
        "seconds before a timestamp",
        ", \"lookback_window\": 60",
        "UPSERT KEY (id)",
        &[("id,at\na,2024-03-10 12:00:00\n", "a"), ("id,at\nb,2024-03-10 11:59:00\nc,2024-03-10 11:58:59\n", "ab")],
    );
}

#[test]
fn a_lookback_from_text_is_no_length() {
    let project = Project::new(&[("data/s.csv", "id,at\na,v1\n")]);
    let text = "SOURCE s TYPE CSV PARAMS {\"path\": \"data/s.csv\", \"sync_mode\": \"incremental\", \"cursor_field\": \"at\", \
                \"lookback_window\": 3};\nLOAD t FROM s MODE APPEND;";
    project.run(text).unwrap();
    let fault = project.run(text).unwrap_err();
    assert_eq!(fault.to_string(), "lookback_window needs a cursor of numbers or times, and 'at' is VARCHAR");
}

#[test]
fn a_cursor_that_the_source_lacks_is_named() {
    let project = Project::new(&[("data/s.csv", "id,at\na,1\n")]);
    let text = "SOURCE s TYPE CSV PARAMS {\"path\": \"data/s.csv\", \"sync_mode\": \"incremental\", \"cursor_field\": \"when\"};\n\
                LOAD t FROM s MODE APPEND;";
    let fault = project.run(text).unwrap_err();
    assert_eq!(fault.to_string(), "the source 's' has no cursor column 'when'");
    assert_eq!(fault.hint().as_deref(), Some("its columns are id, at"));
}

#[test]
fn a_link_that_takes_the_place_of_a_file_is_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("s.csv"), "id\n7\n").unwrap();
    let told = |reason: &str| format!("'data/s.csv' {reason}");
    for (swapped, to, expected) in [
        ("data/s.csv", outside.path().join("s.csv"), told("is outside of the project")),
        ("data", outside.path().to_path_buf(), told("is outside of the project")),
        ("data/s.csv", "../another.csv".into(), told("has become a link since it was looked at")),
    ] {
        let project = project();
        project.write("another.csv", "id\n7\n");
        let path = project.path().join(swapped);
        // Between the SOURCE step, which resolves the place, and the LOAD step, which reads it.
        let fault = project
            .run_with(&load(""), |step| {
                if step == "source_s" {
                    std::fs::rename(&path, project.path().join("moved")).unwrap();
                    std::os::unix::fs::symlink(&to, &path).unwrap();
                }
            })
            .unwrap_err();
        assert_eq!(fault.to_string(), expected, "{swapped}");
        assert_eq!(fault.is_policy(), expected.contains("outside"), "{swapped}");
        assert_eq!(project.rows("SELECT count(*) AS n FROM t"), r#"[{"n":2}]"#);
    }
}
