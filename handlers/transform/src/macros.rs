//! `@start_date` and its kin, in a query's text.

use crate::window::Window;

/// The query with each macro replaced by an expression. Texts, quoted names and comments stay as they are.
pub fn expand(query: &str, window: &Window) -> String {
    let mut expanded = String::with_capacity(query.len());
    let mut rest = query;
    while !rest.is_empty() {
        let length = opaque_length(rest);
        if length > 0 {
            expanded.push_str(&rest[..length]);
            rest = &rest[length..];
        } else if let Some((expression, length)) = expression(rest, window) {
            expanded.push_str(&expression);
            rest = &rest[length..];
        } else {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            expanded.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    expanded
}

/// How much of the beginning of `text` is a text, a quoted name or a comment.
fn opaque_length(text: &str) -> usize {
    let until = |start: usize, end: &str| text[start..].find(end).map_or(text.len(), |at| start + at + end.len());
    match text.as_bytes() {
        [b'\'', ..] => until(1, "'"),
        [b'"', ..] => until(1, "\""),
        [b'-', b'-', ..] => until(2, "\n"),
        [b'/', b'*', ..] => until(2, "*/"),
        _ => 0,
    }
}

/// What the macro at the beginning of `text` stands for, and its length.
fn expression(text: &str, window: &Window) -> Option<(String, usize)> {
    let name = text.strip_prefix('@')?;
    let length = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
    let expression = match name[..length].to_ascii_lowercase().as_str() {
        "start_date" => window.start_as("DATE"),
        "start_dt" => window.start_as("TIMESTAMP"),
        "end_date" => "CAST(now() AS DATE)".to_owned(),
        "end_dt" => "CAST(now() AS TIMESTAMP)".to_owned(),
        _ => return None,
    };
    Some((expression, 1 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_are_replaced_where_they_are_code() {
        let start = "CAST('0001-01-01' AS DATE)";
        let cases = [
            ("d > @start_date", format!("d > {start}")),
            ("d <= @END_DT)", "d <= CAST(now() AS TIMESTAMP))".to_owned()),
            ("@start_dates, @ x", "@start_dates, @ x".to_owned()),
            ("'@start_date' || \"@start_date\"", "'@start_date' || \"@start_date\"".to_owned()),
            ("1 -- @start_date\n+ @start_date", format!("1 -- @start_date\n+ {start}")),
            ("/* @start_date */ 'it''s' é @start_date", format!("/* @start_date */ 'it''s' é {start}")),
            ("'open @start_date", "'open @start_date".to_owned()),
        ];
        for (query, expected) in cases {
            assert_eq!(expand(query, &Window::first()), expected);
        }
    }
}
