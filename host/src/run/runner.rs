use std::panic;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use duckpen_pipeline::SecretValues;
use duckpen_scheduler::{Attempt, CancelToken, Failure, StepId, StepRunner};
use duckpen_steps::{FailedTest, StepExecutor, StepFault, StepOutput, Stop};
use tokio::task::JoinError;

/// How often a step that was told to stop is told again: an interruption between two statements is lost.
const NUDGE: Duration = Duration::from_millis(20);

/// The executor of steps as the scheduler wants it: each step on a thread of its own, stopped when the scheduler says so.
pub struct Steps {
    executor: Arc<StepExecutor>,
    /// What is not to be read in an error: databases quote the statements that they refuse.
    secrets: SecretValues,
}

impl Steps {
    pub fn new(executor: StepExecutor, secrets: SecretValues) -> Self {
        Self { executor: Arc::new(executor), secrets }
    }

    /// The executor, when no step is running any more.
    pub fn into_executor(self) -> Option<StepExecutor> {
        Arc::into_inner(self.executor)
    }
}

#[async_trait]
impl StepRunner for Steps {
    type Output = StepOutput;

    async fn run(&self, step: &StepId, attempt: Attempt, cancel: &CancelToken) -> Result<StepOutput, Failure> {
        let stop = Stop::default();
        let work = {
            let (executor, step, stop) = (Arc::clone(&self.executor), step.clone(), stop.clone());
            move || executor.run(step.as_str(), attempt.number(), &stop)
        };
        let mut work = tokio::task::spawn_blocking(work);
        tokio::select! {
            done = &mut work => return self.settle(done),
            _ = cancel.cancelled() => {}
        }
        loop {
            stop.raise();
            tokio::select! {
                done = &mut work => return self.settle(done),
                () = tokio::time::sleep(NUDGE) => {}
            }
        }
    }
}

impl Steps {
    fn settle(&self, done: Result<Result<StepOutput, StepFault>, JoinError>) -> Result<StepOutput, Failure> {
        let hide = |text: &str| self.secrets.hide(text);
        match done {
            Ok(Ok(mut output)) => {
                if let Some(FailedTest { what, sample, .. }) = &mut output.warning {
                    *what = hide(what);
                    sample.iter_mut().for_each(|row| *row = hide(row));
                }
                Ok(output)
            }
            Ok(Err(fault)) if may_pass(&fault) => Err(Failure::transient(fault.in_words(hide))),
            Ok(Err(fault)) => Err(Failure::permanent(fault.in_words(hide))),
            // The scheduler turns it into an error of the step.
            Err(error) if error.is_panic() => panic::resume_unwind(error.into_panic()),
            Err(error) => Err(Failure::permanent(error)),
        }
    }
}

/// A file may appear, a server come back, a disk be freed; what a handler or policy refuses is refused again.
fn may_pass(fault: &StepFault) -> bool {
    match fault {
        StepFault::Database(_) => true,
        StepFault::Connector(error) => error.is_transient(),
        _ => false,
    }
}
