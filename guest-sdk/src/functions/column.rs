//! Arguments as columns.

use super::block::{Mask, Validity};
use super::contract::{Argument, Node};
use super::fixed::Fixed;
use super::parameter::{Extent, Parameter, View};
use crate::Error;

/// One argument of a call, for all rows of the batch, read where the host put it.
///
/// `T` is a type of [the table](crate#types) without `Option`: `Column<i64>`, `Column<str>`.
pub struct Column<'c, T: Parameter + ?Sized> {
    view: T::View<'c>,
    validity: Validity<'c>,
    rows: usize,
    extent: Extent,
}

impl<'c, T: Parameter + ?Sized> Column<'c, T> {
    /// Reads an argument of a batch of `rows` rows. The host checks types when it plans a query, so a mismatch is its fault.
    #[doc(hidden)]
    pub fn bind(argument: &'c Argument, rows: usize) -> Result<Self, Error> {
        let (column, extent) = match argument {
            Argument::Vector(column) => (column, Extent::Vector),
            Argument::Constant(column) => (column, Extent::Constant),
        };
        let view = T::view(&column.root, &mut column.children.iter(), extent)
            .map_err(|misfit| misfit.error(&T::logical_type()))?;
        Ok(Self { view, validity: validity(&column.root, extent), rows, extent })
    }

    /// Rows of the batch.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The value that all rows have, where the host knows that there is only one. NULL is `Some(None)`.
    pub fn constant(&self) -> Option<Option<<T::View<'c> as View>::Value<'_>>> {
        (self.extent == Extent::Constant).then(|| self.get(0))
    }

    /// Whether the row is not NULL.
    pub fn is_valid(&self, row: usize) -> bool {
        self.validity.is_valid(row)
    }

    /// Whether no row is NULL.
    pub fn all_valid(&self) -> bool {
        matches!(self.validity, Validity::All)
    }

    /// The value of a row; None when it is NULL.
    pub fn get(&self, row: usize) -> Option<<T::View<'c> as View>::Value<'_>> {
        self.is_valid(row).then(|| self.view.value(row))
    }

    /// The value of a row; zero or empty when it is NULL.
    pub fn value(&self, row: usize) -> <T::View<'c> as View>::Value<'_> {
        self.view.value(row)
    }

    /// All rows in order; None for NULL.
    pub fn iter(&self) -> impl Iterator<Item = Option<<T::View<'c> as View>::Value<'_>>> {
        (0..self.rows).map(|row| self.get(row))
    }

    /// Which rows of a block the function must see.
    #[doc(hidden)]
    #[inline(always)]
    pub fn mask(&self, index: usize) -> Mask {
        if T::NULLABLE { Mask::MAX } else { self.validity.mask(index) }
    }

    /// For how many rows its values speak.
    #[doc(hidden)]
    #[inline(always)]
    pub fn extent(&self) -> Extent {
        self.extent
    }

    #[doc(hidden)]
    #[inline(always)]
    pub fn block(&self, index: usize) -> <T::View<'c> as View>::Block<'_> {
        self.view.block(index)
    }
}

impl<'c, T: Fixed> Column<'c, T> {
    /// The values of all rows as they are stored, those of NULLs being 0; None when the argument is a [`constant`].
    ///
    /// [`constant`]: Column::constant
    pub fn values(&self) -> Option<&'c [T::Stored]> {
        self.view.stored()
    }
}

/// Which rows of a node are not NULL.
pub fn validity(node: &Node, extent: Extent) -> Validity<'_> {
    match (&node.validity, extent) {
        (None, _) => Validity::All,
        (Some(bits), Extent::Vector) => Validity::Bits(bits),
        (Some(bits), Extent::Constant) if bits.first().is_some_and(|byte| byte & 1 == 1) => Validity::All,
        (Some(_), Extent::Constant) => Validity::None,
    }
}
