use std::time::Duration;

use duckpen_observe::{ErrorReport, FuelUse, HandlerUse, MemoryUse, StepResult, StepStatus, TestFailure};
use duckpen_pipeline::Step;
use duckpen_scheduler::{SkipCause, StepError};
use duckpen_steps::{FailedTest, Handlers, StepFault, StepOutput};

use crate::output::split_hint;

use super::failures::code_of;
use super::kind_name;

/// What is told of a step before it has run.
pub fn pending(step: &Step, handlers: &Handlers) -> StepResult {
    StepResult {
        id: step.id.to_string(),
        kind: kind_name(&step.kind).to_owned(),
        status: StepStatus::Cancelled,
        attempts: 0,
        rows: None,
        rows_in: None,
        rows_inserted: None,
        rows_updated: None,
        rows_deleted: None,
        rows_rejected: None,
        seconds: 0.0,
        fuel: None,
        memory: None,
        handler: handlers.info(&step.kind).map(|info| HandlerUse {
            name: info.name.clone(),
            version: info.version.clone(),
            digest: format!("sha256:{}", info.digest),
        }),
        note: None,
        test: None,
        error: None,
        skipped_because: None,
    }
}

/// How a step ended.
#[derive(Clone, Copy)]
pub enum Settled<'a> {
    Succeeded(&'a StepOutput),
    Failed(&'a StepError),
    Skipped(&'a SkipCause),
    Cancelled,
    Resumed,
}

impl Settled<'_> {
    /// Writes the end of a step into its result.
    pub fn write(self, result: &mut StepResult, elapsed: Duration) {
        result.seconds = elapsed.as_secs_f64();
        result.status = match self {
            Settled::Succeeded(output) => {
                result.rows = output.rows;
                result.rows_inserted = output.inserted;
                result.rows_in = output.rows_in;
                result.rows_updated = output.updated;
                result.rows_deleted = output.deleted;
                result.rows_rejected = output.rejected;
                result.note.clone_from(&output.note);
                result.test = output.warning.as_ref().map(failure);
                if result.handler.is_some() {
                    result.fuel = Some(FuelUse { used: output.fuel, limit: output.fuel_limit });
                    result.memory = Some(MemoryUse { peak: output.peak_memory, limit: output.memory_limit });
                }
                StepStatus::Success
            }
            Settled::Failed(error) => {
                let text = error.to_string();
                let (message, hint) = split_hint(&text);
                if let Some(StepFault::Test(failed)) = fault_of(error) {
                    result.test = Some(failure(failed));
                }
                result.error = Some(ErrorReport {
                    code: Some(code_of(error).as_str().to_owned()),
                    message: message.to_owned(),
                    hint: fault_of(error).and_then(StepFault::hint).or(hint.map(str::to_owned)),
                });
                StepStatus::Failed
            }
            Settled::Skipped(cause) => {
                if let SkipCause::DependencyFailed(failed) = cause {
                    result.skipped_because = Some(failed.to_string());
                }
                StepStatus::Skipped
            }
            Settled::Cancelled => StepStatus::Cancelled,
            Settled::Resumed => StepStatus::Resumed,
        };
    }
}

fn failure(failed: &FailedTest) -> TestFailure {
    TestFailure { message: failed.what.clone(), rows_found: failed.found, sample: failed.sample.clone() }
}

/// What the executor said, where it was asked at all.
pub fn fault_of(error: &StepError) -> Option<&StepFault> {
    match error {
        StepError::Failed(error) | StepError::TimedOut { error, .. } => error.downcast_ref(),
        StepError::Panicked(_) => None,
    }
}
