//! What the plan says of a transform step.

use serde::Deserialize;

/// A transform step.
#[derive(Debug, Deserialize)]
pub struct Declaration {
    /// The table or view that is made.
    pub table: String,
    /// The user's query, letter by letter.
    pub query: String,
    /// Which of the two it is.
    #[serde(default)]
    pub relation: Relation,
    /// What becomes of rows that the table has.
    #[serde(default)]
    pub mode: Mode,
    /// The columns that tell rows apart, for UPSERT.
    #[serde(default)]
    pub upsert_keys: Vec<String>,
    /// The column that says when a row is of, for INCREMENTAL.
    #[serde(default)]
    pub time_column: Option<String>,
    /// How far back INCREMENTAL computes anew.
    #[serde(default)]
    pub lookback: Option<Lookback>,
}

/// What a transform makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// Rows that are kept.
    #[default]
    Table,
    /// A query that is kept.
    View,
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
    /// They stay, but for those in the window.
    Incremental,
}

/// A span of time: `{"amount": 2, "unit": "day"}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Lookback {
    /// How many.
    pub amount: u32,
    /// Of what, in the singular or the plural.
    pub unit: String,
}

impl Lookback {
    /// Units that the database has.
    pub const UNITS: [&'static str; 8] = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];

    /// The unit in the singular; None when there is no such unit.
    pub fn unit(&self) -> Option<&'static str> {
        let unit = self.unit.to_ascii_lowercase();
        let singular = unit.strip_suffix('s').unwrap_or(&unit);
        Self::UNITS.into_iter().find(|known| *known == singular)
    }
}
