use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use duckpen_database::{InputChunk, StreamColumn, VectorError};

use super::encode::{self, EncodeError};
use super::types::written;
use crate::ConnectorError;

/// Rows of a record batch of the file: as many as 32 of DuckDB's.
const BATCH_ROWS: usize = 65_536;

/// A file that is being written.
pub(crate) struct ArrowFileWriter {
    file: FileWriter<std::io::BufWriter<File>>,
    schema: SchemaRef,
    /// Rows that wait until there are enough of them for a record batch.
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
}

impl ArrowFileWriter {
    /// Begins a file with these columns.
    pub(crate) fn create(path: &Path, columns: &[StreamColumn]) -> Result<Self, ConnectorError> {
        let field = |column: &StreamColumn| {
            let kind = written(&column.logical_type).ok_or_else(|| unfit(column, "Arrow has no type for it"))?;
            Ok(Field::new(column.name.clone(), kind, true))
        };
        let fields: Vec<Field> = columns.iter().map(field).collect::<Result<_, ConnectorError>>()?;
        let schema = Arc::new(Schema::new(fields));
        let failed = |source| ConnectorError::io(super::NAME, source);
        let file = File::create(path).map_err(failed)?;
        let file = FileWriter::try_new_buffered(file, &schema).map_err(broken)?;
        Ok(Self { file, schema, waiting: Vec::new(), waiting_rows: 0 })
    }

    /// Writes rows.
    pub(crate) fn write(&mut self, rows: &InputChunk<'_>, columns: &[StreamColumn]) -> Result<(), ConnectorError> {
        let mut arrays = Vec::with_capacity(columns.len());
        for (index, column) in columns.iter().enumerate() {
            let array = match rows.column(index) {
                Some(vector) => encode::array(&vector),
                None => Err(VectorError::WrongFields { expected: columns.len(), actual: index }.into()),
            };
            arrays.push(array.map_err(|error: EncodeError| unfit(column, error))?);
        }
        let count = RecordBatchOptions::new().with_row_count(Some(rows.rows()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &count).map_err(broken)?;
        self.waiting.push(batch);
        self.waiting_rows += rows.rows();
        if self.waiting_rows >= BATCH_ROWS { self.write_waiting() } else { Ok(()) }
    }

    fn write_waiting(&mut self) -> Result<(), ConnectorError> {
        if self.waiting_rows > 0 {
            let batch = concat_batches(&self.schema, &self.waiting).map_err(broken)?;
            self.waiting.clear();
            self.waiting_rows = 0;
            self.file.write(&batch).map_err(broken)?;
        }
        Ok(())
    }

    /// Ends the file.
    pub(crate) fn finish(mut self) -> Result<(), ConnectorError> {
        self.write_waiting()?;
        self.file.finish().map_err(broken)?;
        self.file.flush().map_err(broken)
    }
}

fn unfit(column: &StreamColumn, reason: impl ToString) -> ConnectorError {
    ConnectorError::Unfit { column: column.name.clone(), reason: reason.to_string(), hint: None }
}

fn broken(error: ArrowError) -> ConnectorError {
    match error {
        ArrowError::IoError(_, source) => ConnectorError::io(super::NAME, source),
        other => ConnectorError::Host(format!("an Arrow file could not be written: {other}")),
    }
}
