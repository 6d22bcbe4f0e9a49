//! A table function of a component, as DuckDB sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use duckpen_database::{
    BoundTable, CallbackError, OutputChunk, TableArguments, TableFunction, TableScan, TableSignature,
};
use duckpen_sandbox::{Stopped, Template};

use super::binding::Binding;
use super::shape::Shape;
use crate::failure::CallError;
use crate::host::FunctionHost;
use crate::statistics::Statistics;

pub(crate) struct GuestTable {
    pub(crate) signature: TableSignature,
    /// The function's number in what `describe` returned.
    pub(crate) index: u32,
    pub(crate) template: Template<FunctionHost>,
    pub(crate) statistics: Arc<Statistics>,
}

/// A call in one query.
pub(crate) struct BoundCall {
    arguments: TableArguments,
    shape: Shape,
}

/// One execution of a call.
pub(crate) struct Scan {
    projection: Vec<u32>,
    partitions: u32,
    /// The next partition that no thread has taken.
    next: AtomicU32,
    /// Rows made so far by all threads, for messages.
    rows: AtomicU64,
}

impl Scan {
    fn take_partition(&self) -> Option<u32> {
        let next = |next| (next < self.partitions).then_some(next + 1);
        self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()
    }
}

impl TableFunction for GuestTable {
    type Bound = BoundCall;
    type Scan = Scan;
    /// None before the first partition and after the last one.
    type Local = Option<Binding>;

    fn signature(&self) -> &TableSignature {
        &self.signature
    }

    fn bind(&self, arguments: TableArguments) -> Result<BoundTable<BoundCall>, CallbackError> {
        let (_, shape) = self.bind_in_instance(&arguments).map_err(|error| self.message(&error, 0))?;
        let (columns, cardinality) = (shape.columns.clone(), shape.cardinality);
        Ok(BoundTable { columns, cardinality, bound: BoundCall { arguments, shape } })
    }

    fn begin(&self, bound: &BoundCall, projection: &[usize]) -> Result<TableScan<Scan>, CallbackError> {
        // A field's number is below the most fields there may be.
        let projection = projection.iter().map(|field| *field as u32).collect();
        let partitions = bound.shape.partitions;
        let scan = Scan { projection, partitions, next: AtomicU32::new(0), rows: AtomicU64::new(0) };
        Ok(TableScan { threads: partitions.into(), scan })
    }

    fn next(
        &self,
        bound: &BoundCall,
        scan: &Scan,
        local: &mut Option<Binding>,
        output: &mut OutputChunk<'_>,
    ) -> Result<(), CallbackError> {
        let rows = self
            .next_rows(bound, scan, local, output)
            .map_err(|error| self.message(&error, scan.rows.load(Ordering::Relaxed)))?;
        scan.rows.fetch_add(rows, Ordering::Relaxed);
        Ok(())
    }
}

impl GuestTable {
    /// Binds a call in an instance of its own.
    fn bind_in_instance(&self, arguments: &TableArguments) -> Result<(Binding, Shape), CallError> {
        let host = FunctionHost::new(self.template.component().name().into());
        let instance = self.template.instantiate(host, Arc::clone(&self.statistics) as _)?;
        let (mut binding, bytes) = Binding::bind(instance, self.index, &self.signature, arguments)?;
        self.statistics.add_batch(0, bytes, 0);
        let shape = binding.shape()?;
        Ok((binding, shape))
    }

    /// Binds a call once more, in the instance of a thread that scans.
    fn bind_again(&self, bound: &BoundCall) -> Result<Binding, CallError> {
        let (binding, shape) = self.bind_in_instance(&bound.arguments)?;
        if shape == bound.shape {
            return Ok(binding);
        }
        let message = "the shape of its result changed between two calls of `bind` with the same arguments";
        Err(Stopped::Denied(message.into()).into())
    }

    /// The next rows of the thread's partition, or of the next one that has some. Returns their number, 0 at the end.
    fn next_rows(
        &self,
        bound: &BoundCall,
        scan: &Scan,
        local: &mut Option<Binding>,
        output: &mut OutputChunk<'_>,
    ) -> Result<u64, CallError> {
        loop {
            if let Some(binding) = local
                && let Some(emitted) = binding.next(output)?
            {
                self.statistics.add_batch(emitted.rows.into(), 0, emitted.bytes);
                return Ok(emitted.rows.into());
            }
            let Some(partition) = scan.take_partition() else {
                *local = None;
                return Ok(0);
            };
            let binding = match local {
                Some(binding) => binding,
                None => local.insert(self.bind_again(bound)?),
            };
            binding.scan(partition, &scan.projection)?;
        }
    }

    fn message(&self, error: &CallError, rows: u64) -> CallbackError {
        error.message(&self.signature.name, self.template.component().name(), rows)
    }
}
