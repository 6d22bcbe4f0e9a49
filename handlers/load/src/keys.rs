//! The key columns of an UPSERT.

use duckpen::{Error, Field, find_field};

const FAILED: &str = "UPSERT operation failed: UPSERT key validation failed:";

/// Every key's column in `columns`; `place` is what has these columns, as it stands in a message: `source 'b'`.
pub fn resolve(keys: &[String], columns: &[Field], place: &str) -> Result<Vec<String>, Error> {
    let missing = |key: &String| {
        let available: Vec<&str> = columns.iter().map(|field| field.name.as_str()).collect();
        format!("\n  - Upsert key '{key}' does not exist in {place}. Available columns: {}", available.join(", "))
    };
    let problems: String = keys.iter().filter(|key| find_field(columns, key).is_none()).map(missing).collect();
    if problems.is_empty() {
        Ok(keys.iter().filter_map(|key| find_field(columns, key)).map(|field| field.name.clone()).collect())
    } else {
        Err(format!("{FAILED}{problems}").into())
    }
}

/// The message for a key whose types differ.
pub fn mismatch(key: &str, source: &str, target: &str) -> String {
    format!(
        "{FAILED}\n  - Upsert key '{key}' has incompatible types: source='{source}', target='{target}'. Upsert keys must \
         have compatible types."
    )
}
