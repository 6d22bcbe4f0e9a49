//! The lines a run prints as it goes: one for each settled step, and a tally.

use crate::{
    RunResults, RunStatus, StepResult, StepStatus,
    numbers::{counted, mib, seconds, si, thousands},
};

impl StepStatus {
    /// The word people and documents use for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::Resumed => "resumed",
        }
    }

    /// The word at the beginning of a line; what went well is brief.
    fn mark(self) -> &'static str {
        match self {
            Self::Success => "ok",
            Self::Failed | Self::Skipped | Self::Cancelled | Self::Resumed => self.as_str(),
        }
    }
}

impl RunStatus {
    /// The word people and documents use for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One settled step: `ok  orders_clean  1,204,331 rows  2.1 s  fuel 41M/500M  mem 18/64 MiB`. What is not known is left
/// out.
pub fn settled_line(step: &StepResult) -> String {
    let mut parts = vec![mark(step).to_owned(), step.id.clone()];
    match &step.test {
        Some(test) => parts.push(format!("{} found", counted(test.rows_found, "row"))),
        None if step.kind == "test" => {}
        None => {
            parts.extend(step.rows.map(|rows| counted(rows, "row")));
            parts.extend(changes(step));
        }
    }
    parts.extend(step.note.clone());
    if step.attempts > 0 {
        parts.push(seconds(step.seconds));
    }
    if step.attempts > 1 {
        parts.push(format!("{} attempts", step.attempts));
    }
    parts.extend(step.fuel.map(|fuel| format!("fuel {}/{}", si(fuel.used), si(fuel.limit))));
    parts.extend(step.memory.map(|memory| format!("mem {}/{} MiB", mib(memory.peak), mib(memory.limit))));
    parts.extend(step.skipped_because.as_ref().map(|failed| format!("because `{failed}` failed")));
    parts.join("  ")
}

/// The word at the beginning of a step's line.
fn mark(step: &StepResult) -> &'static str {
    if step.status == StepStatus::Success && step.test.is_some() { "warn" } else { step.status.mark() }
}

/// `1,204 inserted, 31 updated, 2 rejected`, where rows were not only added.
fn changes(step: &StepResult) -> Option<String> {
    let counts = [
        (step.rows_inserted, "inserted"),
        (step.rows_updated, "updated"),
        (step.rows_deleted, "deleted"),
        (step.rows_rejected, "rejected"),
    ];
    let told = |from: usize| counts[from..].iter().any(|(count, _)| count.is_some_and(|count| count > 0));
    let words = counts.iter().filter_map(|(count, word)| Some(format!("{} {word}", thousands((*count)?))));
    told(1).then(|| words.collect::<Vec<_>>().join(", "))
}

/// The last line: `5 steps: 3 ok, 1 failed, 1 skipped in 4.2 s`. States that did not occur are left out.
pub fn tally_line(run: &RunResults) -> String {
    use StepStatus::{Cancelled, Failed, Resumed, Skipped, Success};
    let marks = [Success.mark(), "warn", Resumed.mark(), Failed.mark(), Skipped.mark(), Cancelled.mark()];
    let counts = marks.into_iter().filter_map(|word| {
        let count = run.steps.iter().filter(|step| mark(step) == word).count();
        (count > 0).then(|| format!("{count} {word}"))
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    let separator = if counts.is_empty() { "" } else { ": " };
    format!("{}{separator}{counts} in {}", counted(run.steps.len() as u64, "step"), seconds(run.seconds))
}
