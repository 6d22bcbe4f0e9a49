//! The first-party handler of transform steps: CREATE TABLE and CREATE VIEW.
//!
//! Its declaration:
//!
//! ```json
//! {"kind": "transform", "table": "daily", "query": "SELECT d, sum(v) AS s FROM t GROUP BY d", "relation": "table",
//!  "or_replace": false, "mode": "INCREMENTAL", "upsert_keys": [], "time_column": "d",
//!  "lookback": {"amount": 2, "unit": "day"}}
//! ```
//!
//! - REPLACE: the table or view becomes the query's result, whether it existed or not.
//! - APPEND, UPSERT: as in a LOAD step, with the query's rows.
//! - INCREMENTAL: the rows that come after the latest time in the table are added. LOOKBACK moves the start of that window
//!   back; what the table holds in it is computed anew. `@start_date`, `@start_dt`, `@end_date` and `@end_dt` in the query
//!   stand for the ends of the window: after the start, up to the end, which is now. The first window starts before
//!   everything. A table that has no time column cannot be gone on with.
//!
//! The modes make a table that does not exist.

pub mod declaration;
mod macros;
mod validate;
mod window;
mod write;

use duckpen::context::{Level, log};
use duckpen::{Error, Handler, Outcome, Problem, Transform};

use declaration::{Declaration, Mode};
use window::Window;
use write::Rows;

/// The handler.
#[derive(Debug)]
pub struct TransformHandler;

impl Handler for TransformHandler {
    type Declaration = Declaration;
    type Step = Transform;

    const NAME: &'static str = env!("CARGO_PKG_NAME");
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn validate(declaration: &Declaration) -> Vec<Problem> {
        validate::problems(declaration)
    }

    fn run(declaration: Declaration, Transform { inputs, target }: Transform) -> Result<Outcome, Error> {
        let Declaration { table, query, upsert_keys, .. } = &declaration;
        let existing = match declaration.mode {
            Mode::Replace => None,
            Mode::Append | Mode::Upsert | Mode::Incremental => target.columns()?,
        };
        let rows = |query: &str| -> Result<Rows, Error> {
            Ok(Rows { table: table.clone(), columns: inputs.columns_of(query)?, query: query.to_owned() })
        };
        match (declaration.mode, existing) {
            (Mode::Replace, _) | (Mode::Append, None) => {
                target.replace(query)?;
            }
            (Mode::Append, Some(existing)) => {
                let write = rows(query)?.fit(&existing)?;
                target.append(&write.columns, &write.query)?;
            }
            (Mode::Upsert, existing) => {
                let rows = rows(query)?;
                rows.check_keys(upsert_keys)?;
                let existing = match existing {
                    Some(existing) => existing,
                    None => {
                        // An empty table first, so that keys are held to be unique in a new table too.
                        target.replace(&rows.none())?;
                        rows.columns.clone()
                    }
                };
                let write = rows.fit(&existing)?;
                target.upsert(upsert_keys, &write.columns, &write.query)?;
            }
            (Mode::Incremental, None) => {
                let first = macros::expand(query, &Window::first());
                target.replace(&first)?;
                if let Err(error) = rows(&first)?.check_time(declaration.time_column.as_deref(), &[]) {
                    log(
                        Level::Warn,
                        &format!("the next run will not be able to go on with {table}: {}", error.message),
                    );
                }
            }
            (Mode::Incremental, Some(existing)) => {
                let window = Window::after(&declaration, &target.sql_name())?;
                let rows = rows(&macros::expand(query, &window))?;
                rows.check_time(declaration.time_column.as_deref(), &existing)?;
                let write = rows.fit(&existing)?;
                let inside = window.only_inside(&write.query);
                match declaration.lookback {
                    None => target.append(&write.columns, &inside).map(drop)?,
                    Some(_) => target.replace_where(&window.is_inside(), &write.columns, &inside).map(drop)?,
                }
            }
        }
        Ok(Outcome::done())
    }
}

duckpen::handler!(TransformHandler);
