//! DECIMAL: a scaled integer, stored in as few bytes as its width allows.

use std::borrow::Cow;

use super::contract::{Node, Values};
use super::fixed::{FixedBlock, FixedSink, FixedSinkBlock, FixedView};
use super::parameter::{Block, Extent, ListItem, Misfit, Nodes, Parameter, View};
use super::results::{Put, ResultType, Return, Sink, SinkBlock};
use super::slots::{Collect, Element, ElementType, FixedValues, Slots};
use crate::Error;

/// A number of `WIDTH` digits, `SCALE` of them behind the point: the unscaled number is `value * 10^SCALE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal<const WIDTH: u8, const SCALE: u8>(i128);

impl<const WIDTH: u8, const SCALE: u8> Decimal<WIDTH, SCALE> {
    const LIMIT: i128 = {
        assert!(0 < WIDTH && WIDTH <= 38 && SCALE <= WIDTH, "DECIMAL(width, scale) has scale <= width <= 38");
        10i128.pow(WIDTH as u32)
    };

    /// From the unscaled number, which has to have no more than `WIDTH` digits.
    pub fn from_unscaled(unscaled: i128) -> Result<Self, Error> {
        if -Self::LIMIT < unscaled && unscaled < Self::LIMIT {
            Ok(Self(unscaled))
        } else {
            Err(format!("{unscaled} (unscaled) is out of range for DECIMAL({WIDTH},{SCALE})").into())
        }
    }

    /// What a column of this type holds, which has no more digits than its width.
    #[inline(always)]
    fn stored(unscaled: impl Into<i128>) -> Self {
        Self(unscaled.into())
    }

    /// The number without its point.
    pub fn unscaled(self) -> i128 {
        self.0
    }
}

fn logical_type<const WIDTH: u8, const SCALE: u8>() -> Cow<'static, str> {
    format!("DECIMAL({WIDTH},{SCALE})").into()
}

/// One of the four ways of storing.
pub enum Storage<A, B, C, D> {
    /// Up to 4 digits.
    Int16(A),
    /// Up to 9.
    Int32(B),
    /// Up to 18.
    Int64(C),
    /// Up to 38.
    Int128(D),
}

macro_rules! each {
    ($storage:expr, $inner:ident => $result:expr) => {
        match $storage {
            Storage::Int16($inner) => Storage::Int16($result),
            Storage::Int32($inner) => Storage::Int32($result),
            Storage::Int64($inner) => Storage::Int64($result),
            Storage::Int128($inner) => Storage::Int128($result),
        }
    };
}

macro_rules! any {
    ($storage:expr, $inner:ident => $result:expr) => {
        match $storage {
            Storage::Int16($inner) => $result,
            Storage::Int32($inner) => $result,
            Storage::Int64($inner) => $result,
            Storage::Int128($inner) => $result,
        }
    };
}

/// The values of a decimal argument.
pub struct DecimalView<'c, const WIDTH: u8, const SCALE: u8>(
    Storage<FixedView<'c, i16>, FixedView<'c, i32>, FixedView<'c, i64>, FixedView<'c, i128>>,
);

/// 32 rows of a [`DecimalView`].
pub struct DecimalBlock<'v, const WIDTH: u8, const SCALE: u8>(
    Storage<FixedBlock<'v, i16>, FixedBlock<'v, i32>, FixedBlock<'v, i64>, FixedBlock<'v, i128>>,
);

impl<const WIDTH: u8, const SCALE: u8> View for DecimalView<'_, WIDTH, SCALE> {
    type Value<'v>
        = Decimal<WIDTH, SCALE>
    where
        Self: 'v;
    type Block<'v>
        = DecimalBlock<'v, WIDTH, SCALE>
    where
        Self: 'v;

    #[inline(always)]
    fn block(&self, index: usize) -> DecimalBlock<'_, WIDTH, SCALE> {
        DecimalBlock(each!(&self.0, view => view.block(index)))
    }

    #[inline(always)]
    fn value(&self, row: usize) -> Decimal<WIDTH, SCALE> {
        any!(&self.0, view => Decimal::stored(view.value(row)))
    }
}

impl<const WIDTH: u8, const SCALE: u8> Block for DecimalBlock<'_, WIDTH, SCALE> {
    type Value = Decimal<WIDTH, SCALE>;

    #[inline(always)]
    fn value(&self, row: usize) -> Decimal<WIDTH, SCALE> {
        any!(&self.0, block => Decimal::stored(block.value(row)))
    }
}

impl<const WIDTH: u8, const SCALE: u8> Parameter for Decimal<WIDTH, SCALE> {
    type View<'c> = DecimalView<'c, WIDTH, SCALE>;

    fn logical_type() -> Cow<'static, str> {
        logical_type::<WIDTH, SCALE>()
    }

    fn view<'c>(node: &'c Node, below: &mut Nodes<'c>, extent: Extent) -> Result<Self::View<'c>, Misfit> {
        Ok(DecimalView(match WIDTH {
            0..=4 => Storage::Int16(i16::view(node, below, extent)?),
            5..=9 => Storage::Int32(i32::view(node, below, extent)?),
            10..=18 => Storage::Int64(i64::view(node, below, extent)?),
            _ => Storage::Int128(i128::view(node, below, extent)?),
        }))
    }
}

impl<const WIDTH: u8, const SCALE: u8> ListItem for Decimal<WIDTH, SCALE> {}

/// Decimal results.
pub struct DecimalSink<const WIDTH: u8, const SCALE: u8>(
    Storage<FixedSink<i16>, FixedSink<i32>, FixedSink<i64>, FixedSink<i128>>,
);

impl<const WIDTH: u8, const SCALE: u8> Default for DecimalSink<WIDTH, SCALE> {
    fn default() -> Self {
        Self(match WIDTH {
            0..=4 => Storage::Int16(FixedSink::default()),
            5..=9 => Storage::Int32(FixedSink::default()),
            10..=18 => Storage::Int64(FixedSink::default()),
            _ => Storage::Int128(FixedSink::default()),
        })
    }
}

impl<const WIDTH: u8, const SCALE: u8> Sink for DecimalSink<WIDTH, SCALE> {
    type Block<'b> = DecimalSinkBlock<'b, WIDTH, SCALE>;

    fn begin(&mut self, rows: usize) {
        any!(&mut self.0, sink => sink.begin(rows));
    }

    #[inline(always)]
    fn block(&mut self, index: usize) -> DecimalSinkBlock<'_, WIDTH, SCALE> {
        DecimalSinkBlock(each!(&mut self.0, sink => sink.block(index)))
    }

    fn lend(&mut self, rows: usize) -> Values {
        any!(&mut self.0, sink => sink.lend(rows))
    }

    fn reclaim(&mut self, values: Values) {
        any!(&mut self.0, sink => sink.reclaim(values));
    }
}

/// 32 results to be written.
pub struct DecimalSinkBlock<'b, const WIDTH: u8, const SCALE: u8>(
    Storage<FixedSinkBlock<'b, i16>, FixedSinkBlock<'b, i32>, FixedSinkBlock<'b, i64>, FixedSinkBlock<'b, i128>>,
);

impl<const WIDTH: u8, const SCALE: u8> SinkBlock for DecimalSinkBlock<'_, WIDTH, SCALE> {
    #[inline(always)]
    fn skip(&mut self, row: usize) {
        any!(&mut self.0, block => block.skip(row));
    }

    #[inline(always)]
    fn finish(self) {}
}

impl<const WIDTH: u8, const SCALE: u8> Put<Decimal<WIDTH, SCALE>> for DecimalSinkBlock<'_, WIDTH, SCALE> {
    #[inline(always)]
    fn put(&mut self, row: usize, value: Decimal<WIDTH, SCALE>) {
        // A decimal has no more digits than its width, and the storage was chosen by the width.
        match &mut self.0 {
            Storage::Int16(block) => block.put(row, value.0 as i16),
            Storage::Int32(block) => block.put(row, value.0 as i32),
            Storage::Int64(block) => block.put(row, value.0 as i64),
            Storage::Int128(block) => block.put(row, value.0),
        }
    }
}

impl<const WIDTH: u8, const SCALE: u8> ResultType for Decimal<WIDTH, SCALE> {
    type Sink = DecimalSink<WIDTH, SCALE>;

    fn logical_type() -> Cow<'static, str> {
        logical_type::<WIDTH, SCALE>()
    }
}

impl<const WIDTH: u8, const SCALE: u8> Return for Decimal<WIDTH, SCALE> {
    type Type = Self;
    type Value = Self;

    #[inline(always)]
    fn resolve(self) -> Result<Option<Self>, Error> {
        Ok(Some(self))
    }
}

/// Decimals in nested results.
pub struct DecimalValues<const WIDTH: u8, const SCALE: u8>(
    Storage<FixedValues<i16>, FixedValues<i32>, FixedValues<i64>, FixedValues<i128>>,
);

impl<const WIDTH: u8, const SCALE: u8> Default for DecimalValues<WIDTH, SCALE> {
    fn default() -> Self {
        Self(match WIDTH {
            0..=4 => Storage::Int16(FixedValues::default()),
            5..=9 => Storage::Int32(FixedValues::default()),
            10..=18 => Storage::Int64(FixedValues::default()),
            _ => Storage::Int128(FixedValues::default()),
        })
    }
}

impl<const WIDTH: u8, const SCALE: u8> Collect for DecimalValues<WIDTH, SCALE> {
    fn skip(&mut self) {
        any!(&mut self.0, values => values.skip());
    }

    fn truncate(&mut self, rows: usize) {
        any!(&mut self.0, values => values.truncate(rows));
    }

    fn lend(&mut self, below: &mut Vec<Node>) -> Values {
        any!(&mut self.0, values => values.lend(below))
    }

    fn reclaim(&mut self, lent: Values, below: &mut dyn Iterator<Item = Node>) {
        any!(&mut self.0, values => values.reclaim(lent, below));
    }
}

impl<const WIDTH: u8, const SCALE: u8> ElementType for Decimal<WIDTH, SCALE> {
    type Values = DecimalValues<WIDTH, SCALE>;
}

impl<const WIDTH: u8, const SCALE: u8> Element for Decimal<WIDTH, SCALE> {
    type Type = Self;

    fn put_into(self, slots: &mut Slots<DecimalValues<WIDTH, SCALE>>) {
        // As for the block above.
        match &mut slots.values.0 {
            Storage::Int16(values) => values.put(self.0 as i16),
            Storage::Int32(values) => values.put(self.0 as i32),
            Storage::Int64(values) => values.put(self.0 as i64),
            Storage::Int128(values) => values.put(self.0),
        }
        slots.pushed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_no_more_digits_than_its_width() {
        assert!(Decimal::<4, 2>::from_unscaled(9_999).is_ok());
        let error = Decimal::<4, 2>::from_unscaled(-10_000).expect_err("five digits");
        assert_eq!(error.message, "-10000 (unscaled) is out of range for DECIMAL(4,2)");
    }

    #[test]
    fn the_width_decides_how_a_decimal_is_stored() {
        assert!(matches!(DecimalSink::<4, 0>::default().lend(0), Values::Int16(_)));
        assert!(matches!(DecimalSink::<9, 0>::default().lend(0), Values::Int32(_)));
        assert!(matches!(DecimalSink::<18, 3>::default().lend(0), Values::Int64(_)));
        assert!(matches!(DecimalSink::<38, 3>::default().lend(0), Values::Words128(_)));
    }
}
