//! Watching a run.

use std::time::Duration;

use crate::{Attempt, Moment, SkipCause, StepError, StepId};

/// Is told of every transition of every step, in the order in which they happen.
///
/// Called from within the scheduler: it has to return at once, and leave slow work to somebody else.
pub trait Observer<Output>: Send + Sync {
    /// `step` has just changed, at `at` of the scheduler's clock.
    fn observe(&self, at: Moment, step: &StepId, transition: &Transition<'_, Output>);
}

/// Watches nothing.
impl<Output> Observer<Output> for () {
    fn observe(&self, _: Moment, _: &StepId, _: &Transition<'_, Output>) {}
}

/// What can happen to a step.
///
/// `Pending` or `AlreadyComplete` comes first; then `Ready` and `Running` once for each attempt, with `Retrying` between
/// attempts; last one of `Succeeded`, `Failed`, `Skipped`, `Cancelled`.
#[derive(Debug)]
pub enum Transition<'a, Output> {
    /// Part of the run; its dependencies may not be there yet.
    Pending,
    /// An earlier run completed it; it is not run again.
    AlreadyComplete,
    /// Waits for nothing but a free place.
    Ready,
    /// An attempt has begun.
    Running(Attempt),
    /// Done.
    Succeeded(Attempt, &'a Output),
    /// An attempt failed and there will be another.
    Retrying {
        /// The attempt that failed.
        failed: Attempt,
        /// Why it failed.
        error: &'a StepError,
        /// How long until the next.
        delay: Duration,
    },
    /// The last attempt failed.
    Failed(Attempt, &'a StepError),
    /// It will not be run.
    Skipped(&'a SkipCause),
    /// The run was told to stop before the step was done.
    Cancelled,
}
