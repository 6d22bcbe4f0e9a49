//! What became of a run.

use std::time::Duration;

use crate::{Moment, StepError, StepId};

/// What became of a run and of each of its steps.
#[derive(Debug)]
pub struct RunReport<Output> {
    /// When the run began.
    pub started: Moment,
    /// When its last step was settled.
    pub ended: Moment,
    /// Every step, in the graph's order.
    pub steps: Vec<StepReport<Output>>,
}

impl<Output> RunReport<Output> {
    /// Whether everything is done and, if not, why.
    pub fn outcome(&self) -> RunOutcome {
        let any = |wanted: fn(&StepState<Output>) -> bool| self.steps.iter().any(|step| wanted(&step.state));
        if any(|state| matches!(state, StepState::Cancelled)) {
            RunOutcome::Cancelled
        } else if any(|state| matches!(state, StepState::Failed(_))) {
            RunOutcome::Failed
        } else {
            RunOutcome::Succeeded
        }
    }

    /// The step of this name.
    pub fn step(&self, id: &str) -> Option<&StepReport<Output>> {
        self.steps.iter().find(|step| step.id.as_str() == id)
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunOutcome {
    /// Every step is complete.
    Succeeded,
    /// At least one step failed.
    Failed,
    /// The run was told to stop before it was done, whether or not something had failed by then.
    Cancelled,
}

/// What became of a step.
#[derive(Debug)]
pub struct StepReport<Output> {
    /// The step.
    pub id: StepId,
    /// How it ended.
    pub state: StepState<Output>,
    /// How often it was tried in this run.
    pub attempts: u32,
    /// When its first attempt began; `None` if there was none.
    pub started: Option<Moment>,
    /// When its last attempt ended; `None` if there was none.
    pub ended: Option<Moment>,
}

impl<Output> StepReport<Output> {
    /// From the beginning of the first attempt to the end of the last, with the delays between them.
    pub fn elapsed(&self) -> Option<Duration> {
        Some(self.ended?.since(self.started?))
    }
}

/// How a step ended.
#[derive(Debug)]
pub enum StepState<Output> {
    /// Done, with what the runner returned.
    Succeeded(Output),
    /// Its last attempt failed.
    Failed(StepError),
    /// Never started.
    Skipped(SkipCause),
    /// The run was told to stop before it was done.
    Cancelled,
    /// An earlier run had completed it.
    AlreadyComplete,
}

/// Why a step was not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SkipCause {
    /// It depends, directly or through others, on this step, which failed.
    DependencyFailed(StepId),
    /// Its turn had not come when the run stopped because of a failure elsewhere.
    NotStarted,
}
