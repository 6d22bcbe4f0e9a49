//! LIST: `Vec<T>`, and slices of numbers.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::contract::{Node, Values};
use super::nested::{NestedSink, child};
use super::parameter::{Extent, ListItem, Misfit, Nodes, Parameter, RowBlock, View, stride};
use super::physical::Physical;
use super::results::{ResultType, Return};
use super::slots::{Collect, Element, ElementType, Slots};
use crate::Error;

/// Where the lists of a column lie among its elements.
pub struct Spans<'c> {
    offsets: &'c [u32],
    stride: usize,
}

impl<'c> Spans<'c> {
    /// Of a node whose child comes next.
    pub fn new(node: &'c Node, extent: Extent) -> Result<Self, Misfit> {
        let Values::ListOffsets(offsets) = &node.values else { return Err(Misfit::Type) };
        Ok(Self { offsets, stride: stride(extent) })
    }

    /// The elements of a row.
    pub fn of(&self, row: usize) -> std::ops::Range<usize> {
        let at = row * self.stride;
        self.offsets[at] as usize..self.offsets[at + 1] as usize
    }

    /// The row of an element.
    pub fn row_of(&self, element: usize) -> usize {
        self.offsets.partition_point(|offset| *offset as usize <= element).saturating_sub(1)
    }
}

/// The values of an argument of lists.
pub struct ListView<'c, V> {
    spans: Spans<'c>,
    elements: V,
}

impl<V: View> View for ListView<'_, V> {
    type Value<'v>
        = Vec<V::Value<'v>>
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
        self.spans.of(row).map(|element| self.elements.value(element)).collect()
    }
}

fn list_of(element: &str) -> Cow<'static, str> {
    format!("{element}[]").into()
}

impl<T: Parameter + ListItem> Parameter for Vec<T> {
    type View<'c> = ListView<'c, T::View<'c>>;

    fn logical_type() -> Cow<'static, str> {
        list_of(&T::logical_type())
    }

    fn view<'c>(node: &'c Node, below: &mut Nodes<'c>, extent: Extent) -> Result<Self::View<'c>, Misfit> {
        let spans = Spans::new(node, extent)?;
        let elements = child::<T>(below, |_| true);
        let elements = elements.map_err(|misfit| misfit.in_parent(|element| spans.row_of(element)))?;
        Ok(ListView { spans, elements })
    }
}

impl<T> ListItem for Vec<T> {}

/// The values of an argument of lists of numbers, as they lie.
pub struct SliceView<'c, T> {
    spans: Spans<'c>,
    elements: &'c [T],
}

impl<'c, T> View for SliceView<'c, T> {
    type Value<'v>
        = &'c [T]
    where
        Self: 'v;
    type Block<'v>
        = RowBlock<'v, Self>
    where
        Self: 'v;

    fn block(&self, index: usize) -> Self::Block<'_> {
        RowBlock::new(self, index)
    }

    fn value(&self, row: usize) -> &'c [T] {
        &self.elements[self.spans.of(row)]
    }
}

macro_rules! slices {
    ($($number:ty),*) => {$(
        impl Parameter for &'static [$number] {
            type View<'c> = SliceView<'c, $number>;

            fn logical_type() -> Cow<'static, str> {
                list_of(&<$number as Parameter>::logical_type())
            }

            fn view<'c>(node: &'c Node, below: &mut Nodes<'c>, extent: Extent) -> Result<Self::View<'c>, Misfit> {
                let spans = Spans::new(node, extent)?;
                let elements = below.as_slice().first().and_then(|node| <$number>::elements(&node.values));
                child::<$number>(below, |_| true)
                    .map_err(|misfit| misfit.in_parent(|element| spans.row_of(element)))?;
                Ok(SliceView { spans, elements: elements.ok_or(Misfit::Type)? })
            }
        }
    )*};
}

slices!(i8, i16, i32, i64, u16, u32, u64, f32, f64);

/// The type of a column of lists.
pub struct ListOf<T: ?Sized>(PhantomData<T>);

/// Growing lists.
#[derive(Default)]
pub struct ListValues<V> {
    /// Where each ends.
    ends: Vec<u32>,
    /// Their elements.
    pub elements: Slots<V>,
}

impl<V: Collect> ListValues<V> {
    /// Ends the list whose elements were pushed.
    pub fn end(&mut self) {
        if self.ends.is_empty() {
            self.ends.push(0);
        }
        self.ends.push(self.elements.rows() as u32);
    }
}

impl<V: Collect> Collect for ListValues<V> {
    fn skip(&mut self) {
        self.end();
    }

    fn truncate(&mut self, rows: usize) {
        self.ends.truncate(rows + 1);
        self.elements.truncate(self.ends.last().map_or(0, |end| *end as usize));
    }

    fn lend(&mut self, below: &mut Vec<Node>) -> Values {
        if self.ends.is_empty() {
            self.ends.push(0);
        }
        self.elements.lend(below);
        Values::ListOffsets(std::mem::take(&mut self.ends))
    }

    fn reclaim(&mut self, values: Values, below: &mut dyn Iterator<Item = Node>) {
        if let Values::ListOffsets(ends) = values {
            self.ends = ends;
        }
        self.ends.clear();
        self.elements.reclaim(below);
    }
}

impl<T: ElementType + ?Sized> ResultType for ListOf<T> {
    type Sink = NestedSink<Self>;

    fn logical_type() -> Cow<'static, str> {
        list_of(&T::logical_type())
    }
}

impl<T: ElementType + ?Sized> ElementType for ListOf<T> {
    type Values = ListValues<T::Values>;
}

impl<T: Element + ListItem> Element for Vec<T> {
    type Type = ListOf<T::Type>;

    fn put_into(self, slots: &mut Slots<ListValues<<T::Type as ElementType>::Values>>) {
        for element in self {
            element.put_into(&mut slots.values.elements);
        }
        slots.values.end();
        slots.pushed();
    }
}

impl<T: Element + ListItem> Return for Vec<T> {
    type Type = ListOf<T::Type>;
    type Value = Self;

    fn resolve(self) -> Result<Option<Self>, Error> {
        Ok(Some(self))
    }
}
