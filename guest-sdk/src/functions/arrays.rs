//! ARRAY: `[T; N]`.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::column::validity;
use super::contract::{Node, Values};
use super::nested::{NestedSink, child};
use super::parameter::{Extent, ListItem, Misfit, Nodes, Parameter, RowBlock, View, stride};
use super::results::{ResultType, Return};
use super::slots::{Collect, Element, ElementType, Slots};
use crate::Error;

/// The values of an argument of arrays.
pub struct ArrayView<V, const N: usize> {
    elements: V,
    stride: usize,
}

impl<V: View, const N: usize> View for ArrayView<V, N> {
    type Value<'v>
        = [V::Value<'v>; N]
    where
        Self: 'v;
    type Block<'v>
        = RowBlock<'v, Self>
    where
        Self: 'v;

    fn block(&self, index: usize) -> Self::Block<'_> {
        RowBlock::new(self, index)
    }

    fn value(&self, row: usize) -> Self::Value<'_> {
        std::array::from_fn(|index| self.elements.value(row * self.stride * N + index))
    }
}

fn array_of<const N: usize>(element: &str) -> Cow<'static, str> {
    const { assert!(N > 0, "an array has at least one element") };
    format!("{element}[{N}]").into()
}

impl<T: Parameter, const N: usize> Parameter for [T; N] {
    type View<'c> = ArrayView<T::View<'c>, N>;

    fn logical_type() -> Cow<'static, str> {
        array_of::<N>(&T::logical_type())
    }

    fn view<'c>(node: &'c Node, below: &mut Nodes<'c>, extent: Extent) -> Result<Self::View<'c>, Misfit> {
        match node.values {
            Values::FixedList(size) if size as usize == N => {}
            _ => return Err(Misfit::Type),
        }
        let present = validity(node, Extent::Vector);
        let elements = child::<T>(below, |element| present.is_valid(element / N));
        let elements = elements.map_err(|misfit| misfit.in_parent(|element| element / N))?;
        Ok(ArrayView { elements, stride: stride(extent) })
    }
}

impl<T, const N: usize> ListItem for [T; N] {}

/// The type of a column of arrays.
pub struct ArrayOf<T: ?Sized, const N: usize>(PhantomData<T>);

/// Growing arrays: their elements.
#[derive(Default)]
pub struct ArrayValues<V, const N: usize>(Slots<V>);

impl<V: Collect, const N: usize> Collect for ArrayValues<V, N> {
    fn skip(&mut self) {
        (0..N).for_each(|_| self.0.push_null());
    }

    fn truncate(&mut self, rows: usize) {
        self.0.truncate(rows * N);
    }

    fn lend(&mut self, below: &mut Vec<Node>) -> Values {
        self.0.lend(below);
        Values::FixedList(N as u32)
    }

    fn reclaim(&mut self, _values: Values, below: &mut dyn Iterator<Item = Node>) {
        self.0.reclaim(below);
    }
}

impl<T: ElementType + ?Sized, const N: usize> ResultType for ArrayOf<T, N> {
    type Sink = NestedSink<Self>;

    fn logical_type() -> Cow<'static, str> {
        array_of::<N>(&T::logical_type())
    }
}

impl<T: ElementType + ?Sized, const N: usize> ElementType for ArrayOf<T, N> {
    type Values = ArrayValues<T::Values, N>;
}

impl<T: Element, const N: usize> Element for [T; N] {
    type Type = ArrayOf<T::Type, N>;

    fn put_into(self, slots: &mut Slots<ArrayValues<<T::Type as ElementType>::Values, N>>) {
        for element in self {
            element.put_into(&mut slots.values.0);
        }
        slots.pushed();
    }
}

impl<T: Element, const N: usize> Return for [T; N] {
    type Type = ArrayOf<T::Type, N>;
    type Value = Self;

    fn resolve(self) -> Result<Option<Self>, Error> {
        Ok(Some(self))
    }
}
