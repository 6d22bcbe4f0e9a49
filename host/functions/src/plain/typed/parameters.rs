//! Parameters of types that cross the boundary as they are.

use duckpen_database::{InputVector, StringRows};
use wasmtime::component::{ComponentNamedList, ComponentType, Lower};

/// The types of all parameters.
pub(super) trait Parameters: 'static {
    /// What goes to the guest.
    type Lowered<'a>: ComponentNamedList + Lower;
    /// The values of a batch.
    type Values<'a>: Copy;

    /// The values of vectors, where they are of these types.
    fn values<'a>(vectors: &[InputVector<'a>]) -> Option<Self::Values<'a>>;

    /// Those of a row without NULLs, and their bytes.
    fn value<'a>(values: Self::Values<'a>, row: usize) -> (Self::Lowered<'a>, usize);
}

impl<A: Taken> Parameters for (A,) {
    type Lowered<'a> = (A::Value<'a>,);
    type Values<'a> = A::Values<'a>;

    fn values<'a>(vectors: &[InputVector<'a>]) -> Option<A::Values<'a>> {
        let [a] = vectors else { return None };
        A::values(a)
    }

    #[inline]
    fn value<'a>(values: A::Values<'a>, row: usize) -> (Self::Lowered<'a>, usize) {
        let (a, bytes) = A::value(values, row);
        ((a,), bytes)
    }
}

impl<A: Taken, B: Taken> Parameters for (A, B) {
    type Lowered<'a> = (A::Value<'a>, B::Value<'a>);
    type Values<'a> = (A::Values<'a>, B::Values<'a>);

    fn values<'a>(vectors: &[InputVector<'a>]) -> Option<Self::Values<'a>> {
        let [a, b] = vectors else { return None };
        Some((A::values(a)?, B::values(b)?))
    }

    #[inline]
    fn value<'a>((a, b): Self::Values<'a>, row: usize) -> (Self::Lowered<'a>, usize) {
        let ((a, a_bytes), (b, b_bytes)) = (A::value(a, row), B::value(b, row));
        ((a, b), a_bytes + b_bytes)
    }
}

/// The type of a parameter.
pub(super) trait Taken: 'static {
    /// What goes to the guest.
    type Value<'a>: Lower + ComponentType;
    /// The values of a batch.
    type Values<'a>: Copy;

    /// The values of a vector, where they are of this type.
    fn values<'a>(vector: &InputVector<'a>) -> Option<Self::Values<'a>>;

    /// That of a row which is not NULL, and its bytes.
    fn value<'a>(values: Self::Values<'a>, row: usize) -> (Self::Value<'a>, usize);
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Taken for $number {
            type Value<'a> = $number;
            type Values<'a> = &'a [$number];

            fn values<'a>(vector: &InputVector<'a>) -> Option<&'a [$number]> {
                vector.fixed()
            }

            #[inline]
            fn value<'a>(values: Self::Values<'a>, row: usize) -> (Self::Value<'a>, usize) {
                (values[row], size_of::<$number>())
            }
        }
    )*};
}

numbers!(i32, i64, u32, u64, f64);

impl Taken for bool {
    type Value<'a> = bool;
    type Values<'a> = &'a [u8];

    fn values<'a>(vector: &InputVector<'a>) -> Option<&'a [u8]> {
        vector.bools()
    }

    #[inline]
    fn value<'a>(values: Self::Values<'a>, row: usize) -> (Self::Value<'a>, usize) {
        (values[row] & 1 == 1, 1)
    }
}

impl Taken for String {
    type Value<'a> = &'a str;
    type Values<'a> = StringRows<'a>;

    fn values<'a>(vector: &InputVector<'a>) -> Option<StringRows<'a>> {
        vector.strings()
    }

    #[inline]
    fn value<'a>(values: Self::Values<'a>, row: usize) -> (Self::Value<'a>, usize) {
        // DuckDB has no VARCHAR that is not UTF-8.
        let text = str::from_utf8(values.get(row).unwrap_or_default()).unwrap_or_default();
        (text, text.len())
    }
}
