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
    called.extend(analysis.table_functions.clone());
    assert_eq!(found, tables, "tables of {sql}");
    assert_eq!(called, functions, "functions of {sql}");
    let among_others = session().analyze_all(&["SELECT 1", sql, "SELEC 1"]).unwrap();
    assert_eq!(among_others[1].as_ref().unwrap(), &analysis, "{sql}");
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
    // What comes first does not see what comes later, nor is a name its own table without RECURSIVE: that is an error.
    check("WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM b", &["b"], &[]);
    check("WITH a AS (SELECT 1) SELECT * FROM (SELECT * FROM a, c)", &["c"], &[]);
    check("SELECT * FROM a WHERE EXISTS (FROM b WHERE b.i = a.i)", &["a", "b"], &[]);
    check("SELECT a.s.t FROM a, unnest(a.l) AS u(x)", &["a"], &["unnest"]);
    check("FROM a ASOF JOIN b USING (i) POSITIONAL JOIN c SEMI JOIN d USING (i)", &["a", "b", "c", "d"], &[]);
    check("UNPIVOT a ON v, w INTO NAME n VALUE x", &["a"], &[]);
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

/// DuckDB itself stops at a thousand levels.
#[test]
fn nested_queries_are_looked_at_as_deep_as_duckdb_parses_them() {
    let around = |begin: &str, middle: &str, end: &str, times: usize| {
        format!("{}{middle}{}", begin.repeat(times), end.repeat(times))
    };
    for (sql, is_read) in [
        (format!("SELECT {} FROM a", vec!["i"; 200].join(" + ")), true),
        (format!("SELECT {} FROM a", vec!["i"; 990].join(" * ")), true),
        (format!("SELECT {} FROM a", vec!["i = 1"; 2_000].join(" OR ")), true),
        (format!("SELECT {} FROM a", around("abs(", "i", ")", 990)), true),
        (format!("SELECT {} FROM a", around("CASE WHEN true THEN ", "i", " END", 990)), true),
        (around("SELECT * FROM (", "SELECT i FROM a", ")", 300), true),
        (format!("SELECT {} FROM a", around("(", "i", ")", 5_000)), true),
        (format!("SELECT {} FROM a", vec!["i"; 2_000].join(" + ")), false),
        (format!("SELECT {} FROM a", around("abs(", "i", ")", 20_000)), false),
        (around("SELECT * FROM (", "SELECT i FROM a", ")", 20_000), false),
        (format!("SELECT {} FROM a", "NOT ".repeat(100_000) + "true"), false),
        (format!("SELECT {} FROM a", vec!["i"; 100_000].join(" + ")), false),
    ] {
        let shown = &sql[..60];
        let session = session();
        session.execute("CREATE TABLE a (i INTEGER)").unwrap();
        match session.analyze(&sql) {
            Ok(analysis) => {
                assert!(is_read, "{shown}");
                assert_eq!(analysis.tables.len(), 1, "{shown}");
            }
            Err(Error::Syntax { message, .. }) => {
                assert!(!is_read && message.contains("nested more than 1000 levels deep"), "{shown}: {message}");
            }
            Err(other) => panic!("{shown}: {other:?}"),
        }
        // Binding stops at its own depth: a CASE counts twice there.
        let is_bound = is_read && !sql.contains("CASE");
        assert_eq!(session.column_lineage(&sql).is_ok(), is_bound, "{shown}");
    }
}

#[test]
fn the_place_of_a_mistake_is_an_offset_in_bytes() {
    for (sql, near) in [
        ("SELECT 1 AS x FORM u", "FORM u"),
        ("SELECT 'é日本🦆' AS é, 1 2 FROM u", "2 FROM"),
        ("SELECT 1 +\n  , 2", ", 2"),
    ] {
        match session().analyze(sql) {
            Err(Error::Syntax { offset: Some(offset), .. }) => {
                assert!(sql[offset..].starts_with(near), "{sql}: {offset}")
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[test]
fn what_is_not_one_query_is_refused() {
    let session = session();
    for sql in ["", "SELECT 1; SELECT 2", "SELEC 1", "SELECT * FROM"] {
        assert!(matches!(session.analyze(sql), Err(Error::Syntax { .. })), "{sql}");
    }
    for sql in
        ["DROP TABLE a", "COPY a TO 'x'", "CREATE TABLE a AS SELECT 1", "SET threads = 1", "PIVOT a ON k USING sum(v)"]
    {
        assert!(matches!(session.analyze(sql), Err(Error::Forbidden { .. })), "{sql}");
    }
}
