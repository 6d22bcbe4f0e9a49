use clap::Args;
use duckpen_functions::{DeclaredFunction, Library};
use duckpen_observe::numbers::{bytes, counted, nanoseconds_a_row, si};
use duckpen_observe::{FunctionResult, RunResults};
use duckpen_pipeline::suggest;
use serde_json::{Map, Value, json};

use super::statistics;
use crate::abort::Abort;
use crate::arguments::{Format, ProjectOptions};
use crate::components;
use crate::exit::Exit;
use crate::limits::{LimitInForce, LimitOrigins};
use crate::output::{Code, Printer, Report};
use crate::project::Project;

#[derive(Debug, Args)]
pub struct InfoOptions {
    /// Name of the function; what stands before its last dot, as in `text.slugify`, is its component
    pub name: String,
    /// In lines without headings, as SQLFlow has it
    #[arg(long, hide = true)]
    pub plain: bool,
    #[command(flatten)]
    pub project: ProjectOptions,
}

/// A component with its overloads of one function.
struct Found<'a> {
    library: &'a Library,
    overloads: Vec<&'a DeclaredFunction>,
    limits: Vec<LimitInForce>,
    /// What the function cost in the last run, if it was called there.
    cost: Option<FunctionResult>,
}

/// Tells all there is to know of a function.
pub fn info(options: &InfoOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project.project)?;
    let libraries = components::load(&components::engine()?, &project, &options.project.limits)?;
    let origins = LimitOrigins::new(&project, &options.project.limits);
    let (component, name) = match options.name.rsplit_once('.') {
        Some((component, name)) => (component.rsplit('.').next(), name),
        None => (None, options.name.as_str()),
    };
    let last = statistics::latest(&project).ok();
    let found: Vec<Found<'_>> = libraries
        .iter()
        .filter(|library| component.is_none_or(|component| library.component().name() == component))
        .filter_map(|library| {
            let overloads: Vec<_> =
                library.functions().filter(|function| function.name.eq_ignore_ascii_case(name)).collect();
            let own = library.component().name();
            (!overloads.is_empty()).then(|| Found {
                library,
                cost: cost(last.as_ref(), name, own),
                overloads,
                limits: origins.of_component(library),
            })
        })
        .collect();
    if found.is_empty() {
        return Err(unknown(&options.name, name, &libraries));
    }
    match printer.format {
        Format::Json => printer.document(&found.iter().map(|found| found.document(last.as_ref())).collect()),
        Format::Text => {
            let texts: Vec<String> = found.iter().map(|found| found.text(last.as_ref())).collect();
            printer.data(&texts.join("\n\n"));
        }
    }
    Ok(Exit::Done)
}

fn unknown(given: &str, name: &str, libraries: &[Library]) -> Abort {
    let known: Vec<&str> = libraries.iter().flat_map(Library::functions).map(|function| &*function.name).collect();
    let report = Report::error(Code::Usage, format!("the project has no function `{given}`"));
    let report = match known.is_empty() {
        true => report.note("it has no components of functions: they are the files functions/*.wasm"),
        false => report.hint("`duckpen functions` lists them"),
    };
    Abort::rejected(report.hint_if(suggest(name, known).map(|near| format!("did you mean `{near}`?"))))
}

fn cost(last: Option<&RunResults>, name: &str, component: &str) -> Option<FunctionResult> {
    let functions = &last?.functions;
    functions.iter().find(|cost| cost.name.eq_ignore_ascii_case(name) && cost.component == component).cloned()
}

impl Found<'_> {
    fn document(&self, last: Option<&RunResults>) -> Value {
        let component = self.library.component();
        let limits: Map<String, Value> = self
            .limits
            .iter()
            .map(|limit| (limit.name.to_owned(), json!({ "value": limit.value, "origin": limit.origin })))
            .collect();
        json!({
            "name": self.overloads.first().map(|function| &function.name),
            "signatures": self.overloads.iter().map(|function| function.signature()).collect::<Vec<_>>(),
            "kind": self.overloads.first().map(|function| function.kind.as_str()),
            "doc": self.overloads.iter().find_map(|function| function.doc.as_ref()),
            "component": component.name(),
            "digest": format!("sha256:{}", component.digest()),
            "limits": limits,
            "last_run": self.cost.as_ref().zip(last).map(|(cost, run)| json!({
                "run_id": run.run_id,
                "pipeline": run.pipeline,
                "finished_at": run.finished_at,
                "cost": cost,
            })),
        })
    }

    fn text(&self, last: Option<&RunResults>) -> String {
        let component = self.library.component();
        let mut lines = Vec::new();
        for function in &self.overloads {
            lines.push(format!("{}  {}", function.kind.as_str(), function.signature()));
            lines.extend(function.doc.iter().flat_map(|doc| doc.lines()).map(|line| format!("  {line}")));
        }
        lines.push(format!("component:\n  {}  sha256:{}", component.name(), component.digest()));
        lines.push("limits:".to_owned());
        lines.extend(self.limits.iter().map(|limit| format!("  {} = {}  ({})", limit.name, limit.value, limit.origin)));
        lines.push("last run:".to_owned());
        lines.push(match (&self.cost, last) {
            (Some(cost), Some(run)) => format!(
                "  {}, {}, {} ns/row, fuel {}, memory {}, in pipeline `{}`, finished {}",
                counted(cost.calls, "call"),
                counted(cost.rows, "row"),
                cost.ns_per_row.map_or_else(|| "-".to_owned(), nanoseconds_a_row),
                si(cost.fuel),
                bytes(cost.peak_memory),
                run.pipeline,
                run.finished_at,
            ),
            (None, Some(run)) => format!("  not called by pipeline `{}`, finished {}", run.pipeline, run.finished_at),
            (_, None) => "  there was none".to_owned(),
        });
        lines.join("\n")
    }
}
