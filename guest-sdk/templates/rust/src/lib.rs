//! Functions for SQL.

/// A greeting.
#[duckpen::function]
pub fn __NAME__(name: &str) -> String {
    format!("Hello, {name}!")
}

duckpen::functions!(__NAME__);
