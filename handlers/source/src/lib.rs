//! The first-party handler of SOURCE steps: files of CSV, Parquet and JSON, in the project or in an object store, of Arrow and
//! Excel, and tables of PostgreSQL, SQLite and DuckDB.
//!
//! Its declaration:
//!
//! ```json
//! {"kind": "source", "name": "users", "connector_type": "csv", "params": {"path": "data/users.csv", "delimiter": ";"}}
//! ```
//!
//! The parameters are SQLFlow's. Those that steer how SQLFlow reads (`engine`, `batch_size`, `timeout_seconds`, ...) are
//! taken and do nothing: the host reads in its own way. [`params`] lists all of them. What says how a system is reached is
//! the host's matter, and so is `sync_mode`: of a secret a handler only learns that there is one.

pub mod declaration;
pub mod params;
mod read;
mod validate;

use duckpen::{Error, Handler, Outcome, Problem, Settings, Source};

use declaration::Declaration;

/// The handler.
#[derive(Debug)]
pub struct SourceHandler;

impl Handler for SourceHandler {
    type Declaration = Declaration;
    type Step = Source;

    const NAME: &'static str = env!("CARGO_PKG_NAME");
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const TYPES: &'static [&'static str] =
        &["csv", "parquet", "json", "arrow", "excel", "postgres", "sqlite", "duckdb", "s3"];

    fn validate(declaration: &Declaration) -> Vec<Problem> {
        validate::problems(declaration)
    }

    fn run(declaration: Declaration, source: Source) -> Result<Outcome, Error> {
        if let Some(brought) = declaration.brought().or_else(|| declaration.brought_object_format()) {
            source.define(brought, &Settings::default())?;
            return Ok(Outcome::done());
        }
        let connector = declaration.connector()?;
        source
            .define(read::format(connector, &declaration.params)?, &read::settings(connector, &declaration.params))?;
        Ok(Outcome::done())
    }
}

duckpen::handler!(SourceHandler);
