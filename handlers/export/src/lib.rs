//! The first-party handler of EXPORT steps: files of CSV, Parquet and JSON, and tables of PostgreSQL.
//!
//! Its declaration:
//!
//! ```json
//! {"kind": "export", "query": "SELECT * FROM t", "connector_type": "csv", "options": {"header": true},
//!  "destination_name": "out/t.csv"}
//! ```

pub mod declaration;
pub mod options;
mod validate;
mod write;

use duckpen::{Error, Export, Handler, Outcome, Problem, Settings};

use declaration::Declaration;

/// The handler.
#[derive(Debug)]
pub struct ExportHandler;

impl Handler for ExportHandler {
    type Declaration = Declaration;
    type Step = Export;

    const NAME: &'static str = env!("CARGO_PKG_NAME");
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const TYPES: &'static [&'static str] = &["csv", "parquet", "json", "postgres"];

    fn validate(declaration: &Declaration) -> Vec<Problem> {
        validate::problems(declaration)
    }

    fn run(declaration: Declaration, Export { destination, .. }: Export) -> Result<Outcome, Error> {
        if let Some(brought) = declaration.brought() {
            destination.write(brought, &Settings::default(), &declaration.query)?;
            return Ok(Outcome::done());
        }
        let format = declaration.format()?;
        destination.write(format.name(), &write::settings(format, &declaration), &declaration.query)?;
        Ok(Outcome::done())
    }
}

duckpen::handler!(ExportHandler);
