use std::fmt;

use serde::Serialize;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Provenance {
    /// An option such as `--vars`.
    CommandLine { option: &'static str },
    /// A line of a file, relative to the project.
    File { file: String, line: usize },
    /// Environment variables that a line of a file refers to, each with its place if `.env` sets it.
    Environment { variables: Vec<String>, file: String, line: usize },
    /// Nothing says anything.
    Default,
}

/// A value that can tell where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    pub provenance: Provenance,
}

impl Provenance {
    /// The line of a text's byte.
    pub fn of_byte(file: &str, text: &str, at: usize) -> Self {
        let line = text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        Provenance::File { file: file.to_owned(), line }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Provenance::CommandLine { option } => f.write_str(option),
            Provenance::File { file, line } => write!(f, "{file}:{line}"),
            Provenance::Environment { variables, file, line } => {
                write!(f, "environment {}, by {file}:{line}", variables.join(", "))
            }
            Provenance::Default => f.write_str("default"),
        }
    }
}

impl<T> Setting<T> {
    /// What holds where nothing says anything.
    pub fn default(value: impl Into<T>) -> Self {
        Self { value: value.into(), provenance: Provenance::Default }
    }
}
