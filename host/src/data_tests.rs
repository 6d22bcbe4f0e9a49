//! Columns that TESTs name, compared with those their tables will have: what a run would find only when it gets there.

use std::cell::OnceCell;

use duckpen_functions::Library;
use duckpen_pipeline::StepKind;
use duckpen_steps::MissingColumn;

use crate::abort::Abort;
use crate::arguments::ProjectOptions;
use crate::catalogue::columns;
use crate::components;
use crate::exit::Exit;
use crate::output::{Code, Finding, Report};
use crate::workbench::{Checked, Workbench};

/// Compares the TESTs of pipelines. What does not depend on the pipeline is found out with the first one that has any.
pub struct DataTests<'a> {
    workbench: &'a Workbench,
    options: &'a ProjectOptions,
    known: OnceCell<Known>,
}

struct Known {
    libraries: Vec<Library>,
    existing: columns::Tables,
}

impl<'a> DataTests<'a> {
    pub fn new(workbench: &'a Workbench, options: &'a ProjectOptions) -> Self {
        Self { workbench, options, known: OnceCell::new() }
    }

    /// Adds the columns that are not there to what was found in a pipeline. Nothing is said of a table whose columns are not
    /// known.
    pub fn look(&self, checked: &mut Checked) -> Result<(), Abort> {
        let Ok(approved) = &checked.outcome else { return Ok(()) };
        if !approved.plan.steps.iter().any(|step| matches!(step.kind, StepKind::Test(_))) {
            return Ok(());
        }
        let Known { libraries, existing } = self.known()?;
        let found = columns::of_plan(self.workbench, libraries, approved, existing.clone())?;
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

    fn known(&self) -> Result<&Known, Abort> {
        if let Some(known) = self.known.get() {
            return Ok(known);
        }
        let Workbench { engine, project, .. } = self.workbench;
        let libraries = components::load(engine, project, &self.options.limits).unwrap_or_else(|abort| {
            let because = abort.findings.first().map(Finding::message).unwrap_or_default();
            tracing::warn!(because, "the columns of queries that call functions of components are not known");
            Vec::new()
        });
        let existing = columns::of_database(self.workbench, self.options)?;
        Ok(self.known.get_or_init(|| Known { libraries, existing }))
    }
}
