use duckpen_database::{Database, OutputChunk, RowStream, VectorError};

use crate::ConnectorError;
use crate::rows::{Cancel, RowScan};

/// Rows of the other instance, taken over batch by batch.
pub(super) struct DuckdbFileScan {
    rows: RowStream,
    cancel: Cancel,
}

impl DuckdbFileScan {
    pub(super) fn begin(database: Database, query: String, cancel: Cancel) -> Result<Self, ConnectorError> {
        let rows = database.connect()?.stream(&query)?;
        Ok(Self { rows, cancel })
    }
}

impl RowScan for DuckdbFileScan {
    fn next(&mut self, output: &mut OutputChunk<'_>) -> Result<(), ConnectorError> {
        if self.cancel.is_raised() {
            return Err(ConnectorError::Cancelled);
        }
        let Some(chunk) = self.rows.next_chunk()? else { return Ok(()) };
        let taken = output.fill(chunk.rows(), |index, vector| match chunk.column(index) {
            Some(column) => vector.write_vector(&column),
            None => Err(VectorError::WrongFields { expected: index + 1, actual: index }),
        });
        taken.map_err(|error| ConnectorError::Host(error.to_string()))
    }
}
