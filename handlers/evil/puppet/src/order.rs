//! Orders: columns to emit, as bytes. All numbers are little-endian.
//!
//! | what | bytes |
//! |---|---|
//! | order | number of columns (1), columns |
//! | column | number of children (4), nodes: the root and its children |
//! | node | rows (4), case of `values` in the order of the contract (1), its payload, validity (1 for some, then a list) |
//! | list | number of elements (4), elements |
//! | payload of `bytes` | two lists |
//! | payload of `fixed-list` and `struct-of` | a number (4) |

use crate::bindings::duckpen::columns::columns::{Column, Node, Values, VarData};

/// Reads an order; none where it ends too early or has an unknown case.
pub fn read(bytes: &[u8]) -> Option<Vec<Column>> {
    let mut order = Order(bytes);
    let columns = order.byte()?;
    (0..columns).map(|_| order.column()).collect()
}

struct Order<'a>(&'a [u8]);

impl Order<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn list<const WIDTH: usize, T>(&mut self, element: fn([u8; WIDTH]) -> T) -> Option<Vec<T>> {
        let count = self.number()? as usize;
        let bytes = self.take(count.checked_mul(WIDTH)?)?;
        Some(bytes.as_chunks::<WIDTH>().0.iter().map(|bytes| element(*bytes)).collect())
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        self.list(u8::from_le_bytes)
    }

    fn column(&mut self) -> Option<Column> {
        let children = self.number()?;
        let root = self.node()?;
        Some(Column { root, children: (0..children).map(|_| self.node()).collect::<Option<_>>()? })
    }

    fn node(&mut self) -> Option<Node> {
        let rows = self.number()?;
        let values = match self.byte()? {
            0 => Values::Bits(self.bytes()?),
            1 => Values::Int8(self.list(i8::from_le_bytes)?),
            2 => Values::Int16(self.list(i16::from_le_bytes)?),
            3 => Values::Int32(self.list(i32::from_le_bytes)?),
            4 => Values::Int64(self.list(i64::from_le_bytes)?),
            5 => Values::Uint8(self.bytes()?),
            6 => Values::Uint16(self.list(u16::from_le_bytes)?),
            7 => Values::Uint32(self.list(u32::from_le_bytes)?),
            8 => Values::Uint64(self.list(u64::from_le_bytes)?),
            9 => Values::Float32(self.list(f32::from_le_bytes)?),
            10 => Values::Float64(self.list(f64::from_le_bytes)?),
            11 => Values::Words128(self.list(u64::from_le_bytes)?),
            12 => Values::Bytes(VarData { offsets: self.list(u32::from_le_bytes)?, bytes: self.bytes()? }),
            13 => Values::ListOffsets(self.list(u32::from_le_bytes)?),
            14 => Values::FixedList(self.number()?),
            15 => Values::StructOf(self.number()?),
            _ => return None,
        };
        let validity = if self.byte()? == 1 { Some(self.bytes()?) } else { None };
        Some(Node { rows, values, validity })
    }
}
