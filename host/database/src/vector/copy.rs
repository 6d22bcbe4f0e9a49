//! Copies of vectors.
#![expect(unsafe_code, reason = "makes and destroys vectors of the C API")]

use std::ptr;

use duckdb::ffi;

use super::{InputVector, OutputVector, VectorError};

/// Some rows of a vector, copied: room for one copy at a time.
pub struct VectorCopy(ffi::duckdb_vector);

// SAFETY: the vector is ours alone, and nothing about it belongs to a thread.
unsafe impl Send for VectorCopy {}

impl Default for VectorCopy {
    fn default() -> Self {
        Self(ptr::null_mut())
    }
}

impl Drop for VectorCopy {
    fn drop(&mut self) {
        // SAFETY: null, which is accepted, or made by us and destroyed once.
        unsafe { ffi::duckdb_destroy_vector(&mut self.0) }
    }
}

impl OutputVector<'_> {
    /// Takes over all rows of a vector of the same type, which may be another database's.
    ///
    /// # Errors
    /// Another type, or another number of rows.
    pub fn write_vector(&mut self, source: &InputVector<'_>) -> Result<(), VectorError> {
        if self.kind != source.kind {
            return Err(VectorError::WrongType(source.kind.clone()));
        }
        self.check_rows(source.rows)?;
        // SAFETY: both vectors are live and of one type; this one has room for the rows. The selection has as many places
        // as are written, and every number in it is a row of the source. Text is copied.
        unsafe {
            let selection = ffi::duckdb_create_selection_vector(self.rows.max(1) as u64);
            let numbers = ffi::duckdb_selection_vector_get_data_ptr(selection);
            (0..self.rows).for_each(|row| numbers.add(row).write(row as u32));
            ffi::duckdb_vector_copy_sel(source.raw, self.raw, selection, self.rows as u64, 0, 0);
            ffi::duckdb_destroy_selection_vector(selection);
        }
        Ok(())
    }
}

impl VectorCopy {
    /// Copies rows, which are valid ones, one behind the other: a vector that is flat down to its last child.
    pub(super) fn fill(&mut self, source: &InputVector<'_>, rows: &[u32]) -> Result<InputVector<'_>, VectorError> {
        let wrong = |_| VectorError::WrongType(source.kind.clone());
        let kind = source.kind.handle().map_err(wrong)?;
        // SAFETY: the old vector, if any, is ours and borrowed by nobody. The new one has the type of the source and room
        // for the rows; the selection has as many places as are written, and every number in it is a row of the source.
        // Rows that are not valid, and may have entries that point anywhere, are not among them.
        unsafe {
            ffi::duckdb_destroy_vector(&mut self.0);
            self.0 = ffi::duckdb_create_vector(kind.raw(), rows.len().max(1) as u64);
            if self.0.is_null() {
                return Err(VectorError::WrongType(source.kind.clone()));
            }
            let selection = ffi::duckdb_create_selection_vector(rows.len().max(1) as u64);
            ffi::duckdb_selection_vector_get_data_ptr(selection).copy_from_nonoverlapping(rows.as_ptr(), rows.len());
            ffi::duckdb_vector_copy_sel(source.raw, self.0, selection, rows.len() as u64, 0, 0);
            ffi::duckdb_destroy_selection_vector(selection);
            Ok(InputVector::new(self.0, source.kind.clone(), rows.len()))
        }
    }
}
