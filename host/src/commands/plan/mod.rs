//! What a run would do, and why. Pipelines are compiled, components asked what they offer; no step runs.

mod document;
mod outlook;
mod text;

use std::collections::HashSet;

use clap::{ArgAction, Args};
use duckpen_functions::{DeclaredFunction, Library};
use duckpen_pipeline::{Selection, StepKind};

use crate::abort::Abort;
use crate::arguments::{Format, ProjectOptions};
use crate::components;
use crate::database;
use crate::exit::Exit;
use crate::history::History;
use crate::limits::{LimitInForce, LimitOrigins};
use crate::output::{Code, Printer, Report};
use crate::workbench::{Approved, Workbench};

use outlook::{Beginning, Left};

#[derive(Debug, Args)]
pub struct PlanOptions {
    /// Name of the pipeline, or path of its file
    pub pipeline: String,
    #[command(flatten)]
    pub project: ProjectOptions,
    /// As with `run --resume`: continue the last run if it failed or was interrupted
    #[arg(long, conflicts_with = "fresh")]
    pub resume: bool,
    /// As with `run --fresh`: start anew, even if the last run was killed
    #[arg(long)]
    pub fresh: bool,
    /// Steps to take, by the name of a step, table or source: NAME, +NAME with what it needs, NAME+ with what needs it,
    /// path:FILE; may be repeated
    #[arg(long, value_name = "SELECTOR", action = ArgAction::Append, allow_hyphen_values = true)]
    pub select: Vec<String>,
    /// Steps to leave out, in the same words
    #[arg(long, value_name = "SELECTOR", action = ArgAction::Append, allow_hyphen_values = true)]
    pub exclude: Vec<String>,
}

/// What is told of a run that has not begun.
struct Outlook<'a> {
    workbench: &'a Workbench,
    approved: &'a Approved,
    libraries: &'a [Library],
    history: &'a History,
    path: &'a str,
    /// The database file, if tables are kept.
    file: Option<&'a std::path::PathBuf>,
    beginning: &'a Beginning,
    selected: &'a HashSet<String>,
    step_limits: Vec<LimitInForce>,
    /// Those of connectors that are components.
    connector_limits: Vec<LimitInForce>,
    /// The limits of each component, in the order of `libraries`.
    component_limits: Vec<Vec<LimitInForce>>,
}

/// Says what a run would do.
pub fn plan(options: &PlanOptions, printer: &Printer) -> Result<Exit, Abort> {
    let workbench = Workbench::open(&options.project)?;
    let pipeline = workbench.project.pipeline(&options.pipeline)?;
    let root = workbench.project.files.root();
    let place = database::options(options.project.database.as_deref(), &workbench.profile.engine, root)?;
    let left = Left::in_database(&place, &pipeline.name)?;
    let path = pipeline.path.clone();
    let (approved, warnings, _) = workbench.check(&pipeline, left.tables())?.approved()?;
    printer.findings(&warnings);
    let beginning = Beginning::decide(left, &approved.plan, options)?;
    let selected = Selection::parse(&options.select, &options.exclude)
        .and_then(|selection| approved.plan.select(&selection))
        .map_err(|error| Abort::rejected(Report::error(Code::Usage, error.to_string())))?;
    let libraries = components::load(&workbench.engine, &workbench.project, &options.project.limits)?;
    let history = History::read(&workbench.project);
    let origins = LimitOrigins::new(&workbench.project, &options.project.limits);
    let outlook = Outlook {
        workbench: &workbench,
        approved: &approved,
        libraries: &libraries,
        history: &history,
        path: &path,
        file: database::file(&place),
        beginning: &beginning,
        selected: &selected.steps.iter().map(|step| step.id.to_string()).collect(),
        connector_limits: origins.of_connectors(&workbench.project.configuration.connector_limits),
        step_limits: origins.of_steps(workbench.handlers.limits()),
        component_limits: libraries.iter().map(|library| origins.of_component(library)).collect(),
    };
    match printer.format {
        Format::Json => printer.document(&document::document(&outlook)),
        Format::Text => printer.data(&text::text(&outlook)),
    }
    Ok(Exit::Done)
}

/// What would become of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Would {
    Run,
    Skip,
    LeaveOut,
}

impl Would {
    fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Skip => "skip",
            Self::LeaveOut => "leave out",
        }
    }
}

impl Outlook<'_> {
    /// What would become of a step, and why.
    fn would(&self, step: &duckpen_pipeline::Step) -> (Would, String) {
        if !self.selected.contains(step.id.as_str()) {
            return (Would::LeaveOut, "it is not selected".to_owned());
        }
        if let Some(run) = self.beginning.completed_in(step.id.as_str()) {
            return (Would::Skip, format!("complete in run {run}"));
        }
        let needs: Vec<&str> = step.depends_on.iter().map(duckpen_pipeline::StepId::as_str).collect();
        let why = match needs.as_slice() {
            [] => "it needs nothing before it".to_owned(),
            needs => format!("after {}", needs.join(", ")),
        };
        (Would::Run, why)
    }

    /// Whether a step is about a connector that is a component.
    fn is_brought(&self, step: &duckpen_pipeline::Step) -> bool {
        let connector_type = match &step.kind {
            StepKind::Source(source) => &source.connector_type,
            StepKind::Export(export) => &export.connector_type,
            StepKind::Load(_) | StepKind::Transform(_) | StepKind::Test(_) => return false,
        };
        self.workbench.kinds.find(connector_type).is_some()
    }

    /// The function of a component that a query means by a lower-case name.
    fn function(&self, name: &str) -> Option<(&Library, &DeclaredFunction)> {
        self.libraries.iter().find_map(|library| {
            let function = library.functions().find(|function| function.name.to_lowercase() == name)?;
            Some((library, function))
        })
    }

    /// Files that the steps may read, as the pipelines write them.
    fn files_read(&self) -> Vec<String> {
        let root = self.workbench.project.files.root();
        let files = self.approved.grants.lock_down(None).files;
        let mut files: Vec<String> =
            files.iter().map(|file| file.strip_prefix(root).unwrap_or(file).display().to_string()).collect();
        files.sort();
        files.dedup();
        files
    }
}
