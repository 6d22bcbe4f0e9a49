//! What the plan says of a LOAD step.

use duckpen::Problem;
use serde::Deserialize;

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
        let message = match (self.mode, self.upsert_keys.is_empty()) {
            (Mode::Upsert, true) => "UPSERT mode requires KEY to be specified",
            (Mode::Replace, false) => "REPLACE mode cannot use upsert keys",
            (Mode::Append, false) => "APPEND mode cannot use upsert keys",
            (Mode::Upsert, false) | (Mode::Replace | Mode::Append, true) => return Vec::new(),
        };
        vec![Problem::new(message).of_option("upsert_keys")]
    }
}
