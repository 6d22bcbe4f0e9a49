use anyhow::Context;
use duckpen_database::{Error, LockDown, Rows};
use duckpen_pipeline::python_calls;
use duckpen_steps::Catalogue;

use crate::abort::Abort;
use crate::arguments::{Format, SqlOptions};
use crate::exit::Exit;
use crate::output::{Code, Printer, Report, table};
use crate::project::Project;
use crate::{components, database, python};

/// Runs a query on the project's database, locked down, with the functions of its components.
pub fn sql(options: &SqlOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project.project)?;
    let profile = project.profile(options.project.profile.as_deref())?;
    let place = database::options(options.project.database.as_deref(), &profile.engine, &project.files)?;
    if let Some(missing) = database::file(&place).filter(|path| !path.exists()) {
        let message = format!("there is no database {}", missing.display());
        return Err(Abort::rejected(Report::error(Code::Database, message).hint("a run of a pipeline makes it")));
    }
    let calls_python = !python_calls(&options.query).is_empty();
    let mut libraries = Vec::new();
    if calls_python || !project.components()?.is_empty() {
        let engine = components::engine()?;
        libraries = components::load(&engine, &project, &options.project.limits)?;
        if calls_python {
            libraries.extend(python::load(&engine, &project, &options.project.limits, printer)?);
        }
    }
    let query = python::in_expressions(&Catalogue::of(&libraries), &options.query)?;
    let database = database::open(&place)?;
    let session = database.connect().context("no connection to the database")?;
    components::register(&libraries, &session)?;
    database.lock_down(&LockDown::default()).context("the database cannot be locked down")?;
    let rows = session.query_untrusted(&query).map_err(|error| failed(&error))?;
    match printer.format {
        Format::Json => printer.document(&rows.to_json()),
        Format::Text => printer.data(&text(&rows)),
    }
    Ok(Exit::Done)
}

fn failed(error: &Error) -> Abort {
    // What is refused by kind of statement, and what DuckDB refuses because it is locked down.
    let is_locked = |message: &str| message.starts_with("Permission Error");
    match error {
        Error::Forbidden { .. } => refused(error),
        Error::Query { message } if is_locked(message) => refused(error),
        error => {
            Abort { exit: Exit::Failed, findings: vec![Report::error(Code::QueryFailed, error.to_string()).into()] }
        }
    }
}

fn refused(error: &Error) -> Abort {
    let report = Report::error(Code::QueryRefused, error.to_string());
    Abort::refused(report.hint("a query stays within its database"))
}

fn text(rows: &Rows) -> String {
    let headings = rows.columns().iter().map(|column| column.name.as_str());
    table(headings, rows.iter().map(|row| row.iter().map(ToString::to_string).collect()))
}
