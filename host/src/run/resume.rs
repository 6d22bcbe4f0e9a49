//! Whether a run begins anew or continues one that did not reach its end.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Context;
use duckpen_connectors::{ProjectFiles, Staging};
use duckpen_database::Session;
use duckpen_faults::{Point, reach};
use duckpen_functions::Library;
use duckpen_observe::numbers::counted;
use duckpen_pipeline::{Plan, Step};
use duckpen_scheduler::StepId;
use duckpen_steps::{Ledger, OpenRun, RunId};

use crate::abort::Abort;
use crate::arguments::RunOptions;
use crate::output::{Code, Report, word};

/// How a run begins.
pub enum Beginning {
    /// From the first step. What an earlier run that was killed had staged is given up.
    Anew { abandoned: Option<OpenRun> },
    /// With the steps that an earlier run of the same plan did not complete.
    Continued(OpenRun),
}

impl Beginning {
    /// A run that was killed is continued unless `--fresh` says otherwise; one that failed or was interrupted only with
    /// `--resume`. Either only if the plan is still the same.
    pub fn decide(ledger: &Ledger, session: &Session, plan: &Plan, options: &RunOptions) -> Result<Self, Abort> {
        let open = ledger.unfinished(session, &plan.pipeline).context("the ledger cannot be asked")?;
        let Some(open) = open else {
            return Ok(Self::Anew { abandoned: None });
        };
        let was_killed = open.ended.is_none();
        let is_same = open.plan_digest == plan.digest().as_str();
        if options.resume && !is_same {
            let message = format!("the last run of `{}` cannot be continued: its plan was another one", plan.pipeline);
            let report = Report::error(Code::Usage, message);
            return Err(Abort::rejected(report.hint("start anew: leave --resume out, or give the same variables")));
        }
        let continues = is_same && !options.fresh && (was_killed || options.resume);
        Ok(if continues { Self::Continued(open) } else { Self::Anew { abandoned: Some(open).filter(|_| was_killed) } })
    }

    /// What the user is told of it.
    pub fn line(&self, options: &RunOptions) -> Option<String> {
        match self {
            Self::Anew { abandoned: None } if options.resume => {
                Some("there is nothing to continue: starting anew".into())
            }
            Self::Anew { abandoned: None } => None,
            Self::Anew { abandoned: Some(open) } => {
                Some(format!("starting anew: run {} was cut off and is given up", open.run_id.as_str()))
            }
            Self::Continued(open) => Some(format!(
                "continuing run {}, which {}: {} complete (--fresh starts anew)",
                open.run_id.as_str(),
                match open.ended.as_deref() {
                    None => "was cut off",
                    Some("cancelled") => "was interrupted",
                    Some(_) => "failed",
                },
                counted(open.completed.len() as u64, "step"),
            )),
        }
    }

    /// What is told where the code of functions has changed since the run that is continued began: what is complete stays as
    /// the old code made it, and the steps that are left run with the new.
    pub fn changed(
        &self,
        ledger: &Ledger,
        session: &Session,
        plan: &Plan,
        libraries: &[Library],
    ) -> Result<Vec<Report>, Abort> {
        let Self::Continued(open) = self else { return Ok(Vec::new()) };
        let earlier = ledger.components(session, &open.run_id).context("the ledger cannot be asked")?;
        let completed = self.completed(plan);
        let mut reports = Vec::new();
        for library in libraries {
            let component = library.component();
            if earlier.iter().all(|(name, digest)| name != component.name() || digest == component.digest()) {
                continue;
            }
            let names: HashSet<String> = library.functions().map(|function| function.name.to_lowercase()).collect();
            let is_made_with = |step: &&Step| {
                completed.contains(&StepId::from(step.id.as_str()))
                    && step.kind.functions().iter().any(|function| names.contains(function))
            };
            let steps: Vec<&str> = plan.steps.iter().filter(is_made_with).map(|step| step.id.as_str()).collect();
            if !steps.is_empty() {
                let message = format!(
                    "the component `{}` has changed since the run began: {} stay as they are, the steps that are left run \
                     with the new one",
                    component.name(),
                    steps.join(", ")
                );
                reports.push(Report::warning(Code::Changed, message).hint("--fresh makes all of it anew"));
            }
        }
        Ok(reports)
    }

    /// The steps that are not run again.
    pub fn completed(&self, plan: &Plan) -> HashSet<StepId> {
        match self {
            Self::Anew { .. } => HashSet::new(),
            Self::Continued(open) => {
                let known = plan.steps.iter().map(|step| step.id.as_str());
                known.filter(|id| open.completed.iter().any(|done| done == id)).map(StepId::from).collect()
            }
        }
    }

    /// Writes the beginning into the ledger and gives the run's name.
    pub fn write(
        &self,
        ledger: &Ledger,
        session: &Session,
        files: &Arc<ProjectFiles>,
        plan: &Plan,
        libraries: &[Library],
    ) -> Result<RunId, Abort> {
        let written = "the beginning of the run cannot be written down";
        reach(Point::RunBeforeBegin).context(written)?;
        let run_id = match self {
            Self::Continued(open) => {
                ledger.reopen(session, &open.run_id).context(written)?;
                open.run_id.clone()
            }
            Self::Anew { abandoned } => {
                if let Some(open) = abandoned {
                    Staging::create(Arc::clone(files), open.run_id.as_str())
                        .and_then(Staging::remove)
                        .context("what an earlier run wrote aside cannot be removed")?;
                }
                let run_id = RunId::new();
                ledger.begin(session, &run_id, &plan.pipeline, plan.digest().as_str()).context(written)?;
                run_id
            }
        };
        let components = libraries.iter().map(Library::component);
        let components = components.map(|component| (component.name(), component.digest()));
        ledger.uses(session, &run_id, components).context(written)?;
        reach(Point::RunBegun).context(written)?;
        Ok(run_id)
    }
}

/// The command that continues a run: the one that was given, with `--resume`. Values of variables may be secret.
pub fn command(arguments: impl Iterator<Item = String>) -> String {
    let mut words = vec!["duckpen".to_owned()];
    let mut hides_next = false;
    for argument in arguments.skip(1).filter(|argument| argument != "--fresh" && argument != "--resume") {
        words.push(match argument.split_once('=') {
            _ if hides_next => "...".to_owned(),
            Some(("--vars", _)) => "--vars=...".to_owned(),
            _ => word(&argument),
        });
        hides_next = !hides_next && argument == "--vars";
    }
    words.push("--resume".to_owned());
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_continues_shows_no_variables() {
        for (given, expected) in [
            ("duckpen run daily --fresh", "duckpen run daily --resume"),
            ("/bin/duckpen run a --vars k=secret --threads 2", "duckpen run a --vars ... --threads 2 --resume"),
            ("duckpen run a --vars=k=secret --resume", "duckpen run a --vars=... --resume"),
            ("duckpen run it's", r"duckpen run 'it'\''s' --resume"),
        ] {
            assert_eq!(command(given.split(' ').map(str::to_owned)), expected);
        }
    }
}
