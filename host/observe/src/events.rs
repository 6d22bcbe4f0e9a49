//! The catalogue of events. Each emits its log line and its metric together.
//!
//! Levels: `INFO` for what a person following a run wants to see, `WARN` for what went wrong and was dealt with, `ERROR`
//! for what ended a step, `DEBUG` for the rest.

use std::{fmt, time::Duration};

use tracing::{debug, error, info, warn};

use crate::{FunctionResult, Metric, Metrics, RunStatus};

/// Something that happened.
pub trait Event {
    /// Writes the log line and counts.
    fn emit(&self, metrics: &Metrics);
}

/// A run has begun.
#[derive(Clone, Copy, Debug)]
pub struct RunStarted<'a> {
    /// The run.
    pub run_id: &'a str,
    /// The pipeline it runs.
    pub pipeline: &'a str,
    /// How many steps it has.
    pub steps: usize,
}

impl Event for RunStarted<'_> {
    fn emit(&self, metrics: &Metrics) {
        info!(run_id = self.run_id, pipeline = self.pipeline, steps = self.steps, "run started");
        metrics.add(Metric::RunsStarted, 1);
    }
}

/// A run has ended.
#[derive(Clone, Copy, Debug)]
pub struct RunFinished<'a> {
    /// The run.
    pub run_id: &'a str,
    /// How it ended.
    pub status: RunStatus,
    /// From beginning to end.
    pub elapsed: Duration,
}

impl Event for RunFinished<'_> {
    fn emit(&self, metrics: &Metrics) {
        info!(
            run_id = self.run_id,
            status = self.status.as_str(),
            seconds = self.elapsed.as_secs_f64(),
            "run finished"
        );
        let metric = match self.status {
            RunStatus::Success => Metric::RunsSucceeded,
            RunStatus::Failed => Metric::RunsFailed,
            RunStatus::Cancelled => Metric::RunsCancelled,
        };
        metrics.add(metric, 1);
    }
}

/// An attempt at a step has begun.
#[derive(Clone, Copy, Debug)]
pub struct StepStarted<'a> {
    /// The step.
    pub step: &'a str,
    /// Which attempt, from one.
    pub attempt: u32,
}

impl Event for StepStarted<'_> {
    fn emit(&self, metrics: &Metrics) {
        debug!(step = self.step, attempt = self.attempt, "step started");
        metrics.add(Metric::AttemptsStarted, 1);
    }
}

/// A step is done.
#[derive(Clone, Copy, Debug)]
pub struct StepFinished<'a> {
    /// The step.
    pub step: &'a str,
    /// Attempts it took.
    pub attempts: u32,
    /// Rows in its result.
    pub rows: Option<u64>,
    /// Fuel its handler burned.
    pub fuel: Option<u64>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Event for StepFinished<'_> {
    fn emit(&self, metrics: &Metrics) {
        info!(
            step = self.step,
            attempts = self.attempts,
            rows = self.rows,
            fuel = self.fuel,
            seconds = self.elapsed.as_secs_f64(),
            "step finished"
        );
        metrics.add(Metric::StepsSucceeded, 1);
        metrics.add(Metric::RowsProduced, self.rows.unwrap_or_default());
        metrics.add(Metric::HandlerFuel, self.fuel.unwrap_or_default());
    }
}

/// A step's last attempt failed.
#[derive(Clone, Copy)]
pub struct StepFailed<'a> {
    /// The step.
    pub step: &'a str,
    /// Attempts it had.
    pub attempts: u32,
    /// Why.
    pub error: &'a dyn fmt::Display,
}

impl Event for StepFailed<'_> {
    fn emit(&self, metrics: &Metrics) {
        error!(step = self.step, attempts = self.attempts, error = %self.error, "step failed");
        metrics.add(Metric::StepsFailed, 1);
    }
}

/// A step's attempt failed and will be repeated.
#[derive(Clone, Copy)]
pub struct StepRetried<'a> {
    /// The step.
    pub step: &'a str,
    /// The attempt that failed, from one.
    pub attempt: u32,
    /// Why it failed.
    pub error: &'a dyn fmt::Display,
    /// How long until the next.
    pub delay: Duration,
}

impl Event for StepRetried<'_> {
    fn emit(&self, metrics: &Metrics) {
        let delay = self.delay.as_secs_f64();
        warn!(step = self.step, attempt = self.attempt, error = %self.error, delay, "attempt failed, will be repeated");
        metrics.add(Metric::AttemptsRepeated, 1);
    }
}

/// A step was not run because of a failure elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct StepSkipped<'a> {
    /// The step.
    pub step: &'a str,
    /// The failed step it depends on; `None` if the run had merely stopped.
    pub because: Option<&'a str>,
}

impl Event for StepSkipped<'_> {
    fn emit(&self, metrics: &Metrics) {
        info!(step = self.step, because = self.because, "step skipped");
        metrics.add(Metric::StepsSkipped, 1);
    }
}

/// A step was not run because an earlier run had completed it.
#[derive(Clone, Copy, Debug)]
pub struct StepResumed<'a> {
    /// The step.
    pub step: &'a str,
}

impl Event for StepResumed<'_> {
    fn emit(&self, metrics: &Metrics) {
        info!(step = self.step, "step completed by an earlier run");
        metrics.add(Metric::StepsResumed, 1);
    }
}

/// A guest's instance was thrown away instead of going back to the pool.
#[derive(Clone, Copy, Debug)]
pub struct InstanceDiscarded<'a> {
    /// The component.
    pub component: &'a str,
    /// Why it cannot be used again.
    pub because: &'a str,
}

impl Event for InstanceDiscarded<'_> {
    fn emit(&self, metrics: &Metrics) {
        debug!(component = self.component, because = self.because, "instance discarded");
        metrics.add(Metric::InstancesDiscarded, 1);
    }
}

/// All that a function has cost in a run, at its end.
#[derive(Clone, Copy, Debug)]
pub struct FunctionMeasured<'a> {
    /// The figures.
    pub function: &'a FunctionResult,
}

impl Event for FunctionMeasured<'_> {
    fn emit(&self, metrics: &Metrics) {
        let FunctionResult {
            name,
            component,
            digest,
            step,
            calls,
            rows,
            fuel,
            nanoseconds: _,
            guest_nanoseconds,
            boundary_nanoseconds,
            ns_per_row,
            bytes_in,
            bytes_out,
            peak_memory,
            instances,
            instances_discarded,
            failures,
            limit_hits,
            limit_hits_by_limit,
            log_lines_dropped,
        } = self.function;
        info!(
            function = name,
            component,
            digest,
            step,
            calls,
            rows,
            fuel,
            guest_nanoseconds,
            boundary_nanoseconds,
            ns_per_row,
            bytes_in,
            bytes_out,
            peak_memory,
            instances,
            ?instances_discarded,
            failures,
            limit_hits,
            ?limit_hits_by_limit,
            log_lines_dropped,
            "function measured"
        );
        metrics.add(Metric::FunctionCalls, *calls);
        metrics.add(Metric::FunctionRows, *rows);
        metrics.add(Metric::FunctionFuel, *fuel);
        metrics.add(Metric::LogLinesDropped, *log_lines_dropped);
        metrics.add(Metric::LimitsHit, *limit_hits);
    }
}

/// A call of a guest ended at one of its limits.
#[derive(Clone, Copy, Debug)]
pub struct LimitHit<'a> {
    /// The component.
    pub component: &'a str,
    /// Which limit, as in the configuration (`fuel`).
    pub limit: &'a str,
    /// What it was set to, in the limit's own unit.
    pub allowed: u64,
}

impl Event for LimitHit<'_> {
    fn emit(&self, metrics: &Metrics) {
        warn!(component = self.component, limit = self.limit, allowed = self.allowed, "limit reached");
        metrics.add(Metric::LimitsHit, 1);
    }
}

/// A component had to be compiled.
#[derive(Clone, Copy, Debug)]
pub struct CacheMiss<'a> {
    /// The component.
    pub component: &'a str,
    /// Why no compiled code could be used: `absent`, `damaged`, `other engine`.
    pub because: &'a str,
    /// How long compiling took.
    pub elapsed: Duration,
}

impl Event for CacheMiss<'_> {
    fn emit(&self, metrics: &Metrics) {
        let seconds = self.elapsed.as_secs_f64();
        info!(component = self.component, because = self.because, seconds, "component compiled");
        metrics.add(Metric::CacheMisses, 1);
    }
}

/// A component's compiled code came from the cache.
#[derive(Clone, Copy, Debug)]
pub struct CacheHit<'a> {
    /// The component.
    pub component: &'a str,
}

impl Event for CacheHit<'_> {
    fn emit(&self, metrics: &Metrics) {
        debug!(component = self.component, "compiled code taken from the cache");
        metrics.add(Metric::CacheHits, 1);
    }
}

/// A call to a system beyond the host failed and is made again after a pause.
#[derive(Clone, Copy)]
pub struct ConnectorRetried<'a> {
    /// The system, without credentials.
    pub place: &'a str,
    /// Why it failed.
    pub error: &'a dyn fmt::Display,
    /// How long until it is made again.
    pub delay: Duration,
}

impl Event for ConnectorRetried<'_> {
    fn emit(&self, metrics: &Metrics) {
        let delay = self.delay.as_secs_f64();
        warn!(place = self.place, error = %self.error, delay, "call failed, will be repeated");
        metrics.add(Metric::ConnectorRetries, 1);
    }
}

/// A system failed several times in a row and is left alone for a while.
#[derive(Clone, Copy, Debug)]
pub struct CircuitOpened<'a> {
    /// The system, without credentials.
    pub place: &'a str,
    /// How often it failed.
    pub failures: u32,
    /// For how long it is left alone.
    pub pause: Duration,
}

impl Event for CircuitOpened<'_> {
    fn emit(&self, metrics: &Metrics) {
        let pause = self.pause.as_secs_f64();
        warn!(place = self.place, failures = self.failures, pause, "system left alone after failures in a row");
        metrics.add(Metric::CircuitsOpened, 1);
    }
}

/// A system that was left alone answers again.
#[derive(Clone, Copy, Debug)]
pub struct CircuitClosed<'a> {
    /// The system, without credentials.
    pub place: &'a str,
}

impl Event for CircuitClosed<'_> {
    fn emit(&self, metrics: &Metrics) {
        info!(place = self.place, "system answers again");
        metrics.add(Metric::CircuitsClosed, 1);
    }
}

/// A call waits, because its system was asked as often as it may be.
#[derive(Clone, Copy, Debug)]
pub struct ConnectorThrottled<'a> {
    /// The system, without credentials.
    pub place: &'a str,
    /// How long the call waits.
    pub delay: Duration,
}

impl Event for ConnectorThrottled<'_> {
    fn emit(&self, metrics: &Metrics) {
        info!(place = self.place, delay = self.delay.as_secs_f64(), "call waits for the rate limit");
        metrics.add(Metric::ConnectorCallsThrottled, 1);
    }
}

/// A column of a source is of a type without a counterpart, and is read as text.
#[derive(Clone, Copy, Debug)]
pub struct ColumnReadAsText<'a> {
    /// The system, without credentials.
    pub place: &'a str,
    /// The column.
    pub column: &'a str,
    /// The type's name there.
    pub foreign_type: &'a str,
}

impl Event for ColumnReadAsText<'_> {
    fn emit(&self, metrics: &Metrics) {
        warn!(
            place = self.place,
            column = self.column,
            r#type = self.foreign_type,
            "column read as text: its type has no counterpart"
        );
        metrics.add(Metric::ColumnsReadAsText, 1);
    }
}
