use std::time::Duration;

use crate::Outcome;

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
