use std::ops::Range;

use serde_json::Value as Json;

use crate::diagnostics::Severity;
use crate::names::suggest;

use super::{Entry, Node, NodeValue, Problem};

/// Reads tables and gathers what is wrong with them, so that all of it is told at once.
#[derive(Debug, Default)]
pub struct SettingsReader {
    /// What was found so far.
    pub problems: Vec<Problem>,
}

impl SettingsReader {
    /// Something that keeps the file from being used. Gives the problem, for a hint.
    pub fn error(&mut self, message: impl Into<String>, span: &Range<usize>) -> &mut Problem {
        self.problem(Severity::Error, message.into(), span)
    }

    /// Something that is probably not what was meant.
    pub fn warning(&mut self, message: impl Into<String>, span: &Range<usize>) -> &mut Problem {
        self.problem(Severity::Warning, message.into(), span)
    }

    fn problem(&mut self, severity: Severity, message: String, span: &Range<usize>) -> &mut Problem {
        let at = self.problems.len();
        self.problems.push(Problem { severity, message, span: Some(span.clone()), hint: None });
        &mut self.problems[at]
    }

    /// The table under a key; empty where there is none. `title` names it in messages.
    pub fn section<'n>(&mut self, parent: &'n [Entry], key: &str, title: &str) -> &'n [Entry] {
        match find(parent, key) {
            Some(entry) => self.table(&entry.node, title),
            None => &[],
        }
    }

    /// The entries of a table; nothing at all is an empty one.
    pub fn table<'n>(&mut self, node: &'n Node, title: &str) -> &'n [Entry] {
        match &node.value {
            NodeValue::Table(entries) => entries,
            NodeValue::Scalar(Json::Null) => &[],
            _ => {
                self.error(format!("{title} must be a dictionary"), &node.span);
                &[]
            }
        }
    }

    /// The text under a key. A number is taken as the text it is.
    pub fn text(&mut self, parent: &[Entry], key: &str, title: &str) -> Option<(String, Range<usize>)> {
        let node = &find(parent, key)?.node;
        match &node.value {
            NodeValue::Scalar(Json::String(text)) => Some((text.clone(), node.span.clone())),
            NodeValue::Scalar(Json::Number(number)) => Some((number.to_string(), node.span.clone())),
            NodeValue::Scalar(Json::Null) => None,
            _ => {
                self.error(format!("{title} must be a text"), &node.span);
                None
            }
        }
    }

    /// Tells of keys that a table does not have. `place` says where: ` in 'engines'`, or nothing.
    pub fn known(&mut self, severity: Severity, entries: &[Entry], known: &[&str], place: &str) {
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let hint = match suggest(&entry.key, known.iter().copied()) {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("keys are {}", known.join(", ")),
            };
            self.problem(severity, format!("unknown key '{}'{place}", entry.key), &entry.key_span).hint = Some(hint);
        }
    }
}

/// The entry of a key.
pub(crate) fn find<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Entry> {
    entries.iter().find(|entry| entry.key == key)
}
