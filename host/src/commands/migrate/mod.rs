//! `duckpen migrate`: what of a SQLFlow project works, what changes, and whether both tools make the same of it.

mod changes;
mod compare;
mod differences;
mod peer;

use std::path::PathBuf;

use clap::Args;
use duckpen_functions::{Library, ModuleProblem};
use duckpen_pipeline::{Plan, StepKind};
use duckpen_steps::Catalogue;
use serde_json::{Value, json};

use crate::abort::Abort;
use crate::arguments::{Format, ProjectOptions};
use crate::exit::Exit;
use crate::output::{Code, Finding, Printer, Report};
use crate::python;
use crate::workbench::Workbench;

use compare::{Comparison, Subject};

/// The file that is written.
const CONFIGURATION: &str = "duckpen.toml";

#[derive(Debug, Args)]
pub struct MigrateOptions {
    /// Folder of the SQLFlow project
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// Profile: profiles/NAME.yml of the project
    #[arg(long, short, value_name = "NAME", default_value = "dev")]
    pub profile: String,
    /// Variables: a JSON object, or name=value,name=value
    #[arg(long, value_name = "JSON|K=V")]
    pub vars: Vec<String>,
    /// Write duckpen.toml even if there is one
    #[arg(long)]
    pub force: bool,
    /// Run every pipeline with both tools, in copies of the project, and compare all tables and outputs
    #[arg(long)]
    pub check: bool,
    /// The command that runs SQLFlow
    #[arg(long, value_name = "COMMAND", requires = "check")]
    pub sqlflow: Option<String>,
}

/// What is known of one pipeline.
struct PipelineReport {
    name: String,
    /// Why it does not run.
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
    /// What it does differently from SQLFlow.
    changes: Vec<String>,
    subject: Subject,
    comparison: Option<Comparison>,
}

impl PipelineReport {
    fn works(&self) -> bool {
        self.errors.is_empty() && self.comparison.as_ref().is_none_or(Comparison::is_right)
    }
}

/// Looks at a SQLFlow project, and writes what duckpen needs to know beyond it.
pub fn migrate(options: &MigrateOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = ProjectOptions {
        project: options.folder.clone(),
        profile: Some(options.profile.clone()),
        vars: options.vars.clone(),
        database: None,
        limits: Vec::new(),
    };
    let workbench = Workbench::open(&project)?;
    let (library, not_built) = match python::load(&workbench.engine, &workbench.project, &[], printer) {
        Ok(library) => (library, Vec::new()),
        Err(abort) if abort.exit == Exit::Refused => return Err(abort),
        Err(abort) => (None, abort.findings),
    };
    let names = workbench.project.pipelines()?;
    if names.is_empty() {
        let message = format!("there is nothing to migrate in {}", workbench.project.files.root().display());
        let report = Report::error(Code::Usage, message).note(workbench.project.no_pipelines());
        return Err(Abort::rejected(report.hint("name the folder of the SQLFlow project: duckpen migrate DIR")));
    }
    let written = write_configuration(&workbench, library.is_some(), options.force)?;
    let catalogue = Catalogue::of(library.as_slice());
    let mut pipelines = Vec::new();
    for pipeline in names {
        pipelines.push(look_at(&workbench, &pipeline.path, &catalogue, !not_built.is_empty())?);
    }
    if options.check {
        let peer = peer::find(options.sqlflow.as_deref())?;
        for report in &mut pipelines {
            printer.say(&format!("running {} with both tools", report.name));
            report.comparison = Some(compare::run(&workbench, &peer, options, &report.name, &report.subject)?);
        }
    }
    let functions = functions(library.as_ref());
    match printer.format {
        Format::Json => printer.document(&document(written, &functions, &not_built, &pipelines)),
        Format::Text => print(printer, written, &functions, &not_built, &pipelines),
    }
    let works = not_built.is_empty() && functions.iter().all(|function| function.problem.is_none());
    Ok(if works && pipelines.iter().all(PipelineReport::works) { Exit::Done } else { Exit::Failed })
}

/// Whether the configuration was written, in a word.
fn write_configuration(workbench: &Workbench, has_python: bool, force: bool) -> Result<&'static str, Abort> {
    let path = workbench.project.files.root().join(CONFIGURATION);
    if path.exists() && !force {
        return Ok("kept");
    }
    let mut text = "# The project runs without this file: it is for what SQLFlow has no word for.\n\
                    # Limits of functions: memory, fuel, time and others; `duckpen explain E0702` lists the sections.\n"
        .to_owned();
    if has_python {
        text += "\n# The component that is made of python_udfs/. A function of a table holds all of it in memory.\n\
                 [components.python_udfs]\nlimits = { memory = \"1GiB\", time = \"10s\" }\n";
    }
    std::fs::write(&path, text).map_err(|error| {
        Abort::rejected(Report::error(Code::Configuration, format!("{} cannot be written: {error}", path.display())))
    })?;
    Ok("written")
}

/// Looks at one pipeline. Where the functions are not built, calls of them are not looked at.
fn look_at(
    workbench: &Workbench,
    path: &str,
    catalogue: &Catalogue,
    without_functions: bool,
) -> Result<PipelineReport, Abort> {
    let pipeline = workbench.project.pipeline(path)?;
    let checked = workbench.check(&pipeline, &[])?;
    let (errors, mut warnings): (Vec<Finding>, Vec<Finding>) =
        checked.findings.into_iter().partition(Finding::is_error);
    let mut report = PipelineReport {
        name: pipeline.name.clone(),
        errors,
        warnings: Vec::new(),
        changes: Vec::new(),
        subject: Subject::default(),
        comparison: None,
    };
    if let Ok(mut approved) = checked.outcome {
        report.changes = changes::of(&approved.plan, &pipeline.text);
        report.subject = subject(&approved.plan);
        if !without_functions {
            match python::resolve(&mut approved.plan, catalogue, &checked.texts) {
                Ok(found) => warnings.extend(found),
                Err(abort) => report.errors.extend(abort.findings),
            }
        }
    }
    report.warnings = warnings;
    Ok(report)
}

/// What the comparison has to know of a plan.
fn subject(plan: &Plan) -> Subject {
    let mut subject = Subject::default();
    for step in &plan.steps {
        match &step.kind {
            StepKind::Source(source) => subject.sources.push(source.name.clone()),
            StepKind::Export(export) => {
                let reads = export.reads.iter().map(|table| table.name.clone()).collect();
                subject.exports.push((export.destination.clone(), reads));
            }
            StepKind::Load(_) | StepKind::Transform(_) | StepKind::Test(_) => {}
        }
    }
    subject
}

/// A Python function, and what is wrong with it.
struct FunctionReport {
    name: String,
    signature: Option<String>,
    problem: Option<String>,
}

fn functions(library: Option<&Library>) -> Vec<FunctionReport> {
    let Some(library) = library else { return Vec::new() };
    let usable = library.functions().map(|function| FunctionReport {
        name: function.name.clone(),
        signature: Some(function.signature()),
        problem: None,
    });
    let modules = library.modules().iter();
    let unusable = modules.flat_map(|module| {
        module.problems.iter().map(|ModuleProblem { function, reason }| FunctionReport {
            name: function.clone().unwrap_or_else(|| format!("{} (the module)", module.name)),
            signature: None,
            problem: Some(reason.clone()),
        })
    });
    usable.chain(unusable).collect()
}

fn print(
    printer: &Printer,
    written: &str,
    functions: &[FunctionReport],
    not_built: &[Finding],
    pipelines: &[PipelineReport],
) {
    let mut lines = vec![format!("{written}  {CONFIGURATION}")];
    lines.extend((!not_built.is_empty()).then(|| "not built  python_udfs".to_owned()));
    for function in functions {
        match &function.problem {
            None => lines.push(format!("works  {}", function.signature.as_deref().unwrap_or(&function.name))),
            Some(problem) => {
                lines.push(format!("does not work  {}", function.name));
                lines.extend(problem.lines().map(|line| format!("    {line}")));
            }
        }
    }
    for pipeline in pipelines {
        lines.push(format!("{}  {}", if pipeline.works() { "works" } else { "does not work" }, pipeline.name));
        lines.extend(pipeline.errors.iter().map(|error| format!("    {}", error.message())));
        lines.extend(pipeline.changes.iter().map(|change| format!("    {change}")));
        lines.extend(pipeline.comparison.iter().flat_map(Comparison::lines).map(|line| format!("    {line}")));
    }
    printer.data(&lines.join("\n"));
    printer.findings(not_built);
    for pipeline in pipelines {
        printer.findings(&pipeline.errors);
    }
}

fn document(written: &str, functions: &[FunctionReport], not_built: &[Finding], pipelines: &[PipelineReport]) -> Value {
    let all = |findings: &[Finding]| findings.iter().map(Finding::to_json).collect::<Vec<_>>();
    let functions = functions.iter().map(|function| {
        json!({
            "name": function.name,
            "signature": function.signature,
            "works": function.problem.is_none(),
            "problem": function.problem,
        })
    });
    let pipelines = pipelines.iter().map(|pipeline| {
        json!({
            "name": pipeline.name,
            "works": pipeline.works(),
            "changes": pipeline.changes,
            "diagnostics": all(&pipeline.errors).into_iter().chain(all(&pipeline.warnings)).collect::<Vec<_>>(),
            "check": pipeline.comparison.as_ref().map(Comparison::document),
        })
    });
    json!({
        "configuration": { "path": CONFIGURATION, "status": written },
        "functions": functions.collect::<Vec<_>>(),
        "diagnostics": all(not_built),
        "pipelines": pipelines.collect::<Vec<_>>(),
    })
}
