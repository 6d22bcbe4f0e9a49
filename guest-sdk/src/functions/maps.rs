//! MAP: `Map<K, V>`, and `BTreeMap` as a result.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use super::contract::Node;
use super::lists::{ListValues, Spans};
use super::nested::NestedSink;
use super::parameter::{Extent, ListItem, Misfit, Nodes, Parameter, RowBlock, View};
use super::results::{ResultType, Return};
use super::slots::{Element, ElementType, Slots};
use super::structs::Fields;
use crate::Error;

/// A MAP: its entries, in its order. No key is there twice; the host refuses a result in which one is.
///
/// It derefs to a `Vec` of pairs, and a `BTreeMap` can be made of it, and it of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Map<K, V>(pub Vec<(K, V)>);

impl<K: PartialEq, V> Map<K, V> {
    /// The value of a key.
    pub fn get<Q: ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: PartialEq<Q>,
    {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }
}

impl<K, V> std::ops::Deref for Map<K, V> {
    type Target = Vec<(K, V)>;

    fn deref(&self) -> &Vec<(K, V)> {
        &self.0
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<K, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<K: Ord, V> From<Map<K, V>> for BTreeMap<K, V> {
    fn from(map: Map<K, V>) -> Self {
        map.0.into_iter().collect()
    }
}

fn map_of(key: &str, value: &str) -> Cow<'static, str> {
    format!("MAP({key}, {value})").into()
}

/// The values of an argument of maps.
pub struct MapView<'c, K, V> {
    spans: Spans<'c>,
    keys: K,
    values: V,
}

impl<K: View, V: View> View for MapView<'_, K, V> {
    type Value<'v>
        = Map<K::Value<'v>, V::Value<'v>>
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
        self.spans.of(row).map(|entry| (self.keys.value(entry), self.values.value(entry))).collect()
    }
}

impl<K: Parameter, V: Parameter> Parameter for Map<K, V> {
    type View<'c> = MapView<'c, K::View<'c>, V::View<'c>>;

    fn logical_type() -> Cow<'static, str> {
        map_of(&K::logical_type(), &V::logical_type())
    }

    fn view<'c>(node: &'c Node, below: &mut Nodes<'c>, extent: Extent) -> Result<Self::View<'c>, Misfit> {
        let spans = Spans::new(node, extent)?;
        let fields = Fields::new(below.next().ok_or(Misfit::Type)?, 2)?;
        let row_of = |entry| spans.row_of(entry);
        let keys = fields.next::<K>(below).map_err(|misfit| misfit.in_parent(row_of))?;
        let values = fields.next::<V>(below).map_err(|misfit| misfit.in_parent(row_of))?;
        Ok(MapView { spans, keys, values })
    }
}

impl<K, V> ListItem for Map<K, V> {}

impl<K, V> ListItem for BTreeMap<K, V> {}

/// The type of a column of maps.
pub struct MapOf<K: ?Sized, V: ?Sized>(PhantomData<K>, PhantomData<V>);

impl<K: ElementType + ?Sized, V: ElementType + ?Sized> ResultType for MapOf<K, V> {
    type Sink = NestedSink<Self>;

    fn logical_type() -> Cow<'static, str> {
        map_of(&K::logical_type(), &V::logical_type())
    }
}

impl<K: ElementType + ?Sized, V: ElementType + ?Sized> ElementType for MapOf<K, V> {
    type Values = ListValues<(Slots<K::Values>, Slots<V::Values>)>;
}

macro_rules! results {
    ($($map:ident),*) => {$(
        impl<K: Element, V: Element> Element for $map<K, V> {
            type Type = MapOf<K::Type, V::Type>;

            fn put_into(self, slots: &mut Slots<<Self::Type as ElementType>::Values>) {
                for (key, value) in self {
                    let entries = &mut slots.values.elements;
                    key.put_into(&mut entries.values.0);
                    value.put_into(&mut entries.values.1);
                    entries.pushed();
                }
                slots.values.end();
                slots.pushed();
            }
        }

        impl<K: Element, V: Element> Return for $map<K, V> {
            type Type = MapOf<K::Type, V::Type>;
            type Value = Self;

            fn resolve(self) -> Result<Option<Self>, Error> {
                Ok(Some(self))
            }
        }
    )*};
}

results!(Map, BTreeMap);
