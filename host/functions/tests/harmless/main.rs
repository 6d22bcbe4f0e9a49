//! A function that misbehaves fails its query, says why, and harms nothing else.
#![allow(clippy::unwrap_used)]

mod cases;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cases::{CASES, Case, ENDLESS, End, Phase, SLACK};
use duckpen_database::Session;
use duckpen_functions::{FunctionStatistics, Library};
use duckpen_sandbox::{Engine, Limits};
use support::{engine, peak, register, reset_peak, session, statistics, value};

fn limits(set: &[(&str, &str)]) -> Limits {
    let mut limits = Limits::functions();
    for (name, value) in set {
        limits.set(name, value).unwrap();
    }
    limits
}

/// A database that knows misbehaving functions and well-behaved ones.
fn neighbours(engine: &Engine, evil_limits: &Limits) -> (Session, Library, Library) {
    let session = session(1);
    let evil = register(&session, engine, "duckpen_evil", "evil", evil_limits);
    let good = register(&session, engine, "duckpen_types", "good", &Limits::functions());
    (session, evil, good)
}

#[test]
fn each_misdeed_fails_its_query_only() {
    let engine = engine();
    for case in CASES {
        let (session, evil, _good) = neighbours(&engine, &limits(case.limits));
        // Twice: what was stopped is not used again, so the second time is like the first.
        for time in 1..=2 {
            let what = format!("{} with {:?} ({}), time {time}", case.function, case.limits, case.guard);
            reset_peak();
            let (before, started) = (peak(), Instant::now());
            let sql = format!("SELECT max({}(i)) FROM range(100) t(i)", case.function);
            let ended = session.query(&sql).map(|rows| rows.first().expect("a row").to_string());
            let (elapsed, growth) = (started.elapsed(), peak().saturating_sub(before) >> 20);
            assert!(elapsed < case.within, "{what}: {elapsed:?}");
            assert!(growth <= case.growth, "{what}: {growth} MiB more");
            let costs = statistics(&evil, case.function);
            check_end(&what, case, ended, &costs, time);
            // One for each instance made, one for each that was opened, one for each batch.
            assert_eq!(costs.measurements, costs.calls + 2 * costs.instances, "{what}");
            assert_eq!(value(&session, "SELECT sum(plain_bigint(i)) FROM range(3000) t(i)"), "4498500", "{what}");
        }
    }
}

/// Looks whether a query ended as it should the `time`-th time, and whether that was counted.
#[track_caller]
fn check_end(
    what: &str,
    case: &Case,
    ended: Result<String, duckpen_database::Error>,
    costs: &FunctionStatistics,
    time: u64,
) {
    let counted = |name: Option<&'static str>| name.map(|name| (name, time)).into_iter().collect::<BTreeMap<_, _>>();
    match (&case.end, ended) {
        (End::Value(expected), Ok(value)) => {
            assert_eq!(value, *expected, "{what}");
            assert_eq!((costs.rows, costs.failures), (100 * time, 0), "{what}");
        }
        (End::Error { message, reason, limit, at }, Err(error)) => {
            let error = error.to_string();
            let names = format!("function `{}` of component `evil`: ", case.function);
            check_parts(what, &error, std::iter::once(names.as_str()).chain(message.iter().copied()));
            assert!(error.len() < 5_000, "{what}: a message of {} bytes", error.len());
            assert!(!error.contains(|c: char| c.is_control() && c != '\n'), "{what}: {error:?}");
            let calls = if *at == Phase::Open { 0 } else { time };
            assert_eq!((costs.calls, costs.instances, costs.failures), (calls, time, time), "{what}");
            assert_eq!((&costs.discarded, &costs.limit_hits), (&counted(*reason), &counted(*limit)), "{what}");
            assert_eq!((costs.rows, costs.bytes_out), (0, 0), "{what}");
        }
        (_, ended) => panic!("{what}: {ended:?}"),
    }
}

#[track_caller]
fn check_parts<'a>(case: &str, error: &str, parts: impl Iterator<Item = &'a str>) {
    let mut rest = error;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("{case}: no {part:?} in {rest:?} of {error:?}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn recursion_at_the_bottom_of_a_deep_expression_is_stopped() {
    // What DuckDB nests takes of the same stack.
    let nested = |inner: &str| format!("{}{inner}{}", "abs(".repeat(900), ")".repeat(900));
    let (session, _evil, _good) = neighbours(&engine(), &limits(&[]));
    let sql = format!("SELECT max({}) FROM range(100) t(i)", nested("recurse_without_memory(i)"));
    let error = session.query(&sql).unwrap_err().to_string();
    assert!(error.contains("stack limit reached"), "{error}");
    let sql = format!("SELECT max({}) FROM range(100) t(i)", nested("plain_bigint(i)"));
    assert_eq!(value(&session, &sql), "99");
}

#[test]
fn lines_past_the_limit_of_the_log_are_dropped_and_counted() {
    let (session, evil, _good) = neighbours(&engine(), &limits(&[("host_calls", "1M")]));
    session.query("SELECT log_flood(1)").unwrap();
    session.query("SELECT log_long_lines(1)").unwrap();
    // 65 lines of 1,000 bytes are within 64 KiB; of those of 1 MiB none is.
    assert_eq!(statistics(&evil, "log_flood").log_lines_dropped, 100_000 - 65);
    assert_eq!(statistics(&evil, "log_long_lines").log_lines_dropped, 20);
}

#[test]
fn a_call_with_constants_only_is_stopped_too() {
    let (session, _evil, _good) = neighbours(&engine(), &limits(&[("fuel", "1M")]));
    let error = session.query("SELECT loop_forever(1)").unwrap_err().to_string();
    assert!(error.contains("fuel limit reached: used 1,000,000 of 1,000,000"), "{error}");
    assert_eq!(value(&session, "SELECT plain_bigint(1)"), "1");
}

#[test]
fn a_limit_that_is_raised_as_the_hint_says_lets_the_function_through() {
    let (session, evil, _good) = neighbours(&engine(), &limits(&[("host_calls", "1M")]));
    assert_eq!(value(&session, "SELECT sum(log_flood(i)) FROM range(100) t(i)"), "0");
    let costs = statistics(&evil, "log_flood");
    assert_eq!((costs.calls, costs.rows, costs.failures), (1, 100, 0));
}

#[test]
fn one_threads_misdeed_stops_the_query_on_all() {
    let session = session(2);
    let engine = engine();
    let evil = register(&session, &engine, "duckpen_evil", "evil", &limits(&[ENDLESS, ("time", "100ms")]));
    session.execute("CREATE TABLE numbers AS SELECT range AS i FROM range(1000000)").unwrap();
    let started = Instant::now();
    let error = session.query("SELECT max(loop_forever(i)) FROM numbers").unwrap_err().to_string();
    assert!(error.contains("time limit reached"), "{error}");
    assert!(started.elapsed() < Duration::from_millis(2 * (100 + 20)) + SLACK, "{:?}", started.elapsed());
    let costs = statistics(&evil, "loop_forever");
    assert!(costs.instances <= 2 && costs.limit_hits.get("time") == Some(&costs.calls), "{costs:?}");
    assert_eq!(costs.measurements, costs.calls + 2 * costs.instances);
}

#[test]
fn instances_are_given_back_however_they_ended() {
    // The pool has 512 places.
    let (session, evil, _good) = neighbours(&engine(), &limits(&[]));
    for _ in 0..600 {
        session.query("SELECT trap(1)").map(|_| ()).expect_err("it traps");
    }
    assert_eq!(statistics(&evil, "trap").instances, 600);
    assert_eq!(value(&session, "SELECT plain_bigint(1)"), "1");
}
