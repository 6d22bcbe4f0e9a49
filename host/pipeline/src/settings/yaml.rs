use std::fmt;
use std::ops::Range;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value as Json};
use serde_saphyr::{Location, Spanned};

use crate::diagnostics::Severity;

use super::{Entry, Node, NodeValue, Problem};

impl Node {
    /// Reads YAML. A text without content is nothing.
    ///
    /// # Errors
    /// What the parser says, with the place.
    pub fn from_yaml(text: &str) -> Result<Self, Problem> {
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            return Ok(Node { value: NodeValue::Scalar(Json::Null), span: 0..0 });
        }
        match serde_saphyr::from_str::<Spanned<Tree>>(text) {
            Ok(tree) => Ok(node(tree, text)),
            Err(error) => Err(Problem {
                severity: Severity::Error,
                message: message(&error),
                span: error.location().map(|location| span(location, text)),
                hint: None,
            }),
        }
    }
}

/// A document of any shape.
enum Tree {
    Scalar(Json),
    List(Vec<Spanned<Tree>>),
    Table(Vec<(Spanned<String>, Spanned<Tree>)>),
}

fn node(tree: Spanned<Tree>, text: &str) -> Node {
    let span = span(tree.referenced, text);
    let value = match tree.value {
        Tree::Scalar(value) => NodeValue::Scalar(value),
        Tree::List(elements) => NodeValue::List(elements.into_iter().map(|element| node(element, text)).collect()),
        Tree::Table(members) => NodeValue::Table(
            members
                .into_iter()
                .map(|(key, value)| Entry {
                    key_span: self::span(key.referenced, text),
                    key: key.value,
                    node: node(value, text),
                })
                .collect(),
        ),
    };
    Node { value, span }
}

/// The bytes of a place; none where it is not known.
fn span(location: Location, text: &str) -> Range<usize> {
    let place = location.span();
    let Some(offset) = place.byte_offset().and_then(|at| usize::try_from(at).ok()) else {
        let at = offset_of(location, text).unwrap_or(0);
        return at..at;
    };
    let length = place.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let (start, end) = (offset.min(text.len()), offset.saturating_add(length).min(text.len()));
    if text.is_char_boundary(start) && text.is_char_boundary(end) { start..end } else { 0..0 }
}

/// The byte of a line and a column, both from 1.
fn offset_of(location: Location, text: &str) -> Option<usize> {
    let lines = usize::try_from(location.line()).ok()?.checked_sub(1)?;
    let start = text.split_inclusive('\n').take(lines).map(str::len).sum::<usize>();
    let column = usize::try_from(location.column()).ok()?.checked_sub(1)?;
    let rest = text.get(start..)?.lines().next().unwrap_or_default();
    Some(start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at))
}

/// What the parser says, without the place that it begins with.
fn message(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    match first.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((_, message)) => message.to_owned(),
        None => first.to_owned(),
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar(Json::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Scalar(Number::from_f64(value).map_or_else(|| Json::String(value.to_string()), Json::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(Json::String(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(Json::Null))
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(Json::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Tree, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(Tree::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Tree::Table(members))
    }
}
