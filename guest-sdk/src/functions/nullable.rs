//! Parameters and results that may be NULL.

use std::borrow::Cow;

use super::block::{Mask, Validity};
use super::column::validity;
use super::contract::Node;
use super::parameter::{Block, Extent, ListItem, Misfit, Nodes, Parameter, View};
use super::results::Return;
use super::slots::{Element, ElementType, Slots};
use crate::Error;

/// The values of an argument, with its NULLs.
pub struct NullableView<'c, V> {
    values: V,
    validity: Validity<'c>,
}

impl<V: View> View for NullableView<'_, V> {
    type Value<'v>
        = Option<V::Value<'v>>
    where
        Self: 'v;
    type Block<'v>
        = NullableBlock<V::Block<'v>>
    where
        Self: 'v;

    #[inline(always)]
    fn block(&self, index: usize) -> Self::Block<'_> {
        NullableBlock { values: self.values.block(index), valid: self.validity.mask(index) }
    }

    #[inline(always)]
    fn value(&self, row: usize) -> Self::Value<'_> {
        self.validity.is_valid(row).then(|| self.values.value(row))
    }
}

/// 32 rows of a [`NullableView`].
pub struct NullableBlock<B> {
    values: B,
    valid: Mask,
}

impl<B: Block> Block for NullableBlock<B> {
    type Value = Option<B::Value>;

    #[inline(always)]
    fn value(&self, row: usize) -> Option<B::Value> {
        (self.valid >> row & 1 == 1).then(|| self.values.value(row))
    }
}

impl<P: Parameter> Parameter for Option<P> {
    const NULLABLE: bool = true;
    type View<'c> = NullableView<'c, P::View<'c>>;

    fn logical_type() -> Cow<'static, str> {
        P::logical_type()
    }

    fn view<'c>(node: &'c Node, below: &mut Nodes<'c>, extent: Extent) -> Result<Self::View<'c>, Misfit> {
        Ok(NullableView { values: P::view(node, below, extent)?, validity: validity(node, extent) })
    }
}

impl<T> ListItem for Option<T> {}

impl<R: Return> Return for Option<R> {
    const NULLABLE: bool = true;
    type Type = R::Type;
    type Value = R::Value;

    #[inline(always)]
    fn resolve(self) -> Result<Option<R::Value>, Error> {
        match self {
            Some(value) => value.resolve(),
            None => Ok(None),
        }
    }
}

impl<T: Element> Element for Option<T> {
    type Type = T::Type;

    fn put_into(self, slots: &mut Slots<<T::Type as ElementType>::Values>) {
        match self {
            Some(value) => value.put_into(slots),
            None => slots.push_null(),
        }
    }
}
