use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use duckpen_connectors::{
    Cancel, ConnectorError, ConnectorKinds, Delivery, FetchedObjects, FileReader, Format, ObjectConnector, Reader,
    Relation as RowRelation, RowConnector, RowFormat, ScanBinding, Setting, SourceFiles, StagedParts, row_files,
};
use duckpen_database::Interrupt;
use duckpen_pipeline::{Relation, TableName};
use serde_json::{Map, Value};

use crate::Analyses;

/// What one step may touch: made from the plan, enforced in the host.
#[derive(Default)]
pub(crate) struct Capabilities {
    pub(crate) step: String,
    pub(crate) run_id: String,
    pub(crate) attempt: u32,
    /// The step's declaration in JSON.
    pub(crate) declaration: String,
    pub(crate) stop: Stop,
    /// What a SOURCE step may define.
    pub(crate) source: Option<SourcePlace>,
    /// Connectors, and readers of files, that were brought.
    pub(crate) kinds: ConnectorKinds,
    /// What can be opened.
    pub(crate) inputs: Vec<Input>,
    /// Everything a query of the step may read: inputs, tables the plan says it reads, and its own table.
    pub(crate) granted: Vec<TableName>,
    /// The project's own table functions, in lower case.
    pub(crate) table_functions: Arc<[String]>,
    /// What is known of the queries of the plan.
    pub(crate) analyses: Analyses,
    /// The table a step may write.
    pub(crate) target: Option<Target>,
    /// Where an EXPORT step writes.
    pub(crate) destination: Option<Destination>,
    /// The inputs whose rows the host carries.
    pub(crate) scans: Vec<ScanBinding>,
    /// The inputs that were copied from an object store.
    pub(crate) fetched: Fetched,
}

/// A relation that a handler may open.
pub(crate) struct Input {
    /// What the pipeline calls it.
    pub(crate) name: String,
    /// What queries of the step call it.
    pub(crate) relation: String,
}

impl Input {
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), relation: name.to_owned() }
    }

    /// The source of a load. One that is called like the table that it is loaded into would hide it, so that queries call it
    /// by another name.
    pub(crate) fn loaded_into(table: &TableName, source: &str) -> Self {
        let is_hiding = source.eq_ignore_ascii_case(&table.name);
        let relation = if is_hiding { format!("{source} (source)") } else { source.to_owned() };
        Self { name: source.to_owned(), relation }
    }
}

/// Copies of objects by the name of their source, in lower case: they are kept until the step has ended, however often it
/// reads them.
pub(crate) type Fetched = Arc<Mutex<HashMap<String, FetchedObjects>>>;

/// The place a SOURCE step was given.
pub(crate) enum SourcePlace {
    Files(SourceFiles),
    /// Files of a format that was brought, by its name, and what reads them.
    BroughtFiles(Arc<str>, Arc<dyn RowConnector>, SourceFiles),
    /// Objects of a store, and the parameters of the step.
    Objects(ObjectConnector, Map<String, Value>),
    Rows(RowFormat, Arc<dyn RowConnector>),
    /// A connector that was brought, and what is read of it.
    Selection(Arc<str>, Arc<dyn RowConnector>, RowRelation),
}

impl SourcePlace {
    /// Files that a source of a type reads, with these parameters.
    pub(crate) fn of_files(
        connector_type: &str,
        params: &Map<String, Value>,
        files: SourceFiles,
        kinds: &ConnectorKinds,
    ) -> Result<Self, ConnectorError> {
        match kinds.brought_format(connector_type) {
            Some(reader) => Ok(Self::BroughtFiles(reader.format().into(), reader.open(params, &files)?, files)),
            None => Ok(Self::Files(files)),
        }
    }
}

/// How a source is read, once its step has defined it.
#[derive(Clone)]
pub(crate) enum DefinedSource {
    /// By a reader of DuckDB.
    Files(Reader),
    /// As files, once the host has copied them.
    Objects(ObjectSource),
    /// By the host.
    Rows(Arc<dyn RowConnector>, RowRelation),
    /// By the host, of files.
    RowFiles(Arc<dyn RowConnector>, SourceFiles),
}

/// Objects that are read as files are.
#[derive(Clone)]
pub(crate) struct ObjectSource {
    pub(crate) connector: ObjectConnector,
    pub(crate) format: ObjectFormat,
    /// Whether the quick way to read them has failed.
    pub(crate) is_thorough: bool,
}

/// How objects are read.
#[derive(Clone)]
pub(crate) enum ObjectFormat {
    /// In a format that the host knows.
    Own(Format, Vec<Setting>),
    /// By a reader that was brought, with the parameters of the step.
    Brought(Arc<dyn FileReader>, Map<String, Value>),
}

impl ObjectSource {
    /// The copies, as files that are read.
    pub(crate) fn read(&self, copies: SourceFiles, kinds: &ConnectorKinds) -> Result<DefinedSource, ConnectorError> {
        let (format, settings) = match &self.format {
            ObjectFormat::Own(format, settings) => (*format, settings),
            ObjectFormat::Brought(reader, params) => {
                return Ok(DefinedSource::RowFiles(reader.open(params, &copies)?, copies));
            }
        };
        if let Some(connector) = row_files(format, settings, &copies, kinds)? {
            return Ok(DefinedSource::RowFiles(connector, copies));
        }
        let reader = Reader::new(format, settings, copies)?;
        Ok(DefinedSource::Files(if self.is_thorough { reader.thorough().unwrap_or(reader) } else { reader }))
    }

    /// Whether they are read by DuckDB's reader of CSV, which has another way.
    pub(crate) fn is_csv(&self) -> bool {
        matches!(self.format, ObjectFormat::Own(Format::Csv, _))
    }
}

/// The place an EXPORT step was given.
pub(crate) enum Destination {
    /// A file that is written aside.
    File(PathBuf),
    /// Files that are written aside, one for each combination of values by which rows are parted.
    Parts(StagedParts),
    /// A system whose transaction the rows go into.
    Rows(RowFormat, Arc<dyn RowConnector>),
    /// A connector that was brought, and what it is told of the delivery.
    Delivery(Arc<str>, Arc<dyn RowConnector>, Delivery),
}

/// A table that may be written.
pub(crate) struct Target {
    pub(crate) table: TableName,
    pub(crate) relation: Relation,
}

/// A flag by which a step is told to stop, from another thread. Clones share it.
#[derive(Clone, Default)]
pub struct Stop {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    raised: AtomicBool,
    interrupt: Mutex<Option<Interrupt>>,
    cancel: Cancel,
}

impl Stop {
    /// Raises the flag, and interrupts the statement that is running. An interruption that comes between two statements
    /// is lost, so whoever waits for the step to end calls this again until it has.
    pub fn raise(&self) {
        self.shared.raised.store(true, Ordering::SeqCst);
        self.shared.cancel.raise();
        if let Some(interrupt) = &*self.shared.interrupt.lock().unwrap_or_else(PoisonError::into_inner) {
            interrupt.trigger();
        }
    }

    /// Whether the flag is up.
    pub fn is_raised(&self) -> bool {
        self.shared.raised.load(Ordering::SeqCst)
    }

    /// The flag as connectors know it.
    pub(crate) fn cancel(&self) -> Cancel {
        self.shared.cancel.clone()
    }

    /// Says which session to interrupt.
    pub(crate) fn watch(&self, interrupt: Interrupt) {
        *self.shared.interrupt.lock().unwrap_or_else(PoisonError::into_inner) = Some(interrupt);
    }
}
