//! Plans as JSON.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_pipeline::{LoadMode, Plan, PlanError, Refresh, StepKind, TransformMode};
use serde_json::{Value, json};
use support::Project;

const TEXT: &str = "SOURCE u TYPE CSV PARAMS {\"path\": \"data/u.csv\", \"sync_mode\": \"incremental\", \"cursor_field\": \"ts\", \"primary_key\": \"id\"};
LOAD users FROM u MODE UPSERT KEY (id);
CREATE OR REPLACE TABLE agg AS SELECT name, COUNT(*) AS n FROM users GROUP BY name;
CREATE TABLE inc MODE INCREMENTAL BY ts LOOKBACK 2 DAYS AS SELECT * FROM stage.users;
EXPORT SELECT * FROM agg TO \"out/agg.csv\" TYPE CSV OPTIONS {\"header\": true};
EXPORT agg TO \"out/agg.parquet\";
";

/// The members of `expected` are among those of `actual`.
#[track_caller]
fn contains(actual: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&actual[name], value, "{name} of {actual}");
    }
}

#[test]
fn a_plan_has_the_keys_of_sqlflow() {
    let json = Project::new(TEXT).plan().to_json();
    contains(&json, &json!({"pipeline_name": "p", "operation_count": 6}));
    let expected = [
        json!({"id": "source_u", "type": "source_definition", "name": "u", "connector_type": "csv",
            "source_connector_type": "csv", "sync_mode": "incremental", "cursor_field": "ts", "primary_key": ["id"],
            "query": {"path": "data/u.csv", "sync_mode": "incremental", "cursor_field": "ts", "primary_key": "id"},
            "depends_on": []}),
        json!({"id": "load_users_upsert_1", "type": "load", "name": "users", "source_name": "u",
            "target_table": "users", "mode": "UPSERT", "upsert_keys": ["id"],
            "query": {"source_name": "u", "table_name": "users"}, "depends_on": ["source_u"]}),
        json!({"id": "transform_agg_replace_2", "type": "transform", "name": "agg", "is_replace": true,
            "query": "SELECT name, COUNT(*) AS n FROM users GROUP BY name", "depends_on": ["load_users_upsert_1"]}),
        json!({"id": "transform_inc_3", "type": "transform", "mode": "INCREMENTAL", "time_column": "ts",
            "lookback": "2 day", "reads": [{"schema": "stage", "name": "users"}], "depends_on": []}),
        json!({"id": "export_csv_agg", "type": "export", "source_table": "agg", "source_connector_type": "csv",
            "query": {"sql_query": "SELECT * FROM agg", "destination_uri": "out/agg.csv", "options": {"header": true},
                "type": "csv"}, "depends_on": ["transform_agg_replace_2"]}),
        json!({"id": "export_parquet_agg", "type": "export", "depends_on": ["transform_agg_replace_2"]}),
    ];
    for (operation, expected) in json["operations"].as_array().unwrap().iter().zip(&expected) {
        contains(operation, expected);
    }
}

#[test]
fn a_plan_is_read_back_as_it_was() {
    let plan = Project::new(TEXT).plan();
    assert_eq!(Plan::from_json(&plan.to_json().to_string()).unwrap(), plan);
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
}

#[test]
fn a_merge_of_sqlflow_is_an_upsert() {
    let text = r#"[{"id":"source_u","type":"source_definition","name":"u","connector_type":"CSV","query":{"path":"u.csv"},
        "depends_on":[]},
        {"id":"load_users","type":"load","name":"users","source_name":"u","target_table":"users","mode":"MERGE",
        "merge_keys":["id","day"],"query":{"source_name":"u","table_name":"users"},"depends_on":["source_u"]}]"#;
    let plan = Plan::from_json(text).unwrap();
    let StepKind::Load(load) = &plan.steps[1].kind else { panic!("{plan:?}") };
    assert_eq!(load.mode, LoadMode::Upsert { keys: vec!["id".into(), "day".into()] });
}

#[test]
fn plans_compiled_by_sqlflow_are_read() {
    let text = r#"{"pipeline_name": "old", "operation_count": 4, "operations": [
        {"id":"source_u","type":"source_definition","name":"u","connector_type":"CSV","source_connector_type":"CSV",
         "query":{"path":"data/u.csv","has_header":true},"sync_mode":"full_refresh","cursor_field":null,"primary_key":[],"depends_on":[]},
        {"id":"load_users_replace_2","type":"load","name":"users","source_name":"u","target_table":"users",
         "source_connector_type":"csv","mode":"REPLACE","upsert_keys":[],
         "query":{"source_name":"u","table_name":"users"},"depends_on":["source_u"]},
        {"id":"transform_inc_4","type":"transform","name":"inc","query":"SELECT * FROM users","is_replace":false,
         "depends_on":["load_users_replace_2"]},
        {"id":"export_csv_agg","type":"export","source_table":"agg","source_connector_type":"csv",
         "query":{"sql_query":"SELECT * FROM agg","destination_uri":"out/a.csv","options":{"header":true},"type":"csv"},
         "depends_on":["transform_inc_4"]}]}"#;
    let plan = Plan::from_json(text).unwrap();
    assert_eq!((plan.pipeline.as_str(), plan.steps.len()), ("old", 4));
    let StepKind::Transform(transform) = &plan.steps[2].kind else { panic!("{:?}", plan.steps[2]) };
    assert_eq!((transform.query.as_str(), &transform.mode), ("SELECT * FROM users", &TransformMode::Replace));
    let operations: Value = serde_json::from_str::<Value>(text).unwrap()["operations"].clone();
    assert_eq!(Plan::from_json(&operations.to_string()).unwrap().steps, plan.steps);
}

#[test]
fn what_is_no_plan_is_refused_with_the_operation() {
    for (text, part) in [
        ("{", "not JSON"),
        ("{\"a\": 1}", "no list of operations"),
        (r#"[{"id": "x", "type": "dance"}]"#, "operation x of the plan: unknown type 'dance'"),
        (r#"[{"type": "load"}]"#, "operation 1 of the plan"),
        (r#"[{"id": "x", "type": "transform", "name": "t"}]"#, "'query' is missing"),
    ] {
        let error: PlanError = Plan::from_json(text).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn digests_follow_what_steps_do_and_not_where_they_stand() {
    let plan = Project::new(TEXT).plan();
    let moved = Project::new(&format!("-- a comment\n{TEXT}")).plan();
    assert_eq!(plan.digest(), moved.digest());
    let changed = Project::new(&TEXT.replace("2 DAYS", "3 DAYS")).plan();
    assert_ne!(plan.digest(), changed.digest());
    let differing = plan.steps.iter().zip(&changed.steps).filter(|(one, other)| one.digest() != other.digest());
    assert_eq!(differing.map(|(step, _)| step.id.as_str()).collect::<Vec<_>>(), ["transform_inc_3"]);
    assert_eq!(plan.digest().as_str().len(), 64);
}

/// What comes back from a file, when it can run.
#[track_caller]
fn imported(text: &str) -> Result<Plan, PlanError> {
    Plan::from_json(text).unwrap().imported(&support::WordAnalyzer)
}

#[test]
fn a_plan_that_comes_back_is_the_plan_that_went_out() {
    for text in [
        TEXT,
        "CREATE TABLE r AS SELECT * FROM u; SOURCE s TYPE CSV PARAMS {}; LOAD u FROM s; LOAD u FROM s MODE APPEND;",
        "SOURCE s TYPE CSV PARAMS {}; LOAD u FROM s; CREATE VIEW v AS SELECT * FROM u; CREATE TABLE a AS SELECT * FROM v;
         LOAD u FROM s MODE APPEND; CREATE TABLE b TAGS (x) AS SELECT * FROM v; EXPORT b TO \"b.csv\"; EXPORT a TO \"b.csv\";",
        "SOURCE s TYPE CSV PARAMS {}; CREATE TABLE t AS SELECT * FROM s JOIN elsewhere ON true;",
        "CREATE TABLE t AS SELECT 1 AS x; CREATE OR REPLACE TABLE t AS SELECT x FROM t; EXPORT SELECT 1 AS y TO \"y.csv\";",
    ] {
        let plan = Project::new(text).plan();
        let back = imported(&plan.to_json().to_string()).unwrap();
        assert_eq!((back.digest(), &back), (plan.digest(), &plan), "{text}");
        let refreshed = plan.full_refresh(|_| None);
        assert_eq!(imported(&refreshed.to_json().to_string()).unwrap(), refreshed, "{text}");
    }
}

#[test]
fn what_a_file_says_of_reads_and_order_is_not_believed() {
    let plan = Project::new(TEXT).plan();
    let mut json = plan.to_json();
    let operations = json["operations"].as_array_mut().unwrap();
    operations.rotate_left(3);
    for operation in operations {
        operation["depends_on"] = json!([]);
        operation["reads"] = json!([{"name": "something_else"}]);
        operation["functions"] = json!([]);
    }
    let back = imported(&json.to_string()).unwrap();
    let ids = |plan: &Plan| plan.steps.iter().map(|step| step.id.to_string()).collect::<Vec<_>>();
    let at = |id: &str| ids(&back).iter().position(|found| found == id).unwrap();
    assert!(at("source_u") < at("load_users_upsert_1") && at("load_users_upsert_1") < at("transform_agg_replace_2"));
    for step in &back.steps {
        assert_eq!(step.kind.reads(), plan.step(&step.id).unwrap().kind.reads());
        assert_eq!(step.depends_on, plan.step(&step.id).unwrap().depends_on, "{}", step.id);
    }
}

#[test]
fn a_full_refresh_marks_what_is_incremental() {
    let text = "SOURCE i TYPE CSV PARAMS {\"sync_mode\": \"incremental\", \"cursor_field\": \"ts\"};
        SOURCE s TYPE CSV PARAMS {};
        LOAD a FROM i MODE APPEND; LOAD b FROM s MODE APPEND; LOAD c FROM s; LOAD c FROM i MODE UPSERT KEY (id);
        LOAD d FROM i; CREATE TABLE e MODE INCREMENTAL BY ts AS SELECT * FROM a;
        CREATE TABLE f MODE APPEND AS SELECT * FROM a;";
    let plan = Project::new(text).plan();
    let refreshed = plan.full_refresh(|_| None);
    let of = |refresh: Refresh| {
        let steps = refreshed.steps.iter().filter(|step| step.refresh == refresh);
        steps.map(|step| step.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(of(Refresh::Table), ["load_a_append_2", "transform_e_7"]);
    assert_eq!(of(Refresh::Watermark), ["load_c_upsert_5"]);
    // A run that was cut off is continued only by one that refreshes, too.
    assert_ne!(plan.digest(), refreshed.digest());
    // The connector of a profile may say it, too.
    let all = plan.full_refresh(|step| {
        let params = json!({"sync_mode": "incremental", "cursor_field": "ts"});
        (step.as_str() == "source_s").then(|| Box::leak(Box::new(params.as_object().unwrap().clone())) as &_)
    });
    let step = all.steps.iter().find(|step| step.id.as_str() == "load_b_append_3").unwrap();
    assert_eq!(step.refresh, Refresh::Table);
}
