//! Which columns the steps of a plan will have, and what they are made of: found by looking at the beginnings of files and
//! by binding queries, in a database that holds tables without rows. Nothing is loaded, made or exported.

use std::collections::HashMap;
use std::sync::Arc;

use duckpen_connectors::{ConnectorKinds, Format, ProjectFiles, Reader};
use duckpen_database::{ColumnLineage, Session, quote_identifier};
use duckpen_pipeline::{LoadMode, Plan, SourceStep, Step, StepKind, TableName, TransformMode, TransformStep};
use duckpen_sandbox::NoMeter;
use serde_json::{Map, Value};

use crate::capabilities::{Capabilities, DefinedSource, SourcePlace};
use crate::declaration::{declaration, qualified};
use crate::executor::StepFault;
use crate::grants::place_of;
use crate::handlers::Handlers;
use crate::host::{Effects, StepHost};

/// A column: its name, and its type in DuckDB's spelling.
pub type PlannedColumn = (String, String);

/// What is known of the columns of one step.
#[derive(Debug, Clone)]
pub struct PlannedColumns {
    /// The columns of the source, of the table or view that is written, or of the file; or why they are not known.
    pub columns: Result<Vec<PlannedColumn>, String>,
    /// What the columns of the step's query are made of; none for a step without a query.
    pub lineage: Option<Result<ColumnLineage, String>>,
}

/// What is needed to find columns.
pub struct ColumnFinder<'a> {
    /// Of a database in memory, empty, locked down to the files of the plan, with the project's functions.
    pub session: Arc<Session>,
    /// The plan.
    pub plan: &'a Plan,
    /// The handlers: that of sources is asked how files are read.
    pub handlers: &'a Handlers,
    /// The project's files.
    pub files: &'a ProjectFiles,
    /// Parameters of SOURCE steps whose connector is in the profile, merged, by step.
    pub params: &'a HashMap<String, Map<String, Value>>,
    /// Tables that are there before the plan runs.
    pub existing: Vec<(TableName, Vec<PlannedColumn>)>,
}

impl ColumnFinder<'_> {
    /// Looks at every step, in order. What one step does not tell makes those behind it unknown, and no others.
    pub fn find(self) -> HashMap<String, PlannedColumns> {
        let mut tables = Tables { session: &self.session, known: HashMap::new() };
        for (table, columns) in &self.existing {
            // A table that cannot be made again is not known, and whoever reads it is told so.
            let _ = tables.make(table, columns);
        }
        let mut sources = HashMap::new();
        let mut found = HashMap::new();
        for step in &self.plan.steps {
            let planned = match &step.kind {
                StepKind::Source(source) => {
                    let columns = self.source(step, source).map_err(|fault| fault.to_string());
                    if let Ok(columns) = &columns
                        && !self.is_written(&source.name)
                    {
                        // A query may read a source by its name.
                        let _ = tables.make(&TableName::new(source.name.clone()), columns);
                    }
                    sources.insert(source.name.to_lowercase(), columns.clone());
                    PlannedColumns { columns, lineage: None }
                }
                StepKind::Load(load) => {
                    let columns = match (&load.mode, tables.columns(&load.table)) {
                        (LoadMode::Append | LoadMode::Upsert { .. }, Some(columns)) => Ok(columns),
                        _ => {
                            let unknown = || Err(format!("the source `{}` is not known", load.source));
                            sources.get(&load.source.to_lowercase()).cloned().unwrap_or_else(unknown)
                        }
                    };
                    PlannedColumns { columns: tables.made(&load.table, columns), lineage: None }
                }
                StepKind::Transform(transform) => self.transform(transform, &mut tables),
                kind => match query_of(kind) {
                    Some(query) => {
                        let lineage = self.session.column_lineage(query).map_err(|error| error.to_string());
                        PlannedColumns { columns: columns_of(&lineage), lineage: Some(lineage) }
                    }
                    None => PlannedColumns { columns: Err("the step has no columns".to_owned()), lineage: None },
                },
            };
            found.insert(step.id.to_string(), planned);
        }
        found
    }

    fn is_written(&self, name: &str) -> bool {
        let key = TableName::new(name).key();
        self.plan.steps.iter().any(|step| step.kind.writes().is_some_and(|table| table.key() == key))
    }

    /// Asks the handler how the source is read, and looks into the files.
    fn source(&self, step: &Step, source: &SourceStep) -> Result<Vec<PlannedColumn>, StepFault> {
        let params = self.params.get(step.id.as_str());
        let unknown = |why: &str| StepFault::Host(why.to_owned());
        let place = place_of(params.unwrap_or(&source.params))
            .filter(|_| source.connector_type.to_lowercase().parse::<Format>().is_ok())
            .ok_or_else(|| unknown("its columns are not looked up: it is no file"))?;
        let capabilities = Capabilities {
            step: step.id.to_string(),
            declaration: declaration(&step.kind, params, &ConnectorKinds::default()).to_string(),
            source: Some(SourcePlace::Files(self.files.source(place)?)),
            ..Capabilities::default()
        };
        let reader = self.reader(step, capabilities)?;
        let query = reader.query(&self.session)?;
        Ok(self.session.columns_of(&query)?)
    }

    fn reader(&self, step: &Step, capabilities: Capabilities) -> Result<Reader, StepFault> {
        let stopped = |stopped| StepFault::Stopped { stopped };
        let session = Some(Arc::clone(&self.session));
        let host = StepHost { capabilities, session, effects: Effects::default() };
        let (mut instance, exports) = self.handlers.instance(&step.kind, host, Arc::new(NoMeter)).map_err(stopped)?;
        let returned = instance.call("run", Result::is_err, |store, _| exports.call_run(store));
        let effects = std::mem::take(&mut instance.embedder().effects);
        if let Some(fault) = effects.fault {
            return Err(fault);
        }
        returned
            .map_err(stopped)?
            .map_err(|failure| StepFault::Handler { message: failure.message, hint: failure.hint })?;
        match effects.source {
            Some(DefinedSource::Files(reader)) => Ok(reader),
            Some(DefinedSource::Rows(..)) | None => {
                Err(StepFault::Host("the handler did not define its source".to_owned()))
            }
        }
    }

    fn transform(&self, transform: &TransformStep, tables: &mut Tables<'_>) -> PlannedColumns {
        let lineage = self.session.column_lineage(&transform.query).map_err(|error| error.to_string());
        let columns = match (&transform.mode, tables.columns(&transform.table)) {
            // Rows are added to the columns that are there.
            (mode, Some(columns)) if *mode != TransformMode::Replace => Ok(columns),
            _ => columns_of(&lineage),
        };
        PlannedColumns { columns: tables.made(&transform.table, columns), lineage: Some(lineage) }
    }
}

fn columns_of(lineage: &Result<ColumnLineage, String>) -> Result<Vec<PlannedColumn>, String> {
    let columns = lineage.as_ref().map_err(Clone::clone)?.columns.iter();
    Ok(columns.map(|column| (column.name.clone(), column.logical_type.clone())).collect())
}

fn query_of(kind: &StepKind) -> Option<&str> {
    match kind {
        StepKind::Export(export) => Some(&export.query),
        StepKind::Test(test) => Some(&test.query),
        _ => None,
    }
}

/// The tables of the database without rows.
struct Tables<'a> {
    session: &'a Session,
    known: HashMap<(String, String), Vec<PlannedColumn>>,
}

impl Tables<'_> {
    fn columns(&self, table: &TableName) -> Option<Vec<PlannedColumn>> {
        self.known.get(&table.key()).cloned()
    }

    /// Makes a table of these columns, or takes it away where they are not known.
    fn made(
        &mut self,
        table: &TableName,
        columns: Result<Vec<PlannedColumn>, String>,
    ) -> Result<Vec<PlannedColumn>, String> {
        let made = columns.and_then(|columns| {
            self.make(table, &columns).map_err(|error| error.to_string())?;
            Ok(columns)
        });
        if made.is_err() {
            self.known.remove(&table.key());
            let _ = self.session.execute(&format!("DROP TABLE IF EXISTS {}", qualified(table)));
        }
        made
    }

    fn make(&mut self, table: &TableName, columns: &[PlannedColumn]) -> Result<(), duckpen_database::Error> {
        let column = |(name, kind): &PlannedColumn| {
            // The type of NULL alone; as a column of a table it is an INTEGER.
            let kind = if kind == "\"NULL\"" { "INTEGER" } else { kind };
            format!("{} {kind}", quote_identifier(name))
        };
        let columns_sql: Vec<String> = columns.iter().map(column).collect();
        if let Some(schema) = &table.schema {
            self.session.execute(&format!("CREATE SCHEMA IF NOT EXISTS {}", quote_identifier(schema)))?;
        }
        self.session.execute(&format!("CREATE OR REPLACE TABLE {} ({})", qualified(table), columns_sql.join(", ")))?;
        self.known.insert(table.key(), columns.to_vec());
        Ok(())
    }
}
