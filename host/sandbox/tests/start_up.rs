//! Code that runs when an instance is made is limited and measured like any other call.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use duckpen_sandbox::{
    Component, Embedder, Engine, EngineOptions, LimitKind, Limits, LogLevel, Measurement, Meter, Outcome, Stopped,
    Template,
};

/// A component of one core module whose start function has this body, and whose memory has so many pages at first.
fn component(pages: u8, start: &[u8]) -> Vec<u8> {
    let section = |id: u8, content: &[u8]| [&[id, content.len() as u8], content].concat();
    let code = [&[1, start.len() as u8 + 1, 0], start].concat();
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[1, 0]),
        section(5, &[1, 0, pages]),
        section(8, &[0]),
        section(10, &code),
    ]
    .concat();
    // The module, and an instance of it.
    [b"\0asm\x0d\0\x01\0".to_vec(), section(1, &module), section(2, &[1, 0, 0, 0])].concat()
}

const END: u8 = 0x0b;
const LOOP: &[u8] = &[0x03, 0x40, 0x0c, 0, END, END];
const RECURSION: &[u8] = &[0x10, 0, END];
const UNREACHABLE: &[u8] = &[0x00, END];
/// Grows the memory by 1,000 pages and crashes where that is refused.
const GROW: &[u8] = &[0x41, 0xe8, 0x07, 0x40, 0, 0x41, 0x7f, 0x46, 0x04, 0x40, 0x00, END, END];

struct Nobody;

impl Embedder for Nobody {
    fn log(&mut self, _: LogLevel, _: &str) {}
}

#[derive(Default)]
struct Measurements(Mutex<Vec<Measurement>>);

impl Meter for Measurements {
    fn record(&self, measurement: Measurement) {
        self.0.lock().unwrap().push(measurement);
    }
}

/// Makes one instance; how that ended, and the one measurement of it.
fn start(bytes: &[u8], limits: Limits) -> (Result<(), Stopped>, Measurement) {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let component = Component::load(&engine, "starter", bytes).unwrap();
    let template = Template::new(&component, limits, &[], |_| Ok(())).unwrap();
    let measurements = Arc::new(Measurements::default());
    let made = template.instantiate(Nobody, Arc::clone(&measurements) as Arc<dyn Meter>).map(|_| ());
    let measurements = std::mem::take(&mut *measurements.0.lock().unwrap());
    let [measurement] = measurements.try_into().expect("one measurement");
    assert_eq!(measurement.call, "instantiate");
    (made, measurement)
}

#[test]
fn a_start_function_within_its_limits_is_run() {
    let (made, measurement) = start(&component(1, &[END]), Limits::functions());
    assert_eq!(made, Ok(()));
    assert_eq!((measurement.outcome, measurement.peak_memory), (Outcome::Returned, 65_536));
}

#[test]
fn every_limit_holds_before_the_first_instruction() {
    let limits = Limits { fuel: 1_000_000, memory: 1 << 20, ..Limits::functions() };
    for (what, bytes, kind) in [
        ("a loop", component(1, LOOP), LimitKind::Fuel),
        ("recursion", component(1, RECURSION), LimitKind::Stack),
        ("a memory that is too large at first", component(17, &[END]), LimitKind::Memory),
        ("a memory that grows too large", component(1, GROW), LimitKind::Memory),
    ] {
        let (made, measurement) = start(&bytes, limits.clone());
        let Err(Stopped::Limit(exceeded)) = made else { panic!("{what}: {made:?}") };
        assert_eq!(exceeded.kind, kind, "{what}");
        assert_eq!(measurement.outcome, Outcome::Limit(exceeded), "{what}");
        assert!(measurement.fuel <= 1_000_000 && measurement.peak_memory <= 1 << 20, "{what}: {measurement:?}");
    }
}

/// Wants its guest to stop.
struct Cancelled;

impl Embedder for Cancelled {
    fn log(&mut self, _: LogLevel, _: &str) {}

    fn is_cancelled(&self) -> bool {
        true
    }
}

#[test]
fn a_guest_that_is_cancelled_stops_at_the_next_tick() {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let component = Component::load(&engine, "starter", &component(1, LOOP)).unwrap();
    let limits = Limits { fuel: u64::MAX, time: Duration::from_secs(60), ..Limits::functions() };
    let template = Template::new(&component, limits, &[], |_| Ok(())).unwrap();
    let measurements = Arc::new(Measurements::default());
    let begun = Instant::now();
    let made = template.instantiate(Cancelled, Arc::clone(&measurements) as Arc<dyn Meter>).map(|_| ());
    assert_eq!(made, Err(Stopped::Cancelled));
    assert_eq!(measurements.0.lock().unwrap()[0].outcome, Outcome::Cancelled);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_start_function_that_crashes_is_no_limit() {
    let (made, _) = start(&component(1, UNREACHABLE), Limits::functions());
    assert!(matches!(&made, Err(Stopped::Trap(message)) if message.contains("unreachable")), "{made:?}");
}

#[test]
fn time_stops_what_fuel_does_not() {
    let limits = Limits { fuel: u64::MAX / 2, time: Duration::from_millis(100), ..Limits::functions() };
    let started = Instant::now();
    let (made, measurement) = start(&component(1, LOOP), limits);
    let Err(Stopped::Limit(exceeded)) = made else { panic!("{made:?}") };
    assert_eq!((exceeded.kind, exceeded.limit), (LimitKind::Time, 100));
    // Two ticks late at most, on a machine that does nothing else.
    let slack = Duration::from_millis(500);
    assert!((Duration::from_millis(100)..Duration::from_millis(120) + slack).contains(&measurement.elapsed));
    assert!(started.elapsed() < Duration::from_secs(5));
}
