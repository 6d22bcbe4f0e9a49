use duckpen_database::{Database, Options, Session};
use duckpen_functions::Library;
use duckpen_observe::numbers::counted;
use serde_json::{Value, json};

use anyhow::Context;

use crate::abort::Abort;
use crate::arguments::{Format, FunctionsOptions};
use crate::components;
use crate::exit::Exit;
use crate::output::{Finding, Printer};
use crate::project::Project;

/// Loads every component by itself and then all into one database, and says what is wrong with each.
pub fn validate(options: &FunctionsOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project.project)?;
    printer.findings(&project.configuration.warnings);
    let engine = components::engine()?;
    let database = Database::open(Options::in_memory()).context("no database in memory")?;
    let session = database.connect().context("no connection to the database")?;
    let mut exit = Exit::Done;
    let mut documents = Vec::new();
    let settings = project.components()?;
    for component in &settings {
        let name = &component.name;
        let loaded = components::load_named(&engine, &project, Some(name), &options.project.limits)
            .and_then(|libraries| registered(libraries, &session));
        if let Err(abort) = &loaded {
            exit = if exit == Exit::Refused { exit } else { abort.exit };
        }
        match printer.format {
            Format::Json => documents.push(document(name, &component.path, &loaded)),
            Format::Text => match &loaded {
                Ok(libraries) => {
                    let count = libraries.iter().flat_map(Library::functions).count();
                    printer.data(&format!("ok  {name}  {}", counted(count as u64, "function")));
                    for unmapped in libraries.iter().flat_map(Library::unmapped) {
                        printer.say(&format!("not callable from SQL: {unmapped}"));
                    }
                }
                Err(abort) => {
                    printer.data(&format!("rejected  {name}  {}", component.path));
                    printer.findings(&abort.findings);
                }
            },
        }
    }
    if printer.format == Format::Json {
        let status = if exit == Exit::Done { "valid" } else { "rejected" };
        printer.document(&json!({ "status": status, "components": documents }));
    } else if settings.is_empty() {
        printer.say("the project has no components of functions: they are the files functions/*.wasm");
    }
    Ok(exit)
}

/// Names that two components give are found by making them known to one database.
fn registered(libraries: Vec<Library>, session: &Session) -> Result<Vec<Library>, Abort> {
    components::register(&libraries, session).map(|()| libraries)
}

fn document(name: &str, path: &str, loaded: &Result<Vec<Library>, Abort>) -> Value {
    let functions: Vec<String> =
        loaded.iter().flatten().flat_map(Library::functions).map(|function| function.signature()).collect();
    let not_callable: Vec<Value> = loaded
        .iter()
        .flatten()
        .flat_map(Library::unmapped)
        .map(|unmapped| json!({ "function": unmapped.function, "reason": unmapped.reason }))
        .collect();
    let findings = loaded.as_ref().err().map_or(&[][..], |abort| &abort.findings);
    json!({
        "component": name,
        "path": path,
        "status": if loaded.is_ok() { "valid" } else { "rejected" },
        "functions": functions,
        "not_callable": not_callable,
        "diagnostics": findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
    })
}
