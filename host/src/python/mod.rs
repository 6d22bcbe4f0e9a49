//! The Python functions of a SQLFlow project, `python_udfs/`: built, loaded, and found in pipelines.

mod inspector;

use std::path::PathBuf;

use duckpen_functions::Library;
use duckpen_pipeline::{Plan, Relation, StepKind, python_calls};
use duckpen_sandbox::{Engine, Limits};
use duckpen_steps::{Catalogue, Expanded, UdfError, UdfProblem, expand, look};
use duckpen_toolchains::{MODULES, PythonModules};

use crate::abort::Abort;
use crate::commands::not_built;
use crate::components::{cache_folder, read, refused};
use crate::exit::Exit;
use crate::output::{Code, Finding, Printer, Report};
use crate::project::Project;
use crate::workbench::Texts;

pub use inspector::Inspector;

/// Memory of the component where no limit is configured: a function of a table holds all of it.
const MEMORY: u64 = 1 << 30;

/// Whether a plan calls Python functions at all.
pub fn is_called(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| query(&step.kind).is_some_and(|query| !python_calls(query).is_empty()))
}

/// The component of a project's modules, built if it is not; none where the project has no modules.
pub fn load(
    engine: &Engine,
    project: &Project,
    limits: &[(String, String)],
    printer: &Printer,
) -> Result<Option<Library>, Abort> {
    let Some(modules) =
        PythonModules::find(project.files.root(), project.files.target()).map_err(|error| not_built(&error))?
    else {
        return Ok(None);
    };
    let cache = cache(project);
    if !modules.is_built(&cache) {
        printer.say(&format!("building the functions in {MODULES}/, once for as long as they stay as they are"));
    }
    let built = modules.build(&cache).map_err(|error| not_built(&error))?;
    let bytes = read(&built.path)?;
    let limits = own_limits(project, limits)?;
    Library::load(engine, MODULES, &bytes, &limits).map(Some).map_err(|error| refused(&error, MODULES))
}

/// Where components of modules are kept: for the user, or where there is no such place for the project.
fn cache(project: &Project) -> PathBuf {
    cache_folder().map_or_else(|| project.files.in_target(MODULES), |folder| folder.join("python"))
}

fn own_limits(project: &Project, given: &[(String, String)]) -> Result<Limits, Abort> {
    let mut limits = project.python_limits();
    if limits.memory == Limits::functions().memory {
        limits.memory = MEMORY;
    }
    for (name, value) in given {
        limits.set(name, value).map_err(|error| {
            Abort::rejected(Report::error(Code::Usage, format!("--limits {name}={value}: {error}")))
        })?;
    }
    Ok(limits)
}

/// What is wrong with modules that no pipeline need call, as warnings.
pub fn problems(library: &Library) -> Vec<Finding> {
    let all = library.modules().iter().flat_map(|module| module.problems.iter().map(move |problem| (module, problem)));
    all.map(|(module, problem)| {
        let message = match &problem.function {
            Some(function) => format!("the Python function `{function}` is left out\n{}", problem.reason),
            None => format!("the module `{}` is left out\n{}", module.name, problem.reason),
        };
        Report::warning(Code::Python, message).into()
    })
    .collect()
}

/// Looks at all calls of Python functions in a plan, and writes the functions that are meant into its steps. Returns what is
/// odd.
///
/// # Errors
/// Every call that cannot be made, at its place.
pub fn resolve(plan: &mut Plan, catalogue: &Catalogue, texts: &Texts) -> Result<Vec<Finding>, Abort> {
    let (errors, warnings): (Vec<_>, Vec<_>) =
        look_at(plan, catalogue, texts, |_| false).into_iter().partition(Finding::is_error);
    if errors.is_empty() { Ok(warnings) } else { Err(Abort { exit: Exit::Rejected, findings: errors }) }
}

/// As [`resolve`], with errors and warnings in one. Errors that are doubtful are warnings.
fn look_at(
    plan: &mut Plan,
    catalogue: &Catalogue,
    texts: &Texts,
    is_doubtful: impl Fn(&UdfError) -> bool,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for step in &mut plan.steps {
        let Some(query) = query(&step.kind).filter(|query| !python_calls(query).is_empty()) else { continue };
        let place = |reference: &str| texts.excerpt(step.location.as_ref(), Some(reference));
        let (Expanded { relations, functions: called, warnings, .. }, mut problems) = look(catalogue, query);
        if let StepKind::Transform(transform) = &step.kind
            && transform.relation == Relation::View
        {
            let views = relations.iter().map(|job| UdfError::View { name: job.name.clone() });
            problems.extend(views.map(|error| UdfProblem { reference: "PYTHON_FUNC".to_owned(), error }));
        }
        for UdfProblem { reference, error } in &problems {
            let report = match is_doubtful(error) {
                true => Report::warning(Code::Python, format!("{error}, as far as the text of its modules tells")),
                false => Report::error(Code::Python, error.to_string()),
            };
            let needle = if reference.is_empty() { "PYTHON_FUNC" } else { reference };
            findings.push(report.at(place(needle)).hint_if(error.hint()).into());
        }
        for warning in &warnings {
            let report = Report::warning(Code::Python, warning.to_string()).at(place(&warning.reference));
            findings.push(report.hint(format!("write PYTHON_FUNC(\"{}\", ...)", warning.name)).into());
        }
        let functions = match &mut step.kind {
            StepKind::Transform(transform) => &mut transform.functions,
            StepKind::Export(export) => &mut export.functions,
            StepKind::Test(test) => &mut test.functions,
            StepKind::Source(_) | StepKind::Load(_) => continue,
        };
        if problems.is_empty() {
            functions.retain(|function| function != "python_func");
            functions.extend(called.iter().map(|name| name.to_lowercase()));
            functions.sort();
            functions.dedup();
        }
    }
    findings
}

/// A query of the command line, with the functions of rows that it calls. Those of tables are for pipelines: they are run as
/// a part of a step.
pub fn in_expressions(catalogue: &Catalogue, query: &str) -> Result<String, Abort> {
    let rejected =
        |message: String, hint: Option<String>| Abort::rejected(Report::error(Code::Python, message).hint_if(hint));
    let expanded = expand(catalogue, query).map_err(|error| rejected(error.to_string(), error.hint()))?;
    match expanded.relations.first() {
        None => Ok(expanded.query),
        Some(job) => Err(rejected(
            format!("the Python function `{}` takes a table: it is run by the steps of a pipeline", job.name),
            Some("write a pipeline with CREATE TABLE ... AS SELECT * FROM PYTHON_FUNC(...)".to_owned()),
        )),
    }
}

fn query(kind: &StepKind) -> Option<&str> {
    match kind {
        StepKind::Transform(transform) => Some(&transform.query),
        StepKind::Export(export) => Some(&export.query),
        StepKind::Test(test) => Some(&test.query),
        StepKind::Source(_) | StepKind::Load(_) => None,
    }
}
