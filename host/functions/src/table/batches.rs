//! `batches.emit`: the host call by which a guest hands rows over.

use std::sync::Arc;

use duckpen_database::{ChunkSlot, OutputChunk};
use duckpen_sandbox::{Embedder, Exceeded, Guest, LimitKind, Refusal};
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

use crate::columns::{EmittedColumn, denied};

/// Where the rows of one instance go.
#[derive(Default)]
pub(crate) struct BatchSink {
    slot: Arc<ChunkSlot>,
    /// Rows that were asked for in the current call.
    most: u32,
    emitted: Option<Emitted>,
}

/// What a call has emitted.
#[derive(Debug, Clone, Copy)]
pub struct Emitted {
    /// Rows.
    pub rows: u32,
    /// Their bytes, as they lay in the guest's memory.
    pub bytes: u64,
}

impl BatchSink {
    /// Adds `emit` to an interface. `sink` finds the sink of a guest.
    pub(crate) fn add_to_linker<T: Embedder>(
        batches: &mut LinkerInstance<'_, Guest<T>>,
        sink: impl Fn(&mut T) -> &mut Self + Copy + Send + Sync + 'static,
    ) -> wasmtime::Result<()> {
        batches.func_wrap("emit", move |store, (rows, columns): (u32, Vec<EmittedColumn>)| {
            emit(store, sink, rows, &columns)
        })
    }

    /// What is to be lent the chunk that the next rows are for.
    pub(crate) fn slot(&self) -> Arc<ChunkSlot> {
        Arc::clone(&self.slot)
    }

    /// A call begins that may emit so many rows.
    pub(crate) fn begin(&mut self, most: u32) {
        (self.most, self.emitted) = (most, None);
    }

    /// The call has returned: what was emitted, none at the end of the rows.
    pub(crate) fn finish(&self) -> Option<Emitted> {
        self.emitted
    }
}

fn emit<T: Embedder>(
    mut store: StoreContextMut<'_, Guest<T>>,
    sink: impl Fn(&mut T) -> &mut BatchSink,
    rows: u32,
    columns: &[EmittedColumn],
) -> wasmtime::Result<()> {
    let guest = store.data_mut();
    guest.count_host_call()?;
    let BatchSink { most, emitted, .. } = *sink(&mut guest.embedder);
    if emitted.is_some() {
        return Err(denied("rows were emitted twice in one call".into()));
    }
    let (limit, used) = (guest.limits().result_rows, u64::from(rows));
    if used > limit {
        return Err(Refusal::Limit(Exceeded { kind: LimitKind::ResultRows, limit, used }).into());
    }
    let slot = sink(&mut guest.embedder).slot();
    let watch = guest.stopwatch();
    let written = slot.with(|output| {
        // A scan that goes on without rows would be a loop that no interruption reaches.
        if rows == 0 {
            return Err(denied("a batch without rows was emitted, where the end is told by emitting none".into()));
        }
        if rows > most {
            return Err(denied(format!("{rows} rows were emitted where at most {most} were asked for")));
        }
        if columns.len() != output.columns() {
            let (actual, expected) = (columns.len(), output.columns());
            return Err(denied(format!("{actual} columns were emitted where {expected} were asked for")));
        }
        write(&mut store, rows, columns, output)
    });
    let bytes = written.ok_or_else(|| denied("rows were emitted outside of a scan".into()))??;
    let guest = store.data_mut();
    guest.add_host_time(watch.elapsed());
    sink(&mut guest.embedder).emitted = Some(Emitted { rows, bytes });
    Ok(())
}

/// Checks the columns and copies them. Returns the bytes copied.
fn write<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    rows: u32,
    columns: &[EmittedColumn],
    output: &mut OutputChunk<'_>,
) -> wasmtime::Result<u64> {
    let mut bytes = 0;
    output
        .fill(rows as usize, |index, vector| {
            let written = columns[index].write(store, vector)?;
            let wrong = |error| denied(format!("column {index} of a batch is not what was asked for: {error}"));
            bytes += written.map_err(wrong)?;
            Ok(())
        })
        .map(|()| bytes)
}
