//! A component as an author writes it, called from SQL.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use duckpen_database::{Database, Options, Session};
use duckpen_functions::Library;
use duckpen_sandbox::{Engine, EngineOptions, Limits};

fn library(session: &Session) -> Library {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/guests/web_orders_text.wasm");
    let bytes = std::fs::read(&path).expect("`cargo xtask guests` builds it");
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let library = Library::load(&engine, "text", &bytes, &Limits::functions()).unwrap();
    library.register(session).unwrap();
    library
}

fn session() -> Session {
    Database::open(Options::in_memory()).unwrap().connect().unwrap()
}

#[test]
fn functions_are_called_with_values_constants_and_nulls() {
    let session = session();
    let _library = library(&session);
    for (sql, expected) in [
        ("SELECT common_divisor(12, 18)", "6"),
        ("SELECT common_divisor(NULL, 18)", "NULL"),
        ("SELECT slugify('Hello, World')", "hello-world"),
        ("SELECT sum(common_divisor(i, 6)) FROM range(10000) t(i)", "25002"),
        ("SELECT count(common_divisor(CASE WHEN i % 2 = 0 THEN i END, 6)) FROM range(10000) t(i)", "5000"),
        ("SELECT sum(affine(i, 1)) FROM range(2049) t(i)", "6296577"),
        ("SELECT max(upper_ascii('x' || i)) FROM range(5000) t(i)", "X999"),
    ] {
        let rows = session.query(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(rows.first().unwrap().to_string(), expected, "{sql}");
    }
}

#[test]
fn every_call_is_measured_once() {
    let session = session();
    let library = library(&session);
    session.query("SELECT sum(common_divisor(i, 6)) FROM range(4097) t(i)").unwrap();
    let (_, statistics) = library.statistics().find(|(function, _)| function.name == "common_divisor").unwrap();
    assert_eq!((statistics.calls, statistics.rows, statistics.failures), (3, 4097, 0));
    assert_eq!(statistics.measurements, statistics.calls + 2 * statistics.instances);
    assert!(
        statistics.fuel > 4097
            && statistics.guest_nanoseconds > 0
            && statistics.boundary_nanoseconds > 0
            && statistics.peak_memory > 0
    );
}
