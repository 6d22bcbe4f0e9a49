//! Nested vectors to read: lists, arrays and structs.
#![expect(unsafe_code, reason = "reads the memory of a live vector")]

use std::{ptr, slice};

use duckdb::ffi;

use super::{InputVector, VectorCopy, VectorError, all_set};
use crate::types::{LogicalType, PhysicalType};

/// Elements that the lists of one batch may have at one level: so many do not fit into a guest.
pub(super) const MOST_ELEMENTS: usize = 1 << 26;

impl<'batch> InputVector<'batch> {
    /// The elements of all lists, one list behind the other, and where each ends in `offsets`, which begins with 0. A NULL
    /// row is an empty list. Lists that do not lie like that, or that another vector shares, are copied to `copy`.
    ///
    /// # Errors
    /// A column that has no lists, or too many elements.
    pub fn list_elements(
        &self,
        offsets: &mut Vec<u32>,
        copy: &'batch mut VectorCopy,
    ) -> Result<InputVector<'batch>, VectorError> {
        // What DuckDB flattens from one list for all rows has a child that may not be flat. Of such a vector either all
        // entries are the same, and so not one behind the other, or there is only one.
        if self.gather_entries(offsets)? && self.rows > 1 {
            return self.child_of_list(offsets);
        }
        let valid: Vec<u32> = (0..self.rows as u32).filter(|row| self.is_valid(*row as usize)).collect();
        let copied: InputVector<'batch> = copy.fill(self, &valid)?;
        let mut copied_offsets = Vec::new();
        if !copied.gather_entries(&mut copied_offsets)? || copied_offsets.last() != offsets.last() {
            return Err(VectorError::BrokenList);
        }
        copied.child_of_list(&copied_offsets)
    }

    /// Fills in where the elements of each row end if they are put one list behind the other. Returns whether they lie so.
    fn gather_entries(&self, offsets: &mut Vec<u32>) -> Result<bool, VectorError> {
        if self.kind.physical() != PhysicalType::List {
            return Err(VectorError::WrongType(self.kind.clone()));
        }
        // SAFETY: the physical type says that there is one entry a row.
        let entries: &[ffi::duckdb_list_entry] = unsafe { slice::from_raw_parts(self.data.cast(), self.rows) };
        offsets.clear();
        offsets.reserve(self.rows + 1);
        offsets.push(0);
        let (mut end, mut in_order) = (0u64, true);
        for (row, entry) in entries.iter().enumerate() {
            if self.is_valid(row) && entry.length > 0 {
                in_order &= entry.offset == end;
                end = end.saturating_add(entry.length);
            }
            if end > MOST_ELEMENTS as u64 {
                return Err(VectorError::TooManyElements { most: MOST_ELEMENTS, actual: end });
            }
            offsets.push(end as u32);
        }
        Ok(in_order)
    }

    /// The child of a vector whose lists lie one behind the other.
    fn child_of_list(&self, offsets: &[u32]) -> Result<InputVector<'batch>, VectorError> {
        let elements = offsets.last().map_or(0, |end| *end as usize);
        let kind = self.kind.element().ok_or_else(|| VectorError::WrongType(self.kind.clone()))?;
        // SAFETY: a live vector of lists, whose child is as live, flat, and has as many rows as is asked for here.
        unsafe {
            if elements as u64 > ffi::duckdb_list_vector_get_size(self.raw) {
                return Err(VectorError::BrokenList);
            }
            Ok(InputVector::new(ffi::duckdb_list_vector_get_child(self.raw), kind.clone(), elements))
        }
    }

    /// ARRAY: the elements of all rows. Those of a NULL row are NULL; `nulls` is room to keep that.
    ///
    /// # Errors
    /// A column of another type.
    pub fn array_elements(&self, nulls: &'batch mut Vec<u8>) -> Result<InputVector<'batch>, VectorError> {
        let LogicalType::Array(kind, size) = &self.kind else {
            return Err(VectorError::WrongType(self.kind.clone()));
        };
        let size = *size as usize;
        nulls.clear();
        if let Some(validity) = self.validity() {
            repeat_bits(validity, self.rows, size, nulls);
        }
        // SAFETY: a live vector of arrays, whose child is as live, flat, and has `size` rows for each of this vector.
        let child = unsafe {
            InputVector::new(ffi::duckdb_array_vector_get_child(self.raw), (**kind).clone(), self.rows * size)
        };
        Ok(child.with_nulls(nulls))
    }

    /// STRUCT: a field. It is NULL where the row is; `nulls` is room to keep that.
    ///
    /// # Errors
    /// A column of another type, or one without such a field.
    pub fn field(&self, index: usize, nulls: &'batch mut Vec<u8>) -> Result<InputVector<'batch>, VectorError> {
        let field = self.kind.fields().get(index).ok_or_else(|| VectorError::WrongType(self.kind.clone()))?;
        nulls.clear();
        nulls.extend_from_slice(self.validity().unwrap_or_default());
        // SAFETY: a live vector of structs with this field, whose vector is as live, flat, and has as many rows.
        let child = unsafe {
            let raw = ffi::duckdb_struct_vector_get_child(self.raw, index as u64);
            InputVector::new(raw, field.logical_type.clone(), self.rows)
        };
        Ok(child.with_nulls(nulls))
    }

    /// The same vector, NULL also where `nulls`, unless it is empty, has a 0: such a row may hold anything, and may be said
    /// to be valid. What it points to must not be followed.
    fn with_nulls(mut self, nulls: &'batch mut [u8]) -> Self {
        if !nulls.is_empty() {
            for (bits, own) in nulls.iter_mut().zip(self.validity().unwrap_or_default()) {
                *bits &= own;
            }
            self.validity = if all_set(nulls, self.rows) { ptr::null() } else { nulls.as_ptr() };
        }
        self
    }
}

/// Each of `rows` bits `times` times.
pub(super) fn repeat_bits(bits: &[u8], rows: usize, times: usize, repeated: &mut Vec<u8>) {
    repeated.resize((rows * times).div_ceil(8), 0);
    for row in (0..rows).filter(|row| bits[row / 8] >> (row % 8) & 1 == 1) {
        for position in row * times..(row + 1) * times {
            repeated[position / 8] |= 1 << (position % 8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_repeated_for_every_element() {
        let mut repeated = Vec::new();
        repeat_bits(&[0b101], 3, 3, &mut repeated);
        assert_eq!(repeated, [0b1100_0111, 0b1]);
    }
}
