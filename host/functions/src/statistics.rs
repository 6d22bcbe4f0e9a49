//! What the calls of functions cost.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use duckpen_sandbox::{Exceeded, LimitKind, Measurement, Meter, Outcome};
use serde::Serialize;

/// What the calls of one function cost, added up. Filled from many threads at once.
#[derive(Debug, Default)]
pub struct Statistics {
    calls: AtomicU64,
    rows: AtomicU64,
    fuel: AtomicU64,
    guest_nanoseconds: AtomicU64,
    boundary_nanoseconds: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    peak_memory: AtomicU64,
    instances: AtomicU64,
    /// By [`Outcome::FATAL`].
    discarded: [AtomicU64; Outcome::FATAL.len()],
    /// By [`LimitKind::ALL`].
    limit_hits: [AtomicU64; LimitKind::ALL.len()],
    failures: AtomicU64,
    log_lines_dropped: AtomicU64,
    measurements: AtomicU64,
    state_bytes: AtomicU64,
    on_discard: OnDiscard,
}

/// Who is told of an instance that is not used again, by the word for the outcome of its last call.
type DiscardListener = Arc<dyn Fn(&'static str) + Send + Sync>;

#[derive(Default)]
struct OnDiscard(Mutex<Option<DiscardListener>>);

impl fmt::Debug for OnDiscard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnDiscard").finish_non_exhaustive()
    }
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
    /// Wall time in the guest, what the engine does to get in and out included.
    pub guest_nanoseconds: u64,
    /// Wall time in which the host gathered arguments, and checked and copied results.
    pub boundary_nanoseconds: u64,
    /// Bytes of arguments.
    pub bytes_in: u64,
    /// Bytes of results.
    pub bytes_out: u64,
    /// Most bytes one instance held.
    pub peak_memory: u64,
    /// Instances made.
    pub instances: u64,
    /// Instances that were not used again, by the word for the outcome of their last call.
    pub discarded: BTreeMap<&'static str, u64>,
    /// Calls that a limit stopped, by the limit's name.
    pub limit_hits: BTreeMap<&'static str, u64>,
    /// Calls that did not return a result, limits included.
    pub failures: u64,
    /// Lines of the guests' logs that were past their limit.
    pub log_lines_dropped: u64,
    /// Calls into the guest of every kind, each measured once.
    pub measurements: u64,
    /// Bytes of states of groups that the host holds now, all queries together.
    pub state_bytes: u64,
}

impl Statistics {
    /// A batch was computed.
    pub fn add_batch(&self, rows: u64, bytes_in: u64, bytes_out: u64) {
        add(&self.rows, rows);
        add(&self.bytes_in, bytes_in);
        add(&self.bytes_out, bytes_out);
    }

    /// The host took this time, outside of a call, to make values ready for one or to put away what came of it.
    pub(crate) fn add_boundary_time(&self, time: Duration) {
        add(&self.boundary_nanoseconds, nanoseconds(time));
    }

    /// From now on `listener` is told of every instance that is thrown away, in the place of whoever was told before.
    pub(crate) fn set_discard_listener(&self, listener: DiscardListener) {
        *self.on_discard.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }

    /// A state is no longer held.
    pub(crate) fn release_state(&self, bytes: u64) {
        self.state_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The sums now.
    pub fn snapshot(&self) -> FunctionStatistics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let named = |counters: &[AtomicU64], names: &mut dyn Iterator<Item = &'static str>| {
            names.zip(counters).map(|(name, counter)| (name, read(counter))).filter(|(_, count)| *count > 0).collect()
        };
        FunctionStatistics {
            calls: read(&self.calls),
            rows: read(&self.rows),
            fuel: read(&self.fuel),
            guest_nanoseconds: read(&self.guest_nanoseconds),
            boundary_nanoseconds: read(&self.boundary_nanoseconds),
            bytes_in: read(&self.bytes_in),
            bytes_out: read(&self.bytes_out),
            peak_memory: read(&self.peak_memory),
            instances: read(&self.instances),
            discarded: named(&self.discarded, &mut Outcome::FATAL.into_iter()),
            limit_hits: named(&self.limit_hits, &mut LimitKind::ALL.into_iter().map(LimitKind::name)),
            failures: read(&self.failures),
            log_lines_dropped: read(&self.log_lines_dropped),
            measurements: read(&self.measurements),
            state_bytes: read(&self.state_bytes),
        }
    }

    fn record_failure(&self, call: &'static str, outcome: &Outcome) {
        let label = outcome.label();
        add(&self.failures, 1);
        if let Some(reason) = Outcome::FATAL.iter().position(|fatal| *fatal == label) {
            add(&self.discarded[reason], 1);
            let listener = self.on_discard.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
            listener.inspect(|listener| listener(label));
        }
        if let Outcome::Limit(exceeded) = outcome {
            self.count_limit_hit(exceeded.kind);
        }
        tracing::debug!(call, outcome = label, "a call of a function ended");
    }

    fn count_limit_hit(&self, kind: LimitKind) {
        if let Some(limit) = LimitKind::ALL.iter().position(|other| *other == kind) {
            add(&self.limit_hits[limit], 1);
        }
    }
}

impl FunctionStatistics {
    /// Wall time of the calls and of what the host did for them.
    pub fn nanoseconds(&self) -> u64 {
        self.guest_nanoseconds.saturating_add(self.boundary_nanoseconds)
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
        self.statistics.count_limit_hit(LimitKind::StateBytes);
        Err(Exceeded { kind: LimitKind::StateBytes, limit: self.limit, used })
    }
}

impl Meter for Statistics {
    fn record(&self, measurement: Measurement) {
        add(&self.measurements, 1);
        match measurement.call {
            "evaluate" | "push" | "next" | "update" | "merge" | "take" | "finalize" | "write" => add(&self.calls, 1),
            "instantiate" => add(&self.instances, 1),
            _ => {}
        }
        add(&self.fuel, measurement.fuel);
        add(&self.guest_nanoseconds, nanoseconds(measurement.elapsed.saturating_sub(measurement.in_host)));
        add(&self.boundary_nanoseconds, nanoseconds(measurement.in_host));
        self.peak_memory.fetch_max(measurement.peak_memory, Ordering::Relaxed);
        if measurement.log_lines_dropped > 0 {
            add(&self.log_lines_dropped, measurement.log_lines_dropped);
        }
        if measurement.outcome != Outcome::Returned {
            self.record_failure(measurement.call, &measurement.outcome);
        }
    }
}

fn add(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Ordering::Relaxed);
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
