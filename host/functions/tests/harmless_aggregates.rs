//! An aggregate that misbehaves fails its query, says why, and leaves nothing behind.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use duckpen_database::Session;
use duckpen_functions::Library;
use duckpen_sandbox::Limits;
use support::{engine, register, session, statistics, value};

const CONTRACT: &str = "\nhint: the component breaks its contract; tell its author";

/// The aggregate, in which call it fails, and parts of the message behind the names of function and component.
const CASES: &[(&str, &str, &[&str])] = &[
    ("trap_update", "update", &["crashed: wasm trap: wasm `unreachable` instruction executed", "in `update`"]),
    ("trap_merge", "merge", &["crashed: wasm trap: wasm `unreachable` instruction executed", "in `merge`"]),
    ("trap_finalize", "finalize", &["crashed: wasm trap: wasm `unreachable` instruction executed", "in `finalize`"]),
    (
        "loop_update",
        "update",
        &["fuel limit reached: used 10,000,000 of 10,000,000 in one call, in `update`\n\
             hint: raise it with `limits.fuel` for `evil` in duckpen.toml, or with `--limits fuel=...`"],
    ),
    ("loop_merge", "merge", &["fuel limit reached: used 10,000,000 of 10,000,000 in one call, in `merge`"]),
    ("loop_finalize", "finalize", &["fuel limit reached: used 10,000,000 of 10,000,000 in one call, in `finalize`"]),
    ("fail_update", "update", &["these groups are not to its taste\nhint: try others"]),
    ("fail_merge", "merge", &["these groups are not to its taste\nhint: try others"]),
    ("fail_finalize", "finalize", &["these groups are not to its taste\nhint: try others"]),
    ("no_states", "update", &["a call that computes states emitted none, in `update`", CONTRACT]),
    ("no_merged_states", "merge", &["a call that computes states emitted none, in `merge`", CONTRACT]),
    ("no_results", "finalize", &["a batch was evaluated and no results were emitted, in `finalize`", CONTRACT]),
    ("states_twice", "update", &["states were emitted twice in one call", CONTRACT]),
    (
        "one_state_less",
        "update",
        &["the states are not what was asked for: ", " bytes where ", " states of 8 bytes are expected", CONTRACT],
    ),
    ("one_state_more", "update", &[" bytes where ", " states of 8 bytes are expected", CONTRACT]),
    ("short_states", "update", &[" bytes where ", " states of 8 bytes are expected", CONTRACT]),
    ("states_of_any_length", "update", &["states of any length where they have one", CONTRACT]),
    ("states_of_one_length", "update", &["states of one length where they have any", CONTRACT]),
    ("no_offsets", "update", &["0 rows where ", " are expected", CONTRACT]),
    ("one_offset_less", "merge", &[" rows where ", " are expected", CONTRACT]),
    ("offsets_fall", "update", &["the offset of row 1 is smaller than the one before it", CONTRACT]),
    ("offsets_past_end", "update", &["the last offset is ", CONTRACT]),
    ("results_for_states", "update", &["results were emitted outside of a batch", CONTRACT]),
    ("states_for_results", "finalize", &["states were emitted in a call that computes none", CONTRACT]),
    ("one_result_less", "finalize", &["the results are not what was declared: ", CONTRACT]),
    ("kept_trap_update", "update", &["crashed: wasm trap: wasm `unreachable` instruction executed", "in `update`"]),
    ("kept_trap_take", "merge", &["crashed: wasm trap: wasm `unreachable` instruction executed"]),
    ("kept_trap_merge", "merge", &["crashed: wasm trap: wasm `unreachable` instruction executed"]),
    ("kept_trap_finalize", "finalize", &["crashed: wasm trap: wasm `unreachable` instruction executed"]),
    ("kept_loop_take", "merge", &["fuel limit reached: used 10,000,000 of 10,000,000 in one call"]),
    ("kept_one_state_less", "merge", &[" rows where ", " are expected", CONTRACT]),
    ("kept_no_states", "merge", &["a call that computes states emitted none", CONTRACT]),
];

fn limits(set: &[(&str, &str)]) -> Limits {
    let mut limits = Limits::functions();
    for (name, value) in set {
        limits.set(name, value).unwrap();
    }
    limits
}

/// A database that knows misbehaving aggregates and well-behaved ones, and has a table.
fn neighbours(evil_limits: &Limits) -> (Session, Library, Library) {
    let (session, engine) = (session(2), engine());
    let evil = register(&session, &engine, "duckpen_evil_aggregates", "evil", evil_limits);
    let good = register(&session, &engine, "duckpen_aggregates", "good", &Limits::functions());
    session.execute("CREATE TABLE t AS SELECT i, i % 100 AS g FROM range(300000) r(i)").unwrap();
    (session, evil, good)
}

/// A query that merges parts of groups for sure: each frame of the window consists of several.
fn merging(function: &str) -> String {
    format!(
        "SELECT max(x) FROM (SELECT {function}(i) OVER (ORDER BY i ROWS BETWEEN 100 PRECEDING AND 100 FOLLOWING) AS x
             FROM t WHERE i < 5000)"
    )
}

#[test]
fn each_misdeed_fails_its_query_only() {
    let (session, evil, good) = neighbours(&limits(&[("fuel", "10M")]));
    for (function, call, message) in CASES {
        // Twice: what was stopped is not used again, so the second time is like the first.
        for time in 1..=2 {
            let case = format!("{function}, time {time}");
            let grouped = format!("SELECT max(x) FROM (SELECT {function}(i) AS x FROM t GROUP BY g)");
            let sql = if *call == "merge" { merging(function) } else { grouped };
            let started = Instant::now();
            let error = session.query(&sql).map(|_| ()).expect_err(&case).to_string();
            assert!(started.elapsed() < Duration::from_secs(5), "{case}: {:?}", started.elapsed());
            let names = format!("function `{function}` of component `evil`: ");
            check_parts(&case, &error, std::iter::once(names.as_str()).chain(message.iter().copied()));
            assert!(statistics(&evil, function).failures >= time, "{case}");
            assert_eq!(value(&session, "SELECT our_sum(i) + kept_sum(i) FROM t"), "89999700000", "{case}");
        }
    }
    nothing_is_left(&[&evil, &good]);
}

#[track_caller]
fn check_parts<'a>(case: &str, error: &str, parts: impl Iterator<Item = &'a str>) {
    let mut rest = error;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("{case}: no {part:?} in {rest:?} of {error:?}"));
        rest = &rest[at + part.len()..];
    }
}

#[track_caller]
fn nothing_is_left(libraries: &[&Library]) {
    for (function, costs) in libraries.iter().flat_map(|library| library.statistics()) {
        assert_eq!(costs.state_bytes, 0, "states of `{}` are left", function.name);
    }
}

#[test]
fn states_grow_until_their_limit() {
    let (session, evil, good) =
        neighbours(&limits(&[("state_bytes", "64MiB"), ("memory", "512MiB"), ("result_bytes", "512MiB")]));
    let sql = "SELECT max(x) FROM (SELECT states_of_a_mebibyte(i) AS x FROM t GROUP BY g)";
    for time in 1..=2 {
        let error = session.query(sql).map(|_| ()).unwrap_err().to_string();
        let message = [
            "function `states_of_a_mebibyte` of component `evil`: state_bytes limit reached: 6",
            " MiB where 64.0 MiB are allowed, in `update`\n\
             hint: raise it with `limits.state_bytes` for `evil` in duckpen.toml, or with `--limits state_bytes=...`",
        ];
        check_parts(sql, &error, message.into_iter());
        assert!(statistics(&evil, "states_of_a_mebibyte").limit_hits.values().sum::<u64>() >= time);
        nothing_is_left(&[&evil, &good]);
        assert_eq!(value(&session, "SELECT good(i) FROM t"), "44999850000");
    }
}

#[test]
fn states_are_gone_when_a_query_ends_in_any_way() {
    let (session, evil, good) = neighbours(&Limits::functions());
    for sql in [
        "SELECT good(i), kept_good(i), error('enough') FROM t GROUP BY g",
        "SELECT good(i), trap_finalize(i), kept_good(i) FROM t GROUP BY g",
        "SELECT our_join(i::VARCHAR, ','), fail_finalize(i) FROM t GROUP BY g",
        "SELECT our_join(i::VARCHAR, ',' ORDER BY i), fail_update(i ORDER BY i) FROM t GROUP BY g",
        "SELECT fail_update(i ORDER BY i), our_join(i::VARCHAR, ',' ORDER BY i) FROM t GROUP BY g",
        "SELECT good(CASE WHEN i = 299999 THEN error('enough')::BIGINT ELSE i END) FROM t GROUP BY g",
    ] {
        session.query(sql).map(|_| ()).expect_err(sql);
        nothing_is_left(&[&evil, &good]);
    }
}

#[test]
fn states_are_gone_when_a_query_is_interrupted() {
    let (session, evil, good) = neighbours(&Limits::functions());
    let interrupt = session.interrupt();
    std::thread::scope(|scope| {
        let query = scope.spawn(|| {
            session.query("SELECT g, good(i), kept_good(i) FROM t, range(1000000000) GROUP BY g").map(|_| ())
        });
        while statistics(&evil, "kept_good").calls < 10 {
            std::thread::yield_now();
        }
        interrupt.trigger();
        query.join().unwrap().unwrap_err();
    });
    nothing_is_left(&[&evil, &good]);
}

#[test]
fn a_guest_that_cannot_forget_groups_is_stopped() {
    let (session, _evil, _good) = neighbours(&limits(&[("fuel", "10M")]));
    for function in ["kept_trap_drop", "kept_loop_drop"] {
        // Its instance is closed with its last group, and told nothing; a window lets some groups go before others.
        let _ = session.query(&merging(function));
        assert_eq!(value(&session, &format!("SELECT {function}(i) FROM t")), "44999850000");
    }
}

#[test]
fn instances_are_closed_with_their_last_group() {
    // The pool has 512 places.
    let (session, evil, _good) = neighbours(&Limits::functions());
    for _ in 0..600 {
        assert_eq!(value(&session, "SELECT kept_good(i) FROM range(3) t(i)"), "3");
    }
    assert!(statistics(&evil, "kept_good").instances >= 600);
}
