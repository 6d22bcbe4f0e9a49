//! Which database a command works on.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context;
use duckpen_connectors::ProjectFiles;
use duckpen_database::{Access, Database, Error, Options, Session, Storage};
use duckpen_pipeline::{Engine, EngineMode, TableName};
use duckpen_sandbox::parse_bytes;

use crate::abort::Abort;
use crate::arguments::Patience;
use crate::output::{Code, Printer, Report};
use crate::wait;

/// Where DuckDB spills to, in the project's folder for what is made.
const SPILL: &str = "spill";

/// `--database` goes before the profile's file, which goes before memory. A path on the command line is relative to the
/// current folder, one in the profile to the project.
pub fn options(given: Option<&Path>, engine: &Engine, project: &ProjectFiles) -> Result<Options, Abort> {
    let file = match (given, &engine.mode) {
        (Some(path), _) if path == Path::new(":memory:") => None,
        (Some(path), _) => Some(std::path::absolute(path).context("the current folder cannot be found")?),
        (None, EngineMode::Persistent { path }) => Some(project.root().join(path)),
        (None, EngineMode::Memory) => None,
    };
    let memory_limit = match &engine.memory_limit {
        None => None,
        Some(text) => Some(parse_bytes(text).ok_or_else(|| {
            let message = format!("the profile's engines.duckdb.memory_limit `{text}` is not a size");
            Abort::rejected(Report::error(Code::Profile, message).hint("write a size such as 2GB or 512MiB"))
        })?),
    };
    let threads = engine.threads.and_then(|threads| NonZeroUsize::new(threads as usize));
    let temp_directory = Some(project.in_target(SPILL));
    let defaults = file.map_or_else(Options::in_memory, Options::file);
    Ok(Options { threads, memory_limit, temp_directory, ..defaults })
}

/// The file of a database, if it has one.
pub fn file(options: &Options) -> Option<&PathBuf> {
    match &options.storage {
        Storage::File(path) => Some(path),
        Storage::Memory => None,
    }
}

/// Opens a database that is there; none where its file does not exist, or it is in memory.
pub fn open_existing(options: &Options) -> Result<Option<Database>, Abort> {
    if file(options).is_some_and(|path| path.exists()) { open(options).map(Some) } else { Ok(None) }
}

/// Opens a database that is there for reading only; none where its file does not exist, or it is in memory.
pub fn open_to_read(options: &Options) -> Result<Option<Database>, Abort> {
    open_existing(&Options { access: Access::ReadOnly, ..options.clone() })
}

/// As [`open_existing`], waiting for another process that has the database where that is wanted.
pub fn open_existing_patiently(
    options: &Options,
    patience: Option<Patience>,
    printer: &Printer,
) -> Result<Option<Database>, Abort> {
    if file(options).is_some_and(|path| path.exists()) {
        open_patiently(options, patience, printer).map(Some)
    } else {
        Ok(None)
    }
}

/// As [`open`], waiting for another process that has the database where that is wanted.
pub fn open_patiently(options: &Options, patience: Option<Patience>, printer: &Printer) -> Result<Database, Abort> {
    let Some(patience) = patience else { return open(options) };
    make_folder(options)?;
    let opened = wait::until_free(
        patience,
        || Database::open(options.clone()),
        |because| printer.say(&format!("waiting: {because}")),
        std::thread::sleep,
    );
    opened.map_err(|error| refused(&error, Some(patience)))
}

/// Opens a database, making it where it is missing.
pub fn open(options: &Options) -> Result<Database, Abort> {
    make_folder(options)?;
    Database::open(options.clone()).map_err(|error| refused(&error, None))
}

fn make_folder(options: &Options) -> Result<(), Abort> {
    if let Some(folder) = file(options).and_then(|path| path.parent()) {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    Ok(())
}

fn refused(error: &Error, patience: Option<Patience>) -> Abort {
    let report = Report::error(Code::Database, error.to_string());
    Abort::rejected(match (error, patience) {
        (Error::Locked { .. }, None) => {
            report.hint("wait until the other process has ended, or give another --database; `run --wait` waits")
        }
        (Error::Locked { .. }, Some(_)) => report.hint("it was waited for; give --wait a longer time"),
        _ => report,
    })
}

/// The tables and views of a database, but the ledger's.
pub fn tables(session: &Session) -> Result<Vec<TableName>, Abort> {
    let rows = session
        .query(
            "SELECT table_schema, table_name FROM information_schema.tables \
             WHERE table_catalog = current_database() AND table_schema <> 'duckpen' ORDER BY ALL",
        )
        .context("the tables of the database cannot be listed")?;
    let table = |row: &[duckpen_database::Value]| match row {
        [schema, name] if schema.to_string() == "main" => Some(TableName::new(name.to_string())),
        [schema, name] => Some(TableName::in_schema(schema.to_string(), name.to_string())),
        _ => None,
    };
    Ok(rows.iter().filter_map(table).collect())
}
