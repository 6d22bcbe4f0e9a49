//! Components with their own WIT: what SQL cannot call is told with the reason, and what misbehaves fails its query only.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use duckpen_database::Session;
use duckpen_functions::{Library, Names};
use duckpen_sandbox::Limits;
use support::{engine, guest, register, session, statistics, value};

fn odd(limits: &[(&str, &str)]) -> (Session, Library) {
    let mut odd_limits = Limits::functions();
    for (name, value) in limits {
        odd_limits.set(name, value).unwrap();
    }
    let session = session(2);
    let library = register(&session, &engine(), "plain_odd", "odd", &odd_limits);
    (session, library)
}

/// What the host says of a component that it does not take.
fn refusal(bytes: &[u8]) -> String {
    let loaded = Library::load(&engine(), "odd", bytes, &Limits::functions());
    match loaded.and_then(|library| library.register(&session(1))) {
        Ok(()) => panic!("it was registered"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn functions_have_names_of_their_own() {
    let (session, library) = odd(&[]);
    let signatures: Vec<String> = library.functions().map(|function| function.signature()).collect();
    assert_eq!(
        signatures,
        [
            "extent(value BIGINT) -> BIGINT",
            "drawn() -> UBIGINT",
            "trap_at(value BIGINT, at BIGINT) -> BIGINT",
            "loop_at(value BIGINT, at BIGINT) -> BIGINT",
            "fill_memory_at(value BIGINT, at BIGINT) -> BIGINT",
            "not_text(value BIGINT) -> VARCHAR",
            "bytes_of(length UINTEGER) -> BLOB",
            "long_error(length UINTEGER) -> BIGINT",
            "well_behaved(value BIGINT) -> BIGINT",
            "metric_extent(value DOUBLE) -> DOUBLE",
            "metres(value DOUBLE) -> DOUBLE",
            "imperial_extent(value DOUBLE) -> DOUBLE",
            "b_b(value BIGINT) -> BIGINT",
        ]
    );
    assert_eq!(value(&session, "SELECT extent(1) + metric_extent(2) + b_b(3)"), "6");
}

#[test]
fn what_sql_cannot_call_is_told_with_the_reason() {
    let (_session, library) = odd(&[]);
    let reasons: Vec<String> = library.unmapped().iter().map(ToString::to_string).collect();
    let without_likeness = |reason| format!("plain:odd/without-likeness@0.2.0.{reason}");
    let expected = [
        "[constructor]session: it belongs to a resource, which SQL cannot hold",
        "[method]session.name: it belongs to a resource, which SQL cannot hold",
        "[static]session.open: it belongs to a resource, which SQL cannot hold",
        "nothing: it returns no value",
        "no-value: it returns no value",
        "take: parameter `value` is a resource, for which SQL has no type",
        "draw: parameter `value` is a variant whose cases have values, for which SQL has no type",
        "twice-optional: parameter `value` is an option of an option, for which SQL has no type",
        "ask: a part of an element of parameter `value` is a resource, for which SQL has no type",
        "inner-result: its result is a result inside of another type, for which SQL has no type",
    ]
    .map(without_likeness);
    let names = [
        "select: `select` is a reserved word of SQL",
        "position: `position` is a reserved word of SQL",
        "plain:odd/a@0.2.0.b: another function would be called `a_b` too",
        "plain:odd/b@0.2.0.a-b: another function would be called `a_b` too",
    ]
    .map(str::to_owned);
    assert_eq!(reasons, expected.into_iter().chain(names).collect::<Vec<_>>());
}

#[test]
fn a_component_without_a_function_for_sql_is_refused_with_all_reasons() {
    assert_eq!(
        refusal(&guest("plain_hopeless")),
        "component `odd` exports no function that SQL can call:\n  \
         forget: it returns no value\n  \
         select: `select` is a reserved word of SQL"
    );
}

/// The component of values, with its function `sum-two` called `reverse`, which DuckDB has too.
fn with_a_taken_name() -> Vec<u8> {
    let mut bytes = guest("plain_values");
    let places: Vec<usize> =
        bytes.windows(7).enumerate().filter(|(_, part)| part == b"sum-two").map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 7].copy_from_slice(b"reverse");
    }
    bytes
}

#[test]
fn a_function_that_has_the_name_of_a_built_in_one_is_left_out_and_the_others_work() {
    let session = session(1);
    let library = Library::load(&engine(), "odd", &with_a_taken_name(), &Limits::functions()).unwrap();
    library.register(&session).unwrap();
    let reasons: Vec<String> = library.unmapped().iter().map(ToString::to_string).collect();
    assert!(
        reasons.iter().any(|reason| reason.ends_with("reverse: DuckDB has a function `reverse` of its own")),
        "{reasons:?}"
    );
    assert!(library.functions().all(|function| function.name != "reverse"));
    // DuckDB's own is what it was.
    assert_eq!(value(&session, "SELECT reverse('abc') || same_s64(7)"), "cba7");
}

#[test]
fn a_project_gives_functions_other_names() {
    let bytes = with_a_taken_name();
    let mut names = Names::default();
    names.set_prefix("v_").unwrap();
    names.rename("reverse", "total").unwrap();
    let session = session(1);
    let library = Library::load_as(&engine(), "odd", &bytes, &Limits::functions(), &names).unwrap();
    library.register(&session).unwrap();
    assert_eq!(value(&session, "SELECT v_same_s64(7) + total(1, 2)"), "10");
    // A word of SQL, and two functions that would have one name: both as WIT calls them.
    names = Names::default();
    for (name, other) in [("select", "choose"), ("plain:odd/a@0.2.0.b", "one_b"), ("plain:odd/b@0.2.0.a-b", "b_b2")] {
        names.rename(name, other).unwrap();
    }
    let library = Library::load_as(&engine(), "odd", &guest("plain_odd"), &Limits::functions(), &names).unwrap();
    let has = |name: &str| library.functions().any(|function| function.name == name);
    assert!(has("choose") && has("one_b") && has("b_b2"));
    names.rename("selct", "choose").unwrap();
    let refused = Library::load_as(&engine(), "odd", &guest("plain_odd"), &Limits::functions(), &names);
    let message = refused.map(|_| ()).unwrap_err().to_string();
    assert_eq!(message, "component `odd` has no function `selct` that could be renamed");
}

#[test]
fn an_import_that_is_not_granted_is_refused_by_name() {
    assert_eq!(
        refusal(&guest("plain_prying")),
        "component `odd` imports plain:prying/sockets@1.0.0, which it is not granted"
    );
}

#[test]
fn imports_of_wasi_are_answered_by_stand_ins() {
    let (session, _library) = odd(&[]);
    assert_eq!(value(&session, "SELECT count(DISTINCT drawn()) FROM range(100)"), "100");
}

#[test]
fn each_misdeed_names_its_row_and_fails_its_query_only() {
    const HINT: &str = "\nhint: raise it with `limits.";
    let many = "FROM range(5000) t(i)";
    for (limits, sql, parts) in [
        (
            &[][..],
            format!("SELECT sum(trap_at(i, 3000)) {many}"),
            &[
                "`trap_at` of component `odd`: crashed: wasm trap: ",
                "after 2048 rows\n  in row 3000 of this thread: trap_at(value = 3000, at = 3000)",
            ][..],
        ),
        (
            &[("fuel", "1M")],
            format!("SELECT sum(loop_at(i, 3000)) {many}"),
            &[
                "fuel limit reached: used 1,000,000 of 1,000,000 in one call, after 2048 rows\n  in row 3000 of this thread: ",
                HINT,
            ],
        ),
        (
            &[("fuel", "100T"), ("time", "100ms")],
            format!("SELECT sum(loop_at(i, 7)) {many}"),
            &["time limit reached: ran 1", "after 0 rows\n  in row 7 of this thread: loop_at(value = 7, at = 7)", HINT],
        ),
        (
            &[("memory", "8MiB")],
            format!("SELECT sum(fill_memory_at(i, 9)) {many}"),
            &[
                "memory limit reached: wanted",
                "where 8.0 MiB are allowed, after 0 rows\n  in row 9 of this thread: ",
                HINT,
            ],
        ),
        (
            &[],
            format!("SELECT max(not_text(i)) {many}"),
            &["crashed: invalid utf-8 sequence", "in row 0 of this thread: not_text(value = 0)"],
        ),
        // What is kept of 42 rows is more than 4 MiB.
        (
            &[("result_bytes", "4MiB")],
            format!("SELECT max(octet_length(bytes_of(100000))) {many}"),
            &[
                "result_bytes limit reached: more than 4.0 MiB in one host call, after 0 rows\n  in row 41 of this thread",
                HINT,
            ],
        ),
        (
            &[("result_bytes", "256KiB")],
            "SELECT bytes_of(1000000)".to_owned(),
            &[
                "result_bytes limit reached: more than 262144 bytes in one host call, after 0 rows\n  in row 0 of this thread",
                HINT,
            ],
        ),
        (
            &[],
            "SELECT long_error(1000000)".to_owned(),
            &["xxxxxxxx", "xx ...\n  in row 0 of this thread: long_error(length = 1000000)"],
        ),
    ] {
        let (session, library) = odd(limits);
        for _ in 1..=2 {
            let started = Instant::now();
            let error = session.query(&sql).map(|_| ()).expect_err(&sql).to_string();
            assert!(started.elapsed() < Duration::from_secs(3), "{sql}: {:?}", started.elapsed());
            assert!(error.len() < 2_500, "{sql}: a message of {} bytes", error.len());
            let mut rest = error.as_str();
            for part in parts {
                let at = rest.find(part).unwrap_or_else(|| panic!("{sql}: no {part:?} in {error:?}"));
                rest = &rest[at + part.len()..];
            }
            assert_eq!(value(&session, "SELECT sum(well_behaved(i)) FROM range(3000) t(i)"), "4498500", "{sql}");
        }
        for (function, costs) in library.statistics() {
            assert_eq!(costs.measurements, costs.calls + costs.instances, "{sql}: {}", function.name);
        }
    }
}

#[test]
fn a_null_saves_the_call() {
    let (session, library) = odd(&[]);
    assert_eq!(value(&session, "SELECT count(trap_at(CASE WHEN i > 0 THEN i END, 0)) FROM range(3000) t(i)"), "2999");
    assert_eq!(statistics(&library, "trap_at").failures, 0);
}
