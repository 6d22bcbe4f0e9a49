use std::path::PathBuf;

use clap::Args;
use duckpen_pipeline::{Plan, Step, StepKind};
use serde_json::Value;

use crate::abort::Abort;
use crate::arguments::{Format, ProjectOptions};
use crate::exit::Exit;
use crate::output::{Finding, Printer, table};
use crate::plan_file;
use crate::python;
use crate::selection::SelectionOptions;
use crate::workbench::Workbench;

#[derive(Debug, Args)]
pub struct CompileOptions {
    /// Name of the pipeline, or path of its file; all of the project without it
    pub pipeline: Option<String>,
    /// Folder for the plans, as NAME.json, which `duckpen run NAME.json` runs
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// Show the values of parameters whose names say that they are secret, such as passwords; `***` stands for them otherwise
    #[arg(long)]
    pub show_secrets: bool,
    #[command(flatten)]
    pub selection: SelectionOptions,
    #[command(flatten)]
    pub project: ProjectOptions,
}

/// Shows the plan of a pipeline, or of each: as a table, or in the format of SQLFlow's compiled plans.
pub fn compile(options: &CompileOptions, printer: &Printer) -> Result<Exit, Abort> {
    let workbench = Workbench::open(&options.project)?;
    printer.findings(&workbench.warnings);
    let names = match &options.pipeline {
        Some(name) => vec![name.clone()],
        None => workbench.project.pipelines()?.into_iter().map(|pipeline| pipeline.path).collect(),
    };
    let tables = workbench.known_tables(&options.project)?;
    let python = python::Inspector::new(&workbench, &options.project, printer);
    let mut plans = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    let mut worst = Exit::Done;
    let mut has_secrets = false;
    for name in names {
        let pipeline = workbench.pipeline(&name)?;
        let mut checked = workbench.check_part(&pipeline, &tables, |plan, _| options.selection.of(&plan))?;
        python.look(&mut checked)?;
        findings.extend(checked.findings);
        match checked.outcome {
            Ok(approved) if options.show_secrets => plans.push(approved.plan),
            Ok(approved) => {
                let shown = workbench.disclosed(approved.plan).without_secrets();
                has_secrets |= !shown.hidden_values().is_empty();
                plans.push(shown);
            }
            Err(exit) if worst != Exit::Refused => worst = exit,
            Err(_) => {}
        }
    }
    if worst != Exit::Done {
        return Err(Abort { exit: worst, findings });
    }
    printer.findings(&findings);
    if let Some(folder) = &options.output_dir {
        for plan in &plans {
            let path = plan_file::write(folder, plan)?;
            printer.say(&format!("written: {}", path.display()));
        }
        if has_secrets {
            printer.say("secrets are left out, and a plan without them cannot be run: --show-secrets keeps them");
        }
    }
    match (printer.format, options.pipeline.is_some()) {
        (Format::Text, false) if plans.is_empty() => printer.say(&workbench.project.no_pipelines()),
        (Format::Json, false) => printer.document(&plans.iter().map(Plan::to_json).collect::<Value>()),
        (Format::Json, true) => plans.iter().for_each(|plan| printer.document(&plan.to_json())),
        (Format::Text, false) => {
            let shown = plans.iter().map(|plan| format!("{}\n{}", plan.pipeline, plan_table(plan)));
            printer.data(&shown.collect::<Vec<_>>().join("\n\n"));
        }
        (Format::Text, true) => plans.iter().for_each(|plan| printer.data(&plan_table(plan))),
    }
    Ok(Exit::Done)
}

/// A line a step, in the order in which they can run.
pub fn plan_table(plan: &Plan) -> String {
    table(["step", "kind", "what", "after", "place"], plan.steps.iter().map(row))
}

fn row(step: &Step) -> Vec<String> {
    let what = match &step.kind {
        StepKind::Source(source) => source.connector_type.clone(),
        StepKind::Load(load) => format!("{} -> {}", load.source, load.table),
        StepKind::Transform(transform) => format!("-> {} {}", transform.relation, transform.table),
        StepKind::Export(export) => format!("-> {}", export.destination),
        StepKind::Test(test) => format!("of {}", test.name),
    };
    let after = step.depends_on.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let place = step.location.as_ref().map(|location| format!("{}:{}", location.file, location.line));
    vec![step.id.to_string(), crate::run::kind_name(&step.kind).to_owned(), what, after, place.unwrap_or_default()]
}
