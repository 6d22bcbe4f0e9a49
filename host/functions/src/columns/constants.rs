//! Arguments that are the same for all rows: columns of one row, kept for as long as a thread works on a call site.

use crate::bindings::VarData;
use crate::bindings::duckpen::columns::columns::{Column, Node, Values};

/// A column, copied.
pub(crate) struct OwnedColumn {
    root: OwnedNode,
    children: Vec<OwnedNode>,
}

struct OwnedNode {
    rows: u32,
    values: OwnedValues,
    validity: Option<Vec<u8>>,
}

/// Both directions for each case that is a list.
macro_rules! owned_values {
    ($($case:ident: $number:ty),* $(,)?) => {
        enum OwnedValues {
            $($case(Vec<$number>),)*
            Bytes(Vec<u32>, Vec<u8>),
            FixedList(u32),
            StructOf(u32),
        }

        impl OwnedValues {
            fn of(values: &Values<'_>) -> Self {
                match values {
                    $(Values::$case(values) => Self::$case(values.to_vec()),)*
                    Values::Bytes(VarData { offsets, bytes }) => Self::Bytes(offsets.to_vec(), bytes.to_vec()),
                    Values::FixedList(size) => Self::FixedList(*size),
                    Values::StructOf(fields) => Self::StructOf(*fields),
                }
            }

            fn lend(&self) -> Values<'_> {
                match self {
                    $(Self::$case(values) => Values::$case(values),)*
                    Self::Bytes(offsets, bytes) => Values::Bytes(VarData { offsets, bytes }),
                    Self::FixedList(size) => Values::FixedList(*size),
                    Self::StructOf(fields) => Values::StructOf(*fields),
                }
            }
        }
    };
}

owned_values! {
    Bits: u8, Int8: i8, Int16: i16, Int32: i32, Int64: i64, Uint8: u8, Uint16: u16, Uint32: u32, Uint64: u64,
    Float32: f32, Float64: f64, Words128: u64, ListOffsets: u32,
}

impl OwnedColumn {
    pub(crate) fn of(column: &Column<'_>) -> Self {
        Self { root: OwnedNode::of(&column.root), children: column.children.iter().map(OwnedNode::of).collect() }
    }

    /// The column, borrowed. `children` is room for its children.
    pub(crate) fn lend<'a>(&'a self, children: &'a mut Vec<Node<'a>>) -> Column<'a> {
        children.extend(self.children.iter().map(OwnedNode::lend));
        Column { root: self.root.lend(), children }
    }
}

impl OwnedNode {
    fn of(node: &Node<'_>) -> Self {
        Self { rows: node.rows, values: OwnedValues::of(&node.values), validity: node.validity.map(<[u8]>::to_vec) }
    }

    fn lend(&self) -> Node<'_> {
        Node { rows: self.rows, values: self.values.lend(), validity: self.validity.as_deref() }
    }
}
