//! Vectors: DuckDB's columns of one batch, read and written in place.

use std::marker::PhantomData;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{mem, slice};

use duckdb::ffi;

use crate::types::{LogicalType, PhysicalType};

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

/// A vector to read: one column of a batch, flat.
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
    pub fn logical_type(&self) -> LogicalType {
        self.kind
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
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

    /// VARCHAR and BLOB; none when the column has other values.
    pub fn strings(&self) -> Option<StringRows<'batch>> {
        (self.kind.physical() == PhysicalType::Bytes).then(|| StringRows {
            // SAFETY: one `duckdb_string_t` a row.
            slots: unsafe { slice::from_raw_parts(self.data.cast(), self.rows) },
            validity: self.validity(),
        })
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

/// Rows of text or bytes.
#[derive(Clone, Copy)]
pub struct StringRows<'batch> {
    slots: &'batch [ffi::duckdb_string_t],
    validity: Option<&'batch [u8]>,
}

impl<'batch> StringRows<'batch> {
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
const INLINED: usize = 12;

/// Why values cannot become a column of a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum VectorError {
    #[error("the values are not of the physical type of {0}")]
    WrongType(LogicalType),
    #[error("{actual} rows where {expected} are expected")]
    WrongRows { expected: usize, actual: usize },
    #[error("the validity bitmap has {actual} bytes where {expected} are expected")]
    WrongValidity { expected: usize, actual: usize },
    #[error("the offsets do not begin with 0")]
    OffsetsStart,
    #[error("the offset of row {0} is smaller than the one before it")]
    OffsetsFall(usize),
    #[error("the last offset is {offset} where there are {bytes} bytes")]
    OffsetsEnd { offset: u32, bytes: usize },
    #[error("row {0} is not valid UTF-8")]
    InvalidUtf8(usize),
    #[error("row {row} is out of the range of {kind}")]
    OutOfRange { row: usize, kind: LogicalType },
    #[error("a batch of strings is larger than 4 GiB")]
    TooLarge,
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
    pub fn logical_type(&self) -> LogicalType {
        self.kind
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
        if let Some((low, high)) = self.range() {
            check_range(self.kind, values.iter().map(|value| (*value).into()), low, high, validity)?;
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
            return Err(VectorError::WrongType(self.kind));
        }
        let data = self.data();
        // SAFETY: the vector has room for `rows` values of this physical type, and `values` has as many.
        unsafe { data.copy_from_nonoverlapping(values.as_ptr().cast(), mem::size_of_val(values)) };
        Ok(())
    }

    /// BOOLEAN, as packed bits.
    ///
    /// # Errors
    /// Another type, or another number of bytes.
    pub fn write_bits(&mut self, bits: &[u8]) -> Result<(), VectorError> {
        if self.kind.physical() != PhysicalType::Bool {
            return Err(VectorError::WrongType(self.kind));
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
            return Err(VectorError::WrongType(self.kind));
        }
        if words.len() != 2 * self.rows {
            return Err(VectorError::WrongRows { expected: self.rows, actual: words.len() / 2 });
        }
        if let (LogicalType::Decimal(..), Some((low, high))) = (self.kind, self.range()) {
            let values =
                words.chunks_exact(2).map(|pair| (i128::from(pair[1].cast_signed()) << 64) | i128::from(pair[0]));
            check_range(self.kind, values, low, high, validity)?;
        }
        let data = self.data();
        // SAFETY: 16 bytes a row, and there are as many.
        unsafe { data.copy_from_nonoverlapping(words.as_ptr().cast(), mem::size_of_val(words)) };
        Ok(())
    }

    /// VARCHAR and BLOB: row `i` is `bytes[offsets[i]..offsets[i + 1]]`.
    ///
    /// # Errors
    /// Another type, offsets that do not fit, or text that is not UTF-8.
    pub fn write_bytes(&mut self, offsets: &[u32], bytes: &[u8]) -> Result<(), VectorError> {
        if self.kind.physical() != PhysicalType::Bytes {
            return Err(VectorError::WrongType(self.kind));
        }
        self.check_rows(offsets.len().checked_sub(1).ok_or(VectorError::OffsetsStart)?)?;
        check_offsets(offsets, bytes.len())?;
        if self.kind == LogicalType::Varchar {
            check_utf8(offsets, bytes)?;
        }
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

    /// Makes the rows NULL whose bit is 0 in `bitmap`.
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
        Ok(())
    }

    /// The numbers that the type has, where that is fewer than its physical type.
    fn range(&self) -> Option<(i128, i128)> {
        match self.kind {
            LogicalType::Decimal(width, _) => {
                let limit = 10i128.pow(u32::from(width));
                Some((1 - limit, limit - 1))
            }
            LogicalType::Time => Some((0, 86_400_000_000)),
            // DuckDB's own bounds; the largest numbers stand for infinity.
            LogicalType::Date => Some((-2_147_483_647, 2_147_483_647)),
            LogicalType::Timestamp | LogicalType::TimestampTz => Some((-9_223_372_022_400_000_000, i64::MAX.into())),
            _ => None,
        }
    }
}

fn empty_slot() -> ffi::duckdb_string_t {
    ffi::duckdb_string_t {
        value: ffi::duckdb_string_t__bindgen_ty_1 {
            inlined: ffi::duckdb_string_t__bindgen_ty_1__bindgen_ty_2 { length: 0, inlined: [0; INLINED] },
        },
    }
}

fn all_set(bitmap: &[u8], rows: usize) -> bool {
    let (whole, rest) = (rows / 8, rows % 8);
    bitmap[..whole].iter().all(|bits| *bits == u8::MAX) && (rest == 0 || bitmap[whole] | u8::MAX << rest == u8::MAX)
}

fn check_range(
    kind: LogicalType,
    values: impl Iterator<Item = i128>,
    low: i128,
    high: i128,
    validity: Option<&[u8]>,
) -> Result<(), VectorError> {
    // Minus infinity lies apart from the other timestamps.
    let apart = matches!(kind, LogicalType::Timestamp | LogicalType::TimestampTz).then_some(-i128::from(i64::MAX));
    for (row, value) in values.enumerate() {
        if (value < low || value > high)
            && Some(value) != apart
            && validity.is_none_or(|bits| bits.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1))
        {
            return Err(VectorError::OutOfRange { row, kind });
        }
    }
    Ok(())
}

fn check_offsets(offsets: &[u32], bytes: usize) -> Result<(), VectorError> {
    if offsets[0] != 0 {
        return Err(VectorError::OffsetsStart);
    }
    if let Some(row) = offsets.windows(2).position(|pair| pair[1] < pair[0]) {
        return Err(VectorError::OffsetsFall(row));
    }
    match offsets.last() {
        Some(&offset) if offset as usize != bytes => Err(VectorError::OffsetsEnd { offset, bytes }),
        _ => Ok(()),
    }
}

/// One pass over all bytes, then a look at where rows begin: if the whole is UTF-8 and every row begins at a character,
/// every row is UTF-8.
fn check_utf8(offsets: &[u32], bytes: &[u8]) -> Result<(), VectorError> {
    let row_of = |position: usize| offsets.partition_point(|offset| *offset as usize <= position).saturating_sub(1);
    match str::from_utf8(bytes) {
        Err(error) => Err(VectorError::InvalidUtf8(row_of(error.valid_up_to()))),
        Ok(_) if bytes.is_ascii() => Ok(()),
        Ok(text) => match offsets.iter().position(|offset| !text.is_char_boundary(*offset as usize)) {
            Some(row) => Err(VectorError::InvalidUtf8(row.saturating_sub(1))),
            None => Ok(()),
        },
    }
}

/// A place through which an output vector reaches code that cannot be handed a reference: the host call by which a guest
/// delivers its results.
#[derive(Default)]
pub struct OutputSlot {
    lent: Mutex<Option<Lent>>,
}

struct Lent {
    raw: ffi::duckdb_vector,
    kind: LogicalType,
    rows: usize,
}

// SAFETY: the vector behind the pointer is used only with the lock held, and only while `lend`, which borrows it, runs.
#[expect(unsafe_code)]
unsafe impl Send for Lent {}

impl OutputSlot {
    /// Lends the vector to whoever calls [`with`](Self::with) while `run` runs.
    pub fn lend<R>(&self, output: &mut OutputVector<'_>, run: impl FnOnce() -> R) -> R {
        /// Takes the vector back on every way out, a panic included.
        struct TakeBack<'a>(&'a OutputSlot);
        impl Drop for TakeBack<'_> {
            fn drop(&mut self) {
                *self.0.lock() = None;
            }
        }
        *self.lock() = Some(Lent { raw: output.raw, kind: output.kind, rows: output.rows });
        let _take_back = TakeBack(self);
        run()
    }

    /// Uses the lent vector; none when none is lent.
    pub fn with<R>(&self, use_it: impl FnOnce(&mut OutputVector<'_>) -> R) -> Option<R> {
        let lent = self.lock();
        let Lent { raw, kind, rows } = lent.as_ref()?;
        // SAFETY: it is lent, so the vector that `lend` borrows mutably is live and untouched by others; the lock, held
        // until the end of this function, keeps `lend` from returning and others from using it meanwhile.
        #[expect(unsafe_code)]
        let mut output = unsafe { OutputVector::new(*raw, *kind, *rows) };
        Some(use_it(&mut output))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Lent>> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
