use duckpen_database::{OutputChunk, TableColumn};

use super::{Cancel, CursorRange, CursorValue};
use crate::ConnectorError;

/// Rows that can be read, several times and by several readers.
pub trait RowSource: Send + Sync {
    /// The columns, at least one.
    fn columns(&self) -> &[TableColumn];

    /// Rows, as far as the source knows without counting them.
    fn estimated_rows(&self) -> Option<u64> {
        None
    }

    /// Whether it can be asked for the newest value of a column and for a part of its rows. Of one that cannot, DuckDB
    /// reads all and keeps what is wanted.
    fn is_narrowing(&self) -> bool {
        true
    }

    /// The largest value of a column; none where no row has one. The order is that of DuckDB: texts by their bytes.
    ///
    /// # Errors
    /// When there is no such column, or the source cannot be asked.
    fn newest(&self, column: &str, cancel: &Cancel) -> Result<Option<CursorValue>, ConnectorError>;

    /// Begins to read.
    ///
    /// # Errors
    /// When the source cannot be asked.
    fn scan(&self, request: &ScanRequest) -> Result<Box<dyn RowScan>, ConnectorError>;
}

/// What is read of a [`RowSource`].
#[derive(Clone)]
pub struct ScanRequest {
    /// The numbers of the columns that are wanted, in the order in which they are to be filled; may be empty, where rows
    /// are only counted.
    pub projection: Vec<usize>,
    /// The rows that are wanted; all of them where nothing is said.
    pub range: Option<CursorRange>,
    /// The state in which an earlier read ended, which goes on from there; of a source that tells one.
    pub since: Option<String>,
    /// Stops the scan.
    pub cancel: Cancel,
}

/// Rows that are being read.
pub trait RowScan: Send {
    /// Fills `output` with the next rows, and leaves it empty at the end.
    ///
    /// # Errors
    /// When the source fails, or sends what its columns do not allow.
    fn next(&mut self, output: &mut OutputChunk<'_>) -> Result<(), ConnectorError>;

    /// At the end: the state from which the next read may go on.
    ///
    /// # Errors
    /// When the source fails.
    fn state(&mut self) -> Result<Option<String>, ConnectorError> {
        Ok(None)
    }
}
