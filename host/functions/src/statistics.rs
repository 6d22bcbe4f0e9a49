use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use duckpen_sandbox::{Exceeded, LimitKind, Measurement, Meter, Outcome};
use serde::Serialize;

/// What the calls of one function cost, added up. Filled from many threads at once.
#[derive(Debug, Default)]
pub struct Statistics {
    calls: AtomicU64,
    rows: AtomicU64,
    fuel: AtomicU64,
    nanoseconds: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    peak_memory: AtomicU64,
    instances: AtomicU64,
    limit_hits: AtomicU64,
    failures: AtomicU64,
    measurements: AtomicU64,
    state_bytes: AtomicU64,
}

/// The sums at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FunctionStatistics {
    /// Batches computed or asked for.
    pub calls: u64,
    /// Rows computed.
    pub rows: u64,
    /// Fuel used, making instances included.
    pub fuel: u64,
    /// Wall time in the guest and in what the host did for it.
    pub nanoseconds: u64,
    /// Bytes of arguments.
    pub bytes_in: u64,
    /// Bytes of results.
    pub bytes_out: u64,
    /// Most bytes one instance held.
    pub peak_memory: u64,
    /// Instances made.
    pub instances: u64,
    /// Calls that a limit stopped.
    pub limit_hits: u64,
    /// Calls that did not return a result, limits included.
    pub failures: u64,
    /// Calls into the guest of every kind, each measured once.
    pub measurements: u64,
    /// Bytes of states of groups that the host holds now, all queries together.
    pub state_bytes: u64,
}

impl Statistics {
    pub(crate) fn add_batch(&self, rows: u64, bytes_in: u64, bytes_out: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.bytes_in.fetch_add(bytes_in, Ordering::Relaxed);
        self.bytes_out.fetch_add(bytes_out, Ordering::Relaxed);
    }

    /// A state is no longer held.
    pub(crate) fn release_state(&self, bytes: u64) {
        self.state_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The sums now.
    pub fn snapshot(&self) -> FunctionStatistics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        FunctionStatistics {
            calls: read(&self.calls),
            rows: read(&self.rows),
            fuel: read(&self.fuel),
            nanoseconds: read(&self.nanoseconds),
            bytes_in: read(&self.bytes_in),
            bytes_out: read(&self.bytes_out),
            peak_memory: read(&self.peak_memory),
            instances: read(&self.instances),
            limit_hits: read(&self.limit_hits),
            failures: read(&self.failures),
            measurements: read(&self.measurements),
            state_bytes: read(&self.state_bytes),
        }
    }
}

/// What the states of one function may take on the host's heap.
pub(crate) struct StateBudget<'a> {
    pub(crate) statistics: &'a Arc<Statistics>,
    /// Bytes.
    pub(crate) limit: u64,
}

impl StateBudget<'_> {
    /// Counts a state that is about to be held, until [`Statistics::release_state`].
    ///
    /// # Errors
    /// When it is too much.
    pub(crate) fn reserve(&self, bytes: u64) -> Result<(), Exceeded> {
        let used = self.statistics.state_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if used <= self.limit {
            return Ok(());
        }
        self.statistics.release_state(bytes);
        self.statistics.limit_hits.fetch_add(1, Ordering::Relaxed);
        Err(Exceeded { kind: LimitKind::StateBytes, limit: self.limit, used })
    }
}

impl Meter for Statistics {
    fn record(&self, measurement: Measurement) {
        self.measurements.fetch_add(1, Ordering::Relaxed);
        match measurement.call {
            "evaluate" | "next" | "update" | "merge" | "take" | "finalize" => {
                self.calls.fetch_add(1, Ordering::Relaxed)
            }
            "instantiate" => self.instances.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        self.fuel.fetch_add(measurement.fuel, Ordering::Relaxed);
        let nanoseconds = u64::try_from(measurement.elapsed.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
        self.peak_memory.fetch_max(measurement.peak_memory, Ordering::Relaxed);
        if measurement.outcome != Outcome::Returned {
            self.failures.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(
                call = measurement.call,
                outcome = measurement.outcome.label(),
                "a call of a function ended"
            );
        }
        if let Outcome::Limit(_) = measurement.outcome {
            self.limit_hits.fetch_add(1, Ordering::Relaxed);
        }
    }
}
