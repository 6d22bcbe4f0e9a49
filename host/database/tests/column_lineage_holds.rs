//! What the lineage of columns says, tried on real rows: a change in a column that is not named changes nothing.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::OnceLock;

use duckpen_database::{ColumnLineage, Database, Options, Origins, Session};
use proptest::prelude::*;
use proptest::strategy::{Union, ValueTree};

const COLUMNS: [(&str, &str); 6] = [("t", "a"), ("t", "b"), ("t", "c"), ("u", "a"), ("u", "d"), ("u", "e")];

/// A session whose schema `main` has the tables, and whose schemas `v0` to `v5` have them with one column changed each.
fn session() -> &'static Session {
    static SESSION: OnceLock<Session> = OnceLock::new();
    SESSION.get_or_init(|| {
        let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
        session.execute("SET threads = 1").unwrap();
        fill(&session, "main", None);
        for (number, changed) in COLUMNS.into_iter().enumerate() {
            session.execute(&format!("CREATE SCHEMA v{number}")).unwrap();
            fill(&session, &format!("v{number}"), Some(changed));
        }
        session
    })
}

fn fill(session: &Session, schema: &str, changed: Option<(&str, &str)>) {
    for table in ["t", "u"] {
        let value = |name: &str, place: usize| {
            let seed = if changed == Some((table, name)) { 8 } else { 1 };
            format!("(hash(i, {place}, {seed}) % 4)::INTEGER AS {name}")
        };
        let own = COLUMNS.iter().enumerate().filter(|(_, (own, _))| *own == table);
        let columns: Vec<String> = own.map(|(place, (_, name))| value(name, place)).collect();
        let columns = columns.join(", ");
        session.execute(&format!("CREATE TABLE {schema}.{table} AS SELECT {columns} FROM range(9) r(i)")).unwrap();
    }
}

fn one_of(texts: &'static [&'static str]) -> BoxedStrategy<String> {
    Union::new(texts.iter().map(|text| Just((*text).to_owned()))).boxed()
}

/// Something in FROM, with the names that can be used of it.
fn from() -> impl Strategy<Value = (String, &'static [&'static str])> {
    prop_oneof![
        Just(("t".to_owned(), &["a", "b", "c"][..])),
        Just(("u AS x".to_owned(), &["a", "x.d", "e"][..])),
        Just(("t JOIN u USING (a)".to_owned(), &["a", "b", "c", "d", "e", "t.a", "u.a"][..])),
        Just(("t LEFT JOIN u USING (a)".to_owned(), &["a", "b", "d", "u.a"][..])),
        Just(("t RIGHT JOIN u USING (a)".to_owned(), &["a", "b", "d", "t.a"][..])),
        Just(("t FULL JOIN u USING (a)".to_owned(), &["a", "b", "d", "t.a", "u.a"][..])),
        Just(("t JOIN u ON t.b = u.d".to_owned(), &["t.a", "u.a", "b", "c", "e"][..])),
        Just(("t SEMI JOIN u ON t.a = u.a AND u.e > 0".to_owned(), &["a", "b", "c"][..])),
        Just(("t ANTI JOIN u USING (a)".to_owned(), &["a", "b", "c"][..])),
        Just(("t NATURAL JOIN u".to_owned(), &["a", "c", "e"][..])),
        Just(("t POSITIONAL JOIN u".to_owned(), &["t.a", "c", "e"][..])),
        Just(("(SELECT b AS a, a + c AS b, c FROM t WHERE c > 0) AS q".to_owned(), &["a", "b", "q.c"][..])),
        Just(("(SELECT a, sum(b) AS b, max(c) AS c FROM t GROUP BY ALL)".to_owned(), &["a", "b", "c"][..])),
        Just(("(SELECT DISTINCT a, b FROM t) AS q(b, a)".to_owned(), &["a", "b"][..])),
        Just(("(SELECT a, b FROM t UNION ALL SELECT d, e FROM u)".to_owned(), &["a", "b"][..])),
        Just(("(SELECT a, b FROM t UNION SELECT d, e FROM u)".to_owned(), &["a", "b"][..])),
        Just(("(SELECT a, b FROM t EXCEPT SELECT d, e FROM u)".to_owned(), &["a", "b"][..])),
        Just(("(SELECT a, b FROM t UNION ALL BY NAME SELECT e AS b, d AS c FROM u)".to_owned(), &["a", "b", "c"][..])),
        Just(("(SELECT * EXCLUDE (b) REPLACE (b AS a) RENAME (c AS b) FROM t)".to_owned(), &["a", "b"][..])),
        Just(("(SELECT a, b FROM t ORDER BY c, a, b LIMIT 4)".to_owned(), &["a", "b"][..])),
        Just(("t, LATERAL (SELECT max(d) AS m FROM u WHERE u.a = t.a)".to_owned(), &["a", "b", "m"][..])),
        Just(("t, unnest([b, c]) AS n(x)".to_owned(), &["a", "b", "x"][..])),
        Just(("(SELECT a, unnest([b, 1]) AS b FROM t WHERE c > 1)".to_owned(), &["a", "b"][..])),
        Just(("(SELECT a, row_number() OVER (PARTITION BY b ORDER BY c, a) AS b FROM t)".to_owned(), &["a", "b"][..])),
        Just((
            "(WITH RECURSIVE r(a, b) AS (SELECT a, 0 FROM t UNION ALL SELECT d, b + 1 FROM r JOIN u ON u.a = r.a \
             WHERE b < 2) FROM r)"
                .to_owned(),
            &["a", "b"][..]
        )),
    ]
}

/// An expression over names; some of them are aggregates, which their query has to allow.
fn expression(names: &'static [&'static str]) -> BoxedStrategy<String> {
    let name = one_of(names);
    let leaf = prop_oneof![4 => name.clone(), 1 => one_of(&["1", "'x'", "NULL"])];
    let pair = (leaf.clone(), name.clone());
    prop_oneof![
        3 => leaf,
        2 => pair.clone().prop_map(|(one, other)| format!("coalesce({one}::VARCHAR, {other}::VARCHAR)")),
        1 => pair.prop_map(|(one, other)| format!("CASE WHEN {other} > 1 THEN {one}::VARCHAR ELSE '-' END")),
        1 => name.clone().prop_map(|one| format!("(SELECT max(i.d) FROM u AS i WHERE i.e = {one})")),
        1 => name.clone().prop_map(|one| format!("{one} IN (SELECT i.b FROM t AS i WHERE i.c > 1)")),
        1 => name.clone().prop_map(|one| format!("EXISTS (SELECT i.c FROM t AS i WHERE i.b = {one})")),
        1 => (name.clone(), name).prop_map(|(one, other)| {
            format!("sum({one}) OVER (PARTITION BY {other})")
        }),
    ]
    .boxed()
}

fn query() -> impl Strategy<Value = String> {
    from().prop_flat_map(|(from, names)| {
        let name = one_of(names);
        let columns = prop::collection::vec(expression(names), 1..4);
        let filter = prop_oneof![
            2 => Just(String::new()),
            1 => name.clone().prop_map(|name| format!(" WHERE {name} > 0")),
            1 => (name.clone(), name.clone()).prop_map(|(one, other)| format!(" WHERE {one} IS NOT DISTINCT FROM {other}")),
        ];
        let plain = (columns, filter.clone(), prop::bool::weighted(0.3)).prop_map({
            let from = from.clone();
            move |(columns, filter, distinct)| {
                let columns = columns.iter().enumerate().map(|(index, column)| format!("{column} AS k{index}"));
                let distinct = if distinct { "DISTINCT " } else { "" };
                format!("SELECT {distinct}{} FROM {from}{filter}", columns.collect::<Vec<_>>().join(", "))
            }
        });
        let grouped = (name.clone(), name.clone(), filter, one_of(&["ALL", "1", "k"])).prop_map({
            let from = from.clone();
            move |(key, value, filter, group)| {
                format!("SELECT {key} AS k, count(*) AS n, max({value}) AS m FROM {from}{filter} GROUP BY {group}")
            }
        });
        let star = Just(format!("SELECT * FROM {from}"));
        let aliased = (name.clone(), name).prop_map(move |(one, other)| {
            format!("SELECT {one} AS p, p::VARCHAR || 'x' AS q, {other} AS r FROM {from} WHERE p IS NOT NULL ORDER BY r")
        });
        prop_oneof![4 => plain, 2 => grouped, 1 => star, 1 => aliased]
    })
}

fn names(origins: &Origins, table: &str, column: &str) -> bool {
    origins.unknown.is_some()
        || origins.columns.iter().any(|reference| reference.table.name == table && reference.column == column)
}

/// The values of each column in a schema, sorted: which row has which is not asked.
fn values(session: &Session, schema: &str, query: &str, lineage: &ColumnLineage) -> Option<Vec<Vec<String>>> {
    session.execute(&format!("USE {schema}")).unwrap();
    let rows = session.query(query);
    session.execute("USE main").unwrap();
    let rows = rows.ok()?;
    let column = |index: usize| {
        let mut values: Vec<String> = rows.iter().map(|row| row[index].to_string()).collect();
        values.sort();
        values
    };
    Some((0..lineage.columns.len()).map(column).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_global_rejects: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_column_that_is_not_named_does_not_matter(query in query()) {
        let session = session();
        let lineage = session.column_lineage(&query);
        // Names that are ambiguous, and keys that are no columns.
        prop_assume!(lineage.is_ok());
        let lineage = lineage.unwrap();
        let old = values(session, "main", &query, &lineage);
        prop_assume!(old.is_some());
        for (number, (table, column)) in COLUMNS.into_iter().enumerate() {
            let new = values(session, &format!("v{number}"), &query, &lineage);
            for (index, own) in lineage.columns.iter().enumerate() {
                if names(&own.origins, table, column) || names(&lineage.rows, table, column) {
                    continue;
                }
                prop_assert_eq!(
                    old.as_ref().map(|columns| &columns[index]), new.as_ref().map(|columns| &columns[index]),
                    "{}.{} changes `{}` of {}", table, column, &own.name, &query
                );
            }
        }
    }
}

/// A property that tells nothing of most queries would hold for bad reasons.
#[test]
fn most_queries_are_followed() {
    let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
    fill(&session, "main", None);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut bound, mut known) = (0, 0);
    for _ in 0..300 {
        let query = query().new_tree(&mut runner).unwrap().current();
        if let Ok(lineage) = session.column_lineage(&query) {
            bound += 1;
            known += usize::from(lineage.columns.iter().all(|column| column.origins.unknown.is_none()));
        }
    }
    assert!(bound > 200 && known * 10 > bound * 9, "{bound} bind, {known} are followed");
}
