//! Nested vectors to fill: lists, arrays and structs.
#![expect(unsafe_code, reason = "writes the memory of a live vector")]

use duckdb::ffi;

use super::map_keys::check_keys;
use super::nested_input::{MOST_ELEMENTS, repeat_bits};
use super::{InputVector, OutputVector, VectorError, check_offsets};
use crate::types::{LogicalType, PhysicalType};

impl OutputVector<'_> {
    /// LIST and MAP: row `i` has the elements `offsets[i]..offsets[i + 1]`. Returns the vector of the `elements` elements,
    /// to be filled. For a MAP, [`check_map`](Self::check_map) has to follow.
    ///
    /// # Errors
    /// Another type, offsets that do not fit, or too many elements.
    pub fn write_lists(&mut self, offsets: &[u32], elements: usize) -> Result<OutputVector<'_>, VectorError> {
        let kind = match self.kind.element() {
            Some(kind) if self.kind.physical() == PhysicalType::List => kind.clone(),
            _ => return Err(VectorError::WrongType(self.kind.clone())),
        };
        self.check_rows(offsets.len().wrapping_sub(1))?;
        check_offsets(offsets, elements).map_err(|error| match error {
            VectorError::OffsetsEnd { offset, bytes } => VectorError::ElementsEnd { offset, elements: bytes },
            other => other,
        })?;
        // DuckDB throws a C++ exception where a vector would be too large for it.
        if elements > MOST_ELEMENTS {
            return Err(VectorError::TooManyElements { most: MOST_ELEMENTS, actual: elements as u64 });
        }
        // SAFETY: a live vector of lists. Its child gets room for the elements before it is lent.
        let child = unsafe {
            ffi::duckdb_list_vector_reserve(self.raw, elements as u64);
            ffi::duckdb_list_vector_set_size(self.raw, elements as u64);
            ffi::duckdb_list_vector_get_child(self.raw)
        };
        let entries = self.data().cast::<ffi::duckdb_list_entry>();
        for (row, pair) in offsets.windows(2).enumerate() {
            let entry = ffi::duckdb_list_entry { offset: pair[0].into(), length: (pair[1] - pair[0]).into() };
            // SAFETY: one entry a row, and `row` is below their number.
            unsafe { entries.add(row).write(entry) };
        }
        // SAFETY: the child is flat, has this type and room for the elements, and is borrowed with this vector.
        Ok(unsafe { OutputVector::new(child, kind, elements) })
    }

    /// ARRAY: the vector of all elements, to be filled.
    ///
    /// # Errors
    /// Another type.
    pub fn array_elements(&mut self) -> Result<OutputVector<'_>, VectorError> {
        let LogicalType::Array(kind, size) = &self.kind else {
            return Err(VectorError::WrongType(self.kind.clone()));
        };
        // SAFETY: a live vector of arrays, whose child is flat, has this type and `size` places for each row.
        Ok(unsafe {
            let child = ffi::duckdb_array_vector_get_child(self.raw);
            OutputVector::new(child, (**kind).clone(), self.rows * *size as usize)
        })
    }

    /// STRUCT: the vector of a field, to be filled.
    ///
    /// # Errors
    /// Another type, or no such field.
    pub fn field(&mut self, index: usize) -> Result<OutputVector<'_>, VectorError> {
        let field = self.kind.fields().get(index).ok_or_else(|| VectorError::WrongType(self.kind.clone()))?;
        // SAFETY: a live vector of structs with this field, whose vector is flat, has its type and room for as many rows.
        Ok(unsafe {
            let child = ffi::duckdb_struct_vector_get_child(self.raw, index as u64);
            OutputVector::new(child, field.logical_type.clone(), self.rows)
        })
    }

    /// MAP, once it has been written as lists and its validity too: whether the keys of each row are what keys may be.
    ///
    /// # Errors
    /// A key that is NULL, or twice in a row.
    pub fn check_map(&mut self) -> Result<(), VectorError> {
        // SAFETY: the vector is live, flat, of this type, and is not written while it is read: it is borrowed mutably here.
        let written = unsafe { InputVector::new(self.raw, self.kind.clone(), self.rows) };
        check_keys(&written)
    }

    /// What a row consists of is NULL where the row is: DuckDB takes a field without looking at the struct. Elements of a
    /// list are only reached through it.
    pub(super) fn write_validity_of_parts(&mut self, bitmap: &[u8]) -> Result<(), VectorError> {
        match self.kind.physical() {
            PhysicalType::Struct => {
                (0..self.kind.fields().len()).try_for_each(|index| self.field(index)?.write_validity(bitmap))
            }
            PhysicalType::Array(size) => {
                let mut repeated = Vec::new();
                repeat_bits(bitmap, self.rows, size as usize, &mut repeated);
                self.array_elements()?.write_validity(&repeated)
            }
            _ => Ok(()),
        }
    }
}
