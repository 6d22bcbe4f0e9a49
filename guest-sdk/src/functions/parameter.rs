//! Types that a function takes.

use std::borrow::Cow;

use super::block::BLOCK_ROWS;
use super::contract::Node;
use crate::{Error, ErrorKind};

/// A type that may stand for a parameter.
pub trait Parameter: 'static {
    /// Whether the function is called with NULL. If not, rows with a NULL are left out.
    const NULLABLE: bool = false;

    /// How a column of this type is read.
    type View<'c>: View;

    /// In DuckDB's spelling.
    fn logical_type() -> Cow<'static, str>;

    /// Reads a node; those below it are the next ones.
    fn view<'c>(node: &'c Node, below: &mut Nodes<'c>, extent: Extent) -> Result<Self::View<'c>, Misfit>;
}

/// The nodes of a column that are still to be read, in pre-order.
pub type Nodes<'c> = std::slice::Iter<'c, Node>;

/// Why a column is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// It does not hold values of this type.
    Type,
    /// A nested value has a NULL in it where the function takes none.
    Null {
        /// The row that has it.
        row: usize,
    },
}

impl Misfit {
    /// The same misfit of a parent, of whose row `row_of` says where a row of the child belongs.
    pub fn in_parent(self, row_of: impl FnOnce(usize) -> usize) -> Self {
        match self {
            Self::Type => Self::Type,
            Self::Null { row } => Self::Null { row: row_of(row) },
        }
    }

    /// The error of a call.
    pub fn error(self, logical_type: &str) -> Error {
        match self {
            Self::Type => {
                Error::new(ErrorKind::Internal, format!("an argument does not hold values of {logical_type}"))
            }
            Self::Null { row } => Error::from(format!("a value of {logical_type} has a NULL in it"))
                .with_hint("the function takes such a NULL if the type inside of its parameter is an `Option`")
                .at_row(row),
        }
    }
}

/// The types a `Vec` of which is a LIST: all but `u8`, for a `Vec<u8>` is a BLOB. `Vec<Option<u8>>` is UTINYINT[].
pub trait ListItem {}

/// For how many rows a column speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// It has a value for each row.
    Vector,
    /// Its one value holds for all rows.
    Constant,
}

/// The values of a column, wherever they lie.
pub trait View {
    /// One value. That of a NULL is zero or empty.
    type Value<'v>
    where
        Self: 'v;

    /// 32 of them.
    type Block<'v>: Block<Value = Self::Value<'v>>
    where
        Self: 'v;

    /// Rows `32 * index` and following. Rows past the last one may be in it and have arbitrary values, or panic.
    fn block(&self, index: usize) -> Self::Block<'_>;

    /// One row.
    fn value(&self, row: usize) -> Self::Value<'_>;
}

/// The values of 32 rows.
pub trait Block {
    /// One value.
    type Value;

    /// `row` counts from the start of the block and is below 32.
    fn value(&self, row: usize) -> Self::Value;
}

/// 32 rows of a view that has nothing better.
pub struct RowBlock<'v, V> {
    view: &'v V,
    first: usize,
}

impl<'v, V> RowBlock<'v, V> {
    /// Block `index`.
    #[inline(always)]
    pub fn new(view: &'v V, index: usize) -> Self {
        Self { view, first: index * BLOCK_ROWS }
    }
}

impl<'v, V: View> Block for RowBlock<'v, V> {
    type Value = V::Value<'v>;

    #[inline(always)]
    fn value(&self, row: usize) -> V::Value<'v> {
        self.view.value(self.first + row)
    }
}

/// How far the values of two rows lie apart.
pub fn stride(extent: Extent) -> usize {
    match extent {
        Extent::Vector => 1,
        Extent::Constant => 0,
    }
}
