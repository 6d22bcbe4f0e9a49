//! `results.emit`: the host call by which a guest hands a column over.

use std::sync::Arc;

use duckpen_database::{OutputSlot, OutputVector};
use duckpen_sandbox::{Exceeded, Guest, LimitKind, Refusal};
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

use super::results::EmittedColumn;
use crate::host::FunctionHost;

/// Where the results of one instance go.
#[derive(Default)]
pub(crate) struct ColumnSink {
    slot: Arc<OutputSlot>,
    /// Columns emitted in the current call.
    emitted: u32,
    /// Bytes of the last one.
    bytes: u64,
}

impl ColumnSink {
    pub(crate) fn add_to_linker(results: &mut LinkerInstance<'_, Guest<FunctionHost>>) -> wasmtime::Result<()> {
        results.func_wrap("emit", |store, (column,): (EmittedColumn,)| emit(store, &column))
    }

    /// What is to be lent the vector that the next results are for.
    pub(crate) fn slot(&self) -> Arc<OutputSlot> {
        Arc::clone(&self.slot)
    }

    /// A call begins that is to emit results once.
    pub(crate) fn begin(&mut self) {
        (self.emitted, self.bytes) = (0, 0);
    }

    /// The call has returned: the bytes that were emitted.
    ///
    /// # Errors
    /// When nothing was.
    pub(crate) fn finish(&self) -> Result<u64, Refusal> {
        match self.emitted {
            0 => Err(Refusal::Denied("a batch was evaluated and no results were emitted".into())),
            _ => Ok(self.bytes),
        }
    }
}

fn emit(mut store: StoreContextMut<'_, Guest<FunctionHost>>, column: &EmittedColumn) -> wasmtime::Result<()> {
    let guest = store.data_mut();
    guest.count_host_call()?;
    if guest.embedder.results.emitted > 0 {
        return Err(denied("results were emitted twice for one batch".into()));
    }
    let (limit, used) = (guest.limits().result_rows, u64::from(column.rows()));
    if used > limit {
        return Err(Refusal::Limit(Exceeded { kind: LimitKind::ResultRows, limit, used }).into());
    }
    let slot = guest.embedder.results.slot();
    let watch = guest.stopwatch();
    let written = slot.with(|output: &mut OutputVector<'_>| column.write(&mut store, output));
    store.data_mut().add_host_time(watch.elapsed());
    let written = written
        .ok_or_else(|| denied("results were emitted outside of a batch".into()))??
        .map_err(|error| denied(format!("the results are not what was declared: {error}")))?;
    let sink = &mut store.data_mut().embedder.results;
    (sink.emitted, sink.bytes) = (1, written);
    Ok(())
}

/// The guest broke the contract.
pub(crate) fn denied(reason: String) -> wasmtime::Error {
    Refusal::Denied(reason).into()
}
