//! What the columns of a query are made of.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use duckpen_database::{Database, Options, Origins, Session};

const TABLES: &str = "
    CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER);
    CREATE TABLE u (a INTEGER, d INTEGER, e INTEGER);
    CREATE TABLE w (k INTEGER, l INTEGER[], s STRUCT(x INTEGER, y INTEGER), j VARCHAR);
    CREATE SCHEMA other;
    CREATE TABLE other.t (a INTEGER, z INTEGER);
    CREATE VIEW v AS SELECT a AS va, b + c AS vb FROM t;";

fn session() -> Session {
    let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
    session.execute(TABLES).unwrap();
    session
}

fn words(origins: &Origins) -> String {
    let column = |reference: &duckpen_database::ColumnReference| {
        let schema = reference.table.schema.as_ref().map(|schema| format!("{schema}.")).unwrap_or_default();
        format!("{schema}{}.{}", reference.table.name, reference.column)
    };
    let known = origins.columns.iter().map(column);
    known.chain(origins.unknown.as_ref().map(|_| "?".to_owned())).collect::<Vec<_>>().join(" ")
}

/// Queries with what is found: `column = origins` for each column, and behind `|` what decides on the rows.
#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let session = session();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(query, expected)| {
            let found = match session.column_lineage(query) {
                Ok(lineage) => {
                    let columns = lineage.columns.iter();
                    let columns =
                        columns.map(|column| format!("{} = {}", column.name, words(&column.origins)).trim().to_owned());
                    let rows = words(&lineage.rows);
                    let rows = if rows.is_empty() { String::new() } else { format!(" | {rows}") };
                    format!("{}{rows}", columns.collect::<Vec<_>>().join(", "))
                }
                Err(error) => error.to_string(),
            };
            (found != *expected).then(|| format!("{query}\n    found    {found}\n    expected {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn expressions_are_made_of_the_columns_in_them() {
    check(&[
        ("SELECT a FROM t", "a = t.a"),
        ("SELECT A AS x FROM T", "x = T.a"),
        ("SELECT t.a, main.t.b FROM t", "a = t.a, b = t.b"),
        ("SELECT a + b * 2 AS x, 'text' AS y, 1 AS z FROM t", "x = t.a t.b, y =, z ="),
        ("SELECT a::VARCHAR || 'x' AS s FROM t", "s = t.a"),
        ("SELECT CASE WHEN a > 1 THEN b ELSE 0 END AS x FROM t", "x = t.a t.b"),
        ("SELECT a BETWEEN b AND c AS x, a IN (1, b) AS y FROM t", "x = t.a t.b t.c, y = t.a t.b"),
        ("SELECT coalesce(a, b) AS x, nullif(b, c) AS y FROM t", "x = t.a t.b, y = t.b t.c"),
        ("SELECT s.x, s['y'] AS y, s FROM w", "x = w.s, y = w.s, s = w.s"),
        ("SELECT l[1] AS first, j -> '$.m' AS m, j ->> 'n' AS n FROM w", "first = w.l, m = w.j, n = w.j"),
        ("SELECT list_transform(l, x -> x + k) AS m FROM w", "m = w.k w.l"),
        ("SELECT list_transform(l, lambda k: k + 1) AS m FROM w", "m = w.l"),
        ("SELECT [x + k FOR x IN l IF x > 0] AS m FROM w", "m = w.k w.l"),
        ("SELECT list_reduce(l, lambda p, q: p + q + k) AS m FROM w", "m = w.k w.l"),
        ("SELECT t FROM t", "t = t.a t.b t.c"),
        ("SELECT #2 FROM t", "b = t.b"),
        ("SELECT rowid FROM t", "rowid ="),
        ("SELECT va, vb FROM v", "va = v.va, vb = v.vb"),
        ("SELECT z, t.a FROM other.t", "z = other.t.z, a = other.t.a"),
        ("SELECT a, a FROM t", "a = t.a, a = t.a"),
        ("VALUES (1, 2)", "col0 =, col1 ="),
    ]);
}

#[test]
fn stars_are_their_columns() {
    check(&[
        ("FROM t", "a = t.a, b = t.b, c = t.c"),
        ("SELECT t.*, d FROM t, u", "a = t.a, b = t.b, c = t.c, d = u.d"),
        ("SELECT * EXCLUDE (b) FROM t", "a = t.a, c = t.c"),
        ("SELECT * REPLACE (a + c AS b) FROM t", "a = t.a, b = t.a t.c, c = t.c"),
        ("SELECT * RENAME (b AS x) FROM t", "a = t.a, x = t.b, c = t.c"),
        ("SELECT * EXCLUDE (c) REPLACE (b AS a) RENAME (b AS x) FROM t", "a = t.b, x = t.b"),
        ("SELECT t.* EXCLUDE a, u.* EXCLUDE (a, e) FROM t, u", "b = t.b, c = t.c, d = u.d"),
        ("SELECT COLUMNS(*) + 1 FROM t", "a = t.a, b = t.b, c = t.c"),
        ("SELECT max(COLUMNS(* EXCLUDE (c))) FROM t", "a = t.a, b = t.b"),
        ("SELECT COLUMNS(['a', 'c']) FROM t", "a = t.a, c = t.c"),
        ("SELECT COLUMNS(t.*) FROM t, u", "a = t.a, b = t.b, c = t.c"),
        ("SELECT coalesce(*COLUMNS(*)) AS x FROM t", "x = t.a t.b t.c"),
        ("SELECT COLUMNS('a|b') FROM t", "a = ?, b = ?"),
        ("SELECT * LIKE 'a%' FROM t", "a = ?"),
        ("SELECT s.* FROM w", "x = ?, y = ?"),
        ("SELECT * EXCLUDE (t.a) FROM t JOIN u ON true", "b = ?, c = ?, a = ?, d = ?, e = ?"),
    ]);
}

#[test]
fn names_of_the_select_list_are_what_they_stand_for() {
    check(&[
        ("SELECT a AS x, x + b AS y, y AS z FROM t", "x = t.a, y = t.a t.b, z = t.a t.b"),
        // A column comes before a name of the select list.
        ("SELECT b AS a, a + 1 AS y FROM t", "a = t.b, y = t.a"),
        ("SELECT a + b AS x FROM t WHERE x > 1", "x = t.a t.b | t.a t.b"),
        ("SELECT b AS x, count(*) AS n FROM t GROUP BY x", "x = t.b, n = | t.b"),
        ("SELECT b AS x, sum(c) AS s FROM t GROUP BY 1 HAVING s > 0", "x = t.b, s = t.c | t.b t.c"),
        // But not in ORDER BY, where the name of a column of the result comes first, unless it is part of an expression.
        ("SELECT -b AS a FROM t ORDER BY a", "a = t.b | t.b"),
        ("SELECT -b AS a FROM t ORDER BY a + 0", "a = t.b | t.a"),
    ]);
}

#[test]
fn rows_are_decided_by_filters_keys_and_order() {
    check(&[
        ("SELECT a FROM t WHERE b > 0", "a = t.a | t.b"),
        ("SELECT DISTINCT a, b FROM t", "a = t.a, b = t.b | t.a t.b"),
        ("SELECT DISTINCT ON (a) b FROM t ORDER BY c", "b = t.b | t.a t.c"),
        ("SELECT a FROM t ORDER BY b LIMIT 3", "a = t.a | t.b"),
        ("SELECT a, b FROM t ORDER BY 2", "a = t.a, b = t.b | t.b"),
        ("SELECT a, b FROM t ORDER BY ALL", "a = t.a, b = t.b | t.a t.b"),
        ("SELECT a FROM t LIMIT (SELECT max(d) FROM u)", "a = t.a | u.d"),
        ("SELECT a FROM t QUALIFY row_number() OVER (ORDER BY b) = 1", "a = t.a | t.b"),
        ("SELECT a, unnest(l) AS x FROM t, w", "a = t.a, x = w.l | w.l"),
    ]);
}

#[test]
fn groups_are_decided_by_their_keys_and_not_by_what_is_added_up() {
    check(&[
        ("SELECT count(*) AS n FROM t", "n ="),
        ("SELECT a, sum(b) AS s FROM t GROUP BY a", "a = t.a, s = t.b | t.a"),
        ("SELECT a, sum(b) AS s FROM t GROUP BY ALL", "a = t.a, s = t.b | t.a"),
        ("SELECT a + c AS k, max(b) - min(b) AS s FROM t GROUP BY ALL", "k = t.a t.c, s = t.b | t.a t.c"),
        ("SELECT sum(b) FILTER (WHERE c > 0) AS s FROM t", "s = t.b t.c"),
        ("SELECT list(b ORDER BY c) AS s FROM t", "s = t.b t.c"),
        ("SELECT count(DISTINCT b) AS n FROM t HAVING max(c) > 1", "n = t.b | t.c"),
        ("SELECT a, b, count(*) AS n FROM t GROUP BY GROUPING SETS ((a), (b))", "a = t.a, b = t.b, n = | t.a t.b"),
        ("SELECT a, sum(b) OVER (PARTITION BY c ORDER BY a) AS s FROM t", "a = t.a, s = t.a t.b t.c"),
        ("SELECT sum(b) OVER w AS s FROM t WINDOW w AS (PARTITION BY c)", "s = t.b t.c"),
        ("SELECT lag(a, 1, b) OVER (ORDER BY c) AS s FROM t", "s = t.a t.b t.c"),
    ]);
}

#[test]
fn joins_bring_columns_together() {
    check(&[
        ("SELECT b, d FROM t JOIN u ON t.a = u.a", "b = t.b, d = u.d | t.a u.a"),
        ("SELECT * FROM t JOIN u USING (a)", "a = t.a, b = t.b, c = t.c, d = u.d, e = u.e | t.a u.a"),
        ("SELECT a FROM t LEFT JOIN u USING (a)", "a = t.a | t.a u.a"),
        ("SELECT a FROM t RIGHT JOIN u USING (a)", "a = u.a | t.a u.a"),
        ("SELECT a, t.a AS x FROM t FULL JOIN u USING (a)", "a = t.a u.a, x = t.a | t.a u.a"),
        ("SELECT * FROM t NATURAL JOIN u", "a = t.a, b = t.b, c = t.c, d = u.d, e = u.e | t.a u.a"),
        ("SELECT u.* FROM t JOIN u USING (a)", "a = u.a, d = u.d, e = u.e | t.a u.a"),
        (
            "SELECT * FROM t JOIN u USING (a) JOIN other.t AS o USING (a)",
            "a = t.a, b = t.b, c = t.c, d = u.d, e = u.e, z = other.t.z | t.a u.a other.t.a",
        ),
        ("SELECT * FROM t SEMI JOIN u USING (a)", "a = t.a, b = t.b, c = t.c | t.a u.a"),
        ("SELECT b FROM t ANTI JOIN u ON t.a = u.a AND u.d > 0", "b = t.b | t.a u.a u.d"),
        ("SELECT b, d FROM t ASOF JOIN u ON t.a >= u.a", "b = t.b, d = u.d | t.a u.a"),
        ("SELECT b, d FROM t POSITIONAL JOIN u", "b = t.b, d = u.d"),
        ("SELECT x.a, y.b FROM t x, t AS y WHERE x.c = y.c", "a = t.a, b = t.b | t.c"),
        ("SELECT t.a, n FROM t, LATERAL (SELECT max(d) AS n FROM u WHERE u.a = t.a)", "a = t.a, n = u.d | t.a u.a"),
        ("SELECT q FROM t AS r(p, q)", "q = t.b"),
        ("SELECT a, x FROM t, unnest([b, c]) AS n(x)", "a = t.a, x = t.b t.c | t.b t.c"),
        ("SELECT range AS i, a FROM t, range(3)", "i =, a = t.a"),
    ]);
}

#[test]
fn subqueries_are_followed() {
    check(&[
        ("SELECT x FROM (SELECT a + b AS x FROM t WHERE c > 0)", "x = t.a t.b | t.c"),
        ("SELECT * FROM (SELECT a AS p, * FROM t) AS q", "p = t.a, a = t.a, b = t.b, c = t.c"),
        ("SELECT * FROM (SELECT a, b AS a FROM t)", "a = t.a, a_1 = t.b"),
        ("SELECT x FROM (SELECT a, b FROM t) AS q(x, y)", "x = t.a"),
        ("SELECT (SELECT max(d) FROM u WHERE u.a = t.a) AS m FROM t", "m = t.a u.a u.d"),
        ("SELECT a FROM t WHERE EXISTS (SELECT e FROM u WHERE u.a = t.b)", "a = t.a | t.b u.a"),
        ("SELECT a FROM t WHERE b IN (SELECT d FROM u WHERE e > 0)", "a = t.a | t.b u.d u.e"),
        ("SELECT a > ALL (SELECT d FROM u) AS x FROM t", "x = t.a u.d"),
        ("SELECT ARRAY(SELECT d FROM u ORDER BY e) AS x", "x = u.d u.e"),
        ("SELECT max(x) AS m FROM (VALUES (1), (2)) AS n(x)", "m ="),
        ("SELECT \"sum(b)\" AS x FROM (SELECT sum(b) FROM t)", "x = ?"),
        ("SELECT * FROM (SELECT sum(b) FROM t)", "sum(b) = t.b"),
    ]);
}

#[test]
fn common_tables_are_followed() {
    check(&[
        ("WITH x AS (SELECT a, b FROM t) SELECT b FROM x", "b = t.b"),
        ("WITH x(p, q) AS (SELECT a, b FROM t WHERE c > 0) SELECT q FROM x", "q = t.b | t.c"),
        ("WITH x AS (SELECT a FROM t), y AS (SELECT a AS z FROM x) SELECT * FROM y", "z = t.a"),
        // The name of a table, but the query's own.
        ("WITH u AS (SELECT b AS d FROM t) SELECT d FROM u", "d = t.b"),
        ("WITH u AS (SELECT b AS d FROM t) SELECT d FROM main.u", "d = main.u.d"),
        (
            "WITH x AS MATERIALIZED (SELECT * FROM t) SELECT p.a, q.b FROM x p JOIN x q USING (c)",
            "a = t.a, b = t.b | t.c",
        ),
        ("SELECT (WITH x AS (SELECT max(d) AS m FROM u) SELECT m FROM x) AS m FROM t", "m = u.d"),
        (
            "WITH RECURSIVE r AS (SELECT a AS i, 0 AS n FROM t UNION ALL \
             SELECT d, n + 1 FROM r JOIN u ON u.a = r.i WHERE n < 3) SELECT i, n FROM r",
            "i = t.a u.d, n = | t.a u.a u.d",
        ),
        (
            "WITH RECURSIVE r(i) AS (SELECT a FROM t UNION SELECT i + 1 FROM r WHERE i < 9) SELECT * FROM r",
            "i = t.a | t.a",
        ),
        (
            "WITH RECURSIVE r(a, b) USING KEY (a) AS (SELECT a, b FROM t UNION SELECT a, b + 1 FROM r WHERE b < 3) FROM r",
            "a = ?, b = ? | ?",
        ),
    ]);
}

#[test]
fn sets_are_both_their_sides() {
    check(&[
        ("SELECT a FROM t UNION ALL SELECT d FROM u", "a = t.a u.d"),
        ("SELECT a, b FROM t UNION SELECT d, e FROM u", "a = t.a u.d, b = t.b u.e | t.a t.b u.d u.e"),
        ("SELECT a FROM t EXCEPT SELECT d FROM u", "a = t.a | t.a u.d"),
        ("SELECT a FROM t INTERSECT ALL SELECT d FROM u", "a = t.a | t.a u.d"),
        ("SELECT a, b FROM t UNION ALL BY NAME SELECT e, a FROM u", "a = t.a u.a, b = t.b, e = u.e"),
        ("SELECT a FROM t WHERE b > 0 UNION ALL SELECT d FROM u WHERE e > 0", "a = t.a u.d | t.b u.e"),
        ("(SELECT a FROM t ORDER BY b LIMIT 1) UNION ALL SELECT d FROM u ORDER BY 1", "a = t.a u.d | t.a t.b u.d"),
        ("SELECT a AS x FROM t UNION ALL SELECT d FROM u ORDER BY x LIMIT 2", "x = t.a u.d | t.a u.d"),
    ]);
}

#[test]
fn what_is_not_followed_is_unknown() {
    check(&[
        ("PIVOT t ON a IN (1, 2) USING sum(b) GROUP BY c", "c = ?, 1 = ?, 2 = ? | ?"),
        ("SELECT name, value FROM (UNPIVOT t ON a, b INTO NAME name VALUE value)", "name = ?, value = ? | ?"),
        (
            "SELECT a, p.c FROM t JOIN (PIVOT t ON a IN (1) USING sum(b) GROUP BY c) AS p USING (c)",
            "a = t.a, c = ? | t.c ?",
        ),
        ("SELECT key, a FROM t, json_each('{}')", "key = ?, a = t.a"),
        ("SELECT a, key FROM t, json_each(a::JSON)", "a = t.a, key = ? | t.a"),
        ("SELECT * FROM (SELECT * FROM u, repeat_row(1, num_rows = 2))", "a = ?, d = ?, e = ?, column0 = ?"),
    ]);
}

#[test]
fn a_query_that_does_not_bind_is_an_error() {
    let session = session();
    for (query, expected) in [
        ("SELECT nothing FROM t", "Binder Error"),
        ("SELECT a FROM nowhere", "Catalog Error"),
        ("SELECT a FROM", "Parser Error"),
        ("SELECT 1; DROP TABLE t", "a statement other than one SELECT"),
        ("DROP TABLE t", "a statement other than one SELECT"),
    ] {
        let message = session.column_lineage(query).unwrap_err().to_string();
        assert!(message.contains(expected), "{query}: {message}");
    }
    assert_eq!(session.query("SELECT * FROM t").unwrap().len(), 0, "the table is still there");
}
