use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use duckpen_connectors::{
    Cancel, Delivery, Reader, Relation as RowRelation, RowConnector, RowFormat, ScanBinding, SourceFiles,
};
use duckpen_database::Interrupt;
use duckpen_pipeline::{Relation, TableName};

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
    /// Names under which inputs can be opened.
    pub(crate) inputs: Vec<String>,
    /// Everything a query of the step may read: inputs, tables the plan says it reads, and its own table.
    pub(crate) granted: Vec<TableName>,
    /// The project's own table functions, in lower case.
    pub(crate) table_functions: Arc<[String]>,
    /// The table a step may write.
    pub(crate) target: Option<Target>,
    /// Where an EXPORT step writes.
    pub(crate) destination: Option<Destination>,
    /// The inputs whose rows the host carries.
    pub(crate) scans: Vec<ScanBinding>,
}

/// The place a SOURCE step was given.
pub(crate) enum SourcePlace {
    Files(SourceFiles),
    Rows(RowFormat, Arc<dyn RowConnector>),
    /// A connector that was brought, and what is read of it.
    Selection(Arc<str>, Arc<dyn RowConnector>, RowRelation),
}

/// How a source is read, once its step has defined it.
#[derive(Clone)]
pub(crate) enum DefinedSource {
    /// By a reader of DuckDB.
    Files(Reader),
    /// By the host.
    Rows(Arc<dyn RowConnector>, RowRelation),
}

/// The place an EXPORT step was given.
pub(crate) enum Destination {
    /// A file that is written aside.
    File(PathBuf),
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
