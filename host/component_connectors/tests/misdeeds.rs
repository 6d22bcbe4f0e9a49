//! A connector that misbehaves fails what it is used for, says why, and harms nothing else.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/bench.rs"]
mod bench;
#[path = "../../connectors/tests/support/web.rs"]
mod web;

use std::time::{Duration, Instant};

use bench::{Bench, Serving, object};
use duckpen_connectors::{ConnectorError, RemoteFailure};
use web::{Reply, answer};

/// Reading, and the whole of the message.
const READING: &[(&str, &str)] = &[
    ("ask_ungranted_host", "the connector `evil` was not granted the host `evil.example`"),
    ("ask_private_address", "the host `169.254.169.254` is at the private address 169.254.169.254:80"),
    ("ask_in_disguise", "the connector `evil` was not granted the host `[::ffff:7f00:1]`"),
    ("ask_with_credentials", "the connector `evil` was not granted the host `evil.example`"),
    ("ask_a_file", "an unusable address: it names no host"),
    ("ask_nothing", "a request that is not made: its address is no URL: relative URL without a base"),
    ("set_host", "a request that is not made: the header `host` is set by the host"),
    ("set_authorization", "a request that is not made: the header `authorization` is set by the host"),
    ("smuggle_a_header", "a request that is not made: the header `x-a` has an unusable value"),
    ("send_too_much", "a request that is not made: it carries 41943040 bytes, where at most 33554432 are sent"),
    ("loop_in_open", "the connector `evil`: fuel limit reached: used 50,000,000 of 50,000,000 in one call, in `open`"),
    ("loop_in_read", "the connector `evil`: fuel limit reached: used 50,000,000 of 50,000,000 in one call, in `read`"),
    ("loop_in_next", "the connector `evil`: fuel limit reached: used 50,000,000 of 50,000,000 in one call, in `next`"),
    (
        "loop_in_state",
        "the connector `evil`: fuel limit reached: used 50,000,000 of 50,000,000 in one call, in `state`",
    ),
    ("fail_in_open", "evil at 127.0.0.1: this selection is not to its taste"),
    ("fail_in_next", "evil at 127.0.0.1: no more of this"),
    ("emit_in_open", "the connector `evil`: rows were emitted outside of a scan, in `open`"),
    ("no_fields", "the connector `evil`: its result has 0 fields; 1 to 1000 are accepted, in `fields`"),
    ("too_many_fields", "the connector `evil`: its result has 2000 fields; 1 to 1000 are accepted, in `fields`"),
    ("duplicate_fields", "the connector `evil`: its result has two fields named `X`, in `fields`"),
    (
        "unknown_type",
        "the connector `evil`: field `x` of its result has the unknown type `NUMBER OF ANGELS`, in `fields`",
    ),
    ("too_many_rows", "the connector `evil`: result_rows limit reached: 2,049 where 2,048 are allowed, in `next`"),
    (
        "no_rows",
        "the connector `evil`: a batch without rows was emitted, where the end is told by emitting none, in `next`",
    ),
    (
        "short_column",
        "the connector `evil`: column 0 of a batch is not what was asked for: 2 rows where 3 are expected, in `next`",
    ),
    ("emit_twice", "the connector `evil`: rows were emitted twice in one call, in `next`"),
    ("two_columns", "the connector `evil`: 2 columns were emitted where 1 were asked for, in `next`"),
    ("no_columns", "the connector `evil`: 0 columns were emitted where 1 were asked for, in `next`"),
    (
        "wrong_type",
        "the connector `evil`: column 0 of a batch is not what was asked for: the values are not of the physical type of \
         BIGINT, in `next`",
    ),
    (
        "bad_utf8",
        "the connector `evil`: column 0 of a batch is not what was asked for: row 0 is not valid UTF-8, in `next`",
    ),
    ("huge_state", "the connector `evil`: a state of 65537 bytes, where 65536 are kept, in `state`"),
    ("flood_of_calls", "the connector `evil`: host_calls limit reached: 1,001 where 1,000 are allowed, in `next`"),
];

/// Reading, and how the message begins: what is behind it is the engine's.
const READING_ROUGHLY: &[(&str, &str)] = &[
    ("trap_in_read", "the connector `evil`: crashed: wasm trap"),
    ("trap_in_next", "the connector `evil`: crashed: wasm trap"),
    ("grow_in_next", "the connector `evil`: memory limit reached: wanted "),
    ("offsets_backwards", "the connector `evil`: column 0 of a batch is not what was asked for: "),
];

const WRITING: &[(&str, &str)] = &[
    (
        "loop_in_write",
        "the connector `evil`: fuel limit reached: used 50,000,000 of 50,000,000 in one call, in `write`",
    ),
    (
        "loop_in_finish",
        "the connector `evil`: fuel limit reached: used 50,000,000 of 50,000,000 in one call, in `finish`",
    ),
    ("fail_in_write", "evil at 127.0.0.1: it does not want these rows"),
    ("emit_in_write", "the connector `evil`: rows were emitted outside of a scan, in `write`"),
    ("trap_in_write", "the connector `evil`: crashed: wasm trap"),
    ("trap_in_finish", "the connector `evil`: crashed: wasm trap"),
    ("lie_in_finish", "the connector `evil` says that it wrote 18446744073709551615 rows, and had 3"),
];

#[test]
fn a_connector_that_behaves_is_read_and_written() {
    let serving = Serving::start(|_, _| answer(200, ""));
    let bench = Bench::new(&serving);
    assert_eq!(bench.read("none").unwrap(), ("3".to_owned(), Some("the end".to_owned())));
    assert_eq!(bench.read("no_state").unwrap(), ("3".to_owned(), None));
    assert_eq!(bench.write("none").unwrap(), 3);
    assert_eq!(
        bench.read("flood_of_log").unwrap().0,
        "3",
        "lines past the limit are dropped, and nothing else happens"
    );
}

#[test]
fn each_misdeed_of_reading_fails_what_it_is_part_of() {
    let serving = Serving::start(|_, _| answer(200, ""));
    let bench = Bench::new(&serving);
    for (misdeed, expected) in READING {
        // Twice: what was stopped is not used again, so the second time is like the first.
        for time in 1..=2 {
            let error = bench.read(misdeed).expect_err(misdeed).to_string();
            assert_eq!(&error, expected, "{misdeed}, time {time}");
        }
    }
    for (misdeed, expected) in READING_ROUGHLY {
        let error = bench.read(misdeed).expect_err(misdeed).to_string();
        assert!(error.starts_with(expected), "{misdeed}: {error}");
    }
    assert_eq!(bench.read("none").unwrap().0, "3");
    assert!(serving.web.asked().is_empty(), "nothing was sent");
}

#[test]
fn each_misdeed_of_writing_fails_what_it_is_part_of() {
    let serving = Serving::start(|_, _| answer(200, ""));
    let bench = Bench::new(&serving);
    for (misdeed, expected) in WRITING {
        let error = bench.write(misdeed).expect_err(misdeed).to_string();
        assert!(error.starts_with(expected), "{misdeed}: {error}");
    }
    assert_eq!(bench.write("none").unwrap(), 3);
}

#[test]
fn what_a_limit_stopped_tells_how_to_raise_it() {
    let serving = Serving::start(|_, _| answer(200, ""));
    let bench = Bench::new(&serving);
    for (misdeed, expected) in [
        ("loop_in_next", "raise it with `connector_limits.fuel` in duckpen.toml"),
        ("wrong_type", "the component breaks its contract; tell its author"),
        ("ask_ungranted_host", "`[connectors.evil] hosts = [\"evil.example\"]` in duckpen.toml grants it"),
        ("ask_private_address", "`[network] private = [\"169.254.169.254:80\"]` in duckpen.toml grants it"),
        ("fail_in_next", "try another"),
    ] {
        assert_eq!(bench.read(misdeed).expect_err(misdeed).hint().as_deref(), Some(expected), "{misdeed}");
    }
}

#[test]
fn rows_without_an_end_end_when_the_work_is_to_stop() {
    for (misdeed, reply) in [("never_ends", None), ("send_for_ever", Some(())), ("send_for_ever", None)] {
        // Requests that are answered at once, and one that never is.
        let is_silent = misdeed == "send_for_ever" && reply.is_none();
        let serving = Serving::start(move |_, _| if is_silent { Reply::Silence } else { answer(200, "") });
        let bench = Bench::with_limits(&serving, &[("fuel", "100G"), ("host_calls", "1G")]);
        let cancel = bench.cancel.clone();
        let stopper = std::thread::spawn(move || {
            // Long enough to be in the middle of it; nothing depends on how long it is.
            std::thread::park_timeout(Duration::from_millis(300));
            cancel.raise();
        });
        let began = Instant::now();
        let error = bench.read(misdeed).expect_err("it has no end");
        assert!(matches!(error, ConnectorError::Cancelled), "{misdeed}: {error}");
        assert!(began.elapsed() < Duration::from_secs(10), "{misdeed}");
        stopper.join().unwrap();
    }
}

#[test]
fn a_secret_that_the_system_repeats_is_not_seen_by_the_connector() {
    let serving = Serving::start(|_, asked| answer(200, asked.header("authorization").unwrap_or_default()));
    let bench = Bench::new(&serving);
    let error = bench.read("tell_the_secret").expect_err("it tells").to_string();
    assert_eq!(error, "evil at 127.0.0.1: Bearer ***");
    assert_eq!(serving.web.asked()[0].header("authorization"), Some("Bearer a-secret-token"));
    let told = bench.test("tell_configuration").unwrap();
    let expected =
        format!("{{\"url\":\"{}\",\"token\":true,\"behaviour\":\"tell_configuration\"}}", serving.web.url("/"));
    assert_eq!(told, expected);
}

#[test]
fn a_connector_is_tried_and_tells_what_can_be_read() {
    let serving = Serving::start(|_, _| answer(200, ""));
    let bench = Bench::new(&serving);
    assert_eq!(bench.test("none").unwrap(), "evil, at your service");
    assert_eq!(bench.test("fail").unwrap_err().to_string(), "evil at 127.0.0.1: it does not feel like it");
    assert!(bench.test("long_answer").unwrap().len() < 3_000);
    let error = bench.test("loop").unwrap_err().to_string();
    assert!(error.contains("fuel limit reached"), "{error}");
    let connector = bench.connector(&object(&[("behaviour", "none")])).unwrap();
    assert_eq!(connector.discover(&bench.cancel).unwrap().unwrap().len(), 1);
    let connector = bench.connector(&object(&[("behaviour", "many_datasets")])).unwrap();
    let error = connector.discover(&bench.cancel).unwrap_err().to_string();
    assert_eq!(error, "the connector `evil` tells of 20000 things to read, where at most 10000 are taken");
}

#[test]
fn a_server_that_stays_away_is_told_as_what_it_is() {
    let serving = Serving::start(|_, _| answer(503, "closed for today"));
    let bench = Bench::with_limits(&serving, &[("fuel", "100G"), ("host_calls", "1G")]);
    let error = bench.read("send_for_ever").expect_err("closed");
    assert!(error.to_string().starts_with("evil at 127.0.0.1: 503 Service Unavailable: closed for today"), "{error}");
    let ConnectorError::Remote(error) = error else { panic!("{error}") };
    assert_eq!(error.kind, RemoteFailure::Busy);
    assert_eq!(serving.web.asked().len(), 2, "one repetition, as its parameters say");
}
