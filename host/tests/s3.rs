//! Pipelines that read and write objects, through the command.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use duckpen_database::{Database, Options};
use duckpen_object_server::{Fault, Rule, Server};
use support::{Project, Said};

const ID: &str = "test-id";
const SECRET: &str = "test-secret-hunter2";

fn server() -> Server {
    let server = Server::with_keys(ID, SECRET).unwrap();
    server.make_bucket("shop");
    server
}

/// A project that may ask the server, with the connector `lake`, and a database that is kept.
fn project(server: &Server, pipeline: &str) -> Project {
    let profile = format!(
        "engines: {{duckdb: {{mode: persistent, path: p.duckdb}}}}\nconnectors:\n  lake:\n    type: S3\n    params:\n      \
         {{bucket: shop, endpoint_url: \"{}\", access_key_id: {ID}, secret_access_key: \"${{LAKE_SECRET}}\", \
         retry_delay: 0.01}}\n",
        server.endpoint()
    );
    let granted = format!("[network]\nprivate = [\"{}\"]\n", server.address());
    let project = Project::new(pipeline).file("profiles/dev.yml", profile).file("duckpen.toml", granted);
    project.file(".env", format!("LAKE_SECRET={SECRET}\n"))
}

fn succeeds(said: &Said) {
    assert_eq!(said.exit, 0, "{}\n{}", said.stdout, said.stderr);
    is_discreet(said);
}

/// No secret is said.
fn is_discreet(said: &Said) {
    assert!(!said.stdout.contains(SECRET) && !said.stderr.contains(SECRET), "{}\n{}", said.stdout, said.stderr);
}

fn rows(project: &Project, query: &str) -> String {
    let database = Database::open(Options::file(project.path().join("p.duckdb"))).unwrap();
    database.connect().unwrap().query(query).unwrap().to_json().to_string()
}

/// Files that a run has left aside.
fn aside(project: &Project) -> usize {
    fs::read_dir(project.path().join("target/staging")).map_or(0, Iterator::count)
}

#[test]
fn rows_come_back_from_every_format_as_they_went() {
    let server = server();
    let formats = [
        ("csv", "plain.csv", ""),
        ("csv", "packed.csv.gz", ""),
        ("csv", "semicolon.csv", r#""delimiter": ";", "#),
        ("tsv", "tabs.tsv", ""),
        ("parquet", "plain.parquet", ""),
        ("parquet", "zstd.parquet", r#""compression": "zstd", "#),
        ("json", "array.json", ""),
        ("jsonl", "lines.jsonl", ""),
        ("jsonl", "packed.ndjson.zst", ""),
        ("json", "no_ending", r#""file_format": "json", "#),
        ("arrow", "plain.arrow", ""),
        ("arrow", "another_ending", r#""file_format": "arrow", "#),
        ("excel", "plain.xlsx", r#""sheet": "ducks", "#),
    ];
    let mut write = "CREATE TABLE t AS SELECT i AS id, 'na;me ' || i AS name, DATE '2026-01-01' + i::INT AS day FROM \
                     range(5000) r(i);\n"
        .to_owned();
    let mut read = String::new();
    for (number, (_, name, options)) in formats.iter().enumerate() {
        let place = format!(r#"{options}"key": "out/{name}""#);
        write += &format!("EXPORT SELECT * FROM t TO lake OPTIONS {{{place}}};\n");
        let is_for_both = ["delimiter", "file_format", "sheet"].iter().any(|option| options.contains(option));
        let both = if is_for_both { *options } else { "" };
        read += &format!(
            "SOURCE s{number} FROM \"lake\" OPTIONS {{{both}\"key\": \"out/{name}\"}};\nLOAD t{number} FROM s{number};\n"
        );
    }
    let writing = project(&server, &write);
    succeeds(&writing.duckpen(&["run", "p"]));
    assert_eq!(server.keys("shop").len(), formats.len());
    assert!(server.uploads("shop").is_empty());
    assert_eq!(&server.object("shop", "out/packed.csv.gz").unwrap()[..2], b"\x1f\x8b");
    assert_eq!(aside(&writing), 0);

    let reading = project(&server, &read);
    succeeds(&reading.duckpen(&["run", "p"]));
    for (number, (_, name, _)) in formats.iter().enumerate() {
        let found = rows(
            &reading,
            &format!(
                "SELECT count(*) AS n, sum(id)::BIGINT AS ids, max(name) AS name, max(day)::VARCHAR AS day FROM t{number}"
            ),
        );
        let expected = r#"[{"n":5000,"ids":12497500,"name":"na;me 999","day":"2039-09-09"}]"#;
        assert_eq!(found, expected, "{name}");
    }
    assert_eq!(aside(&reading), 0);
}

#[test]
fn objects_of_any_format_are_read_by_a_component_of_the_project() {
    let server = server();
    for day in 1..=3 {
        let lines =
            format!("2026-01-0{day}T12:00:00Z ERROR shop: no ducks left\n2026-01-0{day}T13:00:00Z INFO shop: closed\n");
        server.put("shop", &format!("logs/{day}.log"), lines);
    }
    let with_logs = |options: &str| {
        let pipeline = format!(
            "SOURCE entries FROM \"lake\" OPTIONS {{\"key\": \"logs/*.log\", {options}}};\nLOAD entries FROM entries MODE APPEND;"
        );
        let project = project(&server, &pipeline).file("connectors/README", "");
        let component = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/guests/logs.wasm");
        fs::copy(component, project.path().join("connectors/logs.wasm")).unwrap();
        let file = project.path().join("duckpen.toml");
        let own = "[connectors.logs]\ncomponent = \"connectors/logs.wasm\"\nreads_files = true\n";
        let configuration = fs::read_to_string(&file).unwrap_or_default();
        fs::write(file, configuration + own).unwrap();
        project
    };
    let reading = with_logs(
        r#""file_format": "LOGS", "level": "ERROR", "sync_mode": "incremental", "cursor_field": "logged_at""#,
    );
    succeeds(&reading.duckpen(&["run", "p"]));
    server.put("shop", "logs/4.log", "2026-01-04T12:00:00Z ERROR pond: frozen\n2026-01-04T12:00:01Z INFO pond: warm\n");
    succeeds(&reading.duckpen(&["run", "p"]));
    let found =
        rows(&reading, "SELECT count(*) AS n, max(logged_at)::VARCHAR AS logged_at, min(level) AS level FROM entries");
    assert_eq!(found, r#"[{"n":4,"logged_at":"2026-01-04 12:00:00+00","level":"ERROR"}]"#);
    assert_eq!(aside(&reading), 0);
    // A line that is no entry is told with the name of its object.
    server.put("shop", "logs/5.log", "nothing\n");
    let said = reading.duckpen(&["run", "p"]);
    assert!(said.exit == 1 && said.stderr.contains("5.log, line 1: it is no entry"), "{}", said.stderr);
    for (options, expected) in [
        (r#""file_format": "logs", "level": "LOUD""#, "Field 'level' has an unknown value: LOUD"),
        (r#""file_format": "logs", "lvl": "ERROR""#, "Unknown parameters for S3 connector: lvl"),
        (r#""file_format": "lgs""#, "Field 'file_format' has an unknown value: lgs"),
    ] {
        let said = with_logs(options).duckpen(&["validate", "p"]);
        assert!(said.exit == 2 && said.stderr.contains(expected), "{}", said.stderr);
    }
}

#[test]
fn many_objects_are_one_source_and_folders_with_values_are_columns() {
    let server = server();
    for number in 0..1_500 {
        let key = format!("in/day=2026-01-{:02}/{number:05}.csv", number % 28 + 1);
        server.put("shop", &key, format!("id,v\n{number},{}\n", number * 2));
    }
    let project = project(
        &server,
        r#"SOURCE orders FROM "lake" OPTIONS {"key": "in/*/*.csv"};
           LOAD all_orders FROM orders;
           SOURCE some FROM "lake" OPTIONS {"path_prefix": "in", "file_format": "csv", "partition_filter": {"day": "2026-01-02"}};
           LOAD some_orders FROM some;"#,
    );
    succeeds(&project.duckpen(&["run", "p"]));
    assert_eq!(
        rows(&project, "SELECT count(*) AS n, sum(v)::BIGINT AS v, count(DISTINCT day) AS days FROM all_orders"),
        r#"[{"n":1500,"v":2248500,"days":28}]"#
    );
    assert_eq!(
        rows(&project, "SELECT count(*) AS n, min(day)::VARCHAR AS day FROM some_orders"),
        r#"[{"n":54,"day":"2026-01-02"}]"#
    );
    assert_eq!(aside(&project), 0);
}

#[test]
fn values_of_folders_with_leading_zeros_stay_what_they_are() {
    let server = server();
    server.put("shop", "in/month=01/a.csv", "id,code\n1,007\n");
    server.put("shop", "in/month=02/a.csv", "id,code\n2,008\n3\n");
    let project = project(
        &server,
        r#"SOURCE sales FROM "lake" OPTIONS {"path_prefix": "in", "file_format": "csv"};
           LOAD kept FROM sales OPTIONS {"rejects": "rejected"};
           SOURCE first FROM "lake" OPTIONS {"key": "in/month=01/*.csv"};
           LOAD january FROM first;"#,
    );
    succeeds(&project.duckpen(&["run", "p"]));
    assert_eq!(rows(&project, "SELECT id, code, month FROM january"), r#"[{"id":1,"code":"007","month":"01"}]"#);
    assert_eq!(rows(&project, "SELECT count(*) AS n FROM kept"), r#"[{"n":2}]"#);
    assert_eq!(rows(&project, "SELECT count(*) AS n FROM rejected"), r#"[{"n":1}]"#);
}

#[test]
fn only_what_is_new_is_loaded() {
    let server = server();
    server.put(
        "shop",
        "events/1.jsonl",
        "{\"ts\":\"2026-01-01T00:00:00\",\"v\":1}\n{\"ts\":\"2026-01-02T00:00:00\",\"v\":2}\n",
    );
    let project = project(
        &server,
        r#"SOURCE events FROM "lake" OPTIONS {"key": "events/*.jsonl", "sync_mode": "incremental", "cursor_field": "ts"};
           LOAD seen FROM events MODE APPEND;"#,
    );
    succeeds(&project.duckpen(&["run", "p"]));
    succeeds(&project.duckpen(&["run", "p"]));
    server.put(
        "shop",
        "events/2.jsonl",
        "{\"ts\":\"2026-01-02T00:00:00\",\"v\":2}\n{\"ts\":\"2026-01-03T00:00:00\",\"v\":3}\n",
    );
    succeeds(&project.duckpen(&["run", "p"]));
    assert_eq!(rows(&project, "SELECT list(v ORDER BY v)::VARCHAR AS v FROM seen"), r#"[{"v":"[1, 2, 3]"}]"#);
}

#[test]
fn files_of_any_type_are_exported_to_an_address() {
    let server = server();
    let pipeline = format!(
        r#"CREATE TABLE t AS SELECT 1 AS id;
           EXPORT SELECT * FROM t TO "s3://shop/a.csv" TYPE CSV OPTIONS {{"header": false, {reach}}};
           EXPORT SELECT * FROM t TO "s3://shop/b.json" TYPE S3 OPTIONS {{{reach}}};
           EXPORT SELECT * FROM t TO "s3://shop/c.jsonl" TYPE JSON OPTIONS {{{reach}}};
           EXPORT SELECT * FROM t TO "d.csv" TYPE S3 OPTIONS {{"bucket": "shop", {reach}}};"#,
        reach = format!(
            r#""endpoint_url": "{}", "access_key_id": "{ID}", "secret_access_key": "${{LAKE_SECRET}}""#,
            server.endpoint()
        )
    );
    let project = project(&server, &pipeline);
    succeeds(&project.duckpen(&["run", "p"]));
    let text = |key: &str| String::from_utf8(server.object("shop", key).unwrap()).unwrap();
    let found = ["a.csv", "b.json", "c.jsonl", "d.csv"].map(text);
    assert_eq!(found, ["1\n", "[\n\t{\"id\":1}\n]\n", "{\"id\":1}\n", "id\n1\n"]);
}

/// What an export wrote below `out/`, read back.
const READ_BACK: &str = r#"SOURCE back FROM "lake" OPTIONS {"path_prefix": "out", "file_format": "parquet"};
    LOAD back_again FROM back;"#;

#[test]
fn parted_rows_are_an_object_for_each_combination_of_values() {
    let server = server();
    server.put("shop", "out/notes.txt", "not ours");
    let export =
        r#"TO "s3://shop/out/" TYPE S3 OPTIONS {"file_format": "parquet", "partition_by": "region, day", REACH};"#;
    let reach = format!(
        r#""endpoint_url": "{}", "access_key_id": "{ID}", "secret_access_key": "${{LAKE_SECRET}}""#,
        server.endpoint()
    );
    let export = export.replace("REACH", &reach);
    let first = format!(
        "EXPORT SELECT ['eu', 'us/w', NULL][i % 3 + 1] AS region, DATE '2026-01-01' + (i % 2)::INTEGER AS day, i AS v \
         FROM range(60) t(i) {export}"
    );
    let project = project(&server, &first)
        .file(
            "pipelines/later.sf",
            format!("EXPORT SELECT 'eu' AS region, DATE '2026-01-02' AS day, 1000 AS v {export}"),
        )
        .file(
            "pipelines/none.sf",
            format!("EXPORT SELECT 'eu' AS region, DATE '2026-01-09' AS day, 1 AS v LIMIT 0 {export}"),
        )
        .file("pipelines/back.sf", READ_BACK);
    succeeds(&project.duckpen(&["run", "p"]));
    let keys = server.keys("shop");
    assert_eq!(
        keys,
        [
            "out/notes.txt",
            "out/region=__HIVE_DEFAULT_PARTITION__/day=2026-01-01/data_0.parquet",
            "out/region=__HIVE_DEFAULT_PARTITION__/day=2026-01-02/data_0.parquet",
            "out/region=eu/day=2026-01-01/data_0.parquet",
            "out/region=eu/day=2026-01-02/data_0.parquet",
            "out/region=us%2Fw/day=2026-01-01/data_0.parquet",
            "out/region=us%2Fw/day=2026-01-02/data_0.parquet",
        ]
    );
    // Combinations that the rows do not have stay.
    succeeds(&project.duckpen(&["run", "later"]));
    succeeds(&project.duckpen(&["run", "none"]));
    assert_eq!(server.keys("shop"), keys);
    assert_eq!(server.object("shop", "out/notes.txt").unwrap(), b"not ours");
    server.put("shop", "out/notes.txt", Vec::new());
    assert!(server.uploads("shop").is_empty() && aside(&project) == 0);
    let project = project
        .file("pipelines/back.sf", READ_BACK.replace("\"path_prefix\": \"out\"", "\"key\": \"out/*/*/*.parquet\""));
    succeeds(&project.duckpen(&["run", "back"]));
    assert_eq!(
        rows(&project, "SELECT region, count(*) AS n, max(v)::BIGINT AS v FROM back_again GROUP BY ALL ORDER BY ALL"),
        r#"[{"region":"eu","n":11,"v":1000},{"region":"us/w","n":20,"v":58},{"region":null,"n":20,"v":59}]"#
    );
}

#[test]
fn rows_of_many_combinations_are_gathered_into_one_object_each() {
    let server = server();
    let project = project(
        &server,
        r#"CREATE TABLE t AS SELECT i % 150 AS part, i AS v FROM range(1200000) r(i);
           EXPORT t TO lake OPTIONS {"key": "out/t.parquet", "partition_by": ["part"], "compression": "zstd"};"#,
    )
    .file("pipelines/back.sf", READ_BACK);
    succeeds(&project.duckpen(&["run", "p"]));
    assert_eq!(server.keys("shop").len(), 150, "the database itself writes several files of some");
    succeeds(&project.duckpen(&["run", "back"]));
    assert_eq!(
        rows(&project, "SELECT count(*) AS n, sum(v)::BIGINT AS v, count(DISTINCT part) AS parts FROM back_again"),
        rows(&project, "SELECT count(*) AS n, sum(v)::BIGINT AS v, count(DISTINCT part) AS parts FROM t")
    );
    assert_eq!(aside(&project), 0);
}

#[test]
fn of_parted_rows_all_are_sent_or_none_is_seen() {
    let server = server();
    let project = project(
        &server,
        r#"EXPORT SELECT i % 8 AS part, i FROM range(80) t(i) TO lake
           OPTIONS {"key": "out/", "file_format": "parquet", "partition_by": "part", "max_retries": 0};"#,
    );
    server.misbehave(Rule::new("PUT", "part%3D5", Fault::Refused(403, "AccessDenied")).times(1));
    let said = project.duckpen(&["run", "p"]);
    assert_eq!(said.exit, 1, "{}", said.stderr);
    assert!(server.keys("shop").is_empty() && server.uploads("shop").is_empty(), "{:?}", server.keys("shop"));
    succeeds(&project.duckpen(&["run", "p", "--resume"]));
    assert_eq!(server.keys("shop").len(), 8);
    assert!(server.uploads("shop").is_empty() && aside(&project) == 0);
}

#[test]
#[cfg(debug_assertions)]
fn parted_rows_of_a_run_that_was_killed_between_two_objects_are_all_there_or_none_after_the_next() {
    for (fault, expected) in [("upload.completed=kill@3", 8), ("upload.part_sent=kill@5", 0)] {
        let server = server();
        let project = project(
            &server,
            r#"EXPORT SELECT i % 8 AS part, i FROM range(80) t(i) TO lake
               OPTIONS {"key": "out/", "file_format": "parquet", "partition_by": "part"};"#,
        )
        .file("pipelines/other.sf", "CREATE TABLE u AS SELECT 1 AS id;");
        assert!(disturbed(&project, fault).status.code().is_none(), "{fault}");
        succeeds(&project.duckpen(&["run", "other"]));
        assert_eq!(server.keys("shop").len(), expected, "{fault}");
        assert_eq!((server.uploads("shop"), aside(&project)), (Vec::new(), 0), "{fault}");
        assert_eq!(rows(&project, "SELECT count(*) AS n FROM duckpen.outbox"), r#"[{"n":0}]"#, "{fault}");
    }
}

#[test]
fn a_part_of_many_objects_is_read_while_somebody_tries_things() {
    let server = server();
    for number in 0..20 {
        server.put("shop", &format!("in/{number:02}.csv"), format!("id\n{number}\n"));
    }
    let project = project(
        &server,
        r#"SOURCE a FROM "lake" OPTIONS {"key": "in/*.csv", "dev_sampling": 0.25, "mock_mode": false};
           LOAD sampled FROM a;
           SOURCE b FROM "lake" OPTIONS {"key": "in/*.csv", "dev_max_files": 3, "header": true};
           LOAD first_ones FROM b;"#,
    );
    succeeds(&project.duckpen(&["run", "p"]));
    let list = |table: &str| rows(&project, &format!("SELECT list(id ORDER BY id)::VARCHAR AS ids FROM {table}"));
    assert_eq!(list("sampled"), r#"[{"ids":"[3, 7, 11, 15, 19]"}]"#);
    assert_eq!(list("first_ones"), r#"[{"ids":"[0, 1, 2]"}]"#);
}

#[test]
fn a_step_that_fails_leaves_no_object_and_no_upload() {
    let pipeline = r#"CREATE TABLE t AS SELECT range AS id, repeat('x', 100) AS x FROM range(1000);
        EXPORT SELECT * FROM t TO lake OPTIONS {"key": "out.csv", "part_size_mb": 0.01, "max_retries": 1};"#;
    for (method, part, fault, times, words) in [
        ("POST", "uploads", Fault::Refused(403, "AccessDenied"), 1, "AccessDenied"),
        ("PUT", "partNumber=5", Fault::Refused(403, "AccessDenied"), 1, "AccessDenied"),
        // It is asked once more, and no more.
        ("PUT", "partNumber=5", Fault::Refused(503, "SlowDown"), 2, "SlowDown"),
        ("PUT", "partNumber=5", Fault::Cut, 2, "s3 shop at"),
    ] {
        let server = server();
        server.put("shop", "out.csv", "old");
        let project = project(&server, pipeline);
        server.misbehave(Rule::new(method, part, fault.clone()).times(times));
        let said = project.duckpen(&["run", "p"]);
        assert_eq!(said.exit, 1, "{part} {fault:?}: {}", said.stderr);
        assert!(said.stderr.contains(words), "{part} {fault:?}: {}", said.stderr);
        is_discreet(&said);
        assert_eq!(server.object("shop", "out.csv").unwrap(), b"old");
        assert!(server.uploads("shop").is_empty(), "{part} {fault:?}");
        assert_eq!(aside(&project), 0, "{part} {fault:?}");
        succeeds(&project.duckpen(&["run", "p", "--resume"]));
        assert_ne!(server.object("shop", "out.csv").unwrap(), b"old");
    }
}

/// The command with a fault armed.
fn disturbed(project: &Project, fault: &str) -> Output {
    let mut command = Command::new(cargo_bin("duckpen"));
    command.args(["run", "p"]).current_dir(project.path()).env("DUCKPEN_FAULT", fault).stdin(Stdio::null());
    command.env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")).output().unwrap()
}

#[test]
#[cfg(debug_assertions)]
fn a_run_that_was_killed_is_brought_to_its_end_by_any_that_has_the_credentials() {
    let server = server();
    let project = project(
        &server,
        r#"CREATE TABLE t AS SELECT 1 AS id;
           EXPORT SELECT * FROM t TO lake OPTIONS {"key": "out.csv"};"#,
    )
    .file("pipelines/other.sf", "CREATE TABLE u AS SELECT 1 AS id;");
    // Before the commit: the upload is given up.
    assert!(disturbed(&project, "upload.sent=kill").status.code().is_none());
    assert_eq!(server.uploads("shop"), ["out.csv"]);
    succeeds(&project.duckpen(&["run", "other"]));
    assert!(server.uploads("shop").is_empty() && server.keys("shop").is_empty());
    assert_eq!(aside(&project), 0);
    // After it: it is completed, and not before the credentials are there.
    assert!(disturbed(&project, "upload.before_complete=kill").status.code().is_none());
    assert!(server.keys("shop").is_empty());
    let kept = fs::read_to_string(project.path().join("profiles/dev.yml")).unwrap();
    let project = project.file("profiles/dev.yml", "engines: {duckdb: {mode: persistent, path: p.duckdb}}\n");
    let said = project.duckpen(&["run", "other"]);
    assert!(said.exit != 0 && said.stderr.contains("credentials are not kept"), "{}", said.stderr);
    assert!(said.stderr.contains("s3://shop/out.csv"), "{}", said.stderr);
    let project = project.file("profiles/dev.yml", kept);
    succeeds(&project.duckpen(&["run", "other"]));
    assert_eq!(server.object("shop", "out.csv").unwrap(), b"id\n1\n");
    assert!(server.uploads("shop").is_empty());
    assert_eq!(rows(&project, "SELECT count(*) AS n FROM duckpen.outbox"), r#"[{"n":0}]"#);
}

#[test]
#[cfg(debug_assertions)]
fn uploads_of_a_killed_run_in_memory_are_given_up_by_the_next_run() {
    for fault in ["upload.begun", "upload.part_sent", "upload.before_complete"] {
        let server = server();
        let project = project(&server, r#"EXPORT SELECT 1 AS id TO lake OPTIONS {"key": "out.csv"};"#)
            .file("pipelines/other.sf", "CREATE TABLE u AS SELECT 1 AS id;");
        let profile = fs::read_to_string(project.path().join("profiles/dev.yml")).unwrap();
        let in_memory = profile.replace("{mode: persistent, path: p.duckdb}", "{mode: memory}");
        assert_ne!(in_memory, profile);
        let project = project.file("profiles/dev.yml", &in_memory);
        let folders = || {
            let all = project.path().join("target/staging_in_memory");
            fs::read_dir(all).map_or(0, Iterator::count)
        };
        assert!(disturbed(&project, &format!("{fault}=kill")).status.code().is_none(), "{fault}");
        assert_eq!((server.uploads("shop").len(), folders()), (1, 1), "{fault}");
        succeeds(&project.duckpen(&["run", "other"]));
        assert_eq!((server.uploads("shop").len(), folders()), (0, 0), "{fault}");
        assert!(server.keys("shop").is_empty(), "{fault}");
    }
}

#[test]
fn what_is_wrong_with_a_step_is_told_before_anything_runs() {
    let server = server();
    for (pipeline, words) in [
        (r#"SOURCE s TYPE S3 PARAMS {"bucket": "shop"};"#, "Required field 'key' is missing"),
        (r#"SOURCE s TYPE S3 PARAMS {"uri": "s3://shop/in/"};"#, "Required field 'file_format' is missing"),
        (r#"SOURCE s TYPE S3 PARAMS {"uri": "s3://s/a.csv"};"#, "the parameter `uri` of a s3 connector is unusable"),
        (
            r#"SOURCE s TYPE S3 PARAMS {"uri": "s3://shop/a.csv", "endpoint_url": "store/path"};"#,
            "the parameter `endpoint_url` of a s3 connector is unusable",
        ),
        (
            r#"SOURCE s TYPE S3 PARAMS {"uri": "s3://shop/a.csv", "endpont_url": "x"};"#,
            "Unknown parameters for S3 connector: endpont_url",
        ),
        (r#"EXPORT SELECT 1 TO "s3://shop/*.csv" TYPE CSV;"#, "'s3://shop/*.csv' is not the place of one object"),
        (r#"EXPORT SELECT 1 TO "s3://shop/x" TYPE S3;"#, "Required field 'file_format' is missing"),
    ] {
        let project = project(&server, pipeline);
        let said = project.duckpen(&["validate"]);
        assert_ne!(said.exit, 0, "{pipeline}: {}", said.stdout);
        assert!(
            said.stderr.contains(words) || said.stdout.contains(words),
            "{pipeline}: {}{}",
            said.stdout,
            said.stderr
        );
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_connector_is_tried_and_what_failed_is_explained() {
    let server = server();
    server.put("shop", "in/a.csv", "id\n1\n");
    let tried = project(&server, "");
    let said = tried.duckpen(&["connect", "test", "lake"]);
    succeeds(&said);
    assert!(said.stdout.contains("1 object of s3://shop/"), "{}", said.stdout);
    let profile = fs::read_to_string(tried.path().join("profiles/dev.yml")).unwrap();
    for (from, to, words) in [
        ("bucket: shop", "bucket: shopp", "there is no bucket"),
        (ID, "somebody", "InvalidAccessKeyId"),
        ("${LAKE_SECRET}", "wrong", "SignatureDoesNotMatch"),
        (&*server.endpoint(), "http://127.0.0.1:1", "private address 127.0.0.1:1"),
    ] {
        let project = project(&server, "").file("profiles/dev.yml", profile.replace(from, to));
        let said = project.duckpen(&["connect", "test", "lake"]);
        assert_eq!(said.exit, 1, "{to}: {}{}", said.stdout, said.stderr);
        assert!(said.stderr.contains(words) && said.stderr.contains("hint: "), "{to}: {}", said.stderr);
        is_discreet(&said);
    }
    let granted = project(&server, "")
        .file("duckpen.toml", "[network]\nprivate = [\"127.0.0.1\"]\n")
        .file("profiles/dev.yml", profile.replace(&server.endpoint(), "http://127.0.0.1:1"));
    let said = granted.duckpen(&["connect", "test", "lake"]);
    assert!(said.exit == 1 && said.stderr.contains("endpoint_url"), "{}", said.stderr);
}

#[test]
fn a_store_is_asked_through_the_proxy_that_the_project_names() {
    // It takes the requests that a proxy gets, and is none.
    let server = server();
    let profile = fs::read_to_string(project(&server, "").path().join("profiles/dev.yml")).unwrap();
    let named = profile.replace(&server.endpoint(), "http://store.test:9000");
    let asked = |network: &str| {
        let configuration = format!("[network]\nproxy = \"{}\"\n{network}\n", server.endpoint());
        let project = project(&server, "").file("profiles/dev.yml", &named).file("duckpen.toml", configuration);
        let said = project.duckpen(&["connect", "test", "lake"]);
        assert_eq!(said.exit, 1, "{}{}", said.stdout, said.stderr);
        is_discreet(&said);
        said.stderr
    };
    let refused = asked("");
    assert!(refused.contains("`store.test` would be looked for by the proxy"), "{refused}");
    assert!(refused.contains("[network] hosts = [\"store.test\"]"), "{refused}");
    assert!(server.requests().is_empty());
    asked("hosts = [\"store.test\"]");
    let requests = server.requests();
    assert!(!requests.is_empty());
    assert!(requests.iter().all(|request| request.starts_with("GET http://store.test:9000/shop?")), "{requests:?}");
}
