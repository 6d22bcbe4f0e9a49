//! Steps through their real handlers, over real files.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use duckpen_steps::{Grants, StepFault};
use support::Project;

const USERS: &str = "SOURCE u TYPE CSV PARAMS {\"path\": \"data/u.csv\"};\nLOAD users FROM u;\n";

fn users() -> Project {
    Project::new(&[("data/u.csv", "id,name,v\n1,a,10\n2,b,20\n3,c,\n")])
}

#[test]
fn files_are_loaded_transformed_and_exported() {
    let project = users();
    let text = format!(
        "{USERS}CREATE TABLE big AS WITH w AS (SELECT * FROM users WHERE v >= 10) SELECT id, v * 2 AS w FROM w;\n\
         CREATE VIEW names AS SELECT name FROM users;\n\
         EXPORT SELECT * FROM big ORDER BY id TO \"out/deep/big.csv\" TYPE CSV OPTIONS {{\"header\": true}};\n\
         EXPORT users TO \"users.json\" TYPE JSON;"
    );
    project.lock_down(&text);
    let outputs = project.run(&text).unwrap();
    assert_eq!(project.read("out/deep/big.csv").unwrap(), "id,w\n1,20\n2,40\n");
    assert_eq!(project.rows("SELECT count(*) AS n FROM names"), r#"[{"n":3}]"#);
    assert!(project.read("users.json").unwrap().contains(r#""name":"c""#));
    assert_eq!(outputs["load_users_replace_1"].rows, Some(3));
    assert_eq!(outputs["transform_big_2"].rows, Some(2));
    assert_eq!(outputs["export_csv_big"].rows, Some(2));
    assert!(outputs.values().all(|output| output.fuel > 0 && output.peak_memory > 0));
    assert!(!project.path().join("target/staging").read_dir().unwrap().any(|_| true), "nothing is left aside");
}

#[test]
fn loads_replace_append_and_upsert() {
    let project = users();
    project.write("data/more.csv", "v,id\n30,4\n");
    project.write("data/changed.csv", "id,name\n2,B\n9,z\n");
    let text = format!(
        "{USERS}SOURCE more TYPE CSV PARAMS {{\"path\": \"data/more.csv\"}};\nLOAD users FROM more MODE APPEND;\n\
         SOURCE changed TYPE CSV PARAMS {{\"path\": \"data/changed.csv\"}};\n\
         LOAD users FROM changed MODE UPSERT KEY (id);"
    );
    let outputs = project.run(&text).unwrap();
    assert_eq!(
        project.rows("SELECT id, name, v FROM users ORDER BY id"),
        r#"[{"id":1,"name":"a","v":10},{"id":2,"name":"B","v":20},{"id":3,"name":"c","v":null},{"id":4,"name":null,"v":30},{"id":9,"name":"z","v":null}]"#
    );
    let upsert = &outputs["load_users_upsert_5"];
    assert_eq!((upsert.inserted, upsert.updated), (Some(1), Some(1)));
}

#[test]
fn a_failed_step_leaves_nothing_behind() {
    let project = users();
    let text = format!("{USERS}CREATE TABLE t AS SELECT error('no') AS x FROM users;");
    let fault = project.run(&text).unwrap_err();
    assert_eq!(fault.to_string(), "Invalid Input Error: no");
    assert_eq!(project.rows("SELECT step_id FROM duckpen.steps"), r#"[{"step_id":"load_users_replace_1"}]"#);
    assert_eq!(project.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 't'"), "[]");
    let text = format!("{USERS}EXPORT SELECT error('no') AS x FROM users TO \"x.csv\" TYPE CSV;");
    project.run(&text).unwrap_err();
    assert_eq!(project.read("x.csv"), None);
}

#[test]
fn csv_files_are_read_as_they_are_written() {
    let late: String = (0..30_000).map(|i| format!("{i},{i}\n")).collect();
    for (name, csv, expected) in [
        ("codes keep their zeros", "zip\n00123\n04567\n", r#"[{"zip":"00123"},{"zip":"04567"}]"#),
        ("NA is text", "c\nNA\nUS\n", r#"[{"c":"NA"},{"c":"US"}]"#),
        ("a short row is filled up", "id,n,k\n1,x,5\n2,y\n", r#"[{"id":1,"n":"x","k":5},{"id":2,"n":"y","k":null}]"#),
        (
            "types fit",
            "i,b,d\n9007199254740993,True,2024-01-02\n,False,\n",
            r#"[{"i":9007199254740993,"b":true,"d":"2024-01-02"},{"i":null,"b":false,"d":null}]"#,
        ),
    ] {
        let project = Project::new(&[("data/u.csv", csv)]);
        project.run(USERS).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(project.rows("SELECT * FROM users"), expected, "{name}");
    }
    let project = Project::new(&[("data/u.csv", &format!("id,v\n{late}30000,late\n"))]);
    project.run(USERS).unwrap();
    assert_eq!(project.rows("SELECT count(*) AS n, max(v) AS v FROM users"), r#"[{"n":30001,"v":"late"}]"#);
}

#[test]
fn what_cannot_be_read_is_said_in_words() {
    for (files, text, expected) in [
        (&[][..], USERS, "no such file: 'data/u.csv'"),
        (&[("data/u.csv", "")], USERS, "the file 'data/u.csv' is empty: it has no columns"),
        (&[("data/u.csv/x", "")], USERS, "'data/u.csv' is a folder, not a file"),
    ] {
        assert_eq!(Project::new(files).run(text).unwrap_err().to_string(), expected);
    }
    let long = Project::new(&[("data/u.csv", "id,n\n1,x\n2,y,9\n")]).run(USERS).unwrap_err().to_string();
    assert!(long.contains("CSV Error on Line: 3"), "{long}");
}

#[test]
fn a_key_twice_in_the_rows_of_an_upsert_is_refused() {
    let project = users();
    project.write("data/twice.csv", "id,v\n1,1\n1,2\n");
    let text = format!(
        "{USERS}SOURCE twice TYPE CSV PARAMS {{\"path\": \"data/twice.csv\"}};\nLOAD users FROM twice MODE UPSERT KEY (id);"
    );
    let fault = project.run(&text).unwrap_err();
    assert_eq!(fault.to_string(), "the rows have the key id = 1 more than once: which of them is right?");
    assert_eq!(project.rows("SELECT v FROM users WHERE id = 1"), r#"[{"v":10}]"#);
}

#[test]
fn files_that_a_query_names_are_read() {
    let project = users();
    project.write("data/it's.csv", "id;w\n1;x\n");
    project.write("data/parts/a.csv", "n\n1\n");
    project.write("data/parts/b.csv", "n\n2\n");
    let text = "CREATE TABLE t AS SELECT u.name, i.w FROM read_csv_auto('data/u.csv') u \
                JOIN read_csv('data/it''s.csv', delim = ';', header = true) AS i USING (id);\n\
                CREATE TABLE n AS WITH a AS (SELECT * FROM 'data/parts/*.csv') SELECT sum(n) AS n FROM a;\n\
                CREATE TABLE f AS SELECT * FROM read_csv('data/parts/*.csv', filename = true) ORDER BY n;\n\
                CREATE TABLE twice AS SELECT a.n AS a, b.n AS b FROM 'data/parts/a.csv' a, \
                read_csv('data/parts/a.csv', all_varchar = true) b;\n\
                TEST all_there AS SELECT * FROM 'data/u.csv' WHERE id NOT IN (SELECT id FROM read_csv('./data/u.csv'));\n\
                EXPORT SELECT count(*) AS n FROM read_csv(['data/u.csv', 'data/u.csv']) TO \"n.csv\" TYPE CSV;";
    project.lock_down(text);
    project.run(text).unwrap();
    for (query, expected) in [
        ("SELECT * FROM t", r#"[{"name":"a","w":"x"}]"#),
        ("SELECT * FROM n", r#"[{"n":3}]"#),
        ("SELECT filename FROM f", r#"[{"filename":"data/parts/a.csv"},{"filename":"data/parts/b.csv"}]"#),
        ("SELECT typeof(a) AS a, typeof(b) AS b FROM twice", r#"[{"a":"BIGINT","b":"VARCHAR"}]"#),
    ] {
        assert_eq!(project.rows(query), expected, "{query}");
    }
    assert_eq!(project.read("n.csv").unwrap(), "n\n6\n");
}

#[test]
fn a_file_that_a_query_names_and_is_not_there_is_told() {
    for (text, expected) in [
        ("CREATE TABLE t AS SELECT * FROM read_csv_auto('data/x.csv');", "no such file: 'data/x.csv'"),
        ("CREATE TABLE t AS SELECT * FROM 'data/*.parquet';", "no file matches 'data/*.parquet'"),
    ] {
        assert_eq!(users().run(text).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_pipeline_reaches_no_file_but_those_it_names() {
    let project = users();
    let files = duckpen_connectors::ProjectFiles::open(project.path()).unwrap();
    for (text, expected) in [
        (
            "CREATE TABLE t AS SELECT * FROM read_text('/etc/hostname');",
            "step `transform_t_0` calls `read_text`, which reads outside of the pipeline's tables",
        ),
        (
            "CREATE TABLE t AS SELECT * FROM \"data/u.csv\";",
            "step `transform_t_0` reads the file 'data/u.csv' in its query",
        ),
        ("CREATE TABLE t AS SELECT * FROM '../u.csv';", "step `transform_t_0`: '../u.csv' is outside of the project"),
        (
            "CREATE TABLE t AS SELECT * FROM read_csv(['data/u.csv', '/etc/passwd']);",
            "step `transform_t_0`: '/etc/passwd' is outside of the project",
        ),
        (
            "CREATE TABLE t AS SELECT * FROM 'data/u.csv', read_csv('data/' || 'u.csv');",
            "step `transform_t_0` calls `read_csv`, and not with the names of files of the project",
        ),
        (
            "CREATE TABLE t AS SELECT * FROM \"read_csv\"('data/u.csv');",
            "step `transform_t_0` calls `read_csv`, and not with the names of files of the project",
        ),
        (
            "CREATE TABLE t AS SELECT * FROM read_csv('data/u.csv', header = (SELECT true FROM glob('/etc/*')));",
            "step `transform_t_0` calls `glob`, which reads outside of the pipeline's tables",
        ),
        ("CREATE VIEW t AS SELECT * FROM 'data/u.csv';", "step `transform_t_0` makes a view of the file 'data/u.csv'"),
        ("EXPORT SELECT 1 AS x TO \"../x.csv\" TYPE CSV;", "step `export_csv_0`: '../x.csv' is outside of the project"),
        (
            "SOURCE s TYPE CSV PARAMS {\"path\": \"/etc/passwd.csv\"};",
            "step `source_s`: '/etc/passwd.csv' is outside of the project",
        ),
    ] {
        let refused = Grants::of(&project.plan(text), &files, &duckpen_connectors::ConnectorKinds::default(), |_| None)
            .unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
    // The second wall: a query that got so far is refused when it runs.
    let fault = project.run("CREATE TABLE t AS SELECT * FROM read_text('/etc/hostname');").unwrap_err();
    assert!(matches!(&fault, StepFault::Forbidden { .. }) && fault.is_policy(), "{fault:?}");
}

#[test]
fn a_link_out_of_the_project_is_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("u.csv"), "id\n1\n").unwrap();
    let project = users();
    std::fs::remove_file(project.path().join("data/u.csv")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("u.csv"), project.path().join("data/u.csv")).unwrap();
    let fault = project.run(USERS).unwrap_err();
    assert_eq!(fault.to_string(), "'data/u.csv' is outside of the project");
}

#[test]
fn an_incremental_source_is_read_from_where_the_last_load_ended() {
    let project = Project::new(&[("data/u.csv", "id,ts\n1,2024-01-01\n2,2024-01-02\n")]);
    let text = |mode: &str| {
        format!(
            "SOURCE u TYPE CSV PARAMS {{\"path\": \"data/u.csv\", \"sync_mode\": \"incremental\", \"cursor_field\": \"ts\"}};\n\
             LOAD users FROM u MODE {mode};"
        )
    };
    let rows = || project.rows("SELECT list(id ORDER BY id) AS ids FROM users");
    project.run(&text("APPEND")).unwrap();
    project.run(&text("APPEND")).unwrap();
    assert_eq!(rows(), r#"[{"ids":[1,2]}]"#, "nothing new, nothing loaded");
    project.write("data/u.csv", "id,ts\n1,2024-01-01\n2,2024-01-02\n3,2024-01-03\n");
    project.run(&text("APPEND")).unwrap();
    assert_eq!(rows(), r#"[{"ids":[1,2,3]}]"#);
    project.write("data/u.csv", "id,ts,more\n4,2024-01-04,x\n");
    project.run(&text("APPEND")).unwrap_err();
    project.write("data/u.csv", "id,ts\n4,2024-01-04\n5,2024-01-03\n");
    project.run(&text("APPEND")).unwrap();
    assert_eq!(rows(), r#"[{"ids":[1,2,3,4]}]"#, "the failed load moved nothing");
    project.write("data/u.csv", "id,ts\n4,2024-01-04\n6,2024-01-04\n");
    project.run(&text("UPSERT KEY (id)")).unwrap();
    assert_eq!(rows(), r#"[{"ids":[1,2,3,4,6]}]"#, "with a key the last instant is read again");
}

#[test]
fn a_table_and_a_view_take_each_others_place() {
    let project = users();
    for (made, kind) in [("TABLE", "BASE TABLE"), ("VIEW", "VIEW"), ("VIEW", "VIEW"), ("TABLE", "BASE TABLE")] {
        project.run(&format!("{USERS}CREATE OR REPLACE {made} x AS SELECT count(*) AS n FROM users;")).unwrap();
        let found = "SELECT table_type AS k FROM information_schema.tables WHERE table_name = 'x'";
        assert_eq!(project.rows(found), format!(r#"[{{"k":"{kind}"}}]"#));
        assert_eq!(project.rows("SELECT n FROM x"), r#"[{"n":3}]"#);
    }
}

#[test]
fn the_first_load_takes_rows_without_a_cursor_and_later_ones_do_not_repeat_them() {
    let project = Project::new(&[("data/u.csv", "id,ts\n1,2024-01-01\n2,\n")]);
    let text = "SOURCE u TYPE CSV PARAMS {\"path\": \"data/u.csv\", \"sync_mode\": \"incremental\", \"cursor_field\": \"ts\"};\n\
                LOAD users FROM u MODE APPEND;";
    for csv in [None, None, Some("id,ts\n2,\n"), Some("id,ts\n")] {
        csv.into_iter().for_each(|csv| project.write("data/u.csv", csv));
        project.run(text).unwrap();
        assert_eq!(project.rows("SELECT list(id ORDER BY id) AS ids FROM users"), r#"[{"ids":[1,2]}]"#);
    }
}
