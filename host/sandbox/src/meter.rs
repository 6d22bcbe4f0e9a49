use std::time::{Duration, Instant};

use crate::Outcome;
use crate::engine::Measuring;

/// What one call into a guest cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurement {
    /// What was called: `instantiate`, `describe`, `evaluate`, ...
    pub call: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// Wall time, what the host did for the guest included.
    pub elapsed: Duration,
    /// Wall time spent waiting for a place before the call.
    pub queued: Duration,
    /// Fuel used.
    pub fuel: u64,
    /// Most bytes the instance has held so far.
    pub peak_memory: u64,
    /// Calls from the guest into the host.
    pub host_calls: u64,
    /// The part of `elapsed` in which the host checked and copied what the guest handed over.
    pub in_host: Duration,
    /// Lines of the guest's log that were past their limit.
    pub log_lines_dropped: u64,
}

/// Time that passes, where it is measured at all.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Option<Instant>);

impl Stopwatch {
    pub(crate) fn start(measuring: Measuring) -> Self {
        Self((measuring == Measuring::On).then(Instant::now))
    }

    /// Time since it was started.
    pub fn elapsed(&self) -> Duration {
        self.0.map_or(Duration::ZERO, |started| started.elapsed())
    }

    /// Time from when it was started until a moment.
    pub fn until(&self, moment: Instant) -> Duration {
        self.0.map_or(Duration::ZERO, |started| moment.saturating_duration_since(started))
    }
}

/// Takes measurements: exactly one for every call.
pub trait Meter: Send + Sync {
    /// Called when a call has ended, whichever way.
    fn record(&self, measurement: Measurement);
}

/// Forgets every measurement.
pub struct NoMeter;

impl Meter for NoMeter {
    fn record(&self, _: Measurement) {}
}
