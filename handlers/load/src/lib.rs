//! The first-party handler of LOAD steps.
//!
//! Its declaration:
//!
//! ```json
//! {"kind": "load", "table": "users", "source": "updates", "mode": "UPSERT", "upsert_keys": ["id"],
//!  "options": {"on_schema_change": "add_columns", "rejects": "users_rejected"}}
//! ```
//!
//! - REPLACE: the table becomes what the source holds.
//! - APPEND: the source's rows are added. Columns match by name; those that the source lacks become NULL.
//! - UPSERT: rows whose keys are in the table update it, others are added. A NULL key equals nothing, so its row is added.
//!   A key that the source has twice is refused: rows of a file have no order that a query could rely on, so that "the last
//!   one" would be an accident.
//!
//! APPEND and UPSERT make a table that does not exist. `on_schema_change` says what becomes of one that the source does
//! not fit. Rows to be rejected are taken out by the host, before the handler sees the source. The README beside this crate
//! has all rules in a table.

pub mod declaration;
mod keys;
mod options;
mod schema;
mod write;

use duckpen::{Error, ErrorKind, Field, Handler, Load, Outcome, Problem, Table};

use declaration::{Declaration, Mode};
use schema::Change;
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
        let mut changes = Vec::new();
        match declaration.mode {
            Mode::Replace => {
                target.replace(&rows.all())?;
            }
            Mode::Append => match target.columns()? {
                None => {
                    target.replace(&rows.all())?;
                }
                Some(existing) => {
                    changes = rows.changes(&existing);
                    let write = rows.append_to(&schema::changed(&existing, &changes))?;
                    apply(&changes, &target)?;
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
                changes = rows.changes(&existing);
                let write = rows.upsert_into(&schema::changed(&existing, &changes))?;
                apply(&changes, &target)?;
                target.upsert(&write.keys, &write.columns, &write.query)?;
            }
        }
        Ok(told(&changes))
    }
}

fn apply(changes: &[Change], target: &Table) -> Result<(), Error> {
    changes.iter().try_for_each(|change| match change {
        Change::Add(column) => target.add_column(column),
        Change::Widen(column) => target.widen(column),
    })
}

/// A table that changed is worth a word in the report.
fn told(changes: &[Change]) -> Outcome {
    let word = |change: &Change| match change {
        Change::Add(Field { name, logical_type }) => format!("added column {name} {logical_type}"),
        Change::Widen(Field { name, logical_type }) => format!("widened column {name} to {logical_type}"),
    };
    match changes {
        [] => Outcome::done(),
        changes => Outcome::with_note(changes.iter().map(word).collect::<Vec<_>>().join(", ")),
    }
}

duckpen::handler!(LoadHandler);
