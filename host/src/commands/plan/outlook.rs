use anyhow::Context;
use duckpen_database::Options;
use duckpen_pipeline::{Plan, TableName};
use duckpen_steps::{Ledger, OpenRun};

use crate::abort::Abort;
use crate::database;
use crate::exit::Exit;
use crate::output::{Code, Finding, Report};

use super::PlanOptions;

/// What the database holds before the run.
pub struct Left {
    tables: Vec<TableName>,
    open: Option<OpenRun>,
    /// Why nothing is known of it.
    unknown: Option<String>,
    is_kept: bool,
}

/// How a run would begin.
pub struct Beginning {
    /// The run that would be continued.
    pub continued: Option<OpenRun>,
    /// In a sentence.
    pub why: String,
}

impl Left {
    /// Looks into the database, for reading only. One that another process holds is not known, which is no mistake of
    /// whoever asks.
    pub fn in_database(place: &Options, pipeline: &str) -> Result<Self, Abort> {
        let is_kept = database::file(place).is_some();
        let nothing = |unknown| Self { tables: Vec::new(), open: None, unknown, is_kept };
        let database = match database::open_to_read(place) {
            Ok(None) => return Ok(nothing(None)),
            Ok(Some(database)) => database,
            Err(abort) if abort.exit == Exit::Rejected => {
                let why = abort.findings.first().map(Finding::message).unwrap_or_default();
                return Ok(nothing(Some(why.to_owned())));
            }
            Err(abort) => return Err(abort),
        };
        let session = database.connect().context("no connection to the database")?;
        let open = match Ledger::find(&session).context("the ledger cannot be found")? {
            Some(ledger) => ledger.unfinished(&session, pipeline).context("the ledger cannot be asked")?,
            None => None,
        };
        Ok(Self { tables: database::tables(&session)?, open, unknown: None, is_kept })
    }

    pub fn tables(&self) -> &[TableName] {
        &self.tables
    }
}

impl Beginning {
    /// As a run decides it: one that was killed is continued unless `--fresh` says otherwise, one that failed or was
    /// interrupted only with `--resume`, either only if the plan is still the same.
    pub fn decide(left: Left, plan: &Plan, options: &PlanOptions) -> Result<Self, Abort> {
        let anew = |why: String| Ok(Self { continued: None, why });
        if let Some(unknown) = left.unknown {
            return anew(format!("anew, as far as is known: {unknown}"));
        }
        let Some(open) = left.open else {
            return anew(if left.is_kept {
                "anew: no run waits to be continued".to_owned()
            } else {
                "anew: the database is in memory, so every run begins with the files".to_owned()
            });
        };
        let ended = match open.ended.as_deref() {
            None => "was cut off",
            Some("cancelled") => "was interrupted",
            Some(_) => "failed",
        };
        let run = open.run_id.as_str().to_owned();
        let is_same = open.plan_digest == plan.digest().as_str();
        if options.resume && !is_same {
            let message = format!("the last run of `{}` cannot be continued: its plan was another one", plan.pipeline);
            let report = Report::error(Code::Usage, message);
            return Err(Abort::rejected(report.hint("leave --resume out, or give the same variables")));
        }
        if options.fresh {
            return anew(format!("anew, by --fresh: run {run}, which {ended}, would be given up"));
        }
        if !is_same {
            return anew(format!("anew: run {run} {ended}, and its plan was another one"));
        }
        if open.ended.is_some() && !options.resume {
            return anew(format!("anew: run {run} {ended}; --resume would continue it"));
        }
        Ok(Self { why: format!("by continuing run {run}, which {ended}"), continued: Some(open) })
    }

    /// The run in which a step was completed already.
    pub fn completed_in(&self, step: &str) -> Option<&str> {
        let open = self.continued.as_ref()?;
        open.completed.iter().any(|done| done == step).then(|| open.run_id.as_str())
    }
}
