//! A table function that misbehaves fails its query, says why, and harms nothing else.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::{Arc, Mutex};

use duckpen_database::Session;
use duckpen_functions::Library;
use duckpen_sandbox::{Engine, Limits};
use support::{engine, register, session, statistics, value};

struct Case {
    function: &'static str,
    /// The message behind the names of function and component.
    message: &'static str,
    hits_limit: bool,
}

/// A case of a function that is refused for what it does.
const fn refused(function: &'static str, message: &'static str) -> Case {
    Case { function, message, hits_limit: false }
}

/// A case of a function that reaches a limit.
const fn limited(function: &'static str, message: &'static str) -> Case {
    Case { function, message, hits_limit: true }
}

const OUT_OF_FUEL: &str = "fuel limit reached: used 50,000,000 of 50,000,000 in one call, after 0 rows\n\
     hint: raise it with `limits.fuel` for `evil` in duckpen.toml, or with `--limits fuel=...`";

const CRASHED: &str = "crashed: wasm trap: wasm `unreachable` instruction executed";

const FAILED: &str = "this call is not to its taste\nhint: try another";

const CASES: &[Case] = &[
    limited("loop_in_bind", OUT_OF_FUEL),
    limited("loop_in_shape", OUT_OF_FUEL),
    limited("loop_in_scan", OUT_OF_FUEL),
    limited("loop_in_next", OUT_OF_FUEL),
    limited("loop_in_drop", OUT_OF_FUEL),
    refused("trap_in_bind", CRASHED),
    refused("trap_in_shape", CRASHED),
    refused("trap_in_scan", CRASHED),
    refused("trap_in_next", CRASHED),
    refused("fail_in_bind", FAILED),
    refused("fail_in_scan", FAILED),
    refused("fail_in_next", FAILED),
    refused("emit_in_bind", "rows were emitted outside of a scan, after 0 rows"),
    refused("no_fields", "its result has 0 fields; 1 to 1000 are accepted, after 0 rows"),
    refused("too_many_fields", "its result has 100000 fields; 1 to 1000 are accepted"),
    refused("duplicate_fields", "its result has two fields named `X`"),
    refused("nameless_field", "`` is no name for a field: 1 to 255 bytes without control characters are"),
    refused("field_with_nul", "`x\u{FFFD}y` is no name for a field"),
    refused("unknown_type", "field `x` of its result has the unknown type `NUMBER OF ANGELS`"),
    refused("no_partitions", "its result has 0 partitions; 1 to 10000 are accepted"),
    refused("too_many_partitions", "its result has 4294967295 partitions; 1 to 10000 are accepted"),
    refused("no_rows", "a batch without rows was emitted, where the end is told by emitting none"),
    limited(
        "too_many_rows",
        "result_rows limit reached: 2,049 where 2,048 are allowed, after 0 rows\n\
         hint: raise it with `limits.result_rows` for `evil`",
    ),
    refused("short_column", "column 0 of a batch is not what was asked for: 2047 rows where 2048 are expected"),
    refused("two_columns", "2 columns were emitted where 1 were asked for"),
    refused("no_columns", "0 columns were emitted where 1 were asked for"),
    refused(
        "wrong_type",
        "column 0 of a batch is not what was asked for: the values are not of the physical type of BIGINT",
    ),
    refused("emit_twice", "rows were emitted twice in one call"),
    refused("bad_utf8", "column 0 of a batch is not what was asked for: row 0 is not valid UTF-8"),
    limited("long_texts", "result_bytes limit reached: more than 16.0 MiB in one host call, after 0 rows"),
];

fn limits() -> Limits {
    let mut limits = Limits::functions();
    limits.set("fuel", "50M").unwrap();
    limits.set("result_bytes", "16MiB").unwrap();
    limits
}

/// A database that knows misbehaving table functions and well-behaved functions.
fn neighbours(engine: &Engine, limits: &Limits) -> (Session, Library) {
    let session = session(2);
    let evil = register(&session, engine, "duckpen_evil_tables", "evil", limits);
    register(&session, engine, "duckpen_types", "good", &Limits::functions());
    (session, evil)
}

#[test]
fn each_misdeed_fails_its_query_only() {
    let (session, evil) = neighbours(&engine(), &limits());
    for Case { function, message, hits_limit } in CASES {
        // Twice: what was stopped is not used again, so the second time is like the first.
        for time in 1..=2 {
            let error = session.query(&format!("SELECT max(x) FROM {function}()")).map(drop).unwrap_err().to_string();
            let expected = format!("function `{function}` of component `evil`: {message}");
            assert!(error.contains(&expected), "{function}, time {time}: {error}");
            let costs = statistics(&evil, function);
            assert_eq!(
                (costs.failures, costs.limit_hits.values().sum::<u64>(), costs.rows),
                (time, time * u64::from(*hits_limit), 0),
                "{function}, time {time}"
            );
            assert_eq!(value(&session, "SELECT sum(plain_bigint(i)) FROM range(3000) t(i)"), "4498500", "{function}");
        }
    }
}

#[test]
fn more_rows_than_were_asked_for_are_refused_where_the_limit_would_allow_them() {
    let mut limits = limits();
    limits.set("result_rows", "1M").unwrap();
    let (session, _) = neighbours(&engine(), &limits);
    let error = session.query("SELECT max(x) FROM too_many_rows()").map(drop).unwrap_err().to_string();
    assert!(error.contains("2049 rows were emitted where at most 2048 were asked for"), "{error}");
}

#[test]
fn no_more_rows_are_asked_for_than_the_limit_allows() {
    let mut limits = limits();
    limits.set("result_rows", "100").unwrap();
    let (session, evil) = neighbours(&engine(), &limits);
    assert_eq!(value(&session, "SELECT count(x) FROM (FROM endless() LIMIT 1000)"), "1000");
    let costs = statistics(&evil, "endless");
    assert_eq!((costs.rows, costs.failures), (100 * costs.calls, 0));
}

#[test]
fn a_function_without_an_end_is_stopped_by_limit() {
    let (session, evil) = neighbours(&engine(), &limits());
    assert_eq!(value(&session, "SELECT count(x) FROM (FROM endless() LIMIT 5000)"), "5000");
    assert!(statistics(&evil, "endless").rows < 100_000);
}

#[test]
fn a_function_without_an_end_is_stopped_by_an_interrupt() {
    let engine = engine();
    let (session, evil) = neighbours(&engine, &limits());
    let interrupt = session.interrupt();
    std::thread::scope(|scope| {
        let query = scope.spawn(|| session.query("SELECT sum(x) FROM endless()").map(drop));
        while statistics(&evil, "endless").rows < 1_000_000 {
            assert!(!query.is_finished(), "it ended by itself");
            std::thread::yield_now();
        }
        interrupt.trigger();
        assert_eq!(query.join().unwrap().unwrap_err().to_string(), "the statement was interrupted");
    });
}

#[test]
fn partitions_without_rows_and_a_cardinality_past_all_numbers_are_no_misdeeds() {
    let (session, evil) = neighbours(&engine(), &limits());
    assert_eq!(value(&session, "SELECT count(*) FROM empty_partitions()"), "0");
    let costs = statistics(&evil, "empty_partitions");
    assert_eq!((costs.calls, costs.rows), (10_000, 0));
    assert_eq!(
        value(&session, "SELECT count(*) FROM huge_cardinality() a, huge_cardinality() b, huge_cardinality() c"),
        "0"
    );
}

#[test]
fn instances_are_given_back_however_they_ended() {
    // The pool has 512 places.
    let (session, evil) = neighbours(&engine(), &limits());
    for _ in 0..300 {
        session.query("SELECT max(x) FROM trap_in_next()").map(drop).unwrap_err();
        session.query("FROM endless() LIMIT 1").unwrap();
    }
    assert!(statistics(&evil, "trap_in_next").instances >= 600);
    assert_eq!(value(&session, "SELECT plain_bigint(1)"), "1");
}

#[test]
fn of_an_instance_that_is_thrown_away_is_told_when_it_happens() {
    let (session, evil) = neighbours(&engine(), &limits());
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    evil.on_discard(move |because| listener.lock().unwrap().push(because));
    for (sql, expected) in [
        ("FROM trap_in_next()", &["trap"][..]),
        ("FROM fail_in_next()", &["trap"]),
        ("FROM loop_in_bind()", &["trap", "limit"]),
    ] {
        session.query(sql).map(drop).unwrap_err();
        assert_eq!(*told.lock().unwrap(), expected, "{sql}");
    }
}
