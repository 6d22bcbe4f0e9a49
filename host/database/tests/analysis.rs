//! What a query reads and calls.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use duckpen_database::{Database, Error, Options, Session};

fn session() -> Session {
    Database::open(Options::in_memory()).unwrap().connect().unwrap()
}

#[track_caller]
fn check(sql: &str, tables: &[&str], functions: &[&str]) {
    let analysis = session().analyze(sql).unwrap();
    let found: Vec<String> = analysis
        .tables
        .iter()
        .map(|table| match &table.schema {
            Some(schema) => format!("{schema}.{}", table.name),
            None => table.name.clone(),
        })
        .collect();
    let mut called = analysis.functions.clone();
    called.extend(analysis.table_functions);
    assert_eq!(found, tables, "tables of {sql}");
    assert_eq!(called, functions, "functions of {sql}");
}

#[test]
fn base_tables_are_found_and_aliases_and_common_tables_are_not() {
    check("SELECT * FROM a", &["a"], &[]);
    check("FROM a", &["a"], &[]);
    check("SELECT * FROM A x JOIN s.b y ON x.i = y.i", &["A", "s.b"], &[]);
    check("SELECT * FROM a, b, LATERAL (SELECT a.i + c.i FROM c)", &["a", "b", "c"], &[]);
    check("WITH a AS (SELECT * FROM b) SELECT * FROM a", &["b"], &[]);
    check(
        "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r, t WHERE i < 3) SELECT * FROM r",
        &["t"],
        &[],
    );
    check("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) JOIN a ON true", &["a"], &[]);
    check("SELECT (SELECT max(v) FROM b), i IN (SELECT i FROM c) FROM a", &["a", "b", "c"], &["max"]);
    check("SELECT 1 UNION ALL SELECT * FROM b EXCEPT SELECT * FROM c", &["b", "c"], &[]);
    check("PIVOT a ON k IN ('x') USING sum(v)", &["a"], &["sum"]);
    check("SELECT * FROM \"My Table\"", &["My Table"], &[]);
    check("SELECT 'text FROM nowhere'", &[], &[]);
    check("VALUES (1), (2)", &[], &[]);
}

#[test]
fn functions_are_found_and_operators_are_not() {
    check("SELECT upper(s) || lower(s), 1 + 2, x::INT FROM a", &["a"], &["lower", "upper"]);
    check("SELECT row_number() OVER (ORDER BY f(x)) FROM a", &["a"], &["f", "row_number"]);
    check("SELECT * FROM read_csv('x.csv')", &[], &["read_csv"]);
    check("SELECT list_transform([1], lambda x: g(x))", &[], &["g", "list_transform", "list_value"]);
    check("SELECT * FROM 'x.csv'", &["x.csv"], &[]);
}

#[test]
fn what_is_not_one_query_is_refused() {
    let session = session();
    for sql in ["", "SELECT 1; SELECT 2", "SELEC 1", "SELECT * FROM"] {
        assert!(matches!(session.analyze(sql), Err(Error::Query { .. })), "{sql}");
    }
    for sql in
        ["DROP TABLE a", "COPY a TO 'x'", "CREATE TABLE a AS SELECT 1", "SET threads = 1", "PIVOT a ON k USING sum(v)"]
    {
        assert!(matches!(session.analyze(sql), Err(Error::Forbidden { .. })), "{sql}");
    }
}
