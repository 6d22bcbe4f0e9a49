//! Results of types that cross the boundary as they are.

use duckpen_database::{OutputVector, VectorError};
use wasmtime::component::{ComponentType, Lift};

use super::super::results::bits;

/// A type that a function returns.
pub(super) trait Given: Lift + ComponentType + 'static {
    /// The type of the value, without what says that there is none.
    type Value: Stored;

    /// The value, none for NULL.
    ///
    /// # Errors
    /// The function's own.
    fn resolve(self) -> Result<Option<Self::Value>, String>;
}

/// A type whose values are collected to be stored.
pub(super) trait Stored: Default {
    /// The values of a batch.
    type Column: Default;

    /// Puts a value behind the others. Returns the bytes that it holds in the host's memory.
    fn push(self, column: &mut Self::Column) -> usize;

    /// Stores them. `validity` says which of them are not NULL. Returns their bytes.
    ///
    /// # Errors
    /// What does not fit.
    fn write(column: &Self::Column, validity: &[u8], output: &mut OutputVector<'_>) -> Result<u64, VectorError>;
}

impl<V: Stored + Lift + ComponentType + 'static> Given for V {
    type Value = V;

    #[inline]
    fn resolve(self) -> Result<Option<V>, String> {
        Ok(Some(self))
    }
}

impl<V: Stored + Lift + ComponentType + 'static> Given for Option<V> {
    type Value = V;

    #[inline]
    fn resolve(self) -> Result<Option<V>, String> {
        Ok(self)
    }
}

impl<V: Stored + Lift + ComponentType + 'static> Given for Result<V, String> {
    type Value = V;

    #[inline]
    fn resolve(self) -> Result<Option<V>, String> {
        self.map(Some)
    }
}

macro_rules! numbers {
    ($($number:ty: |$column:ident, $validity:ident, $output:ident| $write:expr;)*) => {$(
        impl Stored for $number {
            type Column = Vec<$number>;

            #[inline]
            fn push(self, column: &mut Vec<$number>) -> usize {
                column.push(self);
                size_of::<$number>()
            }

            fn write(
                $column: &Vec<$number>,
                $validity: &[u8],
                $output: &mut OutputVector<'_>,
            ) -> Result<u64, VectorError> {
                $write?;
                Ok(size_of_val($column.as_slice()) as u64)
            }
        }
    )*};
}

numbers! {
    i32: |column, validity, output| output.write_fixed(column, Some(validity));
    i64: |column, validity, output| output.write_fixed(column, Some(validity));
    u32: |column, validity, output| output.write_fixed(column, Some(validity));
    u64: |column, validity, output| output.write_fixed(column, Some(validity));
    f64: |column, _validity, output| output.write_floats(column);
    bool: |column, _validity, output| output.write_bits(&bits(column.iter().copied()));
}

/// Texts one behind another, and where each ends.
#[derive(Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Stored for String {
    type Column = Texts;

    fn push(self, column: &mut Texts) -> usize {
        column.bytes.extend_from_slice(self.as_bytes());
        column.ends.push(column.bytes.len());
        self.len() + size_of::<usize>()
    }

    fn write(column: &Texts, validity: &[u8], output: &mut OutputVector<'_>) -> Result<u64, VectorError> {
        let ends = std::iter::once(&0).chain(&column.ends);
        let offsets = ends.map(|end| u32::try_from(*end)).collect::<Result<Vec<_>, _>>();
        output.write_bytes(&offsets.map_err(|_| VectorError::TooLarge)?, &column.bytes, Some(validity))?;
        Ok(column.bytes.len() as u64)
    }
}
