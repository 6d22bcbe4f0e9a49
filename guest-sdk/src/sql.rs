//! Pieces of SQL, quoted.

use std::fmt;

/// A name as it stands in a query: `Identifier("order")` prints `"order"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identifier<'n>(pub &'n str);

impl fmt::Display for Identifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

/// A text as it stands in a query: `Literal("it's")` prints `'it''s'`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Literal<'t>(pub &'t str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\'', "''"))
    }
}

/// A user's query inside another one. It may end in a comment, so the parenthesis that closes it begins a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subquery<'q>(pub &'q str);

impl fmt::Display for Subquery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(\n{}\n)", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_inside_are_doubled() {
        assert_eq!(Identifier(r#"a"b"#).to_string(), r#""a""b""#);
        assert_eq!(Literal("it's").to_string(), "'it''s'");
    }

    #[test]
    fn a_comment_at_the_end_of_a_query_does_not_swallow_what_follows() {
        assert_eq!(format!("SELECT * FROM {}", Subquery("SELECT 1 -- one")), "SELECT * FROM (\nSELECT 1 -- one\n)");
    }
}
