use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use duckpen_database::{Database, LockDown, Options, Session};
use duckpen_pipeline::TableName;
use duckpen_steps::{ColumnFinder, PlannedColumn, PlannedColumns};

use crate::abort::Abort;
use crate::components;
use crate::output::Finding;
use crate::workbench::{Approved, Workbench};
use crate::{arguments::ProjectOptions, database};

/// Tables with their columns.
pub type Tables = Vec<(TableName, Vec<PlannedColumn>)>;

/// The tables of the database the project works on, as far as it can be looked into: it need not be there, nor free.
pub fn of_database(workbench: &Workbench, options: &ProjectOptions) -> Result<Tables, Abort> {
    let place = database::options(options.database.as_deref(), &workbench.profile.engine, &workbench.project.files)?;
    match database::open_to_read(&place) {
        Ok(None) => Ok(Vec::new()),
        Ok(Some(database)) => {
            let session = database.connect().context("no connection to the database")?;
            database.lock_down(&LockDown::default()).context("the database cannot be locked down")?;
            of_session(&session)
        }
        Err(abort) => {
            let because = abort.findings.first().map(Finding::message).unwrap_or_default();
            tracing::warn!(because, "the tables of the database are not known");
            Ok(Vec::new())
        }
    }
}

fn of_session(session: &Session) -> Result<Tables, Abort> {
    let mut tables = Vec::new();
    for table in database::tables(session)? {
        // A view over something that is gone has no columns.
        if let Ok(Some(columns)) = session.columns_of_table(table.schema.as_deref(), &table.name) {
            tables.push((table, columns));
        }
    }
    Ok(tables)
}

/// The columns of all steps of a plan, found in a database without rows.
pub fn of_plan(
    workbench: &Workbench,
    libraries: &[duckpen_functions::Library],
    approved: &Approved,
    existing: Tables,
) -> Result<HashMap<String, PlannedColumns>, Abort> {
    let database = Database::open(Options::in_memory()).context("no database in memory")?;
    let session = Arc::new(database.connect().context("no connection to the database")?);
    components::register(libraries, &session)?;
    database.lock_down(&approved.grants.lock_down(None)).context("the database cannot be locked down")?;
    let finder = ColumnFinder {
        session,
        plan: &approved.plan,
        handlers: &workbench.handlers,
        files: &workbench.project.files,
        kinds: workbench.kinds.clone(),
        params: &approved.params,
        existing,
    };
    Ok(finder.find())
}
