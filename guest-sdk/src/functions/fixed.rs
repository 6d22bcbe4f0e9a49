//! Values of fixed width: numbers, and what is a number underneath.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::block::BLOCK_ROWS;
use super::contract::{Node, Values};
use super::parameter::{Block, Extent, ListItem, Misfit, Nodes, Parameter, View};
use super::physical::{Physical, Words};
use super::results::{Put, ResultType, Return, Sink, SinkBlock};
use crate::Error;

/// A logical type whose values have one width.
pub trait Fixed: Copy + 'static {
    /// How a value is stored.
    type Stored: Physical;
    /// In DuckDB's spelling.
    const LOGICAL_TYPE: &'static str;
    /// From the stored form.
    fn load(stored: Self::Stored) -> Self;
    /// To the stored form.
    fn store(self) -> Self::Stored;
}

macro_rules! numbers {
    ($($type:ty: $logical:literal),* $(,)?) => {$(
        impl Fixed for $type {
            type Stored = $type;
            const LOGICAL_TYPE: &'static str = $logical;
            #[inline(always)]
            fn load(stored: $type) -> $type {
                stored
            }
            #[inline(always)]
            fn store(self) -> $type {
                self
            }
        }
    )*};
}

numbers! {
    i8: "TINYINT", i16: "SMALLINT", i32: "INTEGER", i64: "BIGINT",
    u8: "UTINYINT", u16: "USMALLINT", u32: "UINTEGER", u64: "UBIGINT",
    f32: "FLOAT", f64: "DOUBLE",
}

macro_rules! wide_numbers {
    ($($type:ty: $logical:literal),*) => {$(
        impl Fixed for $type {
            type Stored = Words;
            const LOGICAL_TYPE: &'static str = $logical;
            #[inline(always)]
            fn load([low, high]: Words) -> $type {
                (u128::from(high) << 64 | u128::from(low)) as $type
            }
            #[inline(always)]
            fn store(self) -> Words {
                [self as u64, (self as u128 >> 64) as u64]
            }
        }
    )*};
}

wide_numbers!(i128: "HUGEINT", u128: "UHUGEINT");

macro_rules! list_items {
    ($($type:ty),*) => {$(impl ListItem for $type {})*};
}

list_items!(i8, i16, i32, i64, i128, u16, u32, u64, u128, f32, f64);

/// The values of an argument of fixed width, in blocks. A constant is a block whose values are all the same, standing for
/// every block, so that one loop serves vectors and constants in any combination.
pub struct FixedView<'c, T: Fixed> {
    values: &'c [T::Stored],
    blocks: &'c [[T::Stored; BLOCK_ROWS]],
    /// The rows behind the last whole block, or a constant 32 times.
    tail: [T::Stored; BLOCK_ROWS],
    extent: Extent,
}

impl<'c, T: Fixed> FixedView<'c, T> {
    /// None when the column does not hold values of this type.
    pub fn new(node: &'c Node, extent: Extent) -> Option<Self> {
        let values = T::Stored::values(T::Stored::elements(&node.values)?);
        if extent == Extent::Constant {
            return Some(Self { values, blocks: &[], tail: [*values.first()?; BLOCK_ROWS], extent });
        }
        let (blocks, rest) = values.as_chunks();
        let mut tail = [T::Stored::default(); BLOCK_ROWS];
        tail[..rest.len()].copy_from_slice(rest);
        Some(Self { values, blocks, tail, extent })
    }

    /// All rows as they are stored; None for a constant.
    pub fn stored(&self) -> Option<&'c [T::Stored]> {
        (self.extent == Extent::Vector).then_some(self.values)
    }
}

impl<T: Fixed> View for FixedView<'_, T> {
    type Value<'v>
        = T
    where
        Self: 'v;
    type Block<'v>
        = FixedBlock<'v, T>
    where
        Self: 'v;

    #[inline(always)]
    fn block(&self, index: usize) -> FixedBlock<'_, T> {
        FixedBlock { stored: self.blocks.get(index).unwrap_or(&self.tail) }
    }

    #[inline(always)]
    fn value(&self, row: usize) -> T {
        T::load(match self.extent {
            Extent::Vector => self.values[row],
            Extent::Constant => self.tail[0],
        })
    }
}

/// 32 values; those past the last row are zero.
pub struct FixedBlock<'v, T: Fixed> {
    stored: &'v [T::Stored; BLOCK_ROWS],
}

impl<T: Fixed> Block for FixedBlock<'_, T> {
    type Value = T;

    #[inline(always)]
    fn value(&self, row: usize) -> T {
        T::load(self.stored[row])
    }
}

impl<T: Fixed> Parameter for T {
    type View<'c> = FixedView<'c, T>;

    fn logical_type() -> Cow<'static, str> {
        T::LOGICAL_TYPE.into()
    }

    fn view<'c>(node: &'c Node, _below: &mut Nodes<'c>, extent: Extent) -> Result<FixedView<'c, T>, Misfit> {
        FixedView::new(node, extent).ok_or(Misfit::Type)
    }
}

/// Results of fixed width.
pub struct FixedSink<T: Fixed> {
    elements: Vec<<T::Stored as Physical>::Element>,
}

impl<T: Fixed> Default for FixedSink<T> {
    fn default() -> Self {
        Self { elements: Vec::new() }
    }
}

impl<T: Fixed> Sink for FixedSink<T> {
    type Block<'b> = FixedSinkBlock<'b, T>;

    fn begin(&mut self, rows: usize) {
        self.elements.resize(rows.next_multiple_of(BLOCK_ROWS) * T::Stored::ELEMENTS, Default::default());
    }

    #[inline(always)]
    fn block(&mut self, index: usize) -> FixedSinkBlock<'_, T> {
        let stored = &mut T::Stored::values_mut(&mut self.elements).as_chunks_mut().0[index];
        FixedSinkBlock { stored, logical: PhantomData }
    }

    fn lend(&mut self, rows: usize) -> Values {
        self.elements.truncate(rows * T::Stored::ELEMENTS);
        T::Stored::wrap(std::mem::take(&mut self.elements))
    }

    fn reclaim(&mut self, values: Values) {
        self.elements = T::Stored::unwrap(values).unwrap_or_default();
    }
}

/// 32 results to be written.
pub struct FixedSinkBlock<'b, T: Fixed> {
    stored: &'b mut [T::Stored; BLOCK_ROWS],
    logical: PhantomData<T>,
}

impl<T: Fixed> Put<T> for FixedSinkBlock<'_, T> {
    #[inline(always)]
    fn put(&mut self, row: usize, value: T) {
        self.stored[row] = value.store();
    }
}

impl<T: Fixed> SinkBlock for FixedSinkBlock<'_, T> {
    #[inline(always)]
    fn skip(&mut self, row: usize) {
        self.stored[row] = T::Stored::default();
    }

    #[inline(always)]
    fn finish(self) {}
}

impl<T: Fixed> ResultType for T {
    type Sink = FixedSink<T>;

    fn logical_type() -> Cow<'static, str> {
        T::LOGICAL_TYPE.into()
    }
}

impl<T: Fixed> Return for T {
    type Type = T;
    type Value = T;

    #[inline(always)]
    fn resolve(self) -> Result<Option<T>, Error> {
        Ok(Some(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::results::flat_column;

    #[test]
    fn a_constant_fills_every_block() {
        let column = flat_column(1, Values::Int32(vec![7]), None);
        let view = FixedView::<i32>::new(&column.root, Extent::Constant).expect("it holds int32");
        assert!((0..3).all(|index| (0..BLOCK_ROWS).all(|row| view.block(index).value(row) == 7)));
        assert_eq!((view.value(1000), view.stored()), (7, None));
    }

    #[test]
    fn a_vector_has_whole_blocks_and_a_tail() {
        let column = flat_column(40, Values::Int64((0..40).collect()), None);
        let view = FixedView::<i64>::new(&column.root, Extent::Vector).expect("it holds int64");
        assert_eq!((view.block(0).value(31), view.block(1).value(7), view.block(1).value(8)), (31, 39, 0));
        assert_eq!(view.value(39), 39);
    }

    #[test]
    fn wide_numbers_keep_their_sign() {
        for number in [0, 1, -1, i128::MIN, i128::MAX, -(1 << 64)] {
            assert_eq!(i128::load(number.store()), number);
        }
        assert_eq!((-1i128).store(), [u64::MAX; 2]);
        assert_eq!((1u128 << 64).store(), [0, 1]);
    }

    #[test]
    fn a_column_of_another_type_is_not_taken() {
        let column = flat_column(1, Values::Float64(vec![1.0]), None);
        assert!(FixedView::<i64>::new(&column.root, Extent::Vector).is_none());
    }
}
