//! EXCLUDE in the frame of a window. In a process of its own, whose memory is looked at.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_sandbox::Limits;
use support::{engine, peak, register, reset_peak, session, value};

/// DuckDB makes states there that it never destroys.
#[test]
fn frames_that_exclude_rows_leave_nothing_behind() {
    let session = session(2);
    let library = register(&session, &engine(), "duckpen_aggregates", "aggregates", &Limits::functions());
    session.execute("CREATE TABLE t AS SELECT i, i AS n, 'v' || i AS s FROM range(500) r(i)").unwrap();
    let windows = |call: &str| {
        let frame = "ORDER BY i ROWS BETWEEN 9 PRECEDING AND CURRENT ROW EXCLUDE TIES";
        format!("SELECT count(x) FROM (SELECT {call} OVER ({frame}) AS x FROM t)")
    };
    // Of these states have memory of their own, outside of DuckDB's.
    let keeping = [("our_join", "our_join(s, ',')"), ("kept_join", "kept_join(s, ',')"), ("kept_sum", "kept_sum(n)")];
    for round in 0..1_000 {
        let (function, call) = keeping[round % keeping.len()];
        let refused = [windows(call), format!("CREATE OR REPLACE VIEW v AS {}", windows(call))];
        let error = session.query_untrusted(&refused[round % 2]).unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{function}` cannot stand in one statement with EXCLUDE")), "{error}");
    }
    // A state of a few bytes lies in DuckDB's memory, which goes with the query.
    let query = windows("our_sum(n)");
    assert_eq!(value(&session, &query), "500");
    reset_peak();
    let before = peak();
    for _ in 0..1_000 {
        session.query(&query).unwrap();
    }
    assert!(peak() < before + (8 << 20), "{} bytes more", peak() - before);
    for (function, costs) in library.statistics() {
        assert_eq!(costs.state_bytes, 0, "{}", function.name);
    }
    // Elsewhere the same functions stand as before.
    let elsewhere = "SELECT our_join(s, ',') <> '' FROM (SELECT * EXCLUDE (i) FROM t)";
    assert_eq!(value(&session, elsewhere), "true");
}
