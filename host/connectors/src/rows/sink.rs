use duckpen_database::{InputChunk, StreamColumn};

use crate::ConnectorError;

/// Rows that are being written, all of them at once or none. Dropping it undoes what was written.
///
/// Writing is idempotent by the run and the step of its [`Target`](super::Target): the mark of their having written commits
/// with the rows, so that whoever does not know whether a commit arrived begins again and learns it.
pub trait RowSink: Send {
    /// Begins.
    ///
    /// # Errors
    /// When the target cannot be written, or does not take these columns.
    fn begin(&mut self, columns: &[StreamColumn]) -> Result<Begun, ConnectorError>;

    /// Writes a batch.
    ///
    /// # Errors
    /// When the target refuses it.
    fn write(&mut self, rows: &InputChunk<'_>) -> Result<(), ConnectorError>;

    /// Makes all of it visible and durable.
    ///
    /// # Errors
    /// When the target refuses the rows as a whole. Where the connection breaks meanwhile, it is not known whether they
    /// were written: [`begin`](Self::begin) of another sink for the same target will tell.
    fn commit(self: Box<Self>) -> Result<Written, ConnectorError>;
}

/// Whether there is anything to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Batches may come.
    Writing,
    /// The same step of the same run has written already, so many rows.
    WrittenBefore(Written),
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// New rows.
    pub inserted: u64,
    /// Changed rows.
    pub updated: u64,
}

impl Written {
    /// All of them.
    pub fn rows(self) -> u64 {
        self.inserted.saturating_add(self.updated)
    }
}
