//! Components with their own WIT: every type both ways, NULL, errors of their own.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_database::Session;
use duckpen_functions::Library;
use duckpen_sandbox::Limits;
use support::{engine, register, session, statistics, value};

fn values(threads: usize) -> (Session, Library) {
    let session = session(threads);
    let library = register(&session, &engine(), "plain_values", "values", &Limits::functions());
    (session, library)
}

#[track_caller]
fn error(session: &Session, sql: &str) -> String {
    match session.query(sql) {
        Ok(rows) => panic!("{sql}: {:?}", rows.first().map(ToString::to_string)),
        Err(error) => error.to_string(),
    }
}

const PLACE: &str = "STRUCT(\"name\" VARCHAR, \"at\" STRUCT(f0 DOUBLE, f1 DOUBLE), tags VARCHAR[], last_seen UINTEGER, \
     colour ENUM('red', 'green', 'dark-blue'))";

const ROUTE: &str = "STRUCT(\"name\" VARCHAR, \"at\" STRUCT(f0 DOUBLE, f1 DOUBLE), tags VARCHAR[], last_seen UINTEGER, \
     colour ENUM('red', 'green', 'dark-blue'))[]";

/// The functions `same_<name>` return what they are given.
const TYPES: &[(&str, &str, &[&str])] = &[
    ("bool", "BOOLEAN", &["true", "false"]),
    ("s8", "TINYINT", &["-128", "-1", "0", "127"]),
    ("s16", "SMALLINT", &["-32768", "0", "32767"]),
    ("s32", "INTEGER", &["-2147483648", "0", "2147483647"]),
    ("s64", "BIGINT", &["-9223372036854775808", "0", "9223372036854775807"]),
    ("u8", "UTINYINT", &["0", "255"]),
    ("u16", "USMALLINT", &["0", "65535"]),
    ("u32", "UINTEGER", &["0", "4294967295"]),
    ("u64", "UBIGINT", &["0", "18446744073709551615"]),
    ("f32", "FLOAT", &["0", "'-0.0'", "1e-45", "3.4028235e38", "'inf'", "'-inf'", "'nan'"]),
    ("f64", "DOUBLE", &["0", "'-0.0'", "5e-324", "1.7976931348623157e308", "'inf'", "'-inf'", "'nan'"]),
    ("char", "VARCHAR", &["'a'", "'é'", "'€'", "'🦆'", "chr(0)", "chr(1114111)"]),
    ("string", "VARCHAR", &["''", "'twelve bytes'", "'thirteen byte'", "'🦆é€'", "chr(0)", "repeat('🦆', 262144)"]),
    ("bytes", "BLOB", &["''", "'\\x00\\xFF'", "'twelve bytes'", "repeat('x', 1000000)::BLOB"]),
    ("colour", "ENUM('red', 'green', 'dark-blue')", &["'red'", "'green'", "'dark-blue'"]),
    ("level", "ENUM('low', 'high')", &["'low'", "'high'"]),
    ("permissions", "VARCHAR[]", &["[]", "['read']", "['read', 'write', 'run-it']"]),
    ("numbers", "BIGINT[]", &["[]", "[1]", "[-9223372036854775808, 0, 9223372036854775807]", "range(5000)"]),
    ("texts", "VARCHAR[]", &["[]", "['']", "['a', 'thirteen byte', '🦆']"]),
    ("optional_numbers", "INTEGER[]", &["[]", "[NULL]", "[1, NULL, 3]"]),
    ("matrix", "DOUBLE[][]", &["[]", "[[]]", "[[1, 2], [], ['nan'::DOUBLE]]"]),
    ("pair", "STRUCT(f0 INTEGER, f1 VARCHAR)", &["{'f0': -1, 'f1': ''}", "{'f0': 7, 'f1': 'thirteen byte'}"]),
    ("place", PLACE, &["{'name': 'a', 'at': {'f0': 1, 'f1': 2}, 'tags': ['x'], 'last_seen': NULL, 'colour': 'red'}"]),
    (
        "optional_place",
        PLACE,
        &["{'name': '', 'at': {'f0': 1, 'f1': 2}, 'tags': [], 'last_seen': 7, 'colour': 'dark-blue'}"],
    ),
    (
        "route",
        ROUTE,
        &[
            "[]",
            "[{'name': 'a', 'at': {'f0': 1, 'f1': 2}, 'tags': ['x', 'y'], 'last_seen': 1, 'colour': 'red'}, \
          {'name': 'b', 'at': {'f0': 3, 'f1': 4}, 'tags': [], 'last_seen': NULL, 'colour': 'green'}]",
        ],
    ),
    ("option", "VARCHAR", &["''", "'a'", "'some text that is not short'"]),
    ("optional_number", "BIGINT", &["-1", "0", "9223372036854775807"]),
];

#[test]
fn values_of_every_type_come_back_as_they_were() {
    let (session, _library) = values(1);
    for (name, sql, edges) in TYPES {
        let quoted = sql.replace('\'', "''");
        for edge in edges.iter().chain(&["NULL"]) {
            // As text, since `-0.0` equals `0.0`.
            let query = format!(
                "SELECT same_{name}(v)::VARCHAR IS NOT DISTINCT FROM v::VARCHAR AND typeof(same_{name}(v)) = '{quoted}' \
                 FROM (SELECT CAST({edge} AS {sql}) AS v)"
            );
            assert_eq!(value(&session, &query), "true", "{name}, {edge:.60}");
        }
    }
}

#[test]
fn rows_of_a_batch_keep_their_places_among_nulls() {
    let (session, _library) = values(1);
    for (name, sql, edges) in TYPES {
        let rows: Vec<String> = edges.iter().map(|edge| format!("(CAST({edge} AS {sql}))")).collect();
        session
            .execute(&format!(
                "CREATE OR REPLACE TABLE edges AS SELECT row_number() OVER () AS n, v FROM (VALUES {}, (NULL)) t(v)",
                rows.join(", ")
            ))
            .unwrap();
        let many = if edges.iter().any(|edge| edge.contains("repeat") || edge.contains("range")) { 4 } else { 1_000 };
        let query = format!(
            "SELECT count(*) FROM (SELECT v, same_{name}(v) AS same FROM edges, range({many})) \
             WHERE same::VARCHAR IS DISTINCT FROM v::VARCHAR"
        );
        assert_eq!(value(&session, &query), "0", "{name}");
    }
}

#[test]
fn null_is_seen_by_options_only() {
    let (session, _library) = values(1);
    for (sql, expected) in [
        ("SELECT or_minus_one(NULL)", "-1"),
        ("SELECT or_minus_one(7)", "7"),
        ("SELECT half(7)", "NULL"),
        ("SELECT half(8)", "4"),
        ("SELECT half(NULL)", "NULL"),
        ("SELECT mixed(NULL, 1)", "101"),
        ("SELECT mixed(1, NULL)", "NULL"),
        ("SELECT mixed(NULL, NULL)", "NULL"),
        ("SELECT sum_two(NULL, 1)", "NULL"),
        ("SELECT maybe(0)", "NULL"),
        ("SELECT maybe(5)", "5"),
        ("SELECT sum(or_minus_one(CASE WHEN i % 2 = 0 THEN 1 END)) FROM range(5000) t(i)", "0"),
        ("SELECT count(half(i)) FROM range(5000) t(i)", "2500"),
        ("SELECT count(mixed(i, CASE WHEN i % 2 = 0 THEN 1 END)) FROM range(5000) t(i)", "2500"),
    ] {
        assert_eq!(value(&session, sql), expected, "{sql}");
    }
}

#[test]
fn errors_of_a_function_are_errors_of_its_query() {
    let (session, _library) = values(1);
    for (sql, expected) in [
        (
            "SELECT parse(v) FROM (VALUES ('1'), (NULL), ('two')) t(v)",
            "function `parse` of component `values`: `two` is no number: invalid digit found in string\n  in row 2 of this thread: parse(text = 'two')",
        ),
        (
            "SELECT within(i, 0, 5) FROM range(10) t(i)",
            "function `within` of component `values`: {reason: too-large, limits: (0, 5)}\n  in row 6 of this thread: within(value = 6, low = 0, high = 5)",
        ),
        (
            "SELECT maybe(-1)",
            "function `maybe` of component `values`: it returned an error without a reason\n  in row 0 of this thread: maybe(value = -1)",
        ),
        (
            "SELECT same_char('ab')",
            "function `same_char` of component `values`: parameter `value` takes one character\n  in row 0 of this thread: \
             same_char(value = 'ab')",
        ),
        ("SELECT same_char('')", "parameter `value` takes one character"),
        ("SELECT same_colour('blue')", "parameter `value` takes one of red, green, dark-blue"),
        ("SELECT same_permissions(['read', 'fly'])", "parameter `value` takes the flags read, write, run-it"),
        ("SELECT same_numbers([1, NULL])", "parameter `value` has a NULL inside, where its type has no option"),
        (
            "SELECT same_pair({'f0': NULL, 'f1': 'a'})",
            "parameter `value` has a NULL inside, where its type has no option",
        ),
    ] {
        let error = error(&session, sql);
        assert!(error.contains(expected), "{sql}: {error}");
        assert_eq!(value(&session, "SELECT parse('12')"), "12", "after {sql}");
    }
}

#[test]
fn batches_of_every_size_are_computed_on_every_thread() {
    for threads in [1, 2] {
        let (session, library) = values(threads);
        for rows in [0u64, 1, 2, 2_047, 2_048, 2_049, 100_000, 400_000] {
            session.execute(&format!("CREATE OR REPLACE TABLE t AS SELECT range AS i FROM range({rows})")).unwrap();
            let sql = "SELECT coalesce(sum(sum_two(i, 1)), 0) FROM t";
            assert_eq!(value(&session, sql), (rows * (rows + 1) / 2).to_string(), "{rows} rows, {threads} threads");
            let texts =
                "SELECT count(*) FROM t WHERE repeat_text(i::VARCHAR, 3) = i::VARCHAR || i::VARCHAR || i::VARCHAR";
            assert_eq!(value(&session, texts), rows.to_string(), "{rows} rows, {threads} threads");
        }
        let costs = statistics(&library, "sum_two");
        assert_eq!((costs.failures, costs.rows, costs.bytes_out), (0, 506_147, 8 * 506_147));
        // One for each instance made, one for each batch.
        assert_eq!(costs.measurements, costs.calls + costs.instances);
    }
}

#[test]
fn every_row_is_a_call_of_its_own() {
    let (session, _library) = values(1);
    assert_eq!(value(&session, "SELECT max(count_calls()) FROM range(5000)"), "5000");
    assert_eq!(value(&session, "SELECT sum(sum_two(20, 22)) FROM range(3000)"), "126000");
    let many: Vec<String> = (1..=18).map(|number| number.to_string()).collect();
    assert_eq!(value(&session, &format!("SELECT sum_of_many({})", many.join(", "))), "171");
}

#[test]
fn signatures_are_those_of_sql() {
    let (_session, library) = values(1);
    let signatures: Vec<String> = library.functions().map(|function| function.signature()).collect();
    for expected in [
        "same_bytes(value BLOB) -> BLOB",
        "same_colour(value VARCHAR) -> ENUM('red', 'green', 'dark-blue')",
        "same_permissions(value VARCHAR[]) -> VARCHAR[]",
        "mixed(first BIGINT, second BIGINT) -> BIGINT",
        "maybe(value BIGINT) -> BIGINT",
        "repeat_text(text VARCHAR, times UINTEGER) -> VARCHAR",
        "count_calls() -> UBIGINT",
    ] {
        assert!(signatures.iter().any(|signature| signature == expected), "{expected} of {signatures:#?}");
    }
    assert!(Library::is_plain(library.component()) && library.unmapped().is_empty());
}
