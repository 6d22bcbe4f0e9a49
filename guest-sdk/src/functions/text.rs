//! VARCHAR and BLOB: offsets into one run of bytes.
//!
//! The only unsafe code of this crate is here, and it rests on one promise of the contract: every row of a VARCHAR
//! argument is valid UTF-8 by itself. The host copies those rows from its database, which holds nothing else.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::marker::PhantomData;

use super::block::BLOCK_ROWS;
use super::contract::{Node, Values, VarData};
use super::parameter::{Block, Extent, ListItem, Misfit, Nodes, Parameter, View, stride};
use super::results::{Put, ResultType, Return, Sink, SinkBlock};
use crate::Error;

/// What a row's bytes are.
pub trait Form<'c>: 'static {
    /// A row.
    type Value: 'c;

    /// The bytes of one row, as the host handed them over for a column of this form.
    fn from_bytes(bytes: &'c [u8]) -> Self::Value;
}

/// Rows that are read where they lie, or copied out.
pub struct Borrowed<T: ?Sized>(PhantomData<T>);

/// Rows that are copied into values of their own.
pub struct Owned<T>(PhantomData<T>);

impl<'c> Form<'c> for Borrowed<str> {
    type Value = &'c str;

    #[inline(always)]
    fn from_bytes(bytes: &'c [u8]) -> &'c str {
        // SAFETY: the contract; see above.
        unsafe { std::str::from_utf8_unchecked(bytes) }
    }
}

impl<'c> Form<'c> for Owned<String> {
    type Value = String;

    #[inline(always)]
    fn from_bytes(bytes: &'c [u8]) -> String {
        Borrowed::<str>::from_bytes(bytes).to_owned()
    }
}

impl<'c> Form<'c> for Borrowed<[u8]> {
    type Value = &'c [u8];

    #[inline(always)]
    fn from_bytes(bytes: &'c [u8]) -> &'c [u8] {
        bytes
    }
}

impl<'c> Form<'c> for Owned<Vec<u8>> {
    type Value = Vec<u8>;

    #[inline(always)]
    fn from_bytes(bytes: &'c [u8]) -> Vec<u8> {
        bytes.to_owned()
    }
}

/// The values of an argument of bytes.
pub struct TextView<'c, F> {
    offsets: &'c [u32],
    bytes: &'c [u8],
    /// How far the offsets of two rows lie apart: 0 for a constant.
    stride: usize,
    form: PhantomData<F>,
}

impl<'c, F: Form<'c>> TextView<'c, F> {
    /// Reads a node of bytes.
    pub fn new(node: &'c Node, extent: Extent) -> Result<Self, Misfit> {
        let Values::Bytes(VarData { offsets, bytes }) = &node.values else { return Err(Misfit::Type) };
        Ok(Self { offsets, bytes, stride: stride(extent), form: PhantomData })
    }

    #[inline(always)]
    fn row(&self, row: usize) -> F::Value {
        let at = row * self.stride;
        F::from_bytes(&self.bytes[self.offsets[at] as usize..self.offsets[at + 1] as usize])
    }
}

impl<'c, F: Form<'c>> View for TextView<'c, F> {
    type Value<'v>
        = F::Value
    where
        Self: 'v;
    type Block<'v>
        = TextBlock<'v, 'c, F>
    where
        Self: 'v;

    #[inline(always)]
    fn block(&self, index: usize) -> TextBlock<'_, 'c, F> {
        TextBlock { view: self, first: index * BLOCK_ROWS }
    }

    #[inline(always)]
    fn value(&self, row: usize) -> F::Value {
        self.row(row)
    }
}

/// 32 rows of a [`TextView`].
pub struct TextBlock<'v, 'c, F> {
    view: &'v TextView<'c, F>,
    first: usize,
}

impl<'c, F: Form<'c>> Block for TextBlock<'_, 'c, F> {
    type Value = F::Value;

    #[inline(always)]
    fn value(&self, row: usize) -> F::Value {
        self.view.row(self.first + row)
    }
}

macro_rules! parameters {
    ($($type:ty: $form:ty, $logical:literal);* $(;)?) => {$(
        impl Parameter for $type {
            type View<'c> = TextView<'c, $form>;

            fn logical_type() -> Cow<'static, str> {
                $logical.into()
            }

            fn view<'c>(node: &'c Node, _below: &mut Nodes<'c>, extent: Extent) -> Result<Self::View<'c>, Misfit> {
                TextView::new(node, extent)
            }
        }
    )*};
}

parameters! {
    str: Borrowed<str>, "VARCHAR";
    &'static str: Borrowed<str>, "VARCHAR";
    String: Owned<String>, "VARCHAR";
    [u8]: Borrowed<[u8]>, "BLOB";
    &'static [u8]: Borrowed<[u8]>, "BLOB";
    Vec<u8>: Owned<Vec<u8>>, "BLOB";
}

/// Results of type `T`, one behind another.
pub struct TextSink<T: ?Sized> {
    offsets: Vec<u32>,
    bytes: Vec<u8>,
    element: PhantomData<T>,
}

impl<T: ?Sized> Default for TextSink<T> {
    fn default() -> Self {
        Self { offsets: Vec::new(), bytes: Vec::new(), element: PhantomData }
    }
}

impl<T: ?Sized + 'static> Sink for TextSink<T> {
    type Block<'b> = TextSinkBlock<'b, T>;

    fn begin(&mut self, rows: usize) {
        self.bytes.clear();
        self.offsets.clear();
        self.offsets.reserve(rows.next_multiple_of(BLOCK_ROWS) + 1);
        self.offsets.push(0);
    }

    #[inline(always)]
    fn block(&mut self, _index: usize) -> TextSinkBlock<'_, T> {
        TextSinkBlock { sink: self }
    }

    fn lend(&mut self, rows: usize) -> Values {
        self.offsets.truncate(rows + 1);
        Values::Bytes(VarData { offsets: std::mem::take(&mut self.offsets), bytes: std::mem::take(&mut self.bytes) })
    }

    fn reclaim(&mut self, values: Values) {
        if let Values::Bytes(VarData { offsets, bytes }) = values {
            (self.offsets, self.bytes) = (offsets, bytes);
        }
    }
}

/// The end of the results so far. Rows have to be put in order.
pub struct TextSinkBlock<'b, T: ?Sized> {
    sink: &'b mut TextSink<T>,
}

impl<T: AsRef<[u8]> + ?Sized, V: AsRef<T>> Put<V> for TextSinkBlock<'_, T> {
    #[inline(always)]
    fn put(&mut self, row: usize, value: V) {
        self.sink.bytes.extend_from_slice(value.as_ref().as_ref());
        self.skip(row);
    }
}

impl<T: ?Sized> SinkBlock for TextSinkBlock<'_, T> {
    #[inline(always)]
    fn skip(&mut self, _row: usize) {
        // A 32-bit guest cannot hold more bytes than a `u32` counts.
        self.sink.offsets.push(self.sink.bytes.len() as u32);
    }

    #[inline(always)]
    fn finish(self) {}
}

impl ResultType for str {
    type Sink = TextSink<str>;

    fn logical_type() -> Cow<'static, str> {
        "VARCHAR".into()
    }
}

impl ResultType for [u8] {
    type Sink = TextSink<[u8]>;

    fn logical_type() -> Cow<'static, str> {
        "BLOB".into()
    }
}

macro_rules! returns {
    ($($type:ty: $element:ty);* $(;)?) => {$(
        impl Return for $type {
            type Type = $element;
            type Value = Self;

            #[inline(always)]
            fn resolve(self) -> Result<Option<Self>, Error> {
                Ok(Some(self))
            }
        }
    )*};
}

impl ListItem for &str {}
impl ListItem for String {}
impl ListItem for Cow<'_, str> {}
impl ListItem for &[u8] {}
impl ListItem for Cow<'_, [u8]> {}

returns! {
    &str: str;
    String: str;
    Cow<'_, str>: str;
    &[u8]: [u8];
    Vec<u8>: [u8];
    Cow<'_, [u8]>: [u8];
}
