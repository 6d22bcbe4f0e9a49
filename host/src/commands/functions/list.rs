use duckpen_functions::{DeclaredFunction, Library};
use serde_json::{Value, json};

use super::statistics;
use crate::abort::Abort;
use crate::arguments::{Format, FunctionsOptions};
use crate::exit::Exit;
use crate::output::{Printer, table};
use crate::project::Project;
use crate::{components, python};

/// Lists the functions of the project's components, or what they cost in the last run.
pub fn list(options: &FunctionsOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project.project)?;
    if options.stats {
        return statistics::print(&project, printer);
    }
    let engine = components::engine()?;
    let mut libraries = components::load(&engine, &project, &options.project.limits)?;
    libraries.extend(python::load(&engine, &project, &options.project.limits, printer)?);
    printer.findings(&libraries.iter().flat_map(python::problems).collect::<Vec<_>>());
    let functions = libraries.iter().flat_map(|library| library.functions().map(move |function| (library, function)));
    match printer.format {
        Format::Json => printer.document(&functions.map(|(library, function)| document(library, function)).collect()),
        Format::Text if libraries.is_empty() => {
            printer.say("the project has no components of functions: they are the files functions/*.wasm");
        }
        Format::Text if options.plain => {
            let names = functions.map(|(_, function)| function.name.as_str());
            printer.data(&names.collect::<Vec<_>>().join("\n"));
        }
        Format::Text => {
            let rows = functions.map(|(library, function)| row(library, function));
            printer.data(&table(["function", "kind", "component", "digest", "what it does"], rows));
        }
    }
    Ok(Exit::Done)
}

fn document(library: &Library, function: &DeclaredFunction) -> Value {
    json!({
        "name": function.name,
        "kind": function.kind.as_str(),
        "signature": function.signature(),
        "component": library.component().name(),
        "digest": format!("sha256:{}", library.component().digest()),
        "doc": function.doc,
    })
}

fn row(library: &Library, function: &DeclaredFunction) -> Vec<String> {
    let digest: String = library.component().digest().chars().take(12).collect();
    let doc = function.doc.as_deref().unwrap_or_default().lines().next().unwrap_or_default();
    let kind = function.kind.as_str().to_owned();
    vec![function.signature(), kind, library.component().name().to_owned(), format!("sha256:{digest}"), doc.to_owned()]
}
