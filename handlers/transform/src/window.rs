//! The span of time that an INCREMENTAL step computes.

use duckpen::sql::{Identifier, Subquery};
use duckpen::{Error, ErrorKind};

use crate::declaration::Declaration;

/// After `start`, up to now.
#[derive(Debug)]
pub struct Window {
    /// The time column, quoted.
    time: String,
    /// An expression; None is before everything.
    start: Option<String>,
}

impl Window {
    /// Everything.
    pub fn first() -> Self {
        Self { time: String::new(), start: None }
    }

    /// What comes after the rows of `table`, less the lookback.
    pub fn after(declaration: &Declaration, table: &str) -> Result<Self, Error> {
        let column = declaration
            .time_column
            .as_deref()
            .ok_or_else(|| Error::new(ErrorKind::InvalidConfiguration, "INCREMENTAL mode requires BY <time_column>"))?;
        let time = Identifier(column).to_string();
        let back = match &declaration.lookback {
            None => String::new(),
            Some(lookback) => {
                let unit = lookback.unit().ok_or_else(|| {
                    Error::new(
                        ErrorKind::InvalidConfiguration,
                        format!("LOOKBACK has an unknown unit: {}", lookback.unit),
                    )
                })?;
                format!(" - INTERVAL {} {unit}", lookback.amount)
            }
        };
        let start = format!("(SELECT max({time}){back} FROM {table})");
        Ok(Self { time, start: Some(start) })
    }

    /// The start as an expression of the given type.
    pub fn start_as(&self, logical_type: &str) -> String {
        let earliest = format!("CAST('0001-01-01' AS {logical_type})");
        match &self.start {
            Some(start) => format!("coalesce(CAST({start} AS {logical_type}), {earliest})"),
            None => earliest,
        }
    }

    /// The rows of `query` that are in the window.
    pub fn only_inside(&self, query: &str) -> String {
        format!("SELECT * FROM {} WHERE {}", Subquery(query), self.is_inside())
    }

    /// Whether a row is in the window: an expression over the columns of the table or of the query.
    pub fn is_inside(&self) -> String {
        match &self.start {
            Some(start) => format!("coalesce({} > {start}, {start} IS NULL)", self.time),
            None => "true".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn window(lookback: Value) -> Window {
        let declaration =
            json!({"table": "x", "query": "SELECT 1", "mode": "INCREMENTAL", "time_column": "d", "lookback": lookback});
        Window::after(&serde_json::from_value(declaration).expect("a declaration"), "\"x\"").expect("a window")
    }

    #[test]
    fn a_window_starts_after_the_latest_row() {
        assert_eq!(
            window(Value::Null).only_inside("SELECT 1"),
            "SELECT * FROM (\nSELECT 1\n) WHERE coalesce(\"d\" > (SELECT max(\"d\") FROM \"x\"), (SELECT max(\"d\") FROM \
             \"x\") IS NULL)"
        );
    }

    #[test]
    fn a_lookback_moves_the_start() {
        let window = window(json!({"amount": 2, "unit": "DAYS"}));
        assert_eq!(
            window.start_as("DATE"),
            "coalesce(CAST((SELECT max(\"d\") - INTERVAL 2 day FROM \"x\") AS DATE), CAST('0001-01-01' AS DATE))"
        );
        assert!(window.is_inside().starts_with("coalesce(\"d\" > (SELECT max(\"d\") - INTERVAL 2 day FROM \"x\")"));
    }

    #[test]
    fn the_first_window_starts_before_everything() {
        assert_eq!(Window::first().start_as("TIMESTAMP"), "CAST('0001-01-01' AS TIMESTAMP)");
    }
}
