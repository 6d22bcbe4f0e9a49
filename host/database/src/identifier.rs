/// `name` as a quoted identifier, whatever characters it has.
///
/// ```
/// assert_eq!(duckpen_database::quote_identifier("my \"id\""), "\"my \"\"id\"\"\"");
/// ```
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `text` as a string literal.
///
/// ```
/// assert_eq!(duckpen_database::quote_literal("it's"), "'it''s'");
/// ```
pub fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
