use std::ops::Range;

use serde_json::{Map, Value as Json};

/// A value of a settings file. It has no `Debug`: it may be a secret.
#[derive(Clone, PartialEq)]
pub struct Node {
    /// What stands there.
    pub value: NodeValue,
    /// Bytes of the file's text; of a list or a table where it begins.
    pub span: Range<usize>,
}

/// What a value of a settings file is.
#[derive(Clone, PartialEq)]
pub enum NodeValue {
    /// A text, a number, true, false or nothing.
    Scalar(Json),
    /// Values in order.
    List(Vec<Node>),
    /// Values by name, in the order of the file.
    Table(Vec<Entry>),
}

/// A named value.
#[derive(Clone, PartialEq)]
pub struct Entry {
    /// The name.
    pub key: String,
    /// Where the name stands.
    pub key_span: Range<usize>,
    /// The value.
    pub node: Node,
}

impl Node {
    /// Whether nothing stands there.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value, NodeValue::Scalar(Json::Null))
    }

    /// The value without places.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match &self.value {
            NodeValue::Scalar(value) => value.clone(),
            NodeValue::List(nodes) => Json::Array(nodes.iter().map(Node::to_json).collect()),
            NodeValue::Table(entries) => Json::Object(to_object(entries)),
        }
    }
}

/// The values of a table without places.
pub(crate) fn to_object(entries: &[Entry]) -> Map<String, Json> {
    entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect()
}
