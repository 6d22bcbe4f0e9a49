//! Types that a function takes.

use std::borrow::Cow;

use super::contract::RawColumn;

/// A type that may stand for a parameter.
pub trait Parameter: 'static {
    /// Whether the function is called with NULL. If not, rows with a NULL are left out.
    const NULLABLE: bool = false;

    /// How a column of this type is read.
    type View<'c>: View;

    /// In DuckDB's spelling.
    fn logical_type() -> Cow<'static, str>;

    /// None when the column does not hold values of this type.
    fn view(column: &RawColumn, extent: Extent) -> Option<Self::View<'_>>;
}

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
