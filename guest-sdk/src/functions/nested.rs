//! What lists, arrays, structs and maps have in common.

use super::block::BLOCK_ROWS;
use super::contract::{Node, Values};
use super::parameter::{Extent, Misfit, Nodes, Parameter};
use super::results::{Put, Sink, SinkBlock};
use super::slots::{Collect, Element, ElementType, Slots};

/// Reads the next child. Where it takes no NULL, it must not have one in a row in which its parent, as `is_wanted` says,
/// has a value.
pub fn child<'c, T: Parameter>(
    below: &mut Nodes<'c>,
    is_wanted: impl Fn(usize) -> bool,
) -> Result<T::View<'c>, Misfit> {
    let node = below.next().ok_or(Misfit::Type)?;
    if let (Some(bits), false) = (&node.validity, T::NULLABLE) {
        let is_null = |row: &usize| bits[row / 8] >> (row % 8) & 1 == 0;
        if let Some(row) = (0..node.rows as usize).find(|row| is_null(row) && is_wanted(*row)) {
            return Err(Misfit::Null { row });
        }
    }
    T::view(node, below, Extent::Vector)
}

/// Results of a nested type `T`.
pub struct NestedSink<T: ElementType + ?Sized> {
    slots: Slots<T::Values>,
    /// The nodes lent out, the root among them.
    nodes: Vec<Node>,
}

impl<T: ElementType + ?Sized> Default for NestedSink<T> {
    fn default() -> Self {
        Self { slots: Slots::default(), nodes: Vec::new() }
    }
}

impl<T: ElementType + ?Sized> Sink for NestedSink<T> {
    type Block<'b> = NestedSinkBlock<'b, T>;

    fn begin(&mut self, _rows: usize) {
        self.slots.truncate(0);
    }

    fn block(&mut self, index: usize) -> NestedSinkBlock<'_, T> {
        debug_assert!(self.slots.rows() / BLOCK_ROWS == index, "blocks are taken in order");
        NestedSinkBlock { slots: &mut self.slots }
    }

    fn lend(&mut self, rows: usize) -> Values {
        self.slots.truncate(rows);
        self.slots.values.lend(&mut self.nodes)
    }

    fn reclaim(&mut self, values: Values) {
        self.slots.values.reclaim(values, &mut self.nodes.drain(..));
    }

    fn lend_children(&mut self, children: &mut Vec<Node>) {
        children.append(&mut self.nodes);
    }

    fn reclaim_children(&mut self, children: &mut Vec<Node>) {
        self.nodes.append(children);
    }
}

/// The end of the results so far. Rows have to be put in order.
pub struct NestedSinkBlock<'b, T: ElementType + ?Sized> {
    slots: &'b mut Slots<T::Values>,
}

impl<T: ElementType + ?Sized, V: Element<Type = T>> Put<V> for NestedSinkBlock<'_, T> {
    fn put(&mut self, _row: usize, value: V) {
        value.put_into(self.slots);
    }
}

impl<T: ElementType + ?Sized> SinkBlock for NestedSinkBlock<'_, T> {
    fn skip(&mut self, _row: usize) {
        self.slots.push_null();
    }

    fn finish(self) {}
}
