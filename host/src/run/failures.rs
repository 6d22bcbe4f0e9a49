use duckpen_pipeline::Plan;
use duckpen_scheduler::{RunReport, StepError, StepState};
use duckpen_steps::{StepFault, StepOutput};

use crate::exit::Exit;
use crate::output::{Code, Finding, Report};
use crate::workbench::Texts;

use super::settled::fault_of;

/// The failed steps of a run.
pub struct Failures {
    /// One finding a step, at its place in the pipeline.
    pub findings: Vec<Finding>,
    /// How the command ends because of them: the host's fault goes before policy, and policy before the rest.
    pub exit: Exit,
}

/// Gathers them from what the scheduler reports.
pub fn of(report: &RunReport<StepOutput>, plan: &Plan, texts: &Texts) -> Failures {
    let mut failures = Failures { findings: Vec::new(), exit: Exit::Failed };
    for step in &report.steps {
        let location = plan.steps.iter().find(|planned| planned.id.as_str() == step.id.as_str());
        let location = location.and_then(|planned| planned.location.as_ref());
        if let StepState::Succeeded(output) = &step.state
            && let Some(failed) = &output.warning
        {
            let told = Report::warning(Code::DataTest, format!("test `{}` does not hold: {}", step.id, failed.what));
            failures.findings.push(with_notes(told, &failed.sample).at(texts.excerpt(location, None)).into());
        }
        let StepState::Failed(error) = &step.state else { continue };
        let code = code_of(error);
        failures.exit = match (failures.exit, code) {
            (Exit::HostFault, _) | (_, Code::HostFault) => Exit::HostFault,
            (Exit::Refused, _) | (_, Code::StepRefused) => Exit::Refused,
            (exit, _) => exit,
        };
        let mut told = Report::error(code, format!("step `{}` failed: {error}", step.id))
            .at(texts.excerpt(location, None))
            .hint_if(fault_of(error).and_then(StepFault::hint));
        told = with_notes(told, fault_of(error).map(StepFault::notes).unwrap_or_default());
        if step.attempts > 1 {
            told = told.note(format!("after {} attempts", step.attempts));
        }
        failures.findings.push(told.into());
    }
    failures
}

fn with_notes(report: Report, notes: &[String]) -> Report {
    notes.iter().fold(report, Report::note)
}

/// The kind of failure.
pub fn code_of(error: &StepError) -> Code {
    match error {
        StepError::TimedOut { .. } => Code::StepTimedOut,
        StepError::Panicked(_) => Code::HostFault,
        StepError::Failed(_) => match fault_of(error) {
            Some(fault) if fault.is_policy() => Code::StepRefused,
            Some(StepFault::Host(_)) | None => Code::HostFault,
            Some(StepFault::Test(_)) => Code::DataTest,
            Some(_) => Code::StepFailed,
        },
    }
}
