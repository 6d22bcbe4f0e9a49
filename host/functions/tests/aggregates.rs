//! Aggregates of a component give what DuckDB's own give, in whatever way a query uses them.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_database::Session;
use duckpen_functions::{FunctionKind, Library};
use duckpen_sandbox::Limits;
use support::{engine, register, session, statistics, value};

/// A session that knows the aggregates, and a table for them.
fn aggregates(threads: usize, rows: usize) -> (Session, Library) {
    let session = session(threads);
    let library = register(&session, &engine(), "duckpen_aggregates", "aggregates", &Limits::functions());
    session
        .execute(&format!(
            "CREATE TABLE t AS SELECT i, i % 7 AS few, hash(i) % 1000 AS many, hash(i)::VARCHAR AS h,
                CASE WHEN i % 5 <> 0 THEN i % 10000 - 5000 END AS n,
                CASE WHEN i % 11 <> 0 THEN 'v€' || (i % 100) END AS s,
                nullif(i % 3, 1) AS with_null,
                make_timestamp(i * 86400000000) AS d, (i / 8)::DECIMAL(18,3) AS dec
             FROM range({rows}) r(i)"
        ))
        .unwrap();
    (session, library)
}

/// Each placeholder is one of ours, or DuckDB's.
const NAMES: &[(&str, &str, &str)] = &[
    ("{sum}", "our_sum", "sum"),
    ("{kept_sum}", "kept_sum", "sum"),
    ("{avg}", "our_avg", "avg"),
    ("{count}", "our_count", "count"),
    ("{max}", "our_max", "max"),
    ("{join}", "our_join", "string_agg"),
    ("{kept_join}", "kept_join", "string_agg"),
];

fn spelled(query: &str, spelling: impl Fn(&(&'static str, &'static str, &'static str)) -> &'static str) -> String {
    NAMES.iter().fold(query.to_owned(), |query, name| query.replace(name.0, spelling(name)))
}

/// All rows of a query, as text.
#[track_caller]
fn rows(session: &Session, sql: &str) -> String {
    let rows = session.query(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let row = |row: &[duckpen_database::Value]| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

/// Runs queries with our functions and with DuckDB's.
#[track_caller]
fn check(session: &Session, library: &Library, queries: &[&str]) {
    for query in queries {
        let ours = rows(session, &spelled(query, |name| name.1));
        let theirs = rows(session, &spelled(query, |name| name.2));
        if let Some((ours, theirs)) = ours.lines().zip(theirs.lines()).find(|(ours, theirs)| ours != theirs) {
            panic!("{query}:\nours   {ours}\ntheirs {theirs}");
        }
        assert_eq!(ours.lines().count(), theirs.lines().count(), "{query}");
        for (function, costs) in library.statistics() {
            assert_eq!(costs.state_bytes, 0, "{query}: states of `{}` are left", function.name);
        }
    }
}

const QUERIES: &[&str] = &[
    "SELECT {sum}(n), {kept_sum}(n), {max}(s), {max}(d), {max}(dec), round({avg}(n), 6), {count}() FROM t",
    "SELECT {sum}(n), {kept_sum}(n), {max}(s), {avg}(n), {count}(), {join}(s, ','), {kept_join}(s, ',') FROM t WHERE i < 0",
    "SELECT few, {sum}(n), {kept_sum}(n), {join}(s, ',') FROM t WHERE i < 0 GROUP BY few",
    "SELECT {sum}(NULL), {kept_sum}(NULL), {max}(NULL::VARCHAR), {join}(NULL, ',') FROM t",
    "SELECT few, {sum}(n), {kept_sum}(n), {max}(s), {max}(d), {max}(dec), round({avg}(n), 6), {count}()
        FROM t GROUP BY few ORDER BY few",
    "SELECT many, {sum}(n), {kept_sum}(n), {max}(s), round({avg}(n), 6), {count}() FROM t GROUP BY many ORDER BY many",
    "SELECT with_null, {sum}(n), {kept_sum}(n), {max}(s) FROM t GROUP BY with_null ORDER BY with_null",
    "SELECT few, {sum}(n) FILTER (i % 3 = 0), {kept_sum}(n) FILTER (few = 2), {max}(s) FILTER (i < 3)
        FROM t GROUP BY few ORDER BY few",
    "SELECT few, {sum}(DISTINCT many::BIGINT), {kept_sum}(DISTINCT many::BIGINT) FROM t GROUP BY few ORDER BY few",
    "SELECT few, with_null, {sum}(n), {kept_sum}(n), {max}(s)
        FROM t GROUP BY GROUPING SETS ((few), (with_null), (few, with_null), ()) ORDER BY ALL",
    "SELECT many, {sum}(n) FROM t GROUP BY many HAVING {sum}(n) > 0 AND {kept_sum}(n) > 10 ORDER BY many",
    "SELECT md5({join}(s, ',' ORDER BY h)), md5({kept_join}(s, ',' ORDER BY h)) FROM t WHERE i < 20000",
    "SELECT few, md5({join}(s, '-' ORDER BY h DESC)), {kept_sum}(n ORDER BY h) FROM t GROUP BY few ORDER BY few",
    "SELECT many, md5({join}(s, ', ' ORDER BY h)), {sum}(n ORDER BY s) FROM t GROUP BY many ORDER BY many",
    "SELECT few, {join}(DISTINCT s, ',' ORDER BY s) FROM t GROUP BY few ORDER BY few",
    "SELECT {sum}(i) = {kept_sum}(i) FROM range(100) t(i)",
];

#[test]
fn groups_of_every_number_give_what_they_give_with_functions_of_duckdb() {
    for threads in [1, 4] {
        let (session, library) = aggregates(threads, 600_000);
        check(&session, &library, QUERIES);
    }
}

const WINDOWS: &[&str] = &[
    "SELECT DISTINCT {sum}(n) OVER (), {kept_sum}(n) OVER (PARTITION BY few), {max}(s) OVER (PARTITION BY few)
        FROM t ORDER BY ALL",
    "SELECT i, {sum}(n) OVER (ORDER BY i), {max}(s) OVER (ORDER BY i ROWS 5 PRECEDING) FROM t ORDER BY i",
    "SELECT i, {sum}(n) OVER (ORDER BY i ROWS BETWEEN 100 PRECEDING AND 30 FOLLOWING) FROM t ORDER BY i",
    "SELECT i, {kept_sum}(n) OVER (PARTITION BY few ORDER BY i ROWS BETWEEN 50 PRECEDING AND CURRENT ROW)
        FROM t ORDER BY i",
    "SELECT i, {join}(s, ',') OVER (PARTITION BY few ORDER BY h ROWS BETWEEN 20 PRECEDING AND 3 FOLLOWING)
        FROM t ORDER BY i",
    "SELECT i, {kept_join}(s, ',') OVER (ORDER BY i ROWS BETWEEN 3 PRECEDING AND 20 FOLLOWING) FROM t ORDER BY i",
    "SELECT i, {sum}(n) OVER (ORDER BY few RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t ORDER BY i",
    "SELECT i, {sum}(n) OVER (ORDER BY i ROWS BETWEEN 9 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) FROM t ORDER BY i",
    "SELECT i, {sum}(DISTINCT few) OVER (ORDER BY i ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) FROM t ORDER BY i",
    "SELECT i, {sum}(n) FILTER (i % 2 = 0) OVER (ORDER BY i ROWS 7 PRECEDING) FROM t ORDER BY i",
    "SELECT i, {join}(s, ',' ORDER BY h) OVER (ORDER BY i ROWS 3 PRECEDING) FROM t ORDER BY i",
];

#[test]
fn windows_give_what_they_give_with_functions_of_duckdb() {
    for threads in [1, 4] {
        let (session, library) = aggregates(threads, 10_000);
        check(&session, &library, WINDOWS);
    }
}

#[test]
fn a_million_groups_have_each_its_own_state() {
    for threads in [1, 4] {
        let (session, library) = aggregates(threads, 1);
        for function in ["our_sum", "kept_sum", "our_residues"] {
            let sql = format!(
                "SELECT count(*), count(DISTINCT g), sum(x)
                 FROM (SELECT i % 1000000 AS g, {function}(CASE WHEN i % 2 = 0 THEN i END) AS x
                       FROM range(1500000) t(i) GROUP BY g)"
            );
            // Even numbers below 1,500,000; or a residue for each even group, and another for each that comes again.
            let sum = if function == "our_residues" { "500000" } else { "562499250000" };
            assert_eq!(rows(&session, &sql), format!("1000000|1000000|{sum}"), "{function}, {threads} threads");
            assert_eq!(statistics(&library, function).state_bytes, 0);
        }
    }
}

#[test]
fn parts_of_a_group_meet_again() {
    let (session, library) = aggregates(4, 600_000);
    check(&session, &library, &["SELECT many, {sum}(n), {kept_sum}(n) FROM t GROUP BY many ORDER BY many"]);
    assert_eq!(
        value(
            &session,
            "SELECT count(*) FROM (SELECT many, kept_mode(n) AS ours, mode(n) AS theirs, \
                 list(n) AS all_n FROM t GROUP BY many) \
             WHERE len(list_filter(all_n, x -> x = ours)) <> len(list_filter(all_n, x -> x = theirs))"
        ),
        "0"
    );
    let costs = statistics(&library, "our_sum");
    // One for each instance made, one for each that was opened, one for each batch.
    assert_eq!(costs.measurements, costs.calls + 2 * costs.instances);
    assert!(costs.instances <= 8, "{costs:?}");
}

#[test]
fn rows_with_null_are_left_out_unless_they_are_wanted() {
    let (session, library) = aggregates(1, 1);
    assert_eq!(value(&session, "SELECT our_nulls(CASE WHEN i % 3 = 0 THEN i END) FROM range(3000) t(i)"), "2000");
    assert_eq!(value(&session, "SELECT our_nulls(NULL) FROM range(3000) t(i)"), "3000");
    let before = statistics(&library, "our_sum").rows;
    assert_eq!(value(&session, "SELECT our_sum(CASE WHEN i % 3 = 0 THEN i END) FROM range(3000) t(i)"), "1498500");
    assert_eq!(statistics(&library, "our_sum").rows - before, 1_000);
    assert_eq!(
        value(&session, "SELECT our_join(s, p) FROM (VALUES ('a', ','), (NULL, ','), ('b', NULL), ('c', '-')) v(s, p)"),
        "a-c"
    );
}

#[test]
fn overloads_are_told_apart_by_their_arguments() {
    let (session, library) = aggregates(1, 100);
    assert_eq!(rows(&session, "SELECT our_max(s), our_max(d), our_max(dec) FROM t"), "v€98|1970-04-10 00:00:00|12.375");
    let signatures: Vec<String> = library
        .functions()
        .filter(|function| function.name == "our_max")
        .map(|function| format!("{} {}", function.kind.as_str(), function.signature()))
        .collect();
    assert_eq!(
        signatures,
        [
            "aggregate our_max(text VARCHAR) -> VARCHAR",
            "aggregate our_max(when TIMESTAMP) -> TIMESTAMP",
            "aggregate our_max(x DECIMAL(18,3)) -> DECIMAL(18,3)",
        ]
    );
}

#[test]
fn a_component_has_functions_of_all_kinds_and_exports_no_others() {
    let (session, library) = aggregates(1, 1);
    assert_eq!(value(&session, "SELECT our_sum(same(i)) FROM range(10) t(i)"), "45");
    for kind in [FunctionKind::Scalar, FunctionKind::Aggregate, FunctionKind::ResidentAggregate] {
        assert!(library.functions().any(|function| function.kind == kind), "{kind:?}");
    }
    let interfaces = |guest: &str| {
        let library = register(&support::session(1), &engine(), guest, guest, &Limits::functions());
        let component = library.component();
        let imports = component.imports().iter().filter(|import| !import.functions.is_empty());
        (imports.map(|import| import.name.clone()).collect::<Vec<_>>(), component.exports().to_vec())
    };
    let names = |names: &[&str]| names.iter().map(|name| format!("duckpen:functions/{name}@0.1.0")).collect::<Vec<_>>();
    assert_eq!(interfaces("duckpen_types"), (names(&["log", "results"]), names(&["scalar"])));
    assert_eq!(
        interfaces("duckpen_aggregates"),
        (names(&["log", "results", "states"]), names(&["scalar", "aggregate", "resident-aggregate"]))
    );
}
