//! Results that are read a batch at a time, so that they need no memory of their own.

use std::marker::PhantomData;

use duckdb::ffi;

use crate::rows::{DataChunk, QueryResult};
use crate::scalar::Chunk;
use crate::session::Statements;
use crate::strings::borrowed;
use crate::table::TableColumn;
use crate::types::{LogicalType, TypeHandle};
use crate::{Error, Session};

/// A query that is being executed. The session runs nothing else until all rows were read, or this is dropped.
pub struct RowStream<'session> {
    result: QueryResult,
    columns: Vec<TableColumn>,
    session: PhantomData<&'session Session>,
}

impl Session {
    /// Starts a query of the host's own, whose rows are read as they are made.
    ///
    /// # Errors
    /// [`Error::Query`] with DuckDB's words, also where a column has a type that this room does not know;
    /// [`Error::Interrupted`].
    #[expect(unsafe_code)]
    pub fn stream(&self, sql: &str) -> Result<RowStream<'_>, Error> {
        let statements = Statements::extract(self, sql)?;
        let prepared = statements.prepare(self, 0)?;
        let mut result = QueryResult::empty();
        // SAFETY: the statement was prepared on this live connection; the result is ours to destroy.
        let state = unsafe { ffi::duckdb_execute_prepared_streaming(prepared.raw(), result.as_mut_ptr()) };
        let mut result = crate::session::finished(state, result)?;
        let mut columns = Vec::new();
        // SAFETY: the result is live; names belong to it; types are ours to destroy.
        unsafe {
            for index in 0..ffi::duckdb_column_count(result.as_mut_ptr()) {
                let name = borrowed(ffi::duckdb_column_name(result.as_mut_ptr(), index));
                let handle = TypeHandle::from_raw(ffi::duckdb_column_logical_type(result.as_mut_ptr(), index));
                let logical_type = LogicalType::of_handle(handle.raw())
                    .map_err(|unknown| Error::Query { message: format!("column `{name}`: {unknown}") })?;
                columns.push(TableColumn { name, logical_type });
            }
        }
        Ok(RowStream { result, columns, session: PhantomData })
    }
}

impl RowStream<'_> {
    /// The columns, in order. Names may be equal.
    pub fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    /// Reads the next batch, of up to a vector's rows; none at the end.
    ///
    /// # Errors
    /// Those of the query.
    #[expect(unsafe_code)]
    pub fn next<R>(&mut self, read: impl FnOnce(&Chunk<'_>) -> R) -> Result<Option<R>, Error> {
        // SAFETY: the result is live; a null chunk is the end, or an error.
        let chunk = DataChunk::of(unsafe { ffi::duckdb_fetch_chunk(*self.result.as_mut_ptr()) });
        let Some(chunk) = chunk else {
            return match self.result.error() {
                message if message.is_empty() => Ok(None),
                message if message.starts_with("INTERRUPT Error") => Err(Error::Interrupted),
                message => Err(Error::Query { message }),
            };
        };
        // SAFETY: the chunk is live for longer than the borrow, and DuckDB flattens what it hands out; its vectors have the
        // types of the result's columns and as many rows as it says.
        let chunk = unsafe {
            let rows = ffi::duckdb_data_chunk_get_size(chunk.raw()) as usize;
            let vector = |index: usize| ffi::duckdb_data_chunk_get_vector(chunk.raw(), index as u64);
            let types = self.columns.iter().map(|column| column.logical_type.clone());
            (Chunk::new(rows, types.enumerate().map(|(index, kind)| (vector(index), kind))), chunk)
        };
        Ok(Some(read(&chunk.0)))
    }
}
