//! A function that misbehaves fails its query, says why, and harms nothing else.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use duckpen_database::Session;
use duckpen_functions::Library;
use duckpen_sandbox::{Engine, Limits};
use support::{engine, register, session, statistics, value};

/// How long a call may take after its limit on a machine that does other things as well.
const SLACK: Duration = Duration::from_millis(500);

/// Fuel that lasts for hours.
const ENDLESS: (&str, &str) = ("fuel", "100T");

struct Case {
    function: &'static str,
    /// Beyond [`Limits::functions`].
    limits: &'static [(&'static str, &'static str)],
    /// Parts of the message behind the names of function and component, in their order.
    message: &'static [&'static str],
    /// By when the query has failed.
    within: Duration,
    hits_limit: bool,
}

const CONTRACT: &str = "\nhint: the component breaks its contract; tell its author";

/// A case of a function that is refused for what it does.
const fn refused(function: &'static str, message: &'static [&'static str]) -> Case {
    Case { function, limits: &[], message, within: Duration::from_secs(2), hits_limit: false }
}

/// A case of a function that reaches a limit.
const fn limited(
    function: &'static str,
    limits: &'static [(&'static str, &'static str)],
    message: &'static [&'static str],
) -> Case {
    Case { function, limits, message, within: Duration::from_secs(2), hits_limit: true }
}

const CASES: &[Case] = &[
    // 500 million instructions, even on a slow machine.
    Case {
        within: Duration::from_secs(5),
        ..limited(
            "loop_forever",
            &[],
            &["fuel limit reached: used 500,000,000 of 500,000,000 in one call, after 0 rows\n\
                 hint: raise it with `limits.fuel` for `evil` in duckpen.toml, or with `--limits fuel=...`"],
        )
    },
    limited("loop_forever", &[("fuel", "1M")], &["fuel limit reached: used 1,000,000 of 1,000,000 in one call"]),
    Case {
        within: Duration::from_millis(100 + 20).saturating_add(SLACK),
        ..limited(
            "loop_forever",
            &[ENDLESS, ("time", "100ms")],
            &[
                "time limit reached: ran 1",
                " ms where 100 ms are allowed for one call, after 0 rows\n\
                 hint: raise it with `limits.time` for `evil` in duckpen.toml, or with `--limits time=...`",
            ],
        )
    },
    limited(
        "memory_fill",
        &[],
        &[
            "memory limit reached: wanted 6",
            " MiB where 64.0 MiB are allowed, after 0 rows\n\
             hint: raise it with `limits.memory` for `evil` in duckpen.toml, or with `--limits memory=...`",
        ],
    ),
    limited("memory_fill", &[("memory", "8MiB")], &["memory limit reached: wanted", "where 8.0 MiB are allowed"]),
    refused(
        "recurse",
        &[
            "crashed: wasm trap: out of bounds memory access in `duckpen_evil::misdeeds::recurse::deeper`: its stack is \
             full, `duckpen_evil::misdeeds::recurse::deeper` calls itself too deeply, after 0 rows",
        ],
    ),
    refused(
        "wrong_row_count",
        &["the results are not what was declared: 99 rows where 100 are expected, after 0 rows", CONTRACT],
    ),
    refused("too_many_rows", &["the results are not what was declared: 101 rows where 100 are expected", CONTRACT]),
    refused("bad_utf8", &["the results are not what was declared: row 0 is not valid UTF-8", CONTRACT]),
    refused("bad_offsets", &["the results are not what was declared: the offsets do not begin with 0", CONTRACT]),
    refused("offsets_past_end", &["the last offset is 200 where there are 100 bytes", CONTRACT]),
    refused("wrong_type", &["the values are not of the physical type of BIGINT", CONTRACT]),
    refused("stray_child", &["the values are not of the physical type of BIGINT", CONTRACT]),
    refused("short_validity", &["the validity bitmap has 12 bytes where 13 are expected", CONTRACT]),
    refused("too_many_digits", &["row 0 is out of the range of DECIMAL(4,1)", CONTRACT]),
    refused("far_too_many_digits", &["row 0 is out of the range of DECIMAL(38,10)", CONTRACT]),
    refused("no_emit", &["a batch was evaluated and no results were emitted", CONTRACT]),
    refused("emit_twice", &["results were emitted twice for one batch", CONTRACT]),
    refused("trap", &["crashed: wasm trap: wasm `unreachable` instruction executed", ", after 0 rows"]),
    refused("fail", &["this row is not to its taste\n  in row 50 of this thread: fail(x = 50)\nhint: try another row"]),
    refused("huge_message", &["xxxxxxxx", "xx ..."]),
    limited(
        "huge_message",
        &[("result_bytes", "64KiB")],
        &["result_bytes limit reached: more than 65536 bytes in one host call, after 0 rows\n\
             hint: raise it with `limits.result_bytes` for `evil` in duckpen.toml"],
    ),
    limited(
        "huge_result",
        &[("result_bytes", "1MiB")],
        &["result_bytes limit reached: more than 1.0 MiB in one host call", "`limits.result_bytes`"],
    ),
    limited(
        "log_flood",
        &[],
        &["host_calls limit reached: 10,001 where 10,000 are allowed, after 0 rows\n\
             hint: raise it with `limits.host_calls` for `evil` in duckpen.toml"],
    ),
];

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
    for Case { function, limits: set, message, within, hits_limit } in CASES {
        let (session, evil, _good) = neighbours(&engine, &limits(set));
        // Twice: what was stopped is not used again, so the second time is like the first.
        for time in 1..=2 {
            let case = format!("{function} with {set:?}, time {time}");
            let started = Instant::now();
            let sql = format!("SELECT max({function}(i)) FROM range(100) t(i)");
            let error = session.query(&sql).map(|_| ()).expect_err(&case).to_string();
            let elapsed = started.elapsed();
            assert!(elapsed < *within, "{case}: {elapsed:?}");
            let names = format!("function `{function}` of component `evil`: ");
            check_parts(&case, &error, std::iter::once(names.as_str()).chain(message.iter().copied()));
            assert!(error.len() < 2_500, "{case}: a message of {} bytes", error.len());

            let costs = statistics(&evil, function);
            assert_eq!(
                (costs.calls, costs.failures, costs.limit_hits),
                (time, time, time * u64::from(*hits_limit)),
                "{case}"
            );
            assert_eq!(costs.instances, time, "{case}");
            // One for each instance made, one for each that was opened, one for each batch.
            assert_eq!(costs.measurements, costs.calls + 2 * costs.instances, "{case}");
            assert_eq!((costs.rows, costs.bytes_out), (0, 0), "{case}");

            assert_eq!(value(&session, "SELECT sum(plain_bigint(i)) FROM range(3000) t(i)"), "4498500", "{case}");
        }
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
    assert!(costs.instances <= 2 && costs.limit_hits == costs.calls, "{costs:?}");
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
