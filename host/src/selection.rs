//! Which steps of a plan a command is about: `--select` and `--exclude`.

use std::collections::HashSet;

use clap::{ArgAction, Args};
use duckpen_pipeline::{Plan, Selection, TableName};

use crate::abort::Abort;
use crate::output::{Code, Report};

/// `--select` and `--exclude`, for each command that has a plan.
#[derive(Debug, Default, Args)]
pub struct SelectionOptions {
    /// Steps to take, by the name of a table, source or step: NAME, with what it needs (+NAME), with what needs it (NAME+),
    /// tag:NAME, path:FILE; `*` stands for any text. With a comma between, both have to fit; may be repeated
    #[arg(long, short, value_name = "SELECTOR", action = ArgAction::Append)]
    pub select: Vec<String>,
    /// Steps to leave out, in the same words
    #[arg(long, value_name = "SELECTOR", action = ArgAction::Append)]
    pub exclude: Vec<String>,
}

impl SelectionOptions {
    /// The part of a plan that is selected.
    pub fn of(&self, plan: &Plan) -> Result<Plan, Abort> {
        let selected = Selection::parse(&self.select, &self.exclude).and_then(|selection| plan.select(&selection));
        selected.map_err(|error| Abort::rejected(Report::error(Code::Usage, error.to_string()).hint_if(error.hint())))
    }
}

/// A table that a selected step reads and only steps left out would make has to be there from an earlier run.
pub fn check_left_out(selected: &Plan, whole: &Plan, existing: &[TableName]) -> Result<(), Abort> {
    let existing = existing.iter().map(TableName::key).collect::<HashSet<_>>();
    let mut missing = selected.left_out(whole).into_iter().filter(|(_, table)| !existing.contains(&table.key()));
    let Some((step, table)) = missing.next() else { return Ok(()) };
    let message = format!(
        "step `{step}` reads `{table}`, which only steps that are not selected make, and which is not in the database"
    );
    let report = Report::error(Code::Usage, message);
    Err(Abort::rejected(report.hint(format!("select what it needs, too: --select +{step}"))))
}
