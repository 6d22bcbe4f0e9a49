//! Each event writes one line and moves its counters.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use duckpen_observe::{
    Event, FunctionResult, Metric, Metrics, RunStatus,
    events::{
        CacheHit, CacheMiss, FunctionMeasured, InstanceDiscarded, LimitHit, RunFinished, RunStarted, StepFailed,
        StepFinished, StepResumed, StepRetried, StepSkipped, StepStarted,
    },
};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("one thread").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An event, the line it writes, the counters it moves and by how much.
type Case<'a> = (&'a dyn Event, &'a str, &'a [(&'a str, u64)]);

/// Emits the event; what it wrote and which counters it moved.
fn emitted(event: &dyn Event) -> (String, Vec<(&'static str, u64)>) {
    let (written, metrics) = (Written::default(), Metrics::default());
    let writer = written.clone();
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .finish();
    tracing::subscriber::with_default(log, || event.emit(&metrics));
    let line = String::from_utf8(written.0.lock().expect("one thread").clone()).expect("text");
    let counters = Metric::ALL.iter().map(|&metric| (metric.name(), metrics.get(metric)));
    (line.trim().to_owned(), counters.filter(|&(_, count)| count > 0).collect())
}

fn measured() -> FunctionResult {
    FunctionResult {
        name: "mask".to_owned(),
        component: "pii".to_owned(),
        digest: "sha256:5f2c".to_owned(),
        step: "masked".to_owned(),
        calls: 3,
        rows: 6_000,
        fuel: 900,
        nanoseconds: 90,
        guest_nanoseconds: 70,
        boundary_nanoseconds: 20,
        ns_per_row: Some(0.015),
        bytes_in: 10,
        bytes_out: 11,
        peak_memory: 65_536,
        instances: 2,
        instances_discarded: BTreeMap::from([("limit".to_owned(), 1)]),
        failures: 1,
        limit_hits: 1,
        limit_hits_by_limit: BTreeMap::from([("fuel".to_owned(), 1)]),
        log_lines_dropped: 4,
    }
}

#[test]
fn every_event_has_its_line_and_its_metric() {
    let second = Duration::from_secs(1);
    let measured = measured();
    let cases: [Case<'_>; 14] = [
        (
            &RunStarted { run_id: "r1", pipeline: "daily", steps: 3 },
            r#"INFO run started run_id="r1" pipeline="daily" steps=3"#,
            &[("duckpen_runs_started_total", 1)],
        ),
        (
            &RunFinished { run_id: "r1", status: RunStatus::Success, elapsed: second },
            r#"INFO run finished run_id="r1" status="success" seconds=1.0"#,
            &[("duckpen_runs_succeeded_total", 1)],
        ),
        (
            &RunFinished { run_id: "r1", status: RunStatus::Failed, elapsed: second },
            r#"INFO run finished run_id="r1" status="failed" seconds=1.0"#,
            &[("duckpen_runs_failed_total", 1)],
        ),
        (
            &StepStarted { step: "a", attempt: 2 },
            r#"DEBUG step started step="a" attempt=2"#,
            &[("duckpen_step_attempts_total", 1)],
        ),
        (
            &StepFinished { step: "a", attempts: 1, rows: Some(7), fuel: Some(9), elapsed: second },
            r#"INFO step finished step="a" attempts=1 rows=7 fuel=9 seconds=1.0"#,
            &[
                ("duckpen_steps_succeeded_total", 1),
                ("duckpen_rows_produced_total", 7),
                ("duckpen_handler_fuel_total", 9),
            ],
        ),
        (
            &StepFailed { step: "a", attempts: 1, error: &"no such table" },
            r#"ERROR step failed step="a" attempts=1 error=no such table"#,
            &[("duckpen_steps_failed_total", 1)],
        ),
        (
            &StepRetried { step: "a", attempt: 1, error: &"busy", delay: second },
            r#"WARN attempt failed, will be repeated step="a" attempt=1 error=busy delay=1.0"#,
            &[("duckpen_step_retries_total", 1)],
        ),
        (
            &StepSkipped { step: "b", because: Some("a") },
            r#"INFO step skipped step="b" because="a""#,
            &[("duckpen_steps_skipped_total", 1)],
        ),
        (
            &StepResumed { step: "b" },
            r#"INFO step completed by an earlier run step="b""#,
            &[("duckpen_steps_resumed_total", 1)],
        ),
        (
            &FunctionMeasured { function: &measured },
            r#"INFO function measured function="mask" component="pii" digest="sha256:5f2c" step="masked" calls=3 rows=6000 fuel=900 guest_nanoseconds=70 boundary_nanoseconds=20 ns_per_row=0.015 bytes_in=10 bytes_out=11 peak_memory=65536 instances=2 instances_discarded={"limit": 1} failures=1 limit_hits=1 limit_hits_by_limit={"fuel": 1} log_lines_dropped=4"#,
            &[
                ("duckpen_function_calls_total", 3),
                ("duckpen_function_rows_total", 6_000),
                ("duckpen_function_fuel_total", 900),
                ("duckpen_log_lines_dropped_total", 4),
                ("duckpen_limits_hit_total", 1),
            ],
        ),
        (
            &InstanceDiscarded { component: "pii", because: "trap" },
            r#"DEBUG instance discarded component="pii" because="trap""#,
            &[("duckpen_instances_discarded_total", 1)],
        ),
        (
            &LimitHit { component: "pii", limit: "fuel", allowed: 500 },
            r#"WARN limit reached component="pii" limit="fuel" allowed=500"#,
            &[("duckpen_limits_hit_total", 1)],
        ),
        (
            &CacheMiss { component: "pii", because: "absent", elapsed: second },
            r#"INFO component compiled component="pii" because="absent" seconds=1.0"#,
            &[("duckpen_component_cache_misses_total", 1)],
        ),
        (
            &CacheHit { component: "pii" },
            r#"DEBUG compiled code taken from the cache component="pii""#,
            &[("duckpen_component_cache_hits_total", 1)],
        ),
    ];
    for (event, line, counters) in cases {
        assert_eq!(emitted(event), (line.to_owned(), counters.to_vec()));
    }
}

#[test]
fn names_of_metrics_are_unique() {
    let mut names: Vec<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Metric::ALL.len());
}
