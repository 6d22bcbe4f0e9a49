use serde_json::Value;

use super::{text, texts};

/// The name of an expression of a select list: its alias, or that of the column it is. None for all others, whose names are
/// DuckDB's text for them: whoever refers to such a column from outside is not followed.
pub(super) fn implied(expression: &Value) -> Option<String> {
    text(expression, "alias").map(str::to_owned).or_else(|| match text(expression, "class")? {
        "COLUMN_REF" => texts(expression, "column_names").pop(),
        _ => None,
    })
}

/// Names as a subquery has them to its outside: of those that are equal, all but the first get a number.
pub(super) fn without_repetition(names: impl Iterator<Item = Option<String>>) -> Vec<Option<String>> {
    let mut seen: Vec<(String, u32)> = Vec::new();
    let mut unique = |name: String| {
        let key = name.to_lowercase();
        match seen.iter_mut().find(|(known, _)| *known == key) {
            Some((_, count)) => {
                *count += 1;
                format!("{name}_{count}")
            }
            None => {
                seen.push((key, 0));
                name
            }
        }
    };
    names.map(|name| name.map(&mut unique)).collect()
}
