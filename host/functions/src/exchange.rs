//! The exchange of columns, for other contracts whose guests take and give rows: the same checks for the same values.

use std::sync::Arc;

use duckpen_database::{Chunk, ChunkSlot, OutputChunk, TableColumn, VectorError};
use duckpen_sandbox::{Embedder, Guest};
use wasmtime::component::LinkerInstance;

use crate::columns::{ArgumentBuffers, room};
use crate::table::BatchSink;

/// The types of `duckpen:columns/columns`, as they are lowered into a guest.
pub mod columns {
    pub use crate::bindings::duckpen::columns::columns::*;
}

pub use crate::table::Emitted;

/// Lends the rows of DuckDB's batches to a guest; its buffers are used again for the next batch.
pub struct ColumnLender {
    buffers: ArgumentBuffers,
    arity: usize,
}

impl ColumnLender {
    /// For batches of so many columns.
    pub fn new(arity: usize) -> Self {
        Self { buffers: ArgumentBuffers::new(arity), arity }
    }

    /// Gives `take` the columns of a batch and their bytes.
    ///
    /// # Errors
    /// A column that cannot be exchanged.
    pub fn lend<R>(
        &mut self,
        input: &Chunk<'_>,
        take: impl FnOnce(&[columns::Column<'_>], u64) -> R,
    ) -> Result<R, VectorError> {
        let mut nodes = room(self.arity);
        let (arguments, bytes) = self.buffers.lend(input, &mut nodes)?;
        let columns: Vec<columns::Column<'_>> = arguments
            .into_iter()
            .map(|argument| match argument {
                columns::Argument::Vector(column) | columns::Argument::Constant(column) => column,
            })
            .collect();
        Ok(take(&columns, bytes))
    }
}

/// Where the rows go that a guest emits: into the chunk that is lent for the call in which it does.
#[derive(Default)]
pub struct RowsSink(BatchSink);

impl RowsSink {
    /// Adds the function `emit(rows: u32, columns: list<column>)` to an interface. `sink` finds the sink of a guest.
    ///
    /// # Errors
    /// Those of the linker.
    pub fn add_to_linker<T: Embedder>(
        interface: &mut LinkerInstance<'_, Guest<T>>,
        sink: fn(&mut T) -> &mut Self,
    ) -> wasmtime::Result<()> {
        BatchSink::add_to_linker(interface, move |embedder| &mut sink(embedder).0)
    }

    /// What is to be lent the chunk, by [`fill`].
    pub fn slot(&self) -> Arc<ChunkSlot> {
        self.0.slot()
    }

    /// A call begins that may emit so many rows.
    pub fn begin(&mut self, most: u32) {
        self.0.begin(most);
    }

    /// The call has returned: what was emitted, none at the end of the rows.
    pub fn finish(&self) -> Option<Emitted> {
        self.0.finish()
    }
}

/// Lends a chunk to whoever emits while `run` runs.
pub fn fill<R>(slot: &ChunkSlot, output: &mut OutputChunk<'_>, run: impl FnOnce() -> R) -> R {
    slot.lend(output, run)
}

/// The columns that fields with these names and types are.
///
/// # Errors
/// What is wrong with them: none or too many, a name twice, an unknown type.
pub fn declared_columns(fields: impl ExactSizeIterator<Item = (String, String)>) -> Result<Vec<TableColumn>, String> {
    crate::table::columns(fields)
}

/// A guest's text as it may stand in a message: of bounded length, on one line.
pub fn shown(text: &str) -> String {
    crate::declaration::limited(text)
}
