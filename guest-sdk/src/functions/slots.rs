//! Parts of nested results: values that are put one behind another, however many there will be.

use super::contract::{Node, Values, VarData};
use super::fixed::Fixed;
use super::physical::Physical;
use super::results::ResultType;

/// A value that may be a part of a nested result.
pub trait Element {
    /// The type of its column.
    type Type: ElementType + ?Sized;

    /// Puts it behind the others.
    fn put_into(self, slots: &mut Slots<<Self::Type as ElementType>::Values>);
}

/// A type that a part of a nested result may have.
pub trait ElementType: ResultType {
    /// What its values are collected in.
    type Values: Collect;
}

/// A growing column without its NULLs. It is kept from batch to batch.
pub trait Collect: Default + 'static {
    /// The slot of a NULL: zero, or empty.
    fn skip(&mut self);

    /// Forgets all but the first `rows`.
    fn truncate(&mut self, rows: usize);

    /// Lends the values out; the nodes below go behind `below`.
    fn lend(&mut self, below: &mut Vec<Node>) -> Values;

    /// Takes them back, to be filled anew; the nodes below are the next ones.
    fn reclaim(&mut self, values: Values, below: &mut dyn Iterator<Item = Node>);
}

/// A growing column.
#[derive(Default)]
pub struct Slots<V> {
    /// The values.
    pub values: V,
    rows: usize,
    /// Packed bits; of no length where no row is NULL.
    validity: Vec<u8>,
}

impl<V: Collect> Slots<V> {
    /// After a value was put into `values`.
    #[inline]
    pub fn pushed(&mut self) {
        if !self.validity.is_empty() {
            self.set(true);
        }
        self.rows += 1;
    }

    /// A NULL.
    pub fn push_null(&mut self) {
        self.values.skip();
        if self.validity.is_empty() {
            // All rows so far have a value.
            self.validity.resize(self.rows / 8, u8::MAX);
            self.validity.push(!(u8::MAX << (self.rows % 8)));
        }
        self.set(false);
        self.rows += 1;
    }

    fn set(&mut self, valid: bool) {
        self.validity.resize(self.rows / 8 + 1, 0);
        self.validity[self.rows / 8] |= u8::from(valid) << (self.rows % 8);
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Forgets all but the first `rows`.
    pub fn truncate(&mut self, rows: usize) {
        self.rows = self.rows.min(rows);
        self.validity.truncate(self.rows.div_ceil(8));
        self.values.truncate(self.rows);
    }

    /// Lends the column out as a node and those below it.
    pub fn lend(&mut self, nodes: &mut Vec<Node>) {
        let place = nodes.len();
        nodes.push(Node { rows: self.rows as u32, values: Values::StructOf(0), validity: None });
        nodes[place].values = self.values.lend(nodes);
        if !self.validity.is_empty() {
            nodes[place].validity = Some(std::mem::take(&mut self.validity));
        }
    }

    /// Takes it back, without rows.
    pub fn reclaim(&mut self, nodes: &mut dyn Iterator<Item = Node>) {
        if let Some(node) = nodes.next() {
            self.values.reclaim(node.values, nodes);
            self.validity = node.validity.unwrap_or_default();
        }
        self.validity.clear();
        self.rows = 0;
    }
}

/// Values of fixed width.
pub struct FixedValues<T: Fixed>(Vec<<T::Stored as Physical>::Element>);

impl<T: Fixed> Default for FixedValues<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Fixed> FixedValues<T> {
    /// Puts a value behind the others.
    #[inline]
    pub fn put(&mut self, value: T) {
        value.store().push(&mut self.0);
    }
}

impl<T: Fixed> Collect for FixedValues<T> {
    fn skip(&mut self) {
        T::Stored::default().push(&mut self.0);
    }

    fn truncate(&mut self, rows: usize) {
        self.0.truncate(rows * T::Stored::ELEMENTS);
    }

    fn lend(&mut self, _below: &mut Vec<Node>) -> Values {
        T::Stored::wrap(std::mem::take(&mut self.0))
    }

    fn reclaim(&mut self, values: Values, _below: &mut dyn Iterator<Item = Node>) {
        self.0 = T::Stored::unwrap(values).unwrap_or_default();
        self.0.clear();
    }
}

impl<T: Fixed> ElementType for T {
    type Values = FixedValues<T>;
}

impl<T: Fixed> Element for T {
    type Type = T;

    #[inline]
    fn put_into(self, slots: &mut Slots<FixedValues<T>>) {
        slots.values.put(self);
        slots.pushed();
    }
}

/// Booleans.
#[derive(Default)]
pub struct BitValues {
    bits: Vec<u8>,
    rows: usize,
}

impl BitValues {
    fn put(&mut self, value: bool) {
        self.bits.resize(self.rows / 8 + 1, 0);
        self.bits[self.rows / 8] |= u8::from(value) << (self.rows % 8);
        self.rows += 1;
    }
}

impl Collect for BitValues {
    fn skip(&mut self) {
        self.put(false);
    }

    fn truncate(&mut self, rows: usize) {
        self.rows = self.rows.min(rows);
        self.bits.truncate(self.rows.div_ceil(8));
    }

    fn lend(&mut self, _below: &mut Vec<Node>) -> Values {
        Values::Bits(std::mem::take(&mut self.bits))
    }

    fn reclaim(&mut self, values: Values, _below: &mut dyn Iterator<Item = Node>) {
        if let Values::Bits(bits) = values {
            self.bits = bits;
        }
        self.bits.clear();
        self.rows = 0;
    }
}

impl ElementType for bool {
    type Values = BitValues;
}

impl Element for bool {
    type Type = bool;

    fn put_into(self, slots: &mut Slots<BitValues>) {
        slots.values.put(self);
        slots.pushed();
    }
}

/// Texts or bytes.
#[derive(Default)]
pub struct TextValues {
    /// Where each ends.
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl TextValues {
    /// Puts bytes behind the others.
    pub fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.skip();
    }
}

impl Collect for TextValues {
    fn skip(&mut self) {
        if self.ends.is_empty() {
            self.ends.push(0);
        }
        // A 32-bit guest cannot hold more bytes than a `u32` counts.
        self.ends.push(self.bytes.len() as u32);
    }

    fn truncate(&mut self, rows: usize) {
        self.ends.truncate(rows + 1);
        self.bytes.truncate(self.ends.last().map_or(0, |end| *end as usize));
    }

    fn lend(&mut self, _below: &mut Vec<Node>) -> Values {
        if self.ends.is_empty() {
            self.ends.push(0);
        }
        Values::Bytes(VarData { offsets: std::mem::take(&mut self.ends), bytes: std::mem::take(&mut self.bytes) })
    }

    fn reclaim(&mut self, values: Values, _below: &mut dyn Iterator<Item = Node>) {
        if let Values::Bytes(VarData { offsets, bytes }) = values {
            (self.ends, self.bytes) = (offsets, bytes);
        }
        self.ends.clear();
        self.bytes.clear();
    }
}

macro_rules! texts {
    ($($type:ty: $element:ty);* $(;)?) => {$(
        impl Element for $type {
            type Type = $element;

            fn put_into(self, slots: &mut Slots<TextValues>) {
                let element: &$element = &self;
                slots.values.put(element.as_ref());
                slots.pushed();
            }
        }
    )*};
}

texts! {
    &str: str;
    String: str;
    std::borrow::Cow<'_, str>: str;
    &[u8]: [u8];
    Vec<u8>: [u8];
    std::borrow::Cow<'_, [u8]>: [u8];
}

impl ElementType for str {
    type Values = TextValues;
}

impl ElementType for [u8] {
    type Values = TextValues;
}
