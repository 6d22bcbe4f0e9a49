use duckpen_database::{Database, LockDown, Options};
use duckpen_functions::Library;
use duckpen_observe::numbers::counted;
use duckpen_toolchains::{Kind, Manifest};
use serde_json::{Value, json};

use anyhow::Context;

use super::build::manifests;
use crate::abort::Abort;
use crate::arguments::{Format, FunctionOptions};
use crate::components;
use crate::exit::Exit;
use crate::function_tests::{Failure, Table, check};
use crate::output::{Code, Excerpt, Finding, Printer, Report};
use crate::project::Project;

/// How the table of one function came out.
struct Tested {
    rows: usize,
    findings: Vec<Finding>,
    documents: Vec<Value>,
}

/// Checks the functions of the project against their tables of tests, each component in a database of its own.
pub fn test(options: &FunctionOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project.project)?;
    let engine = components::engine()?;
    let mut exit = Exit::Done;
    let mut documents = Vec::new();
    for manifest in manifests(&project, options.name.as_deref())? {
        if manifest.kind == Kind::Connector {
            // Its own tests are cargo's; a table of tests is one of functions.
            if options.name.is_some() {
                let report = Report::error(Code::Usage, format!("`{}` is a connector, not a function", manifest.name));
                let hint = format!("`cargo test` in connectors/{} runs its tests", manifest.name);
                return Err(Abort::rejected(report.hint(hint)));
            }
            continue;
        }
        if !manifest.component().is_file() {
            let report = Report::error(Code::Component, format!("the function `{}` is not built", manifest.name));
            return Err(Abort::rejected(report.hint(format!("`duckpen build {}` builds it", manifest.name))));
        }
        let Some((table, text)) = read(&manifest)? else { continue };
        let libraries = components::load_named(&engine, &project, Some(&manifest.name), &options.limits)?;
        let tested = run(&manifest, &libraries, &table, &text)?;
        if !tested.findings.is_empty() {
            exit = Exit::Failed;
        }
        let rows = counted(tested.rows as u64, "row");
        match printer.format {
            Format::Json => documents.push(json!({
                "name": manifest.name,
                "rows": tested.rows,
                "failures": tested.documents,
            })),
            Format::Text if tested.findings.is_empty() => printer.data(&format!("ok  {}  {rows}", manifest.name)),
            Format::Text => {
                printer.data(&format!("failed  {}  {} of {rows}", manifest.name, tested.findings.len()));
                printer.findings(&tested.findings);
            }
        }
    }
    if printer.format == Format::Json {
        let status = if exit == Exit::Done { "passed" } else { "failed" };
        printer.document(&json!({ "status": status, "functions": documents }));
    }
    Ok(exit)
}

fn place(manifest: &Manifest) -> String {
    format!("functions/{}/tests.txt", manifest.name)
}

/// The table of a function, if it has one.
fn read(manifest: &Manifest) -> Result<Option<(Table, String)>, Abort> {
    let path = manifest.folder.join("tests.txt");
    if !path.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Abort::rejected(Report::error(Code::Tests, format!("{}: {error}", place(manifest)))))?;
    match Table::parse(&text) {
        Ok(table) => Ok(Some((table, text))),
        Err(mistake) => {
            let report = Report::error(Code::Tests, mistake.message);
            Err(Abort::rejected(report.at(Excerpt::of_span(&place(manifest), &text, mistake.span))))
        }
    }
}

fn run(manifest: &Manifest, libraries: &[Library], table: &Table, text: &str) -> Result<Tested, Abort> {
    let database = Database::open(Options::in_memory()).context("no database in memory")?;
    let session = database.connect().context("no connection to the database")?;
    components::register(libraries, &session)?;
    database.lock_down(&LockDown::default()).context("the database cannot be locked down")?;
    let functions: Vec<_> = libraries.iter().flat_map(Library::functions).collect();
    let mut tested = Tested { rows: table.cases.len(), findings: Vec::new(), documents: Vec::new() };
    for case in &table.cases {
        if let Err(Failure { expected, got }) = check(&session, &functions, case) {
            let message = format!("`{}` gives something else", case.function);
            let report = Report::error(Code::TestFailed, message)
                .at(Excerpt::of_span(&place(manifest), text, case.span.clone()))
                .note(format!("expected {expected}"))
                .note(format!("got {got}"));
            tested.findings.push(report.into());
            let row = &text[case.span.clone()];
            tested.documents.push(json!({ "row": row, "expected": expected, "got": got }));
        }
    }
    Ok(tested)
}
