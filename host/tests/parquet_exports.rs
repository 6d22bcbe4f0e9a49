//! What the options of a Parquet export do, looked at in the files; folders of files, which are replaced as a whole.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use duckpen_database::{Database, Options};
use support::{Project, Said};

const KEPT: &str = "engines: {duckdb: {mode: persistent, path: p.duckdb}}\n";

fn succeeds(said: &Said) {
    assert_eq!(said.exit, 0, "{}\n{}", said.stdout, said.stderr);
}

/// What a database that is not shut says of files of the project.
fn ask(project: &Project, query: &str) -> String {
    let query = query.replace("PROJECT", &project.path().display().to_string());
    let database = Database::open(Options::in_memory()).unwrap();
    database.connect().unwrap().query(&query).unwrap().to_json().to_string()
}

#[test]
fn codec_and_row_groups_are_those_that_were_asked_for() {
    for (options, codec, groups) in [
        ("", "SNAPPY", 1),
        (r#"OPTIONS {"compression": "zstd", "row_group_size": 2048}"#, "ZSTD", 5),
        (r#"OPTIONS {"compression": "GZIP"}"#, "GZIP", 1),
        (r#"OPTIONS {"compression": "uncompressed", "row_group_size": 4096}"#, "UNCOMPRESSED", 3),
    ] {
        let pipeline =
            format!("EXPORT SELECT range AS id FROM range(10000) TO \"out.parquet\" TYPE PARQUET {options};");
        let project = Project::new(&pipeline);
        succeeds(&project.duckpen(&["run", "p"]));
        let found = ask(
            &project,
            "SELECT min(compression) AS codec, count(DISTINCT row_group_id) AS groups FROM parquet_metadata('PROJECT/out.parquet')",
        );
        assert_eq!(found, format!(r#"[{{"codec":"{codec}","groups":{groups}}}]"#), "{options}");
    }
}

/// Writes a folder for each value of `k`.
fn parted(rows: &str) -> String {
    format!(
        "CREATE OR REPLACE TABLE t AS SELECT * FROM (VALUES {rows}) v(k, id);\n\
         EXPORT SELECT * FROM t TO \"out/sales\" TYPE PARQUET OPTIONS {{\"partition_by\": [\"k\"]}};"
    )
}

fn sales(project: &Project) -> String {
    ask(
        project,
        "SELECT string_agg(k || id, ' ' ORDER BY k, id) AS rows FROM read_parquet('PROJECT/out/sales/*/*.parquet', hive_partitioning = true)",
    )
}

/// Names in the folder, without the mark.
fn parts(project: &Project) -> Vec<String> {
    let entries = fs::read_dir(project.path().join("out/sales")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.starts_with('_'));
    names.sort();
    names
}

#[test]
fn a_folder_of_files_is_replaced_as_a_whole() {
    let project = Project::new(&parted("('a', 1), ('a', 2), ('b', 3)")).file("profiles/dev.yml", KEPT);
    succeeds(&project.duckpen(&["run", "p"]));
    assert_eq!(sales(&project), r#"[{"rows":"a1 a2 b3"}]"#);
    let project = project.file("pipelines/p.sf", parted("('b', 4), ('c', 5)"));
    succeeds(&project.duckpen(&["run", "p"]));
    assert_eq!(parts(&project), ["k=b", "k=c"]);
    assert_eq!(sales(&project), r#"[{"rows":"b4 c5"}]"#);
    // Nothing is a folder, too.
    let nothing =
        "EXPORT SELECT 'a' AS k, 1 AS id WHERE false TO \"out/sales\" TYPE PARQUET OPTIONS {\"partition_by\": \"k\"};";
    let project = project.file("pipelines/p.sf", nothing);
    succeeds(&project.duckpen(&["run", "p"]));
    assert!(parts(&project).is_empty());
    assert!(!project.path().join("target/staging").read_dir().is_ok_and(|mut left| left.next().is_some()));
}

#[test]
fn a_folder_with_what_no_export_has_written_is_left_alone() {
    for (file, words) in [
        ("out/sales/notes.txt", "the folder 'out/sales' holds what no export has written"),
        ("out/sales", "a file stands in the place"),
    ] {
        let project = Project::new(&parted("('a', 1)")).file(file, "kept");
        let said = project.duckpen(&["run", "p"]);
        assert!(said.exit != 0 && said.stderr.contains(words), "{file}: {}", said.stderr);
        assert_eq!(fs::read_to_string(project.path().join(file)).unwrap(), "kept");
    }
}

#[test]
fn what_cannot_be_parted_is_told_before_anything_runs() {
    for (place, kind, words) in [
        ("s3://shop/*.parquet", "PARQUET", "s3://shop/*.parquet"),
        ("s3://shop/out/", "CSV", "Unknown parameters for CSV export: partition_by"),
        ("out", "JSON", "Unknown parameters for JSON export: partition_by"),
    ] {
        let pipeline = format!("EXPORT SELECT 1 AS k TO \"{place}\" TYPE {kind} OPTIONS {{\"partition_by\": \"k\"}};");
        let said = Project::new(&pipeline).duckpen(&["validate"]);
        assert!(said.exit == 2 && said.stderr.contains(words), "{place}: {}", said.stderr);
    }
}

#[test]
#[cfg(debug_assertions)]
fn a_folder_is_in_its_place_once_whenever_the_host_is_killed() {
    for point in ["commit.after", "publish.before_rename", "publish.renamed", "export.synced", "outbox.cleared"] {
        let project = Project::new(&parted("('a', 1)")).file("profiles/dev.yml", KEPT);
        succeeds(&project.duckpen(&["run", "p"]));
        let project = project.file("pipelines/p.sf", parted("('b', 2)"));
        let mut command = Command::new(cargo_bin("duckpen"));
        command.args(["run", "p"]).current_dir(project.path()).stdin(Stdio::null());
        command.env("DUCKPEN_FAULT", format!("{point}=kill{}", if point == "commit.after" { "@2" } else { "" }));
        command.env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
        assert!(command.output().unwrap().status.code().is_none(), "{point}");
        // A reader sees one or the other.
        let seen = sales(&project);
        assert!([r#"[{"rows":"a1"}]"#, r#"[{"rows":"b2"}]"#].contains(&seen.as_str()), "{point}: {seen}");
        succeeds(&project.duckpen(&["run", "p", "--resume"]));
        assert_eq!(sales(&project), r#"[{"rows":"b2"}]"#, "{point}");
    }
}
