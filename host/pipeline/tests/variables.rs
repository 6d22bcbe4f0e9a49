//! Where values come from, and how they are written where they are used.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_pipeline::{Value, Variables};
use serde_json::json;
use support::Project;

/// A query with the values written into it.
#[track_caller]
fn check(values: serde_json::Value, sql: &str, expected: &str) {
    let project = Project::new(&format!("CREATE TABLE t AS {sql};")).vars(values);
    assert_eq!(project.transform("t").query, expected, "{sql}");
}

#[test]
fn a_value_in_an_expression_is_a_literal() {
    let values =
        json!({"s": "O'Reilly", "n": 5, "f": 1.5, "neg": -2, "b": true, "z": null, "d": "2024-01-01", "e": ""});
    for (sql, expected) in [
        ("SELECT ${s} AS x", "SELECT 'O''Reilly' AS x"),
        ("SELECT v * ${n} + ${f} - ${neg}", "SELECT v * 5 + 1.5 - (-2)"),
        ("SELECT -${neg}", "SELECT -(-2)"),
        ("SELECT ${b}, ${z}, ${e}", "SELECT TRUE, NULL, ''"),
        ("SELECT * FROM u WHERE d > ${d} LIMIT ${n}", "SELECT * FROM u WHERE d > '2024-01-01' LIMIT 5"),
        ("SELECT f(${s}, a => ${n}), [${n}], {'k': ${s}}", "SELECT f('O''Reilly', a => 5), [5], {'k': 'O''Reilly'}"),
        ("SELECT extract(year FROM ${d}::DATE)", "SELECT extract(year FROM '2024-01-01'::DATE)"),
        ("SELECT a IS DISTINCT FROM ${s}", "SELECT a IS DISTINCT FROM 'O''Reilly'"),
        ("SELECT a IS NOT DISTINCT FROM ${n}", "SELECT a IS NOT DISTINCT FROM 5"),
        ("SELECT * FROM read_csv(${s})", "SELECT * FROM read_csv('O''Reilly')"),
        ("SELECT INTERVAL ${n} DAY, DATE ${d}", "SELECT INTERVAL 5 DAY, DATE '2024-01-01'"),
        ("SELECT ${q|15} + ${r|'a b'}", "SELECT 15 + 'a b'"),
        ("SELECT ${q|\"us east\"}, ${ q | x }", "SELECT 'us east', 'x'"),
    ] {
        check(values.clone(), sql, expected);
    }
}

#[test]
fn a_value_inside_quotes_is_text() {
    let values = json!({"s": "x' OR '1'='1", "n": 5, "q": "say \"hi\"", "back": "a\\'b", "z": null});
    for (sql, expected) in [
        ("SELECT '${s}'", "SELECT 'x'' OR ''1''=''1'"),
        ("SELECT 'a-${n}-${y|z}'", "SELECT 'a-5-z'"),
        ("SELECT '[${z}]'", "SELECT '[]'"),
        ("SELECT 1 AS \"c ${q}\"", "SELECT 1 AS \"c say \"\"hi\"\"\""),
        ("SELECT E'${back}'", "SELECT E'a\\\\''b'"),
        ("SELECT '${back}'", "SELECT 'a\\''b'"),
        ("SELECT $t$ ${n} $t$", "SELECT $t$ 5 $t$"),
        ("SELECT '$n $m $5 $'", "SELECT '5 $m $5 $'"),
        ("SELECT 1 -- ${nowhere}\n, 2", "SELECT 1 -- ${nowhere}\n, 2"),
        ("SELECT '${r|'us east'}'", "SELECT 'us east'"),
    ] {
        check(values.clone(), sql, expected);
    }
}

#[test]
fn a_value_where_only_a_name_can_stand_is_a_quoted_name() {
    let values = json!({"t": "u", "qualified": "main.u", "odd": "a\"b; c", "c": "col", "n": 2024});
    for (sql, expected) in [
        ("SELECT * FROM ${t}", "SELECT * FROM \"u\""),
        ("SELECT * FROM ${qualified}", "SELECT * FROM \"main\".\"u\""),
        ("SELECT * FROM ${odd}", "SELECT * FROM \"a\"\"b; c\""),
        ("SELECT * FROM a JOIN ${t} ON true", "SELECT * FROM a JOIN \"u\" ON true"),
        ("SELECT * FROM a, ${t} WHERE x IN (1, ${n})", "SELECT * FROM a, \"u\" WHERE x IN (1, 2024)"),
        ("SELECT * FROM main.${t}", "SELECT * FROM main.\"u\""),
        ("SELECT ${t}.${c} FROM u", "SELECT \"u\".\"col\" FROM u"),
        ("SELECT 1 AS ${c}", "SELECT 1 AS \"col\""),
        ("SELECT * FROM events_${n}", "SELECT * FROM \"events_2024\""),
        ("SELECT * FROM ${t}_${n}_x", "SELECT * FROM \"u_2024_x\""),
        ("SELECT * EXCLUDE (id, ${c}) FROM u", "SELECT * EXCLUDE (id, \"col\") FROM u"),
        ("FROM ${t} SELECT 1", "FROM \"u\" SELECT 1"),
        ("SELECT (SELECT max(x) FROM ${t}) + ${n}", "SELECT (SELECT max(x) FROM \"u\") + 2024"),
        (
            "SELECT a FROM u GROUP BY ${c} ORDER BY ${c}, 2, ${n}",
            "SELECT a FROM u GROUP BY \"col\" ORDER BY \"col\", 2, 2024",
        ),
        ("SELECT * FROM a JOIN b USING (id, ${c})", "SELECT * FROM a JOIN b USING (id, \"col\")"),
    ] {
        check(values.clone(), sql, expected);
    }
}

#[test]
fn a_value_does_not_melt_into_its_neighbours() {
    let values = json!({"s": "a", "n": 5});
    check(values.clone(), "SELECT ${s}${s}", "SELECT 'a'  'a'");
    check(values.clone(), "SELECT 'b'${s}", "SELECT 'b' 'a'");
    check(values, "SELECT 1${n}", "SELECT 1 5");
}

#[test]
fn the_command_line_wins_then_the_profile_then_set_then_the_environment_then_the_default() {
    let text = "SET a = 's'; SET b = 's'; SET c = 's';
        CREATE TABLE t AS SELECT '${a|d}${b|d}${c|d}${e|d}${f|d}' AS x;";
    let project = Project::new(text)
        .vars(json!({"a": "C"}))
        .profile("variables: {a: P, b: P}")
        .env("a", "E")
        .env("b", "E")
        .env("c", "E")
        .env("e", "E");
    assert_eq!(project.transform("t").query, "SELECT 'CPsEd' AS x");
}

/// What SET gives.
#[track_caller]
fn check_set(value: &str, expected: &str) {
    let text = format!("SET two = 2; SET name = 'eu'; SET v = {value}; CREATE TABLE t AS SELECT ${{v}} AS x;");
    assert_eq!(Project::new(&text).transform("t").query, format!("SELECT {expected} AS x"), "{value}");
}

#[test]
fn values_of_set() {
    for (value, expected) in [
        ("5", "5"),
        ("1.10", "1.10"),
        ("007", "'007'"),
        ("-3", "(-3)"),
        ("true", "TRUE"),
        ("null", "NULL"),
        ("2024-01-15", "'2024-01-15'"),
        ("'a b  c'", "'a b  c'"),
        ("\"it's\"", "'it''s'"),
        ("'it''s'", "'it''s'"),
        ("'5'", "'5'"),
        ("${two}", "2"),
        ("${two} + 1", "3"),
        ("(${two} + 1) * 4 - 2 / 2", "11"),
        ("${two} / 4", "0.5"),
        ("7 % 4", "3"),
        ("${name}-east", "'eu-east'"),
        ("${name} || '_' || ${two}", "'eu_2'"),
        ("${name} - 1", "'eu - 1'"),
        ("data/${name}/x.csv", "'data/eu/x.csv'"),
        ("${nope|fallback}", "'fallback'"),
    ] {
        check_set(value, expected);
    }
}

#[test]
fn set_counts_from_where_it_stands() {
    let text = "SET a = 1; CREATE TABLE t AS SELECT ${a} AS x; SET a = 2; CREATE TABLE w AS SELECT ${a} AS x;
        IF ${a} == 2 THEN SET a = 3; END IF; CREATE TABLE z AS SELECT ${a} AS x;";
    let project = Project::new(text);
    for (table, expected) in [("t", "SELECT 1 AS x"), ("w", "SELECT 2 AS x"), ("z", "SELECT 3 AS x")] {
        assert_eq!(project.transform(table).query, expected);
    }
}

#[test]
fn the_command_line_is_json_or_pairs() {
    let values = Variables::parse_command_line(r#"{"a": "5", "b": 5, "c": null}"#).unwrap();
    assert_eq!(values["a"], Value::Text("5".to_owned()));
    assert_eq!(values["b"], Value::infer("5"));
    assert_eq!(values["c"], Value::Null);
    let values = Variables::parse_command_line("a=5, b='5',c=x=y,d=true").unwrap();
    assert_eq!(values["a"], Value::infer("5"));
    assert_eq!(values["b"], Value::Text("5".to_owned()));
    assert_eq!(values["c"], Value::Text("x=y".to_owned()));
    assert_eq!(values["d"], Value::Boolean(true));
    let values = Variables::parse_command_line("a='x, y', b=\"1,2\",c=it's,d='").unwrap();
    assert_eq!(values["a"], Value::Text("x, y".to_owned()));
    assert_eq!(values["b"], Value::Text("1,2".to_owned()));
    assert_eq!(values["c"], Value::Text("it's".to_owned()));
    assert_eq!(values["d"], Value::Text("'".to_owned()));
    for wrong in ["a", "=5", "{\"a\": [1]}", "{\"a\""] {
        assert!(Variables::parse_command_line(wrong).is_err(), "{wrong}");
    }
}
