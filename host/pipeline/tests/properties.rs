//! What holds for any text and any value.
#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use serde_json::json;
use support::{Project, skeleton};

/// Places of a query in which a value can stand.
const PLACES: &[&str] = &[
    "SELECT ${v} AS x",
    "SELECT a FROM u WHERE b = ${v} AND c = 1",
    "SELECT 'in ${v} text', 2",
    "SELECT E'in ${v} text', 2",
    "SELECT 1 AS \"in ${v} name\", 2",
    "SELECT '$v', 2",
    "SELECT - ${v} -${v}",
    "SELECT 'a'${v}'b'",
    "SELECT 1${v}2",
    "SELECT ${v}${v}",
    "SELECT f(${v}, [${v}]) -- ${v}\n, 3",
    "SELECT ${v} /* ${v} */ , 4",
];

/// Places in which only a name can stand.
const NAMES: &[&str] =
    &["SELECT * FROM ${v}", "SELECT * FROM a JOIN t_${v} ON x", "SELECT ${v}.a, 1 AS ${v} FROM u, ${v}"];

fn shape(sql: &str, value: &serde_json::Value) -> Option<Vec<String>> {
    let project = Project::new(&format!("CREATE TABLE t AS {sql};\nCREATE TABLE last AS SELECT 1 AS x;"));
    let compilation = project.vars(json!({ "v": value })).compile();
    let plan = compilation.plan?;
    assert_eq!(plan.steps.len(), 2);
    let query = plan.steps.into_iter().find_map(|step| match step.kind {
        duckpen_pipeline::StepKind::Transform(step) if step.table.name == "t" => Some(step.query),
        _ => None,
    });
    query.map(|query| skeleton(&query))
}

fn evil_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("--".to_owned()),
        Just("/*".to_owned()),
        Just("*/".to_owned()),
        Just(";".to_owned()),
        Just("$$".to_owned()),
        Just("${v}".to_owned()),
        Just("\n".to_owned()),
        Just("' OR '1'='1".to_owned()),
        Just(") UNION SELECT".to_owned()),
        "[a-z0-9 ]{0,4}",
        "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_cannot_change_the_shape_of_a_query(value in evil_text(), place in prop::sample::select(PLACES)) {
        let plain = shape(place, &json!("x")).unwrap();
        if let Some(shape) = shape(place, &json!(value)) {
            prop_assert_eq!(shape, plain);
        }
    }

    #[test]
    fn a_number_cannot_change_the_shape_of_a_query(value in any::<f64>(), place in prop::sample::select(PLACES)) {
        // Negative numbers stand in parentheses.
        let with_value = shape(place, &json!(value)).unwrap().join(" ").replace("( - number )", "number");
        prop_assert_eq!(with_value, shape(place, &json!(7)).unwrap().join(" "));
    }

    #[test]
    fn a_name_cannot_change_the_shape_of_a_query(value in evil_text(), place in prop::sample::select(NAMES)) {
        let plain = shape(place, &json!("x")).unwrap();
        // With a dot in it, it is a name of several parts.
        if let Some(shape) = shape(place, &json!(value.replace('.', ""))) {
            prop_assert_eq!(shape, plain);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,200}") {
        let _ = Project::new(&text).compile();
    }

    #[test]
    fn pieces_of_the_language_in_any_order_are_read_without_a_panic(
        pieces in prop::collection::vec(prop::sample::select(&[
            "SOURCE", "LOAD", "CREATE", "TABLE", "VIEW", "OR", "REPLACE", "AS", "SELECT", "FROM", "EXPORT", "TO", "TYPE",
            "PARAMS", "OPTIONS", "SET", "INCLUDE", "IF", "THEN", "ELSE", "ELSEIF", "END", "MODE", "UPSERT", "KEY",
            "INCREMENTAL", "BY", "LOOKBACK", "a", "b", "\"q\"", "'s'", "'", "\"", "$$", "$t$", "${v}", "${v|x y}", "${", "$v",
            "{", "}", "[", "]", "(", ")", ",", ".", ";", "=", "==", "<", "-", "--", "/*", "*/", "\n", " ", "1", "1.5e3", "é",
            "{\"k\": \"${v}\"}", "AND", "NOT", "IN", "IS", "NULL", "E'", "\\", ":", "|",
        ][..]), 0..60)
    ) {
        let joined = pieces.join(" ");
        let _ = Project::new(&joined).compile();
        let _ = Project::new(&pieces.concat()).vars(json!({"v": "a.b"})).shown();
    }
}
