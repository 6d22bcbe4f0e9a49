//! The first-party handler of LOAD steps.
//!
//! Its declaration:
//!
//! ```json
//! {"kind": "load", "table": "users", "source": "updates", "mode": "UPSERT", "upsert_keys": ["id"]}
//! ```
//!
//! - REPLACE: the table becomes what the source holds.
//! - APPEND: the source's rows are added. Columns match by name; those that the source lacks become NULL.
//! - UPSERT: rows whose keys are in the table update it, others are added. A NULL key equals nothing, so its row is added.
//!   A key that the source has twice is refused: rows of a file have no order that a query could rely on, so that "the last
//!   one" would be an accident.
//!
//! APPEND and UPSERT make a table that does not exist.

pub mod declaration;
mod keys;
mod write;

use duckpen::{Error, ErrorKind, Handler, Load, Outcome, Problem};

use declaration::{Declaration, Mode};
use write::Rows;

/// The handler.
#[derive(Debug)]
pub struct LoadHandler;

impl Handler for LoadHandler {
    type Declaration = Declaration;
    type Step = Load;

    const NAME: &'static str = env!("CARGO_PKG_NAME");
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn validate(declaration: &Declaration) -> Vec<Problem> {
        declaration.problems()
    }

    fn run(declaration: Declaration, Load { inputs, target }: Load) -> Result<Outcome, Error> {
        let source = inputs.open(&declaration.source).ok_or_else(|| {
            let message = format!("LOAD references undefined source: '{}'", declaration.source);
            Error::new(ErrorKind::InvalidConfiguration, message)
                .with_hint(format!("Available sources: {}", inputs.names().join(", ")))
        })?;
        let rows = Rows { declaration: &declaration, columns: source.columns()?, from: source.sql_name() };
        match declaration.mode {
            Mode::Replace => {
                target.replace(&rows.all())?;
            }
            Mode::Append => match target.columns()? {
                None => {
                    target.replace(&rows.all())?;
                }
                Some(existing) => {
                    let write = rows.append_to(&existing)?;
                    target.append(&write.columns, &write.query)?;
                }
            },
            Mode::Upsert => {
                rows.check_keys()?;
                let existing = match target.columns()? {
                    Some(existing) => existing,
                    None => {
                        // An empty table first, so that keys are held to be unique in a new table too.
                        target.replace(&rows.none())?;
                        rows.columns.clone()
                    }
                };
                let write = rows.upsert_into(&existing)?;
                target.upsert(&write.keys, &write.columns, &write.query)?;
            }
        }
        Ok(Outcome::done())
    }
}

duckpen::handler!(LoadHandler);
