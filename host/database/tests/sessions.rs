//! Sessions, transactions, results, the lock-down.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::thread;
use std::time::Duration;

use duckpen_database::{Database, Error, LockDown, Options};

fn database() -> Database {
    Database::open(Options::in_memory()).unwrap()
}

#[test]
fn values_of_every_type_come_back_as_json() {
    let session = database().connect().unwrap();
    let cases = [
        ("NULL", "null"),
        ("true", "true"),
        ("-5::TINYINT", "-5"),
        ("18446744073709551615::UBIGINT", "18446744073709551615"),
        ("170141183460469231731687303715884105727::HUGEINT", "\"170141183460469231731687303715884105727\""),
        ("1.5::FLOAT", "1.5"),
        ("0.1::FLOAT", "0.1"),
        ("'nan'::DOUBLE", "\"NaN\""),
        ("12.50::DECIMAL(9,2)", "12.5"),
        ("100::DECIMAL(9,0)", "100"),
        ("1234567890123456789.01::DECIMAL(38,2)", "\"1234567890123456789.01\""),
        ("'it''s'", "\"it's\""),
        ("DATE '2024-02-29'", "\"2024-02-29\""),
        ("TIMESTAMP '2024-02-29 10:00:00'", "\"2024-02-29 10:00:00\""),
        ("INTERVAL 2 DAYS", "\"2 days\""),
        ("'\\xAA'::BLOB", "\"\\\\xAA\""),
        ("[1, NULL, 3]", "[1,null,3]"),
        ("{'a': 1, 'b': [true]}", "{\"a\":1,\"b\":[true]}"),
        ("'{\"k\": \"5\"}'::JSON", "{\"k\":\"5\"}"),
        ("'small'::ENUM('small', 'large')", "\"small\""),
    ];
    for (sql, expected) in cases {
        let rows = session.query(&format!("SELECT {sql} AS v;")).unwrap();
        assert_eq!(rows.first().unwrap().to_json().to_string(), expected, "{sql}");
    }
}

#[test]
fn a_dropped_transaction_leaves_nothing_and_a_committed_one_everything() {
    let database = database();
    let session = database.connect().unwrap();
    session.execute("CREATE TABLE t (i INT)").unwrap();
    let transaction = session.transaction().unwrap();
    assert_eq!(session.execute("INSERT INTO t VALUES (1), (2)").unwrap(), 2);
    drop(transaction);
    let transaction = session.transaction().unwrap();
    session.execute("INSERT INTO t VALUES (3)").unwrap();
    transaction.commit().unwrap();
    let rows = database.connect().unwrap().query("SELECT i FROM t").unwrap();
    assert_eq!(rows.to_json().to_string(), r#"[{"i":3}]"#);
}

#[test]
fn an_error_keeps_the_words_of_the_database_and_the_session_stays_usable() {
    let session = database().connect().unwrap();
    let error = session.query("SELECT nope").unwrap_err();
    assert!(error.to_string().starts_with("Binder Error: Referenced column \"nope\""), "{error}");
    assert!(session.query("SELECT 1").is_ok());
}

#[test]
fn an_interrupt_from_another_thread_stops_a_statement_and_refuses_later_ones() {
    let session = database().connect().unwrap();
    let interrupt = session.interrupt();
    let stopped = thread::scope(|scope| {
        let running = scope.spawn(|| session.query("SELECT count(*) FROM range(1000000) a, range(1000000) b"));
        while !running.is_finished() {
            interrupt.trigger();
            thread::sleep(Duration::from_millis(1));
        }
        running.join().unwrap()
    });
    assert!(matches!(stopped, Err(Error::Interrupted)), "{stopped:?}");
    assert!(matches!(session.query("SELECT 1"), Err(Error::Interrupted)));
}

#[test]
fn a_locked_down_database_reaches_the_granted_files_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::write(root.join("granted.csv"), "i\n1\n").unwrap();
    fs::write(root.join("secret.csv"), "i\n2\n").unwrap();
    let out = root.join("out");
    fs::create_dir(&out).unwrap();
    let database = database();
    let lock_down = LockDown { files: vec![root.join("granted.csv")], folders: vec![out.clone()] };
    database.lock_down(&lock_down).unwrap();
    let session = database.connect().unwrap();
    let at = |name: &str| root.join(name).display().to_string();
    assert_eq!(session.query(&format!("SELECT * FROM read_csv('{}')", at("granted.csv"))).unwrap().len(), 1);
    session.execute(&format!("COPY (SELECT 1) TO '{}'", out.join("x.csv").display())).unwrap();
    let refused = [
        format!("SELECT * FROM read_csv('{}')", at("secret.csv")),
        format!("SELECT * FROM read_text('{}')", at("*")),
        format!("SELECT * FROM '{}'", at("out/../secret.csv")),
        format!("COPY (SELECT 1) TO '{}'", at("stolen.csv")),
        format!("ATTACH '{}' AS other", at("other.duckdb")),
        "INSTALL httpfs".to_owned(),
        "LOAD httpfs".to_owned(),
        "SET threads = 1".to_owned(),
        "SET enable_external_access = true".to_owned(),
    ];
    for sql in refused {
        assert!(session.execute(&sql).is_err(), "{sql}");
    }
}

#[test]
fn text_of_a_stranger_may_not_leave_the_database() {
    let session = database().connect().unwrap();
    for sql in [
        "ATTACH ':memory:' AS other",
        "SELECT 1; ATTACH ':memory:' AS other",
        "COPY (SELECT 1) TO 'x.csv'",
        "CHECKPOINT",
        "SET threads = 1",
        "INSTALL httpfs",
        "CALL pragma_version()",
        "EXPORT DATABASE 'x'",
    ] {
        let outcome = session.query_untrusted(sql);
        assert!(matches!(outcome, Err(Error::Forbidden { .. })), "{sql}: {outcome:?}");
    }
    assert_eq!(session.query_untrusted("CREATE TABLE t AS SELECT 1 AS i; SELECT i FROM t").unwrap().len(), 1);
}

#[test]
fn the_file_of_another_process_is_reported_as_locked() {
    // The same process may open a file twice; the message of a lock is tested with the command, which is a process.
    let folder = tempfile::tempdir().unwrap();
    let error = Database::open(Options::file(folder.path())).err().unwrap();
    assert!(matches!(error, Error::Open { .. }), "{error}");
}
