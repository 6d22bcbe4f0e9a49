//! DuckDB's strings.

use std::slice;

use duckdb::ffi;

use super::VectorError;

/// Rows of text or bytes.
#[derive(Clone, Copy)]
pub struct StringRows<'batch> {
    slots: &'batch [ffi::duckdb_string_t],
    validity: Option<&'batch [u8]>,
}

impl<'batch> StringRows<'batch> {
    /// # Safety
    /// The slots of valid rows are whole, and what they point to outlives `'batch`.
    #[expect(unsafe_code, reason = "other methods rely on it")]
    pub(super) unsafe fn new(slots: &'batch [ffi::duckdb_string_t], validity: Option<&'batch [u8]>) -> Self {
        Self { slots, validity }
    }

    /// The bytes of a row; none when it is NULL.
    pub fn get(&self, row: usize) -> Option<&'batch [u8]> {
        if self.validity.is_some_and(|bits| bits[row / 8] >> (row % 8) & 1 == 0) {
            return None;
        }
        Some(bytes_of(&self.slots[row]))
    }

    /// Appends all rows to `bytes` and where each ends to `offsets`, which begins with 0. A NULL row is empty.
    ///
    /// # Errors
    /// [`VectorError::TooLarge`] past 4 GiB.
    pub fn gather(&self, offsets: &mut Vec<u32>, bytes: &mut Vec<u8>) -> Result<(), VectorError> {
        offsets.clear();
        bytes.clear();
        offsets.reserve(self.slots.len() + 1);
        offsets.push(0);
        match self.validity {
            None => {
                for slot in self.slots {
                    bytes.extend_from_slice(bytes_of(slot));
                    // A batch past 4 GiB is found below; until then the wrong offset is read by nobody.
                    offsets.push(bytes.len() as u32);
                }
            }
            Some(bits) => {
                for (row, slot) in self.slots.iter().enumerate() {
                    if bits[row / 8] >> (row % 8) & 1 == 1 {
                        bytes.extend_from_slice(bytes_of(slot));
                    }
                    offsets.push(bytes.len() as u32);
                }
            }
        }
        if u32::try_from(bytes.len()).is_err() { Err(VectorError::TooLarge) } else { Ok(()) }
    }
}

/// The bytes of a valid slot.
#[inline]
#[expect(unsafe_code, reason = "reads DuckDB's string representation")]
fn bytes_of(slot: &ffi::duckdb_string_t) -> &[u8] {
    // SAFETY: both members begin with the length. Up to 12 bytes lie in the slot itself, more where its pointer says; the
    // slot is valid (the callers looked), so the pointer is too, for as long as the vector lives.
    unsafe {
        let length = slot.value.inlined.length as usize;
        let data = if length <= INLINED {
            slot.value.inlined.inlined.as_ptr().cast::<u8>()
        } else {
            slot.value.pointer.ptr.cast_const().cast::<u8>()
        };
        slice::from_raw_parts(data, length)
    }
}

/// Bytes that a slot holds without a pointer.
pub(super) const INLINED: usize = 12;

pub(super) fn empty_slot() -> ffi::duckdb_string_t {
    ffi::duckdb_string_t {
        value: ffi::duckdb_string_t__bindgen_ty_1 {
            inlined: ffi::duckdb_string_t__bindgen_ty_1__bindgen_ty_2 { length: 0, inlined: [0; INLINED] },
        },
    }
}
