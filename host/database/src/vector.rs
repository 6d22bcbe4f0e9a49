//! Vectors: DuckDB's columns of one batch, read and written in place.

mod checks;
mod copy;
mod error;
mod map_keys;
mod nested_input;
mod nested_output;
mod slot;
mod strings;

use std::marker::PhantomData;
use std::{mem, slice};

use duckdb::ffi;

use crate::types::{LogicalType, PhysicalType};
use checks::{all_set, check_encoding, check_offsets, check_range, check_times_with_zones, check_utf8, range};
use strings::{INLINED, empty_slot};

pub use copy::VectorCopy;
pub use error::VectorError;
pub use slot::OutputSlot;
pub use strings::StringRows;

/// Numbers that lie in a vector one after the other.
pub trait FixedWidth: Copy + Default + sealed::Sealed + 'static {
    /// How vectors of these numbers lie.
    const PHYSICAL: PhysicalType;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! fixed_width {
    ($($kind:ty => $physical:expr),* $(,)?) => {$(
        impl sealed::Sealed for $kind {}
        impl FixedWidth for $kind { const PHYSICAL: PhysicalType = $physical; }
    )*};
}

fixed_width! {
    i8 => PhysicalType::Signed(1), i16 => PhysicalType::Signed(2),
    i32 => PhysicalType::Signed(4), i64 => PhysicalType::Signed(8),
    u8 => PhysicalType::Unsigned(1), u16 => PhysicalType::Unsigned(2),
    u32 => PhysicalType::Unsigned(4), u64 => PhysicalType::Unsigned(8),
    f32 => PhysicalType::Float32, f64 => PhysicalType::Float64,
}

/// A vector to read: one column of a batch, flat. A clone is the same vector.
#[derive(Clone)]
pub struct InputVector<'batch> {
    raw: ffi::duckdb_vector,
    kind: LogicalType,
    rows: usize,
    data: *const u8,
    /// One bit a row, or null where every row is valid.
    validity: *const u8,
    lifetime: PhantomData<&'batch ()>,
}

#[expect(unsafe_code, reason = "reads the memory of a live vector")]
impl<'batch> InputVector<'batch> {
    /// # Safety
    /// `raw` is flat (or constant, with `rows` = 1), has values of type `kind`, holds at least `rows` of them, and
    /// outlives `'batch` unchanged.
    pub(crate) unsafe fn new(raw: ffi::duckdb_vector, kind: LogicalType, rows: usize) -> Self {
        // SAFETY: the vector is live by the caller's promise.
        let (data, validity) =
            unsafe { (ffi::duckdb_vector_get_data(raw).cast_const().cast(), ffi::duckdb_vector_get_validity(raw)) };
        let mut vector = Self { raw, kind, rows, data, validity: validity.cast_const().cast(), lifetime: PhantomData };
        if !vector.validity.is_null() && all_set(vector.bitmap(), rows) {
            vector.validity = std::ptr::null();
        }
        vector
    }

    /// The type of the column.
    pub fn logical_type(&self) -> &LogicalType {
        &self.kind
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Its first row, or none where it has none.
    #[must_use]
    pub fn first_row(&self) -> Self {
        let rows = self.rows.min(1);
        let validity = if self.rows > 0 && self.is_valid(0) { std::ptr::null() } else { self.validity };
        Self { raw: self.raw, kind: self.kind.clone(), rows, data: self.data, validity, lifetime: PhantomData }
    }

    fn bitmap(&self) -> &'batch [u8] {
        // SAFETY: DuckDB keeps validity in 64-bit words, one bit a row, so these bytes are there; least significant bit
        // first, which on a little-endian machine is the same order byte by byte.
        unsafe { slice::from_raw_parts(self.validity, self.rows.div_ceil(8)) }
    }

    /// Which rows have a value, least significant bit first; none when all have.
    pub fn validity(&self) -> Option<&'batch [u8]> {
        (!self.validity.is_null()).then(|| self.bitmap())
    }

    /// Whether the row has a value.
    pub fn is_valid(&self, row: usize) -> bool {
        self.validity().is_none_or(|bits| bits[row / 8] >> (row % 8) & 1 == 1)
    }

    /// The numbers, NULL rows holding anything at all; none when the column has other values.
    pub fn fixed<T: FixedWidth>(&self) -> Option<&'batch [T]> {
        // SAFETY: the physical type says that `rows` values of `T` lie there, aligned; every bit pattern is a `T`.
        (self.kind.physical() == T::PHYSICAL).then(|| unsafe { slice::from_raw_parts(self.data.cast(), self.rows) })
    }

    /// BOOLEAN: one byte a row, 0 or 1 where it is valid; none when the column has other values.
    pub fn bools(&self) -> Option<&'batch [u8]> {
        // SAFETY: one byte a row; bytes and not `bool`s, because a NULL row may hold anything.
        (self.kind.physical() == PhysicalType::Bool).then(|| unsafe { slice::from_raw_parts(self.data, self.rows) })
    }

    /// Values of 16 bytes, as two words a row, the low one first; none when the column has other values.
    pub fn words(&self) -> Option<&'batch [u64]> {
        (self.kind.physical() == PhysicalType::Words128)
            // SAFETY: 16 bytes a row, aligned to 8.
            .then(|| unsafe { slice::from_raw_parts(self.data.cast(), 2 * self.rows) })
    }

    /// VARCHAR, BLOB, BIT and BIGNUM; none when the column has other values.
    pub fn strings(&self) -> Option<StringRows<'batch>> {
        (self.kind.physical() == PhysicalType::Bytes)
            // SAFETY: one `duckdb_string_t` a row, those of valid rows being whole.
            .then(|| unsafe { StringRows::new(slice::from_raw_parts(self.data.cast(), self.rows), self.validity()) })
    }

    /// Whether a VARCHAR column is declared as JSON.
    pub(crate) fn is_json(&self) -> bool {
        // SAFETY: the vector is live; type and alias are ours to free.
        let alias = unsafe {
            let handle = crate::types::TypeHandle::from_raw(ffi::duckdb_vector_get_column_type(self.raw));
            crate::strings::owned(ffi::duckdb_logical_type_get_alias(handle.raw()))
        };
        alias == "JSON"
    }
}

/// A vector to fill: the results of one batch. Whatever is written is checked: no call of a method here can leave a
/// column behind that DuckDB would trip over.
pub struct OutputVector<'batch> {
    raw: ffi::duckdb_vector,
    kind: LogicalType,
    rows: usize,
    lifetime: PhantomData<&'batch mut ()>,
}

#[expect(unsafe_code, reason = "writes the memory of a live vector")]
impl OutputVector<'_> {
    /// # Safety
    /// `raw` is flat, of type `kind`, has room for `rows`, and outlives the value.
    pub(crate) unsafe fn new(raw: ffi::duckdb_vector, kind: LogicalType, rows: usize) -> Self {
        Self { raw, kind, rows, lifetime: PhantomData }
    }

    /// The type of the column.
    pub fn logical_type(&self) -> &LogicalType {
        &self.kind
    }

    /// How many rows it takes.
    pub fn rows(&self) -> usize {
        self.rows
    }

    fn data(&mut self) -> *mut u8 {
        // SAFETY: the vector is live.
        unsafe { ffi::duckdb_vector_get_data(self.raw) }.cast()
    }

    fn check_rows(&self, actual: usize) -> Result<(), VectorError> {
        if actual == self.rows { Ok(()) } else { Err(VectorError::WrongRows { expected: self.rows, actual }) }
    }

    /// Numbers, one a row. `validity` says which rows are looked at when ranges are checked.
    ///
    /// # Errors
    /// Another type, another number of rows, or a value that its type does not have (a decimal with too many digits, a
    /// time past midnight).
    pub fn write_fixed<T: FixedWidth + Into<i128>>(
        &mut self,
        values: &[T],
        validity: Option<&[u8]>,
    ) -> Result<(), VectorError> {
        self.check_rows(values.len())?;
        if let Some((low, high)) = range(&self.kind) {
            check_range(&self.kind, values.iter().map(|value| (*value).into()), low, high, validity)?;
        }
        if self.kind == LogicalType::TimeTz {
            check_times_with_zones(values.iter().map(|value| (*value).into()), validity)?;
        }
        self.copy(values)
    }

    /// Floating-point numbers, one a row.
    ///
    /// # Errors
    /// Another type, or another number of rows.
    pub fn write_floats<T: FixedWidth + Into<f64>>(&mut self, values: &[T]) -> Result<(), VectorError> {
        self.check_rows(values.len())?;
        self.copy(values)
    }

    fn copy<T: FixedWidth>(&mut self, values: &[T]) -> Result<(), VectorError> {
        if self.kind.physical() != T::PHYSICAL {
            return Err(VectorError::WrongType(self.kind.clone()));
        }
        // SAFETY: the vector has room for `rows` values of this physical type, and `values` has as many.
        unsafe { copy_in_pieces(values.as_ptr().cast(), self.data(), mem::size_of_val(values)) };
        Ok(())
    }

    /// BOOLEAN, as packed bits.
    ///
    /// # Errors
    /// Another type, or another number of bytes.
    pub fn write_bits(&mut self, bits: &[u8]) -> Result<(), VectorError> {
        if self.kind.physical() != PhysicalType::Bool {
            return Err(VectorError::WrongType(self.kind.clone()));
        }
        if bits.len() != self.rows.div_ceil(8) {
            return Err(VectorError::WrongRows { expected: self.rows, actual: bits.len() * 8 });
        }
        let data = self.data();
        for row in 0..self.rows {
            // SAFETY: one byte a row, and `row` is below their number; 0 and 1 are what DuckDB keeps.
            unsafe { data.add(row).write(bits[row / 8] >> (row % 8) & 1) };
        }
        Ok(())
    }

    /// Values of 16 bytes, two words a row, the low one first, as they lie in DuckDB's memory.
    ///
    /// # Errors
    /// Another type, another number of rows, or a decimal with too many digits.
    pub fn write_words(&mut self, words: &[u64], validity: Option<&[u8]>) -> Result<(), VectorError> {
        if self.kind.physical() != PhysicalType::Words128 {
            return Err(VectorError::WrongType(self.kind.clone()));
        }
        if words.len() != 2 * self.rows {
            return Err(VectorError::WrongRows { expected: self.rows, actual: words.len() / 2 });
        }
        if let (LogicalType::Decimal(..), Some((low, high))) = (&self.kind, range(&self.kind)) {
            let values =
                words.chunks_exact(2).map(|pair| (i128::from(pair[1].cast_signed()) << 64) | i128::from(pair[0]));
            check_range(&self.kind, values, low, high, validity)?;
        }
        // SAFETY: 16 bytes a row, and there are as many.
        unsafe { copy_in_pieces(words.as_ptr().cast(), self.data(), mem::size_of_val(words)) };
        Ok(())
    }

    /// VARCHAR, BLOB, BIT and BIGNUM: row `i` is `bytes[offsets[i]..offsets[i + 1]]`. `validity` says which rows of BIT and
    /// BIGNUM are looked at.
    ///
    /// # Errors
    /// Another type, offsets that do not fit, text that is not UTF-8, or bytes that are no value of the type.
    pub fn write_bytes(&mut self, offsets: &[u32], bytes: &[u8], validity: Option<&[u8]>) -> Result<(), VectorError> {
        if self.kind.physical() != PhysicalType::Bytes {
            return Err(VectorError::WrongType(self.kind.clone()));
        }
        self.check_rows(offsets.len().checked_sub(1).ok_or(VectorError::OffsetsStart)?)?;
        check_offsets(offsets, bytes.len())?;
        if self.kind == LogicalType::Varchar {
            check_utf8(offsets, bytes)?;
        }
        check_encoding(&self.kind, offsets, bytes, validity)?;
        let slots = self.data().cast::<ffi::duckdb_string_t>();
        for row in 0..self.rows {
            let text = &bytes[offsets[row] as usize..offsets[row + 1] as usize];
            if text.len() <= INLINED {
                let mut slot: ffi::duckdb_string_t = empty_slot();
                // SAFETY: the inlined member has room for 12 bytes, and the unused ones are zero as DuckDB wants them.
                unsafe {
                    slot.value.inlined.length = text.len() as u32;
                    let target = slot.value.inlined.inlined.as_mut_ptr().cast::<u8>();
                    target.copy_from_nonoverlapping(text.as_ptr(), text.len());
                    slots.add(row).write(slot);
                }
            } else {
                // SAFETY: the row is in range; the text is copied, and was checked to be UTF-8 where it has to be.
                unsafe {
                    ffi::duckdb_unsafe_vector_assign_string_element_len(
                        self.raw,
                        row as u64,
                        text.as_ptr().cast(),
                        text.len() as u64,
                    );
                }
            }
        }
        Ok(())
    }

    /// Makes the rows NULL whose bit is 0 in `bitmap`, and with them what they consist of.
    ///
    /// # Errors
    /// Another number of bytes.
    pub fn write_validity(&mut self, bitmap: &[u8]) -> Result<(), VectorError> {
        let expected = self.rows.div_ceil(8);
        if bitmap.len() != expected {
            return Err(VectorError::WrongValidity { expected, actual: bitmap.len() });
        }
        if all_set(bitmap, self.rows) {
            return Ok(());
        }
        // SAFETY: the vector is live; once made writable its validity has a bit for every row it can hold, and bytes
        // are in the order of the bits on a little-endian machine.
        unsafe {
            ffi::duckdb_vector_ensure_validity_writable(self.raw);
            let target = ffi::duckdb_vector_get_validity(self.raw).cast::<u8>();
            for (index, bits) in bitmap.iter().enumerate() {
                let byte = target.add(index);
                byte.write(byte.read() & bits);
            }
        }
        self.write_validity_of_parts(bitmap)
    }
}

/// Copies bytes. The C library copies more than 2 KiB at once with one instruction for strings, which some processors need
/// dozens of times as long for where the target lies a few bytes behind the source, whole pages left out: 11 us instead of
/// 0.2 for a column of 16 KiB. Smaller pieces it copies in registers, which is as fast at its best.
///
/// # Safety
/// There are so many bytes at both places, which do not overlap.
#[expect(unsafe_code)]
unsafe fn copy_in_pieces(source: *const u8, target: *mut u8, bytes: usize) {
    const PIECE: usize = 2_048;
    for start in (0..bytes).step_by(PIECE) {
        // SAFETY: as promised by the caller; a piece ends where the bytes do.
        unsafe { target.add(start).copy_from_nonoverlapping(source.add(start), PIECE.min(bytes - start)) };
    }
}
