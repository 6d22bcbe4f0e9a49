//! What statements become: steps, their names, their order, their parameters.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_pipeline::{LoadMode, Lookback, LookbackUnit, Origin, Relation, StepKind, TableName, TransformMode};
use serde_json::json;
use support::Project;

const SOURCE: &str = "SOURCE s TYPE CSV PARAMS {\"path\": \"data/u.csv\", \"has_header\": true};\nLOAD u FROM s;\n";

/// The query of table `t` is written as it came.
#[track_caller]
fn keeps(sql: &str) {
    let project = Project::new(&format!("{SOURCE}CREATE TABLE t AS {sql};"));
    assert_eq!(project.transform("t").query, sql);
}

#[test]
fn sql_reaches_the_database_as_written() {
    for sql in [
        "SELECT id, v::DOUBLE / 4 AS x FROM u",
        "WITH q AS (SELECT 1) SELECT * FROM q",
        "FROM u SELECT id",
        "SELECT 'it''s; ok -- no comment' AS x",
        "SELECT $$a ; 'b' -- c$$ AS x",
        "SELECT $tag$ $$ ; $tag$ AS x",
        "SELECT E'it\\'s;' AS x",
        "SELECT /* a ; /* nested; */ b */ 1 AS x",
        "SELECT 1 -- one; two\n, 2 AS y",
        "SELECT 'a   b' AS x, 'Hello. World' AS y, 1e6, 7 // 2, 2 ** 5",
        "SELECT '{\"a\": 1}'->>'a' AS x, (struct_pack(a => 5)).a",
        "SELECT CASE WHEN id = 1 THEN 'x' ELSE 'y' END AS k FROM u",
        "SELECT list_transform([1,2], lambda x : x + 1) AS x",
        "SELECT 'Grüße, 世界 🦆' AS \"Größe\"",
        "SELECT {'a': 1} AS x, MAP {'k': 2}",
        "SELECT '$price' AS x, '$100' AS y, 'a$' AS z",
        "SELECT id AS type, v AS mode, name AS \"to\" FROM u",
        "VALUES (1, 'a'), (2, 'b')",
    ] {
        keeps(sql);
    }
}

#[test]
fn comments_after_a_query_are_no_part_of_it() {
    let project = Project::new("CREATE TABLE t AS SELECT 1 AS x -- all of them\n /* really */ ;-- done\n");
    assert_eq!(project.transform("t").query, "SELECT 1 AS x");
}

#[test]
fn steps_are_named_as_sqlflow_names_them() {
    let project = Project::new(&format!(
        "{SOURCE}SET a = 1;
         CREATE TABLE agg AS SELECT * FROM u;
         CREATE OR REPLACE TABLE agg AS SELECT * FROM u;
         LOAD u FROM s MODE UPSERT KEY (id);
         EXPORT SELECT * FROM agg TO \"out/a.csv\" TYPE CSV;
         EXPORT SELECT 1 AS x FROM agg TO \"out/b.csv\" TYPE CSV;
         EXPORT agg TO \"out/c.parquet\" TYPE PARQUET;
         EXPORT SELECT 1 AS x TO \"out/d.csv\" TYPE CSV;
         CREATE TABLE \"my table\" AS SELECT 1 AS x;"
    ));
    let order = [
        "source_s",
        "load_u_replace_1",
        "transform_agg_3",
        "transform_agg_replace_4",
        "load_u_upsert_5",
        "export_csv_agg",
        "export_csv_agg_7",
        "export_parquet_agg",
        "export_csv_9",
        "transform_my_table_10",
    ];
    assert_eq!(project.order(), order);
}

#[test]
fn parameters_are_resolved() {
    let project = Project::new(
        "SET dir = 'data';
         SOURCE s TYPE Csv PARAMS {
           \"path\": \"${dir}/${file|u}.csv\", \"limit\": ${n}, \"text\": \"${n}\", \"list\": [1, 2.5, null, true,],
           \"escaped\": \"a\\\"b\\u00e4\", \"nested\": {\"k\": \"${dir}\"},
         };
         LOAD u FROM s;",
    )
    .vars(json!({"n": 5}));
    let plan = project.plan();
    let StepKind::Source(source) = &plan.steps[0].kind else { panic!("{:?}", plan.steps[0]) };
    assert_eq!(source.connector_type, "csv");
    let expected = json!({
        "path": "data/u.csv", "limit": 5, "text": "5", "list": [1, 2.5, null, true],
        "escaped": "a\"bä", "nested": {"k": "data"},
    });
    assert_eq!(serde_json::Value::Object(source.params.clone()), expected);
    assert_eq!(plan.variables["dir"], Origin::Set);
    assert_eq!(plan.variables["file"], Origin::Default);
    assert_eq!(plan.variables["n"], Origin::CommandLine);
}

#[test]
fn load_modes() {
    let keys = |names: &[&str]| LoadMode::Upsert { keys: names.iter().map(|name| (*name).to_owned()).collect() };
    for (written, mode) in [
        ("", LoadMode::Replace),
        ("MODE REPLACE", LoadMode::Replace),
        ("mode append", LoadMode::Append),
        ("MODE UPSERT KEY (a, \"b c\")", keys(&["a", "b c"])),
        ("MODE UPSERT KEY a", keys(&["a"])),
        ("MODE UPSERT KEY a, b", keys(&["a", "b"])),
        // As SQLFlow 0.1.7 writes it.
        ("MODE MERGE MERGE_KEYS (a, b)", keys(&["a", "b"])),
        ("mode merge merge_keys a", keys(&["a"])),
    ] {
        let project = Project::new(&format!("SOURCE s TYPE CSV PARAMS {{}}; LOAD main.\"my t\" FROM s {written};"));
        let plan = project.plan();
        let StepKind::Load(load) = &plan.steps[1].kind else { panic!("{written}") };
        assert_eq!((&load.table, &load.mode), (&TableName::in_schema("main", "my t"), &mode), "{written}");
    }
}

#[test]
fn transform_modes() {
    let incremental = |amount, unit| TransformMode::Incremental {
        time_column: "d".to_owned(),
        lookback: Some(Lookback { amount, unit }),
    };
    for (written, mode) in [
        ("", TransformMode::Replace),
        ("MODE APPEND", TransformMode::Append),
        ("MODE UPSERT KEY (id)", TransformMode::Upsert { keys: vec!["id".to_owned()] }),
        ("MODE INCREMENTAL BY d", TransformMode::Incremental { time_column: "d".to_owned(), lookback: None }),
        ("MODE INCREMENTAL BY d LOOKBACK 2 DAYS", incremental(2, LookbackUnit::Day)),
        ("MODE INCREMENTAL BY d LOOKBACK 1 month", incremental(1, LookbackUnit::Month)),
        ("MODE INCREMENTAL BY d LOOKBACK '12 hours'", incremental(12, LookbackUnit::Hour)),
        ("MODE INCREMENTAL BY d LOOKBACK ${n|3} DAYS", incremental(3, LookbackUnit::Day)),
    ] {
        let project = Project::new(&format!("CREATE TABLE x {written} AS SELECT 1 AS d, 2 AS id;"));
        assert_eq!(project.transform("x").mode, mode, "{written}");
    }
}

#[test]
fn views_and_names() {
    let view = Project::new("create or replace view \"order\" as select 1 as x;").transform("order");
    assert_eq!((view.relation, view.or_replace), (Relation::View, true));
    let project = Project::new(
        "SET t = 'stage.events'; CREATE TABLE ${t} AS SELECT 1 AS x; CREATE TABLE e_${y|24} AS SELECT 2 AS x;",
    );
    assert_eq!(project.transform("events").table, TableName::in_schema("stage", "events"));
    assert_eq!(project.transform("e_24").table, TableName::new("e_24"));
}

#[test]
fn exports() {
    let project = Project::new(
        "CREATE TABLE t AS SELECT 1 AS x;
         EXPORT t TO \"out/t.csv\" TYPE CSV;
         EXPORT SELECT x AS \"to\", (SELECT 1) FROM t WHERE 'TO' <> \"to\" TO 'out/${n|q}.json' OPTIONS {\"lines\": true};
         EXPORT main.t TO archive OPTIONS {\"table\": \"t\"};",
    )
    .profile("connectors: {archive: {type: POSTGRES, params: {host: h, password: geheim}}}");
    let plan = project.plan();
    let exports = plan.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Export(export) => Some((
            export.query.as_str(),
            export.destination.as_str(),
            export.connector_type.as_str(),
            export.from_profile.as_deref(),
        )),
        _ => None,
    });
    let expected = [
        ("SELECT * FROM \"t\"", "out/t.csv", "csv", None),
        ("SELECT x AS \"to\", (SELECT 1) FROM t WHERE 'TO' <> \"to\"", "out/q.json", "json", None),
        ("SELECT * FROM \"main\".\"t\"", "", "postgres", Some("archive")),
    ];
    assert_eq!(exports.collect::<Vec<_>>(), expected);
    assert!(!plan.to_json().to_string().contains("geheim"), "no secret gets into a plan");
}

#[test]
fn locations_name_the_statement() {
    let plan = Project::new("SET a = 1;\n  CREATE TABLE t AS\n  SELECT 'ä' AS x;\n").plan();
    let location = plan.steps[0].location.clone().unwrap();
    assert_eq!((location.file.as_str(), location.line, location.column), ("pipelines/p.sf", 2, 3));
    assert_eq!((location.end_line, location.end_column), (3, 18));
}

#[test]
fn blanks_line_ends_and_marks_are_no_matter() {
    let text = "\u{feff}SET a = 1;\r\n;;\r\nCREATE\u{a0}TABLE t AS\r\nSELECT ${a} AS x;\r\n";
    assert_eq!(Project::new(text).transform("t").query, "SELECT 1 AS x");
}
