//! What the plan says of a LOAD step.

use duckpen::Problem;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::options;

/// A LOAD step.
#[derive(Debug, Deserialize)]
pub struct Declaration {
    /// The table that is written.
    pub table: String,
    /// The source that is read.
    pub source: String,
    /// What becomes of rows that the table has.
    #[serde(default)]
    pub mode: Mode,
    /// The columns that tell rows apart, for UPSERT.
    #[serde(default)]
    pub upsert_keys: Vec<String>,
    /// OPTIONS.
    #[serde(default)]
    pub options: Map<String, Value>,
}

/// What becomes of rows that the table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Mode {
    /// They go.
    #[default]
    Replace,
    /// They stay.
    Append,
    /// They are updated where their key comes again.
    Upsert,
}

impl Declaration {
    /// What is wrong with it.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = options::problems(&self.options, self.mode);
        let message = match (self.mode, self.upsert_keys.is_empty()) {
            (Mode::Upsert, true) => "UPSERT mode requires KEY to be specified",
            (Mode::Replace, false) => "REPLACE mode cannot use upsert keys",
            (Mode::Append, false) => "APPEND mode cannot use upsert keys",
            (Mode::Upsert, false) | (Mode::Replace | Mode::Append, true) => return problems,
        };
        problems.insert(0, Problem::new(message).of_option("upsert_keys"));
        problems
    }
}
