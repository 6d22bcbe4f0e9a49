use std::ops::Range;

use serde_json::{Value as Json, json};

use crate::syntax::template::{DefaultValue, Segment, Template};

use super::secret::{HIDDEN, is_secret_name, without_url_password};

/// A value of a profile as it may be shown, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileValue {
    /// Its path: `engines.duckdb.mode`.
    pub key: String,
    /// Where it stands: bytes of the profile's text.
    pub span: Range<usize>,
    /// The line, from 1.
    pub line: usize,
    /// The value, `***` where it is a secret. References of a connector are as they were written: they are resolved when
    /// it is used.
    pub shown: Json,
    /// What it refers to.
    pub references: Vec<Reference>,
}

/// `${NAME}` or `${NAME|default}` in a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name of an environment variable; in a connector also of a variable.
    pub name: String,
    /// Whether the environment has it.
    pub is_set: bool,
    /// Whether there is a value for it where the environment has none.
    pub has_default: bool,
    /// Whether its value is not to be shown.
    pub is_secret: bool,
}

impl ProfileValue {
    /// A value as it may be shown. `name` is its own name, the last part of `key`.
    pub(super) fn new(key: String, name: &str, span: Range<usize>, line: usize, value: &Json, written: &Json) -> Self {
        let mut references = Vec::new();
        gather(written, is_secret_name(name), &mut references);
        // A reference alone gives nothing away, what it stands for does.
        let is_secret = (is_secret_name(name) && !is_reference(value))
            || references.iter().any(|reference: &Reference| reference.is_secret) && value != written;
        let shown = match value {
            _ if is_secret => json!(HIDDEN),
            Json::String(text) => Json::String(without_url_password(text)),
            other => other.clone(),
        };
        Self { key, span, line, shown, references }
    }

    /// Says which references the environment answers.
    pub(super) fn look_up(mut self, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        for reference in &mut self.references {
            reference.is_set = environment(&reference.name).is_some();
        }
        self
    }
}

/// Whether a value is `${NAME}` and nothing else.
pub(super) fn is_reference(value: &Json) -> bool {
    value.as_str().is_some_and(|text| {
        text.starts_with("${") && text.ends_with('}') && text.matches("${").count() == 1 && !text.contains('|')
    })
}

fn gather(written: &Json, is_secret: bool, references: &mut Vec<Reference>) {
    match written {
        Json::String(text) => {
            for segment in Template::detached(text).segments {
                if let Segment::Variable(variable) = segment {
                    let is_secret = is_secret || is_secret_name(&variable.name);
                    let has_default = variable.default.is_some();
                    references.push(Reference { name: variable.name, is_set: false, has_default, is_secret });
                }
            }
        }
        Json::Array(elements) => elements.iter().for_each(|element| gather(element, is_secret, references)),
        Json::Object(members) => {
            members.iter().for_each(|(name, value)| gather(value, is_secret || is_secret_name(name), references))
        }
        _ => {}
    }
}

/// The text with values in the places of `${name}` and `${name|default}`. Names without a value go to `missing`.
pub(super) fn expand(text: &str, lookup: &mut dyn FnMut(&str) -> Option<String>, missing: &mut Vec<String>) -> String {
    let mut expanded = String::new();
    for segment in Template::detached(text).segments {
        match segment {
            Segment::Text(piece) => expanded.push_str(&piece),
            Segment::Variable(variable) => match (lookup(&variable.name), variable.default) {
                (Some(value), _) => expanded.push_str(&value),
                (None, Some(DefaultValue::Value(value))) => expanded.push_str(&value.to_string()),
                (None, Some(DefaultValue::Unquoted(text))) => expanded.push_str(&text),
                (None, None) => missing.push(variable.name),
            },
        }
    }
    expanded
}
