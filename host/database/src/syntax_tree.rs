//! The syntax trees that DuckDB serializes. A project has a thousand of them, each with thousands of members, so that no
//! text is copied and no member hashed.

use std::borrow::Cow;
use std::fmt;
use std::ops::Index;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value of which numbers do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SyntaxTree<'a> {
    Text(Cow<'a, str>),
    Truth(bool),
    List(Vec<SyntaxTree<'a>>),
    Node(Vec<(Cow<'a, str>, SyntaxTree<'a>)>),
    /// A number, or nothing.
    Other,
}

impl<'a> SyntaxTree<'a> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_true(&self) -> bool {
        *self == Self::Truth(true)
    }

    pub(crate) fn items(&self) -> &[SyntaxTree<'a>] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

/// A member of a node; [`SyntaxTree::Other`] where it has none of the name.
impl<'a> Index<&str> for SyntaxTree<'a> {
    type Output = SyntaxTree<'a>;

    fn index(&self, name: &str) -> &Self::Output {
        match self {
            Self::Node(members) => {
                members.iter().find(|(known, _)| known == name).map_or(&Self::Other, |(_, member)| member)
            }
            _ => &Self::Other,
        }
    }
}

impl<'de> Deserialize<'de> for SyntaxTree<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = SyntaxTree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a syntax tree")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(SyntaxTree::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(SyntaxTree::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(SyntaxTree::Truth(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(SyntaxTree::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(SyntaxTree::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(SyntaxTree::Other)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(SyntaxTree::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = elements.next_element()? {
            items.push(item);
        }
        Ok(SyntaxTree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, member)) = entries.next_entry::<SyntaxTree<'de>, SyntaxTree<'de>>()? {
            if let SyntaxTree::Text(name) = name {
                members.push((name, member));
            }
        }
        Ok(SyntaxTree::Node(members))
    }
}
