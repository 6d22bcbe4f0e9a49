//! No value of a variable changes what a query is: DuckDB's own parser sees the same tree, with the value in one place.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

use duckpen_database::{Database, Options, Session, quote_literal};
use duckpen_pipeline::{
    Compilation, CompileRequest, Number, SourceError, Sources, StepKind, Value, Variables, compile,
};
use duckpen_steps::DatabaseAnalyzer;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value as Json;

/// Places where a value, a text or a part of a text stands.
const VALUES: &[&str] = &[
    "SELECT ${v} AS x",
    "SELECT $v AS x",
    "SELECT a FROM u WHERE b = ${v} AND c = 1",
    "SELECT a FROM u WHERE b IN (1, ${v}, 2) OR c BETWEEN ${v} AND 'z'",
    "SELECT 'in ${v} text', 2",
    "SELECT '${v}', '$v', 2",
    "SELECT E'in ${v} text', 2",
    "SELECT $t$ in ${v} text $t$, 2",
    "SELECT 1 AS \"in ${v} name\", 2",
    "SELECT f(${v}, [${v}], {'k': ${v}}) -- ${v}\n, 3",
    "SELECT ${v} /* ${v} */ , 4",
    "SELECT CASE WHEN a = ${v} THEN ${v} ELSE 'n' END FROM u",
    "SELECT a || ${v} || '${v}' FROM (SELECT ${v} AS a) t",
    "WITH c AS (SELECT ${v} AS k) SELECT k FROM c WHERE k <> ${v} UNION ALL SELECT ${v}",
    "SELECT a FROM u GROUP BY a HAVING max(b) > ${v}",
    "FROM u SELECT a WHERE b LIKE '%${v}%' ESCAPE '!'",
];

/// Places where a number can stand.
const NUMBERS: &[&str] = &[
    "SELECT ${n} AS x",
    "SELECT a FROM u WHERE b > ${n} AND c < ${n} LIMIT 3",
    "SELECT - ${n} -${n} --${n}\n, 2",
    "SELECT a -${n}, a*${n}, 2 FROM u",
    "SELECT f(${n}, [${n}, ${n}]), b[1] FROM u WHERE x IN (${n})",
];

/// Places where only a name can stand.
const NAMES: &[&str] = &[
    "SELECT * FROM ${v}",
    "SELECT * FROM ${v} AS t JOIN b ON true",
    "SELECT ${v}.a, 1 AS ${v} FROM u, ${v}",
    "SELECT * FROM part_${v}",
    "SELECT * FROM ${v}_2024_${v}",
    "SELECT * FROM main.${v}",
    "SELECT a FROM u JOIN w USING (${v}) ORDER BY ${v}",
    // DuckDB groups once by what is named twice, so that the first name is one that no value has.
    "SELECT zqgroupedqz FROM u GROUP BY zqgroupedqz, ${v}",
    "SELECT * EXCLUDE (${v}) FROM u",
];

/// Stands in a query for the value, to see where it goes.
const MARKER: &str = "zqmarkerqz";

struct NoFiles;

impl Sources for NoFiles {
    fn read(&self, _: &str) -> Result<String, SourceError> {
        Err(SourceError::NotFound)
    }
}

struct Parser {
    analyzer: DatabaseAnalyzer,
    session: Session,
}

impl Parser {
    fn new() -> Self {
        let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
        Self { analyzer: DatabaseAnalyzer::new().unwrap(), session }
    }

    fn compile(&self, text: &str, name: &str, value: Value) -> Compilation {
        compile(CompileRequest {
            pipeline: "p",
            path: "pipelines/p.sf",
            text,
            sources: &NoFiles,
            analyzer: &self.analyzer,
            variables: &Variables::new().with_command_line([(name.to_owned(), value)]),
            profile: None,
            existing_tables: &[],
        })
    }

    /// The query with the value in it; none if the value is refused there. Whatever the value is, it is one of two steps.
    fn query(&self, place: &str, name: &str, value: Value) -> Option<String> {
        let text = format!("CREATE TABLE t AS {place};\nCREATE TABLE last_one AS SELECT 1 AS x;");
        let steps = self.compile(&text, name, value).plan?.steps;
        assert_eq!(steps.len(), 2, "{steps:?}");
        steps.into_iter().find_map(|step| match step.kind {
            StepKind::Transform(step) if step.table.name == "t" => Some(step.query),
            _ => None,
        })
    }

    fn tree(&self, sql: &str) -> Json {
        let rows = self.session.query(&format!("SELECT json_serialize_sql({})::VARCHAR", quote_literal(sql))).unwrap();
        let tree: Json = serde_json::from_str(&rows.first().unwrap().to_string()).unwrap();
        assert_eq!(tree["error"], false, "{sql}\n{tree}");
        tree
    }
}

/// Whether two trees are the same but for the value, which stands in `actual` where the marker stands in `plain`.
fn same(plain: &Json, actual: &Json, value: &str) -> Result<(), String> {
    match (plain, actual) {
        (Json::Object(plain), Json::Object(actual)) => {
            if !plain.keys().eq(actual.keys()) {
                return Err(format!("members {:?} and {:?}", plain.keys(), actual.keys()));
            }
            let mut places = plain.keys().filter(|name| *name != "query_location");
            places.try_for_each(|name| same(&plain[name], &actual[name], value))
        }
        (Json::Array(plain), Json::Array(actual)) if plain.len() == actual.len() => {
            plain.iter().zip(actual).try_for_each(|(plain, actual)| same(plain, actual, value))
        }
        (Json::String(plain), Json::String(actual)) if plain.replace(MARKER, value) == *actual => Ok(()),
        (plain, actual) if plain == actual => Ok(()),
        (plain, actual) => Err(format!("{plain} and {actual}")),
    }
}

/// Every number is the same number.
fn without_numbers(tree: &Json) -> Json {
    match tree {
        Json::Object(members) => {
            let is_negation = members.get("function_name").is_some_and(|name| name == "-")
                && members["children"].as_array().is_some_and(|children| children.len() == 1);
            if is_negation && members["children"][0]["class"] == "CONSTANT"
                || members.get("class") == Some(&"CONSTANT".into())
            {
                return "number".into();
            }
            let members = members.iter().filter(|(name, _)| *name != "query_location");
            members.map(|(name, member)| (name.clone(), without_numbers(member))).collect()
        }
        Json::Array(items) => items.iter().map(without_numbers).collect(),
        other => other.clone(),
    }
}

fn hostile_text() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "'",
        "''",
        "\"",
        "\\",
        "\\'",
        "--",
        "/*",
        "*/",
        ";",
        "$$",
        "$t$",
        "$",
        "${v}",
        "${",
        "}",
        "|",
        "\n",
        "\r\n",
        "\t",
        "' OR '1'='1",
        ") UNION SELECT 1",
        "; DROP TABLE u; --",
        "\u{2028}",
        "\u{a0}",
        "\u{feff}",
        "é",
        "日本",
        "🦆",
        "e\u{301}",
        "\u{202e}",
        "\u{7f}",
        "%",
        "_",
        "!",
        "1",
        "1.5e3",
        "0x1F",
        "NULL",
        "TRUE",
        "::INT",
        "->",
        "#1",
        "@a",
        "E'",
        "U&'",
        "x'",
        "?",
        ":a",
        "`",
        "[",
        "{",
        "(",
        ")",
        "zqmarkerqz",
    ];
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9 ]{1,4}",
        1 => "\\PC{1,3}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn runner() -> TestRunner {
    TestRunner::new(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })
}

/// `accepts` says of a text whether it has to have a place, so that refusing all of them would not pass.
fn check(places: &'static [&'static str], accepts: fn(&str, &str) -> bool, prepare: fn(String) -> String) {
    let parser = Parser::new();
    let cases = (prop::sample::select(places), hostile_text().prop_map(prepare));
    let outcome = runner().run(&cases, |(place, value)| {
        let plain = parser.query(place, "v", Value::Text(MARKER.into())).unwrap();
        let Some(query) = parser.query(place, "v", Value::Text(value.clone())) else {
            prop_assert!(!accepts(place, &value), "refused: {:?} in {}", value, place);
            return Ok(());
        };
        let compared = same(&parser.tree(&plain), &parser.tree(&query), &value);
        prop_assert!(compared.is_ok(), "{}\n{:?}", query, compared);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn a_text_is_one_value_whatever_it_holds() {
    // In a dollar-quoted text a dollar sign could be its end.
    check(VALUES, |place, value| !(place.contains("$t$") && value.contains('$')), |value| value);
}

#[test]
fn a_name_is_one_name_whatever_it_holds() {
    // With a dot in it a value is a name of several parts; a name has at least one letter.
    check(NAMES, |_, value| !value.is_empty(), |value| value.replace('.', ""));
}

#[test]
fn a_number_is_one_number() {
    let parser = Parser::new();
    let numbers = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_filter("a number", |number| number.is_finite()).prop_map(|number| number.to_string()),
        "-?[1-9][0-9]{0,40}(\\.[0-9]{1,20})?(e[+-]?[0-9]{1,2})?",
    ];
    let outcome = runner().run(&(prop::sample::select(NUMBERS), numbers), |(place, text)| {
        let value = |text: &str| Value::Number(Number::parse(text).unwrap());
        let plain = parser.query(place, "n", value("7")).unwrap();
        let query = parser.query(place, "n", value(&text)).unwrap();
        prop_assert_eq!(without_numbers(&parser.tree(&query)), without_numbers(&parser.tree(&plain)), "{}", query);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn a_value_cannot_bring_another_statement_into_the_pipeline() {
    let parser = Parser::new();
    let text = "SOURCE s TYPE CSV PARAMS {\"path\": \"${v}.csv\", \"k\": ${v}};\nLOAD u FROM s MODE UPSERT KEY (\"${v}\");\n\
        CREATE TABLE t AS SELECT 1 AS x;\nEXPORT t TO \"${v}.csv\" TYPE CSV OPTIONS {\"${v}\": \"${v}\"};";
    let outcome = runner().run(&hostile_text(), |value| {
        let compilation = parser.compile(text, "v", Value::Text(value.clone()));
        let Some(plan) = compilation.plan else { return Ok(()) };
        let ids = plan.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>();
        prop_assert_eq!(ids, ["source_s", "load_u_upsert_1", "transform_t_2", "export_csv_t"]);
        let StepKind::Source(source) = &plan.steps[0].kind else { panic!() };
        prop_assert_eq!(&source.params["path"], &format!("{value}.csv"));
        prop_assert_eq!(&source.params["k"], &value);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
