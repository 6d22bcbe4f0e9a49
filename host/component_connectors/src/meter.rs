use std::sync::atomic::{AtomicU64, Ordering};

use duckpen_sandbox::{Measurement, Meter, Outcome};

/// What the calls of one connector cost, added up. Filled from many threads at once.
#[derive(Debug, Default)]
pub(crate) struct ConnectorMeter {
    calls: AtomicU64,
    fuel: AtomicU64,
    failures: AtomicU64,
}

impl Meter for ConnectorMeter {
    fn record(&self, measurement: Measurement) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.fuel.fetch_add(measurement.fuel, Ordering::Relaxed);
        if measurement.outcome != Outcome::Returned {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        tracing::debug!(
            call = measurement.call,
            outcome = measurement.outcome.label(),
            fuel = measurement.fuel,
            peak_memory = measurement.peak_memory,
            milliseconds = measurement.elapsed.as_millis(),
            in_host = measurement.in_host.as_millis(),
            log_lines_dropped = measurement.log_lines_dropped,
            "a call of a connector ended"
        );
    }
}
