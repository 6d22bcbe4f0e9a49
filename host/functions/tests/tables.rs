//! Table functions of components give the rows that DuckDB's own would, wherever a table may stand.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;

use duckpen_database::Session;
use duckpen_functions::{FunctionKind, Library};
use duckpen_sandbox::Limits;
use support::{engine, guest, register, session, statistics, value};

fn rows(session: &Session) -> Library {
    register(session, &engine(), "duckpen_rows", "rows", &Limits::functions())
}

/// All rows of a query, a line each.
#[track_caller]
fn lines(session: &Session, sql: &str) -> Vec<String> {
    let rows = session.query(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect()
}

/// Two queries have the same columns, of the same types, and the same rows in the same order.
#[track_caller]
fn same(session: &Session, actual: &str, expected: &str) {
    let describe = |sql: &str| lines(session, &format!("SELECT column_name, column_type FROM (DESCRIBE {sql})"));
    assert_eq!(describe(actual), describe(expected), "{actual}");
    assert_eq!(lines(session, actual), lines(session, expected), "{actual}");
}

#[track_caller]
fn error(session: &Session, sql: &str) -> String {
    session.query(sql).map(drop).expect_err(sql).to_string()
}

/// Name, SQL type, and literals at the edges of each type.
const TYPES: &[(&str, &str, &[&str])] = &[
    ("boolean", "BOOLEAN", &["true", "false"]),
    ("tinyint", "TINYINT", &["-128", "127"]),
    ("smallint", "SMALLINT", &["-32768", "32767"]),
    ("integer", "INTEGER", &["-2147483648", "2147483647"]),
    ("bigint", "BIGINT", &["-9223372036854775808", "9223372036854775807"]),
    (
        "hugeint",
        "HUGEINT",
        &["-170141183460469231731687303715884105728", "-1", "170141183460469231731687303715884105727"],
    ),
    ("utinyint", "UTINYINT", &["0", "255"]),
    ("usmallint", "USMALLINT", &["0", "65535"]),
    ("uinteger", "UINTEGER", &["0", "4294967295"]),
    ("ubigint", "UBIGINT", &["0", "18446744073709551615"]),
    ("uhugeint", "UHUGEINT", &["0", "340282366920938463463374607431768211455"]),
    ("float", "FLOAT", &["1e-45", "'-inf'", "'nan'"]),
    ("double", "DOUBLE", &["5e-324", "'inf'", "'nan'", "'-0.0'"]),
    ("decimal4", "DECIMAL(4,1)", &["-999.9", "0.1"]),
    ("decimal9", "DECIMAL(9,2)", &["-9999999.99", "0.01"]),
    ("decimal18", "DECIMAL(18,3)", &["-999999999999999.999", "0.001"]),
    ("decimal38", "DECIMAL(38,10)", &["-9999999999999999999999999999.9999999999", "0.0000000001"]),
    ("varchar", "VARCHAR", &["''", "'twelve bytes'", "'thirteen byte'", "'a' || chr(0) || '🦆'", "'it''s'"]),
    ("owned_varchar", "VARCHAR", &["'x'", "repeat('€', 1000)"]),
    ("blob", "BLOB", &["''", "'\\xFF\\x00\\x80'", "'thirteen byte'"]),
    ("owned_blob", "BLOB", &["'\\x00'", "'twelve bytes'"]),
    ("date", "DATE", &["'0044-03-15 (BC)'", "'5881580-07-10'", "'infinity'"]),
    ("time", "TIME", &["'00:00:00'", "'24:00:00'"]),
    ("timetz", "TIMETZ", &["'00:00:00+15:59:59'", "'24:00:00-15:59:59'"]),
    ("bit", "BIT", &["'0'", "'10101010101'"]),
    ("bignum", "BIGNUM", &["0", "-123456789012345678901234567890123456789012345"]),
    ("timestamp", "TIMESTAMP", &["'290309-12-22 (BC) 00:00:00'", "'-infinity'"]),
    ("timestamptz", "TIMESTAMPTZ", &["'2000-02-29 23:59:59.999999+00'", "'infinity'"]),
    ("interval", "INTERVAL", &["'1 month -30 days'", "'-178956970 years -8 months'", "'-1 microsecond'"]),
    ("uuid", "UUID", &["'80000000-0000-0000-0000-000000000000'", "'00112233-4455-6677-8899-aabbccddeeff'"]),
    ("list", "VARCHAR[]", &["[]", "[NULL, 'a text of some length', '']"]),
    ("list_list", "INTEGER[][]", &["[]", "[NULL, [], [1, NULL, 3]]"]),
    ("array", "BIGINT[2]", &["[1, NULL]", "[NULL, NULL]"]),
    ("struct", "STRUCT(number INTEGER, flags BOOLEAN[])", &["{number: 1, flags: [true, NULL]}", "row(NULL, NULL)"]),
    ("map", "MAP(VARCHAR, BIGINT)", &["MAP {}", "MAP {'a': NULL, 'a text of some length': -1}"]),
    (
        "list_struct",
        "STRUCT(number INTEGER, flags BOOLEAN[])[]",
        &["[]", "[NULL, {number: NULL, flags: []}, {number: 2, flags: [false]}]"],
    ),
];

#[test]
fn values_of_every_type_go_in_and_come_out_unchanged() {
    let session = session(1);
    let _library = rows(&session);
    for (name, sql, literals) in TYPES {
        let value = |literal: &str| format!("CAST({literal} AS {sql})");
        let literals: Vec<String> = literals.iter().copied().chain(["NULL"]).map(value).collect();
        for (x, y) in literals.iter().zip(literals.iter().rev()) {
            same(
                &session,
                &format!("FROM of_{name}({x}, y := {y}) ORDER BY position"),
                &format!("FROM (VALUES (1, {x}), (2, NULL), (3, {y})) v(position, x) ORDER BY position"),
            );
        }
        same(
            &session,
            &format!("FROM of_{name}({})", literals[0]),
            &format!("FROM (VALUES (1, {}), (2, NULL), (3, NULL)) v(position, x)", literals[0]),
        );
    }
}

#[test]
fn rows_are_those_of_a_native_range() {
    let session = session(2);
    let _library = rows(&session);
    for rows in [0, 1, 2_047, 2_048, 2_049, 100_000] {
        same(
            &session,
            &format!("SELECT value FROM series(0, {rows}) ORDER BY value"),
            &format!("SELECT range AS value FROM range({rows}) ORDER BY value"),
        );
    }
    same(&session, "FROM series(-5, 6, step := 3)", "SELECT range::BIGINT AS value FROM range(-5, 6, 3)");
    same(
        &session,
        "FROM words('ein duck2 🦆 übermut')",
        "FROM (VALUES (0::UINTEGER, 'ein', 3::USMALLINT), (1, 'duck2', NULL), (2, '🦆', NULL), (3, 'übermut', 7)) \
         v(position, word, letters)",
    );
}

#[test]
fn columns_may_be_wanted_in_any_order_or_not_at_all() {
    let session = session(2);
    let _library = rows(&session);
    for function in ["numbers(5000)", "numbers(5000, partitions := 3)"] {
        let native = "(SELECT range::BIGINT AS number, (range * range)::DOUBLE AS square, 'number ' || range AS text \
                      FROM range(5000))";
        for select in [
            "SELECT * FROM t ORDER BY number",
            "SELECT text, number FROM t ORDER BY number",
            "SELECT square FROM t ORDER BY 1",
            "SELECT text, square, number, text AS again FROM t ORDER BY number",
            "SELECT count(*) AS count FROM t",
            "SELECT 1 AS one FROM t",
            "SELECT text FROM t WHERE square BETWEEN 100 AND 400 ORDER BY text",
            "SELECT number FROM t WHERE number % 7 = 3 ORDER BY number DESC LIMIT 5 OFFSET 2",
            "SELECT count(*) AS count, sum(a.number) AS sum FROM t a JOIN t b ON a.number = b.square::BIGINT",
            "SELECT length(text) AS length, max(number) AS most FROM t GROUP BY ALL ORDER BY ALL",
            "SELECT text FROM t WHERE number = (SELECT max(number) FROM t)",
            "SELECT (SELECT count(*) FROM t WHERE number < i) AS below FROM range(3) r(i)",
            "SELECT i, number FROM range(3) r(i), LATERAL (SELECT number FROM t WHERE number < i) ORDER BY ALL",
        ] {
            let with = |from: &str| format!("WITH t AS (FROM {from}) {select}");
            same(&session, &with(function), &with(native));
        }
    }
}

#[test]
fn every_row_of_a_partitioned_scan_comes_once() {
    for threads in [1, 4] {
        let session = session(threads);
        let library = rows(&session);
        for partitions in [1, 2, 7, 100] {
            assert_eq!(
                lines(
                    &session,
                    &format!(
                        "SELECT count(*), count(DISTINCT number), min(number), max(number), sum(number) \
                         FROM numbers(1000000, partitions := {partitions})"
                    ),
                ),
                ["1000000|1000000|0|999999|499999500000"],
                "{partitions} partitions on {threads} threads"
            );
        }
        let costs = statistics(&library, "numbers");
        assert_eq!((costs.rows, costs.failures), (4_000_000, 0));
        // Twice for the plan, then one for each thread at most.
        assert!(costs.instances <= 4 * (2 + threads as u64), "{costs:?}");
        // Of each instance its making, `bind` and `shape`; of each partition its scan and its end.
        assert_eq!(costs.measurements, 3 * costs.instances + 2 * (1 + 2 + 7 + 100) + costs.calls);
    }
}

#[test]
fn memory_does_not_grow_with_the_rows() {
    let session = session(1);
    let library = rows(&session);
    let peak = |rows: u64| {
        let sql = format!("SELECT sum(length(text)) FROM numbers({rows}) WHERE number >= 0");
        session.query(&sql).unwrap();
        statistics(&library, "numbers").peak_memory
    };
    let short = peak(10_000);
    assert_eq!(peak(1_000_000), short);
}

#[test]
fn arguments_may_be_any_constants() {
    let session = session(1);
    let _library = rows(&session);
    for (sql, expected) in [
        ("SELECT count(*) FROM series(1 + 1, abs(-10))", "8"),
        ("SELECT count(*) FROM series(2::TINYINT, 10::SMALLINT, step := 2::INTEGER)", "4"),
        ("SELECT count(*) FROM series(0, 10, step => 5)", "2"),
        ("SELECT count(*) FROM series(0, 10, step = 5)", "2"),
        ("SELECT count(*) FROM series(0, 10, STEP := '5')", "2"),
        ("SELECT count(*) FROM series(0, 10, step := NULL)", "10"),
        ("SELECT count(*) FILTER (given) FROM is_given(NULL)", "0"),
        ("SELECT count(*) FILTER (given) FROM is_given(1, y := 2)", "2"),
        ("SELECT count(*) FROM SERIES(0, 3) AS s(number) WHERE number > 0", "2"),
        ("SELECT sum(twice(value)) FROM series(0, 3)", "6"),
    ] {
        assert_eq!(value(&session, sql), expected, "{sql}");
    }
}

#[test]
fn calls_that_do_not_fit_say_why() {
    let session = session(1);
    let _library = rows(&session);
    for (sql, message) in [
        ("FROM series('a', 3)", "No function matches the given name and argument types 'series(VARCHAR, INTEGER"),
        ("FROM series(1.5, 3)", "series(BIGINT, BIGINT, step : BIGINT)"),
        ("FROM series(1)", "No function matches the given name and argument types 'series(INTEGER"),
        ("FROM series(1, 2, 3)", "No function matches"),
        ("FROM series(1, 2, stride := 3)", "Invalid named parameter \"stride\" for function series"),
        ("FROM series(1, 2, step := 'far')", "Could not convert string 'far' to INT64"),
        ("FROM series(NULL, 2)", "function `series` of component `rows`: the argument `start` cannot be NULL"),
        (
            "FROM series(1, 2, step := 0)",
            "function `series` of component `rows`: a step of 0 leads nowhere\nhint: it has to be at least 1",
        ),
        ("FROM numbers(-1)", "function `numbers` of component `rows`: there are no -1 numbers"),
        (
            "FROM fail_after(5000)",
            "function `fail_after` of component `rows`: 5001 is one too many\n  in row 5000 of partition 0 of its result",
        ),
        ("SELECT series(1, 2)", "\"series\" is a table function but it was used as a scalar function"),
        ("FROM range(3) r(i), series(0, i)", "does not support lateral join column parameters"),
        ("FROM series(0, (SELECT 3))", "Table function cannot contain subqueries"),
    ] {
        let error = error(&session, sql);
        assert!(error.contains(message), "{sql}: {error}");
        assert_eq!(value(&session, "SELECT count(*) FROM series(0, 3)"), "3");
    }
}

#[test]
fn the_plan_knows_how_many_rows_there_will_be() {
    let session = session(1);
    let _library = rows(&session);
    for (call, rows) in [("numbers(12345)", "~12,345 rows"), ("series(0, 777)", "~777 rows"), ("words('a')", "~1 row")]
    {
        let plan = lines(&session, &format!("EXPLAIN FROM {call}")).join("\n");
        assert!(plan.contains(rows), "{call}: {plan}");
    }
}

#[test]
fn a_call_stands_wherever_a_table_does() {
    let session = session(2);
    let _library = rows(&session);
    for sql in [
        "CREATE TABLE made AS FROM numbers(3000)",
        "INSERT INTO made SELECT number + 3000, square, text FROM numbers(1000, partitions := 4)",
        "CREATE VIEW seen AS SELECT value FROM series(0, 100)",
        "PREPARE counted AS SELECT count(*) FROM series(?, 10, step := ?)",
    ] {
        session.execute(sql).unwrap();
    }
    for (sql, expected) in [
        ("SELECT count(*) FROM made", "4000"),
        ("SELECT count(DISTINCT number) FROM made", "4000"),
        ("SELECT count(*) FROM seen", "100"),
        ("EXECUTE counted(0, 1)", "10"),
        ("EXECUTE counted(0, 1)", "10"),
        ("EXECUTE counted(4, 2)", "3"),
        ("SELECT count(*) FROM series(0, 30) a, series(0, 20) b WHERE a.value = b.value", "20"),
        ("SELECT count(*) FROM series(0, 30) WHERE value IN (FROM series(0, 60, step := 7))", "5"),
        ("WITH t AS MATERIALIZED (FROM series(0, 3)) SELECT count(*) FROM t a, t b", "9"),
        ("SELECT count(*) FROM (FROM series(0, 3) UNION ALL FROM series(0, 4))", "7"),
    ] {
        assert_eq!(value(&session, sql), expected, "{sql}");
    }
}

#[test]
fn a_component_exports_the_interfaces_of_its_kinds_and_imports_what_they_need() {
    for (name, exports, imports) in [
        ("duckpen_types", &["scalar"][..], &["log", "results"][..]),
        ("duckpen_rows", &["scalar", "table"], &["batches", "log", "results"]),
        ("duckpen_evil_tables", &["table"], &["batches"]),
    ] {
        let library = Library::load(&engine(), name, &guest(name), &Limits::functions()).unwrap();
        let component = library.component();
        let interface = |name: &str| {
            name.strip_prefix("duckpen:functions/").and_then(|rest| rest.strip_suffix("@0.1.0")).map(str::to_owned)
        };
        let exported: BTreeSet<String> = component.exports().iter().filter_map(|name| interface(name)).collect();
        let called = component.imports().iter().filter(|import| !import.functions.is_empty());
        let imported: BTreeSet<String> = called.filter_map(|import| interface(&import.name)).collect();
        assert_eq!(exported.iter().collect::<Vec<_>>(), exports, "{name}");
        assert_eq!(imported.iter().collect::<Vec<_>>(), imports, "{name}");
    }
}

#[test]
fn declarations_say_kind_and_parameters() {
    let library = Library::load(&engine(), "rows", &guest("duckpen_rows"), &Limits::functions()).unwrap();
    let of = |name: &str| library.functions().find(|function| function.name == name).unwrap();
    assert_eq!(of("series").kind, FunctionKind::Table);
    assert_eq!(of("series").signature(), "series(start BIGINT, stop BIGINT, step := BIGINT) -> TABLE");
    assert_eq!(of("series").doc.as_deref(), Some("The numbers from `start` up to `stop`, which is not among them."));
    assert_eq!(of("twice").kind, FunctionKind::Scalar);
}

#[test]
fn a_name_that_duckdb_or_another_component_has_is_refused() {
    let session = session(1);
    let library = rows(&session);
    let error = library.register(&session).unwrap_err().to_string();
    assert!(error.contains("a function of this name exists already"), "{error}");
}
