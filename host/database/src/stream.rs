//! Results that are read batch by batch while their query runs.

use std::ptr;

use duckdb::ffi;

use crate::rows::QueryResult;
use crate::scalar::Chunk;
use crate::strings::owned;
use crate::types::{LogicalType, TypeHandle};
use crate::vector::InputVector;
use crate::{Error, Interrupt, Session};

/// A column of a streamed result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamColumn {
    /// Its name; two columns may have one name.
    pub name: String,
    /// Its type. Columns of types that [`LogicalType`] does not have come as text.
    pub logical_type: LogicalType,
    /// Whether a VARCHAR column holds JSON.
    pub is_json: bool,
}

/// The rows of a query that is running. While it is, its session runs nothing else: another statement would end it.
pub struct RowStream {
    result: QueryResult,
    columns: Vec<StreamColumn>,
    /// The connection, which the result needs.
    _connection: Interrupt,
}

// SAFETY: nothing about a result belongs to a thread, and only its owner uses it.
#[expect(unsafe_code)]
unsafe impl Send for RowStream {}

/// A batch of rows.
pub struct InputChunk<'stream> {
    raw: ffi::duckdb_data_chunk,
    columns: &'stream [StreamColumn],
    rows: usize,
}

impl Drop for InputChunk<'_> {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: fetched for us and destroyed once.
        unsafe { ffi::duckdb_destroy_data_chunk(&mut self.raw) }
    }
}

impl InputChunk<'_> {
    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many columns it has.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The rows as a function is given them.
    #[expect(unsafe_code)]
    pub fn as_arguments(&self) -> Chunk<'_> {
        let types = self.columns.iter().map(|column| column.logical_type.clone());
        // SAFETY: the chunk is live, has a flat vector of each column's type, and is not written.
        unsafe {
            let vector = |index| ffi::duckdb_data_chunk_get_vector(self.raw, index);
            Chunk::new(self.rows, (0..).zip(types).map(|(index, kind)| (vector(index), kind)))
        }
    }

    /// A column; none past the last one.
    #[expect(unsafe_code)]
    pub fn column(&self, index: usize) -> Option<InputVector<'_>> {
        let kind = self.columns.get(index)?.logical_type.clone();
        // SAFETY: the chunk is live, has a flat vector of this type under this number, and is not written.
        Some(unsafe { InputVector::new(ffi::duckdb_data_chunk_get_vector(self.raw, index as u64), kind, self.rows) })
    }
}

impl RowStream {
    /// The columns, in order.
    pub fn columns(&self) -> &[StreamColumn] {
        &self.columns
    }

    /// The next batch; none at the end.
    ///
    /// # Errors
    /// [`Error::Query`] with DuckDB's words; [`Error::Interrupted`].
    #[expect(unsafe_code)]
    pub fn next_chunk(&mut self) -> Result<Option<InputChunk<'_>>, Error> {
        loop {
            // SAFETY: the result is live; a null chunk is its end, or its error.
            let raw = unsafe { ffi::duckdb_fetch_chunk(self.result.raw()) };
            if raw.is_null() {
                return match self.result.error() {
                    message if message.is_empty() => Ok(None),
                    message if message.starts_with("INTERRUPT Error") => Err(Error::Interrupted),
                    message => Err(Error::Query { message }),
                };
            }
            // SAFETY: the chunk is live.
            let rows = unsafe { ffi::duckdb_data_chunk_get_size(raw) } as usize;
            let chunk = InputChunk { raw, columns: &self.columns, rows };
            if rows > 0 {
                return Ok(Some(chunk));
            }
        }
    }
}

impl Session {
    /// Runs a query and hands out its rows as they come, so that a result of any size takes the memory of a few batches.
    ///
    /// # Errors
    /// [`Error::Query`] with DuckDB's words; [`Error::Interrupted`].
    pub fn stream(&self, query: &str) -> Result<RowStream, Error> {
        let query = self.exchangeable(query)?;
        let result = self.run_streaming(&query)?;
        Ok(RowStream { columns: columns(&result)?, result, _connection: self.interrupt() })
    }

    /// The query with those columns as text whose types [`LogicalType`] does not have.
    #[expect(unsafe_code)]
    fn exchangeable(&self, query: &str) -> Result<String, Error> {
        let query = query.trim_end().trim_end_matches(';');
        let prepared = self.prepare(query)?;
        let mut selected = Vec::new();
        let mut aliases = Vec::new();
        let mut is_plain = true;
        // SAFETY: a statement that was prepared with success, and numbers below that of its columns; names and types are
        // ours to free.
        unsafe {
            for index in 0..ffi::duckdb_prepared_statement_column_count(prepared.raw()) {
                let name = owned(ffi::duckdb_prepared_statement_column_name(prepared.raw(), index).cast_mut());
                let handle =
                    TypeHandle::from_raw(ffi::duckdb_prepared_statement_column_logical_type(prepared.raw(), index));
                let alias = format!("c{index}");
                let is_known = LogicalType::of_handle(handle.raw()).is_ok();
                is_plain &= is_known;
                let expression = if is_known { alias.clone() } else { format!("CAST({alias} AS VARCHAR)") };
                selected.push(format!("{expression} AS {}", crate::quote_identifier(&name)));
                aliases.push(alias);
            }
        }
        if is_plain {
            return Ok(query.to_owned());
        }
        Ok(format!("SELECT {} FROM ({query}\n) AS q({})", selected.join(", "), aliases.join(", ")))
    }
}

#[expect(unsafe_code)]
fn columns(result: &QueryResult) -> Result<Vec<StreamColumn>, Error> {
    let mut raw = result.raw();
    // SAFETY: the result is live, and this copy of its handle is only asked; types and aliases are ours to free.
    unsafe {
        (0..ffi::duckdb_column_count(ptr::from_mut(&mut raw)))
            .map(|index| {
                let name = crate::strings::borrowed(ffi::duckdb_column_name(ptr::from_mut(&mut raw), index));
                let handle = TypeHandle::from_raw(ffi::duckdb_column_logical_type(ptr::from_mut(&mut raw), index));
                let logical_type =
                    LogicalType::of_handle(handle.raw()).map_err(|error| Error::Unexpected(error.to_string()))?;
                let is_json = owned(ffi::duckdb_logical_type_get_alias(handle.raw())) == "JSON";
                Ok(StreamColumn { name, logical_type, is_json })
            })
            .collect()
    }
}
