//! Which columns the steps of a plan will have, and what they are made of: found by looking at the beginnings of files and
//! by binding queries, in a database that holds tables without rows. Nothing is loaded, made or exported.

use std::collections::HashMap;
use std::sync::Arc;

use duckpen_connectors::{Cancel, ConnectorKinds, Format, ProjectFiles, Relation};
use duckpen_database::{ColumnLineage, Session, TableColumn, quote_identifier};
use duckpen_pipeline::{
    LoadMode, Plan, SourceStep, Step, StepKind, TableName, TestCheck, TestStep, TransformMode, TransformStep,
};
use duckpen_sandbox::NoMeter;
use serde_json::{Map, Value};

use crate::capabilities::{Capabilities, DefinedSource, SourcePlace};
use crate::declaration::{declaration, qualified};
use crate::fault::StepFault;
use crate::file_reads::without_files;
use crate::grants::place_of;
use crate::handlers::Handlers;
use crate::host::{Effects, StepHost};

/// How DuckDB begins to say that a query names a column that is not there.
const NO_COLUMN: &str = "Binder Error: Referenced column ";

/// A column: its name, and its type in DuckDB's spelling.
pub type PlannedColumn = (String, String);

/// What is known of the columns of one step.
#[derive(Debug, Clone)]
pub struct PlannedColumns {
    /// The columns of the source, of the table or view that is written, or of the file; or why they are not known.
    pub columns: Result<Vec<PlannedColumn>, String>,
    /// What the columns of the step's query are made of; none for a step without a query.
    pub lineage: Option<Result<ColumnLineage, String>>,
    /// What a test names and its tables do not have.
    pub missing: Vec<MissingColumn>,
}

/// A column that a test names, of a table whose columns are known and are others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingColumn {
    /// What a run would say of it.
    pub message: String,
    /// What its reader can do.
    pub hint: Option<String>,
    /// The column, where it is a name of the statement.
    pub column: Option<String>,
}

impl PlannedColumns {
    fn new(columns: Result<Vec<PlannedColumn>, String>, lineage: Option<Result<ColumnLineage, String>>) -> Self {
        Self { columns, lineage, missing: Vec::new() }
    }
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
    /// What reads files that the host does not.
    pub kinds: ConnectorKinds,
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
                    PlannedColumns::new(columns, None)
                }
                StepKind::Load(load) => {
                    let columns = match (&load.mode, tables.columns(&load.table)) {
                        (LoadMode::Append | LoadMode::Upsert { .. }, Some(columns)) => Ok(columns),
                        _ => {
                            let unknown = || Err(format!("the source `{}` is not known", load.source));
                            sources.get(&load.source.to_lowercase()).cloned().unwrap_or_else(unknown)
                        }
                    };
                    PlannedColumns::new(tables.made(&load.table, columns), None)
                }
                StepKind::Transform(transform) => self.transform(transform, &mut tables),
                StepKind::Export(export) => self.query(&export.query, &mut tables),
                StepKind::Test(test) => {
                    let planned = self.query(&test.query, &mut tables);
                    PlannedColumns { missing: self.missing(test, &planned, &tables), ..planned }
                }
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
        let given = params.unwrap_or(&source.params);
        let connector_type = &source.connector_type;
        let is_own = connector_type.to_lowercase().parse::<Format>().is_ok();
        let place = place_of(given)
            .filter(|_| is_own || self.kinds.brought_format(connector_type).is_some())
            .ok_or_else(|| unknown("its columns are not looked up: it is no file"))?;
        let files = self.files.source(place)?;
        let capabilities = Capabilities {
            step: step.id.to_string(),
            declaration: declaration(&step.kind, params, &self.kinds).to_string(),
            source: Some(SourcePlace::of_files(connector_type, given, files, &self.kinds)?),
            kinds: self.kinds.clone(),
            ..Capabilities::default()
        };
        match self.defined(step, capabilities)? {
            DefinedSource::Files(reader) => Ok(self.session.columns_of(&reader.query(&self.session)?)?),
            DefinedSource::RowFiles(connector, _) => {
                let source = connector.source(&Relation::Whole, &Cancel::default())?;
                let column = |column: &TableColumn| (column.name.clone(), column.logical_type.to_string());
                Ok(source.columns().iter().map(column).collect())
            }
            DefinedSource::Objects(_) | DefinedSource::Rows(..) => {
                Err(unknown("its columns are not looked up: it is no file"))
            }
        }
    }

    fn defined(&self, step: &Step, capabilities: Capabilities) -> Result<DefinedSource, StepFault> {
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
        effects.source.ok_or_else(|| StepFault::Host("the handler did not define its source".to_owned()))
    }

    fn query(&self, query: &str, tables: &mut Tables<'_>) -> PlannedColumns {
        let lineage = self.lineage(query, tables);
        PlannedColumns::new(columns_of(&lineage), Some(lineage))
    }

    /// What the columns of a query are made of. Files that it reads are looked into, and stand for tables.
    fn lineage(&self, query: &str, tables: &mut Tables<'_>) -> Result<ColumnLineage, String> {
        let (query, jobs) = without_files(query);
        for job in jobs {
            let found = job.files(self.files).map_err(|error| error.to_string())?;
            let read = job.query(&self.session, self.files, &found).map_err(|fault| fault.to_string())?;
            let columns = self.session.columns_of(&read).map_err(|error| error.to_string())?;
            tables.make(&TableName::new(job.relation()), &columns).map_err(|error| error.to_string())?;
        }
        self.session.column_lineage(&query).map_err(|error| error.to_string())
    }

    /// What a test names and is not there. Of tables that are not known, or that a LOAD may add columns to, nothing is said.
    fn missing(&self, test: &TestStep, planned: &PlannedColumns, tables: &Tables<'_>) -> Vec<MissingColumn> {
        let known = |table: &TableName| tables.columns(table).filter(|_| !self.may_get_columns(table));
        let mut missing = Vec::new();
        let mut compare = |table: &TableName, wanted: &[String]| {
            let Some(columns) = known(table) else { return };
            let names: Vec<String> = columns.into_iter().map(|(name, _)| name).collect();
            for column in wanted.iter().filter(|name| !names.iter().any(|own| own.eq_ignore_ascii_case(name))) {
                let (column, table, columns) = (column.clone(), table.to_string(), names.clone());
                let fault = StepFault::NoColumn { column: column.clone(), table, columns };
                missing.push(MissingColumn { message: fault.to_string(), hint: fault.hint(), column: Some(column) });
            }
        };
        if let Some(table) = &test.table {
            compare(table, test.check.columns());
        }
        if let TestCheck::References { table, referenced, .. } = &test.check {
            compare(table, referenced);
        }
        if let (TestCheck::NoRows, Err(message)) = (&test.check, &planned.columns)
            && message.starts_with(NO_COLUMN)
            && test.reads.iter().all(|table| known(table).is_some())
        {
            let message = message.lines().next().unwrap_or(message).to_owned();
            missing.push(MissingColumn { message, hint: None, column: None });
        }
        missing
    }

    fn may_get_columns(&self, table: &TableName) -> bool {
        self.plan.steps.iter().any(|step| match &step.kind {
            StepKind::Load(load) => load.table.key() == table.key() && load.options.contains_key("on_schema_change"),
            _ => false,
        })
    }

    fn transform(&self, transform: &TransformStep, tables: &mut Tables<'_>) -> PlannedColumns {
        let lineage = self.lineage(&transform.query, tables);
        let columns = match (&transform.mode, tables.columns(&transform.table)) {
            // Rows are added to the columns that are there.
            (mode, Some(columns)) if *mode != TransformMode::Replace => Ok(columns),
            _ => columns_of(&lineage),
        };
        PlannedColumns::new(tables.made(&transform.table, columns), Some(lineage))
    }
}

fn columns_of(lineage: &Result<ColumnLineage, String>) -> Result<Vec<PlannedColumn>, String> {
    let columns = lineage.as_ref().map_err(Clone::clone)?.columns.iter();
    Ok(columns.map(|column| (column.name.clone(), column.logical_type.clone())).collect())
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
