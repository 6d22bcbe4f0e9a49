//! Counters, and the one place that names them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Declares the metrics: a variant, its name for the outside world, and what it counts.
macro_rules! metrics {
    ($($(#[doc = $help:literal])+ $variant:ident => $name:literal,)+) => {
        /// What is counted. Counters only ever grow.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric { $($(#[doc = $help])+ $variant,)+ }

        impl Metric {
            /// Every metric, in the order in which they are listed.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name under which it is exported.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it counts, in one line.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => concat!($($help),+)),+ }
            }
        }
    };
}

metrics! {
    /// Runs begun.
    RunsStarted => "duckpen_runs_started_total",
    /// Runs that ended with every step complete.
    RunsSucceeded => "duckpen_runs_succeeded_total",
    /// Runs that ended with a failure.
    RunsFailed => "duckpen_runs_failed_total",
    /// Runs that were interrupted.
    RunsCancelled => "duckpen_runs_cancelled_total",
    /// Attempts at steps begun.
    AttemptsStarted => "duckpen_step_attempts_total",
    /// Attempts that failed and were repeated.
    AttemptsRepeated => "duckpen_step_retries_total",
    /// Steps done.
    StepsSucceeded => "duckpen_steps_succeeded_total",
    /// Steps whose last attempt failed.
    StepsFailed => "duckpen_steps_failed_total",
    /// Steps not run because of a failure elsewhere.
    StepsSkipped => "duckpen_steps_skipped_total",
    /// Steps not run because an earlier run had completed them.
    StepsResumed => "duckpen_steps_resumed_total",
    /// Rows in the results of steps.
    RowsProduced => "duckpen_rows_produced_total",
    /// Fuel burned by handlers.
    HandlerFuel => "duckpen_handler_fuel_total",
    /// Calls of functions, each a batch of rows.
    FunctionCalls => "duckpen_function_calls_total",
    /// Rows computed by functions.
    FunctionRows => "duckpen_function_rows_total",
    /// Fuel burned by functions.
    FunctionFuel => "duckpen_function_fuel_total",
    /// Lines of guests' logs that were past their limit.
    LogLinesDropped => "duckpen_log_lines_dropped_total",
    /// Instances thrown away instead of being used again.
    InstancesDiscarded => "duckpen_instances_discarded_total",
    /// Calls of guests that ended at a limit.
    LimitsHit => "duckpen_limits_hit_total",
    /// Components compiled because no usable code was in the cache.
    CacheMisses => "duckpen_component_cache_misses_total",
    /// Components whose compiled code came from the cache.
    CacheHits => "duckpen_component_cache_hits_total",
    /// Calls to systems beyond the host that failed and were made again.
    ConnectorRetries => "duckpen_connector_retries_total",
    /// Times that a system was left alone after failures in a row.
    CircuitsOpened => "duckpen_connector_circuits_opened_total",
    /// Times that a system which was left alone answered again.
    CircuitsClosed => "duckpen_connector_circuits_closed_total",
    /// Calls that waited for a rate limit.
    ConnectorCallsThrottled => "duckpen_connector_calls_throttled_total",
    /// Columns of sources whose type has no counterpart.
    ColumnsReadAsText => "duckpen_connector_columns_as_text_total",
}

/// The counters of one process.
#[derive(Debug)]
pub struct Metrics {
    counters: [AtomicU64; Metric::ALL.len()],
}

impl Default for Metrics {
    fn default() -> Self {
        Self { counters: [const { AtomicU64::new(0) }; Metric::ALL.len()] }
    }
}

impl Metrics {
    /// Where a counter stands.
    pub fn get(&self, metric: Metric) -> u64 {
        self.counters[metric as usize].load(Ordering::Relaxed)
    }

    /// Only events count, so that what is counted is logged too.
    pub(crate) fn add(&self, metric: Metric, amount: u64) {
        self.counters[metric as usize].fetch_add(amount, Ordering::Relaxed);
    }
}
