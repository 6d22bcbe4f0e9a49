//! STRUCT: tuples, whose fields have no names, and what `#[derive(duckpen::Struct)]` makes of structs.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::block::Validity;
use super::column::validity;
use super::contract::{Node, Values};
use super::nested::{NestedSink, child};
use super::parameter::{Extent, ListItem, Misfit, Nodes, Parameter, RowBlock, View, stride};
use super::results::{ResultType, Return};
use super::slots::{Collect, Element, ElementType, Slots};
use crate::Error;

/// The fields of a struct, read one after another.
pub struct Fields<'c> {
    present: Validity<'c>,
}

impl<'c> Fields<'c> {
    /// Of a node whose children come next, `count` of them.
    pub fn new(node: &'c Node, count: usize) -> Result<Self, Misfit> {
        match node.values {
            Values::StructOf(fields) if fields as usize == count => {
                Ok(Self { present: validity(node, Extent::Vector) })
            }
            _ => Err(Misfit::Type),
        }
    }

    /// The next one.
    pub fn next<T: Parameter>(&self, below: &mut Nodes<'c>) -> Result<T::View<'c>, Misfit> {
        child::<T>(below, |row| self.present.is_valid(row))
    }
}

/// A STRUCT's spelling. Fields without names stand as types alone.
pub fn struct_of(fields: &[(&str, Cow<'static, str>)]) -> Cow<'static, str> {
    let field = |(name, kind): &(&str, Cow<'static, str>)| match *name {
        "" => kind.to_string(),
        name => format!("\"{}\" {kind}", name.replace('"', "\"\"")),
    };
    format!("STRUCT({})", fields.iter().map(field).collect::<Vec<_>>().join(", ")).into()
}

/// The values of an argument of tuples.
pub struct TupleView<V> {
    fields: V,
    stride: usize,
}

/// The type of a column of tuples, whose fields have the types that the [`Field`]s in `T` name.
pub struct TupleOf<T>(PhantomData<T>);

/// A type that need not have a size, as one of several.
pub struct Field<T: ?Sized>(PhantomData<T>);

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))+) => {$(
        impl<$($name: View),+> View for TupleView<($($name,)+)> {
            type Value<'v>
                = ($($name::Value<'v>,)+)
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
                let row = row * self.stride;
                ($(self.fields.$index.value(row),)+)
            }
        }

        impl<$($name: Parameter),+> Parameter for ($($name,)+) {
            type View<'c> = TupleView<($($name::View<'c>,)+)>;

            fn logical_type() -> Cow<'static, str> {
                struct_of(&[$(("", $name::logical_type())),+])
            }

            fn view<'c>(node: &'c Node, below: &mut Nodes<'c>, extent: Extent) -> Result<Self::View<'c>, Misfit> {
                const COUNT: usize = [$($index),+].len();
                let fields = Fields::new(node, COUNT)?;
                Ok(TupleView { fields: ($(fields.next::<$name>(below)?,)+), stride: stride(extent) })
            }
        }

        impl<$($name),+> ListItem for ($($name,)+) {}

        impl<$($name: Collect),+> Collect for ($(Slots<$name>,)+) {
            fn skip(&mut self) {
                $(self.$index.push_null();)+
            }

            fn truncate(&mut self, rows: usize) {
                $(self.$index.truncate(rows);)+
            }

            fn lend(&mut self, below: &mut Vec<Node>) -> Values {
                $(self.$index.lend(below);)+
                Values::StructOf([$($index),+].len() as u32)
            }

            fn reclaim(&mut self, _values: Values, below: &mut dyn Iterator<Item = Node>) {
                $(self.$index.reclaim(below);)+
            }
        }

        impl<$($name: ElementType + ?Sized),+> ResultType for TupleOf<($(Field<$name>,)+)> {
            type Sink = NestedSink<Self>;

            fn logical_type() -> Cow<'static, str> {
                struct_of(&[$(("", $name::logical_type())),+])
            }
        }

        impl<$($name: ElementType + ?Sized),+> ElementType for TupleOf<($(Field<$name>,)+)> {
            type Values = ($(Slots<$name::Values>,)+);
        }

        impl<$($name: Element),+> Element for ($($name,)+) {
            type Type = TupleOf<($(Field<$name::Type>,)+)>;

            fn put_into(self, slots: &mut Slots<<Self::Type as ElementType>::Values>) {
                $(self.$index.put_into(&mut slots.values.$index);)+
                slots.pushed();
            }
        }

        impl<$($name: Element),+> Return for ($($name,)+) {
            type Type = TupleOf<($(Field<$name::Type>,)+)>;
            type Value = Self;

            fn resolve(self) -> Result<Option<Self>, Error> {
                Ok(Some(self))
            }
        }
    )+};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}
