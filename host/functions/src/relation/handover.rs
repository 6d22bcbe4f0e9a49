//! How a result gets into the database: a table function of the host's own, `duckpen_rows(number)`, gives the rows of the
//! call that has this number.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use duckpen_database::{
    BoundTable, CallbackError, LogicalType, OutputChunk, Session, TableArguments, TableColumn, TableFunction,
    TableScan, TableSignature,
};

use super::mapping::Mapping;
use crate::failure::CallError;
use crate::statistics::Statistics;

const NAME: &str = "duckpen_rows";

/// Results of functions of relations on their way into the database. Clones share them.
#[derive(Clone, Default)]
pub struct Handover {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    results: Mutex<HashMap<i64, Finished>>,
    last: AtomicI64,
}

/// A call whose result can be read, once.
pub(super) struct Finished {
    pub(super) mapping: Mapping,
    pub(super) columns: Vec<TableColumn>,
    pub(super) source: Source,
}

/// Whose result it is.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) function: String,
    pub(super) component: String,
    pub(super) statistics: Arc<Statistics>,
}

impl Source {
    pub(super) fn message(&self, error: &CallError, rows: u64) -> CallbackError {
        error.message(&self.function, &self.component, rows)
    }
}

impl Handover {
    /// Makes the results readable in all sessions of a database.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn register(&self, session: &Session) -> Result<(), duckpen_database::Error> {
        let signature =
            TableSignature { name: NAME.to_owned(), parameters: vec![LogicalType::BigInt], named: Vec::new() };
        session.register_tables(vec![Reader { signature, handover: self.clone() }])
    }

    /// Makes a table of a result, which is gone from here afterwards. Returns its rows.
    pub(super) fn create(
        &self,
        session: &Session,
        table: &str,
        finished: Finished,
    ) -> Result<u64, duckpen_database::Error> {
        let number = self.shared.last.fetch_add(1, Ordering::Relaxed);
        self.results().insert(number, finished);
        let outcome = session.execute(&format!("CREATE OR REPLACE TEMP TABLE {table} AS FROM {NAME}({number})"));
        self.results().remove(&number);
        outcome
    }

    fn results(&self) -> MutexGuard<'_, HashMap<i64, Finished>> {
        self.shared.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Reader {
    signature: TableSignature,
    handover: Handover,
}

/// One reading of a result.
struct Reading {
    mapping: Mutex<Mapping>,
    projection: Vec<usize>,
    columns: usize,
    source: Source,
    rows: AtomicU64,
}

impl TableFunction for Reader {
    type Bound = i64;
    type Scan = Reading;
    type Local = ();

    fn signature(&self) -> &TableSignature {
        &self.signature
    }

    fn bind(&self, arguments: TableArguments) -> Result<BoundTable<i64>, CallbackError> {
        let number = arguments.positional.first().and_then(|value| value.vector().fixed::<i64>()?.first().copied());
        let results = self.handover.results();
        match number.and_then(|number| Some((number, results.get(&number)?))) {
            Some((number, finished)) => {
                Ok(BoundTable { columns: finished.columns.clone(), cardinality: None, bound: number })
            }
            None => Err(CallbackError(format!("{NAME} is for the host alone"))),
        }
    }

    fn begin(&self, bound: &i64, projection: &[usize]) -> Result<TableScan<Reading>, CallbackError> {
        let finished = self.handover.results().remove(bound);
        let Finished { mapping, columns, source } =
            finished.ok_or_else(|| CallbackError(format!("a result is read by {NAME} once")))?;
        let scan = Reading {
            mapping: Mutex::new(mapping),
            projection: projection.to_vec(),
            columns: columns.len(),
            source,
            rows: AtomicU64::new(0),
        };
        Ok(TableScan { threads: 1, scan })
    }

    fn next(
        &self,
        _bound: &i64,
        scan: &Reading,
        _local: &mut (),
        output: &mut OutputChunk<'_>,
    ) -> Result<(), CallbackError> {
        // CREATE TABLE AS FROM wants all columns, in their order.
        if !scan.projection.iter().copied().eq(0..scan.columns) {
            return Err(CallbackError(format!("{NAME} gives all columns")));
        }
        let mut mapping = scan.mapping.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = scan.rows.load(Ordering::Relaxed);
        let emitted = mapping.next(output).map_err(|error| scan.source.message(&error, rows))?;
        if let Some(emitted) = emitted {
            scan.rows.fetch_add(emitted.rows.into(), Ordering::Relaxed);
            scan.source.statistics.add_batch(0, 0, emitted.bytes);
        }
        Ok(())
    }
}
