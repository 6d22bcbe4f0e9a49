use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use duckpen_database::{
    BoundTable, CallbackError, Error, LogicalType, OutputChunk, Session, TableArguments, TableFunction, TableScan,
    TableSignature,
};

use super::{Cancel, CursorRange, RowScan, RowSource, ScanRequest};
use crate::ConnectorError;

/// The row sources of one run that queries can read at the moment, through a table function. Queries of users cannot call
/// it: it is not among those that a step is granted.
#[derive(Clone)]
pub struct Scans {
    /// Of the table function. No two have the same, so that several runs can share a database.
    name: Arc<str>,
    is_registered: Arc<Mutex<bool>>,
    open: Arc<Open>,
}

#[derive(Default)]
struct Open {
    next: AtomicU64,
    bound: Mutex<HashMap<u64, Arc<Entry>>>,
}

struct Entry {
    source: Arc<dyn RowSource>,
    range: Option<CursorRange>,
    since: Option<String>,
    cancel: Cancel,
    /// The state in which the first read that reached the end has ended.
    state: Mutex<Option<Option<String>>>,
    /// The first thing that went wrong, in full: what comes back through the database is text.
    fault: Mutex<Option<ConnectorError>>,
}

/// A row source within reach of queries, for as long as this lives.
pub struct ScanBinding {
    scans: Scans,
    number: u64,
    entry: Arc<Entry>,
}

impl Default for Scans {
    fn default() -> Self {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let name = format!("duckpen_rows_{}", COUNTER.fetch_add(1, Ordering::Relaxed));
        Self { name: name.into(), is_registered: Arc::default(), open: Arc::default() }
    }
}

impl Scans {
    /// Lets queries read a source, or a part of it: a range, or what came after a state. The first time the table function is registered, through `session`.
    ///
    /// # Errors
    /// When the database does not take the function.
    pub fn bind(
        &self,
        session: &Session,
        source: Arc<dyn RowSource>,
        range: Option<CursorRange>,
        since: Option<String>,
        cancel: Cancel,
    ) -> Result<ScanBinding, Error> {
        let mut is_registered = self.is_registered.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_registered {
            let name = self.name.to_string();
            let signature = TableSignature { name, parameters: vec![LogicalType::UBigInt], named: Vec::new() };
            session.register_tables(vec![RowFunction { signature, open: Arc::clone(&self.open) }])?;
            *is_registered = true;
        }
        let number = self.open.next.fetch_add(1, Ordering::Relaxed);
        let entry = Arc::new(Entry { source, range, since, cancel, state: Mutex::default(), fault: Mutex::default() });
        self.open.bound().insert(number, Arc::clone(&entry));
        Ok(ScanBinding { scans: self.clone(), number, entry })
    }
}

impl ScanBinding {
    /// The query that reads it.
    pub fn query(&self) -> String {
        format!("SELECT * FROM {}({}::UBIGINT)", self.scans.name, self.number)
    }

    /// The state in which a read has ended; none where no read has reached the end, or the source has no state.
    pub fn take_state(&self) -> Option<String> {
        self.entry.state.lock().unwrap_or_else(PoisonError::into_inner).take().flatten()
    }

    /// What went wrong while it was read.
    pub fn take_fault(&self) -> Option<ConnectorError> {
        self.entry.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for ScanBinding {
    fn drop(&mut self) {
        self.scans.open.bound().remove(&self.number);
    }
}

impl Open {
    fn bound(&self) -> MutexGuard<'_, HashMap<u64, Arc<Entry>>> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Keeps what went wrong, and gives DuckDB its words.
    fn told<R>(&self, outcome: Result<R, ConnectorError>) -> Result<R, CallbackError> {
        outcome.map_err(|error| {
            let told = CallbackError(error.to_string());
            self.fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            told
        })
    }
}

struct RowFunction {
    signature: TableSignature,
    open: Arc<Open>,
}

impl TableFunction for RowFunction {
    type Bound = Arc<Entry>;
    /// One thread reads: rows come in one stream.
    type Scan = Mutex<Box<dyn RowScan>>;
    type Local = ();

    fn signature(&self) -> &TableSignature {
        &self.signature
    }

    fn bind(&self, arguments: TableArguments) -> Result<BoundTable<Arc<Entry>>, CallbackError> {
        let number = arguments.positional.first().and_then(|argument| {
            let vector = argument.vector();
            vector.is_valid(0).then(|| vector.fixed::<u64>().and_then(|numbers| numbers.first().copied())).flatten()
        });
        let entry = number.and_then(|number| self.open.bound().get(&number).cloned());
        let entry = entry.ok_or_else(|| CallbackError("no such rows are open".into()))?;
        let columns = entry.source.columns().to_vec();
        // A part of it has fewer rows, nobody knows how many.
        let cardinality =
            if entry.range.is_none() && entry.since.is_none() { entry.source.estimated_rows() } else { None };
        Ok(BoundTable { columns, cardinality, bound: entry })
    }

    fn begin(&self, bound: &Arc<Entry>, projection: &[usize]) -> Result<TableScan<Self::Scan>, CallbackError> {
        let request = ScanRequest {
            projection: projection.to_vec(),
            range: bound.range.clone(),
            since: bound.since.clone(),
            cancel: bound.cancel.clone(),
        };
        let scan = bound.told(bound.source.scan(&request))?;
        Ok(TableScan { threads: 1, scan: Mutex::new(scan) })
    }

    fn next(
        &self,
        bound: &Arc<Entry>,
        scan: &Self::Scan,
        (): &mut (),
        output: &mut OutputChunk<'_>,
    ) -> Result<(), CallbackError> {
        let mut scan = scan.lock().unwrap_or_else(PoisonError::into_inner);
        bound.told(scan.next(output))?;
        if output.rows() == 0 {
            let state = bound.told(scan.state())?;
            bound.state.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(state);
        }
        Ok(())
    }
}
