//! Booleans, which are stored as packed bits.

use std::borrow::Cow;

use super::block::{BLOCK_ROWS, Mask, word};
use super::contract::{Node, Values};
use super::parameter::{Block, Extent, ListItem, Misfit, Nodes, Parameter, View};
use super::results::{Put, ResultType, Return, Sink, SinkBlock};
use crate::Error;

/// The values of a boolean argument.
pub struct BitsView<'c> {
    bits: &'c [u8],
    /// The word of every block, for a constant.
    constant: Option<Mask>,
}

impl View for BitsView<'_> {
    type Value<'v>
        = bool
    where
        Self: 'v;
    type Block<'v>
        = Mask
    where
        Self: 'v;

    #[inline(always)]
    fn block(&self, index: usize) -> Mask {
        self.constant.unwrap_or_else(|| word(self.bits, index))
    }

    #[inline(always)]
    fn value(&self, row: usize) -> bool {
        match self.constant {
            Some(mask) => mask != 0,
            None => self.bits[row / 8] >> (row % 8) & 1 == 1,
        }
    }
}

impl Block for Mask {
    type Value = bool;

    #[inline(always)]
    fn value(&self, row: usize) -> bool {
        self >> row & 1 == 1
    }
}

impl Parameter for bool {
    type View<'c> = BitsView<'c>;

    fn logical_type() -> Cow<'static, str> {
        "BOOLEAN".into()
    }

    fn view<'c>(node: &'c Node, _below: &mut Nodes<'c>, extent: Extent) -> Result<BitsView<'c>, Misfit> {
        let Values::Bits(bits) = &node.values else { return Err(Misfit::Type) };
        let constant = match extent {
            Extent::Vector => None,
            Extent::Constant if bits.first().ok_or(Misfit::Type)? & 1 == 1 => Some(Mask::MAX),
            Extent::Constant => Some(0),
        };
        Ok(BitsView { bits, constant })
    }
}

impl ListItem for bool {}

/// Boolean results.
#[derive(Default)]
pub struct BitsSink {
    bits: Vec<u8>,
}

impl Sink for BitsSink {
    type Block<'b> = BitsSinkBlock<'b>;

    fn begin(&mut self, rows: usize) {
        self.bits.clear();
        self.bits.resize(rows.next_multiple_of(BLOCK_ROWS) / 8, 0);
    }

    #[inline(always)]
    fn block(&mut self, index: usize) -> BitsSinkBlock<'_> {
        let bytes = &mut self.bits.as_chunks_mut().0[index];
        BitsSinkBlock { word: Mask::from_le_bytes(*bytes), bytes }
    }

    fn lend(&mut self, rows: usize) -> Values {
        self.bits.truncate(rows.div_ceil(8));
        Values::Bits(std::mem::take(&mut self.bits))
    }

    fn reclaim(&mut self, values: Values) {
        if let Values::Bits(bits) = values {
            self.bits = bits;
        }
    }
}

/// 32 results to be written.
pub struct BitsSinkBlock<'b> {
    word: Mask,
    bytes: &'b mut [u8; 4],
}

impl Put<bool> for BitsSinkBlock<'_> {
    #[inline(always)]
    fn put(&mut self, row: usize, value: bool) {
        self.word |= Mask::from(value) << row;
    }
}

impl SinkBlock for BitsSinkBlock<'_> {
    #[inline(always)]
    fn skip(&mut self, _row: usize) {}

    #[inline(always)]
    fn finish(self) {
        *self.bytes = self.word.to_le_bytes();
    }
}

impl ResultType for bool {
    type Sink = BitsSink;

    fn logical_type() -> Cow<'static, str> {
        "BOOLEAN".into()
    }
}

impl Return for bool {
    type Type = bool;
    type Value = bool;

    #[inline(always)]
    fn resolve(self) -> Result<Option<bool>, Error> {
        Ok(Some(self))
    }
}
