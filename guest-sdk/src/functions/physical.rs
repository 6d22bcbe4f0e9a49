//! How values of fixed width lie in a column.

use super::contract::Values;

/// A fixed-width value as it is stored.
pub trait Physical: Copy + Default + 'static {
    /// What the list of the contract holds; more than one of them may make a value.
    type Element: Copy + Default + 'static;

    /// Elements a value takes.
    const ELEMENTS: usize;

    /// The list inside `values`, if it is the one of this type.
    fn elements(values: &Values) -> Option<&[Self::Element]>;

    /// Wraps a list.
    fn wrap(elements: Vec<Self::Element>) -> Values;

    /// Unwraps a list to fill it again.
    fn unwrap(values: Values) -> Option<Vec<Self::Element>>;

    /// Elements as values.
    fn values(elements: &[Self::Element]) -> &[Self];

    /// Elements as values to be written.
    fn values_mut(elements: &mut [Self::Element]) -> &mut [Self];

    /// Puts a value behind the others.
    fn push(self, elements: &mut Vec<Self::Element>);
}

/// A value of 16 bytes: two words, the low one first.
pub type Words = [u64; 2];

macro_rules! physical {
    ($($type:ty: $variant:ident),*) => {$(
        impl Physical for $type {
            type Element = $type;
            const ELEMENTS: usize = 1;

            fn elements(values: &Values) -> Option<&[$type]> {
                if let Values::$variant(elements) = values { Some(elements) } else { None }
            }
            fn wrap(elements: Vec<$type>) -> Values {
                Values::$variant(elements)
            }
            fn unwrap(values: Values) -> Option<Vec<$type>> {
                if let Values::$variant(elements) = values { Some(elements) } else { None }
            }
            fn values(elements: &[$type]) -> &[$type] {
                elements
            }
            fn values_mut(elements: &mut [$type]) -> &mut [$type] {
                elements
            }
            fn push(self, elements: &mut Vec<$type>) {
                elements.push(self);
            }
        }
    )*};
}

physical!(i8: Int8, i16: Int16, i32: Int32, i64: Int64, u8: Uint8, u16: Uint16, u32: Uint32, u64: Uint64);
physical!(f32: Float32, f64: Float64);

impl Physical for Words {
    type Element = u64;
    const ELEMENTS: usize = 2;

    fn elements(values: &Values) -> Option<&[u64]> {
        if let Values::Words128(elements) = values { Some(elements) } else { None }
    }
    fn wrap(elements: Vec<u64>) -> Values {
        Values::Words128(elements)
    }
    fn unwrap(values: Values) -> Option<Vec<u64>> {
        if let Values::Words128(elements) = values { Some(elements) } else { None }
    }
    fn values(elements: &[u64]) -> &[Words] {
        elements.as_chunks().0
    }
    fn values_mut(elements: &mut [u64]) -> &mut [Words] {
        elements.as_chunks_mut().0
    }
    fn push(self, elements: &mut Vec<u64>) {
        elements.extend_from_slice(&self);
    }
}
