//! Columns that TESTs name, compared with those their tables will have: what a run would find only when it gets there.

use duckpen_pipeline::StepKind;
use duckpen_steps::MissingColumn;

use crate::abort::Abort;
use crate::arguments::ProjectOptions;
use crate::catalogue::columns;
use crate::components;
use crate::exit::Exit;
use crate::output::{Code, Finding, Report};
use crate::workbench::{Checked, Workbench};

/// Adds the columns that are not there to what was found in a pipeline. Nothing is said of a table whose columns are not
/// known.
pub fn look(workbench: &Workbench, options: &ProjectOptions, checked: &mut Checked) -> Result<(), Abort> {
    let Ok(approved) = &checked.outcome else { return Ok(()) };
    if !approved.plan.steps.iter().any(|step| matches!(step.kind, StepKind::Test(_))) {
        return Ok(());
    }
    let libraries = components::load(&workbench.engine, &workbench.project, &options.limits).unwrap_or_else(|abort| {
        let because = abort.findings.first().map(Finding::message).unwrap_or_default();
        tracing::warn!(because, "the columns of queries that call functions of components are not known");
        Vec::new()
    });
    let existing = columns::of_database(workbench, options)?;
    let found = columns::of_plan(workbench, &libraries, approved, existing)?;
    let mut findings: Vec<Finding> = Vec::new();
    for step in &approved.plan.steps {
        let missing = found.get(step.id.as_str()).map_or(&[][..], |planned| &planned.missing);
        for MissingColumn { message, hint, column } in missing {
            let place = checked.texts.excerpt(step.location.as_ref(), column.as_deref());
            let report = Report::error(Code::TestColumn, format!("step `{}`: {message}", step.id)).at(place);
            findings.push(report.hint_if(hint.clone()).into());
        }
    }
    if !findings.is_empty() {
        checked.outcome = Err(Exit::Rejected);
        checked.findings.append(&mut findings);
    }
    Ok(())
}
