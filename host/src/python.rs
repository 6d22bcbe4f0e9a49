//! The Python functions of a SQLFlow project, `python_udfs/`: built, loaded, and found in pipelines.

use std::path::PathBuf;

use duckpen_functions::Library;
use duckpen_pipeline::{Plan, Relation, StepKind, python_calls};
use duckpen_sandbox::{Engine, Limits};
use duckpen_steps::{Catalogue, UdfError, expand};
use duckpen_toolchains::{MODULES, PythonModules};

use crate::abort::Abort;
use crate::commands::not_built;
use crate::components::{cache_folder, read, refused};
use crate::exit::Exit;
use crate::output::{Code, Finding, Printer, Report};
use crate::project::Project;
use crate::workbench::Texts;

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
    let Some(modules) = PythonModules::find(project.files.root()).map_err(|error| not_built(&error))? else {
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
    cache_folder().map_or_else(|| project.files.root().join("target").join(MODULES), |folder| folder.join("python"))
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
    let mut errors: Vec<Finding> = Vec::new();
    let mut warnings: Vec<Finding> = Vec::new();
    for step in &mut plan.steps {
        let Some(query) = query(&step.kind).filter(|query| !python_calls(query).is_empty()) else { continue };
        let place = |reference: &str| texts.excerpt(step.location.as_ref(), Some(reference));
        let expanded = match expand(catalogue, query) {
            Ok(expanded) => match (&step.kind, expanded.relations.first()) {
                (StepKind::Transform(transform), Some(job)) if transform.relation == Relation::View => {
                    Err(UdfError::View { name: job.function.name().to_owned() })
                }
                _ => Ok(expanded),
            },
            Err(error) => Err(error),
        };
        match expanded {
            Err(error) => {
                let needle = match &error {
                    UdfError::Unknown { reference, .. }
                    | UdfError::Unusable { reference, .. }
                    | UdfError::Ambiguous { reference, .. } => reference.clone(),
                    _ => "PYTHON_FUNC".to_owned(),
                };
                let report = Report::error(Code::Python, error.to_string()).at(place(&needle)).hint_if(error.hint());
                errors.push(report.into());
            }
            Ok(expanded) => {
                for warning in &expanded.warnings {
                    let report = Report::warning(Code::Python, warning.to_string()).at(place(&warning.reference));
                    warnings.push(report.hint(format!("write PYTHON_FUNC(\"{}\", ...)", warning.name)).into());
                }
                let functions = match &mut step.kind {
                    StepKind::Transform(transform) => &mut transform.functions,
                    StepKind::Export(export) => &mut export.functions,
                    StepKind::Test(test) => &mut test.functions,
                    StepKind::Source(_) | StepKind::Load(_) => continue,
                };
                functions.retain(|function| function != "python_func");
                functions.extend(expanded.functions.iter().map(|name| name.to_lowercase()));
                functions.sort();
                functions.dedup();
            }
        }
    }
    if errors.is_empty() { Ok(warnings) } else { Err(Abort { exit: Exit::Rejected, findings: errors }) }
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
            format!(
                "the Python function `{}` takes a table: it is run by the steps of a pipeline",
                job.function.name()
            ),
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
