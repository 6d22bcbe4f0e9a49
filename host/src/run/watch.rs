use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use duckpen_observe::events::{StepFailed, StepFinished, StepResumed, StepRetried, StepSkipped, StepStarted};
use duckpen_observe::{Event, Metrics, StepResult, settled_line};
use duckpen_pipeline::Plan;
use duckpen_scheduler::{Attempt, Moment, Observer, SkipCause, StepId, Transition};
use duckpen_steps::{Handlers, StepOutput};

use super::display::Display;
use super::settled::{Settled, pending};

/// Turns what the scheduler tells into events, the display and the results of the steps.
pub struct Watch {
    metrics: Arc<Metrics>,
    display: Display,
    steps: Mutex<HashMap<String, Watched>>,
}

struct Watched {
    result: StepResult,
    started: Option<Moment>,
}

impl Watch {
    pub fn new(plan: &Plan, handlers: &Handlers, metrics: Arc<Metrics>, display: Display) -> Self {
        let watched = |step| Watched { result: pending(step, handlers), started: None };
        let steps = plan.steps.iter().map(|step| (step.id.to_string(), watched(step))).collect();
        Self { metrics, display, steps: Mutex::new(steps) }
    }

    /// Ends the display and gives the results of the steps, in the plan's order.
    pub fn finish(&self, plan: &Plan) -> Vec<StepResult> {
        self.display.finish();
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        plan.steps.iter().filter_map(|step| steps.get(step.id.as_str())).map(|step| step.result.clone()).collect()
    }

    fn started(&self, at: Moment, step: &StepId, attempt: Attempt) {
        if let Some(watched) = self.steps.lock().unwrap_or_else(PoisonError::into_inner).get_mut(step.as_str()) {
            watched.started.get_or_insert(at);
            watched.result.attempts = attempt.number();
        }
        self.display.started(step.as_str());
        StepStarted { step: step.as_str(), attempt: attempt.number() }.emit(&self.metrics);
    }

    fn settled(&self, at: Moment, id: &StepId, settled: Settled<'_>) {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Watched { result, started }) = steps.get_mut(id.as_str()) else { return };
        let elapsed = started.map(|started| at.since(started)).unwrap_or_default();
        settled.write(result, elapsed);
        self.display.settled(id.as_str(), &settled_line(result));
        let (step, attempts) = (id.as_str(), result.attempts);
        match settled {
            Settled::Succeeded(output) => {
                StepFinished { step, attempts, rows: output.rows, fuel: Some(output.fuel), elapsed }
                    .emit(&self.metrics);
            }
            Settled::Failed(error) => StepFailed { step, attempts, error }.emit(&self.metrics),
            Settled::Skipped(cause) => {
                let because = match cause {
                    SkipCause::DependencyFailed(failed) => Some(failed.as_str()),
                    SkipCause::NotStarted => None,
                };
                StepSkipped { step, because }.emit(&self.metrics);
            }
            Settled::Resumed => StepResumed { step }.emit(&self.metrics),
            // The event of the run says it.
            Settled::Cancelled => {}
        }
    }
}

impl Observer<StepOutput> for Watch {
    fn observe(&self, at: Moment, step: &StepId, transition: &Transition<'_, StepOutput>) {
        match transition {
            Transition::Pending | Transition::Ready => {}
            Transition::Running(attempt) => self.started(at, step, *attempt),
            Transition::Retrying { failed, error, delay } => {
                let event = StepRetried { step: step.as_str(), attempt: failed.number(), error, delay: *delay };
                event.emit(&self.metrics);
            }
            Transition::AlreadyComplete => self.settled(at, step, Settled::Resumed),
            Transition::Succeeded(_, output) => self.settled(at, step, Settled::Succeeded(output)),
            Transition::Failed(_, error) => self.settled(at, step, Settled::Failed(error)),
            Transition::Skipped(cause) => self.settled(at, step, Settled::Skipped(cause)),
            Transition::Cancelled => self.settled(at, step, Settled::Cancelled),
        }
    }
}
