//! Rows with a NULL argument, left out.

use duckdb::ffi;

use crate::callback::CallbackError;
use crate::scalar::Chunk;
use crate::types::LogicalType;

/// The numbers of the rows that have no NULL; none where all rows are so.
pub(super) fn rows_without_nulls(chunk: &Chunk<'_>) -> Option<Vec<u32>> {
    let mut validity: Option<Vec<u8>> = None;
    for bits in chunk.vectors().iter().filter_map(|vector| vector.validity()) {
        match &mut validity {
            None => validity = Some(bits.to_vec()),
            Some(all) => all.iter_mut().zip(bits).for_each(|(all, bits)| *all &= bits),
        }
    }
    let bits = validity?;
    Some((0..chunk.rows() as u32).filter(|row| bits[*row as usize / 8] >> (row % 8) & 1 == 1).collect())
}

/// Copies of vectors, with some of their rows.
pub(super) struct SelectedVectors {
    vectors: Vec<(Vector, LogicalType)>,
    rows: usize,
}

#[expect(unsafe_code, reason = "copies vectors through the C API")]
impl SelectedVectors {
    /// # Safety
    /// `vectors` are live, of these types, and have all these rows.
    pub(super) unsafe fn new(
        vectors: impl Iterator<Item = (ffi::duckdb_vector, LogicalType)>,
        rows: &[u32],
    ) -> Result<Self, CallbackError> {
        let selection = Selection::new(rows);
        let copied = |(source, kind): (ffi::duckdb_vector, LogicalType)| {
            let copy = Vector::new(&kind, rows.len())?;
            // SAFETY: both vectors are live and of one type; the selection has as many rows as the copy has room for, and
            // all of them are in the source.
            unsafe { ffi::duckdb_vector_copy_sel(source, copy.0, selection.0, rows.len() as u64, 0, 0) };
            Ok((copy, kind))
        };
        Ok(Self { vectors: vectors.map(copied).collect::<Result<_, CallbackError>>()?, rows: rows.len() })
    }

    /// The copies.
    pub(super) fn chunk(&self) -> Chunk<'_> {
        let vectors = self.vectors.iter().map(|(vector, kind)| (vector.0, kind.clone()));
        // SAFETY: the vectors are flat, of these types, hold the rows that were copied, and live as long as `self`.
        unsafe { Chunk::new(self.rows, vectors) }
    }
}

/// A vector of our own.
pub(super) struct Vector(pub(super) ffi::duckdb_vector);

#[expect(unsafe_code, reason = "creates and destroys a handle of the C API")]
impl Vector {
    pub(super) fn new(kind: &LogicalType, rows: usize) -> Result<Self, CallbackError> {
        let handle = kind.handle().map_err(|error| CallbackError(error.to_string()))?;
        // SAFETY: the type is live; a new vector is flat.
        Ok(Self(unsafe { ffi::duckdb_create_vector(handle.raw(), rows as u64) }))
    }
}

impl Drop for Vector {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once.
        unsafe { ffi::duckdb_destroy_vector(&mut self.0) }
    }
}

/// Numbers of rows.
pub(super) struct Selection(pub(super) ffi::duckdb_selection_vector);

#[expect(unsafe_code, reason = "creates, fills and destroys a handle of the C API")]
impl Selection {
    pub(super) fn new(rows: &[u32]) -> Self {
        // SAFETY: a new selection has room for as many numbers as it was asked for.
        unsafe {
            let selection = Self(ffi::duckdb_create_selection_vector(rows.len() as u64));
            ffi::duckdb_selection_vector_get_data_ptr(selection.0).copy_from_nonoverlapping(rows.as_ptr(), rows.len());
            selection
        }
    }
}

impl Drop for Selection {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once.
        unsafe { ffi::duckdb_destroy_selection_vector(self.0) }
    }
}
