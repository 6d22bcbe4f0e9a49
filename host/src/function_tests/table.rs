//! The text of a table: signatures, each followed by rows.
//!
//! ```text
//! slugify(title VARCHAR)
//! 'Hello, World!' -> 'hello-world'
//! NULL            -> NULL
//!
//! geometric_mean(number DOUBLE)      # an aggregate: its rows in brackets
//! [1, 10, 100]    -> 10
//! [-1]            -> error: is not positive
//! ```

use std::ops::Range;

/// Rows of tests, in the order of the text.
#[derive(Debug, PartialEq)]
pub struct Table {
    pub cases: Vec<Case>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The function, as SQL names it.
    pub function: String,
    /// Types of the parameters.
    pub types: Vec<String>,
    /// What stands before the arrow.
    pub given: String,
    pub expected: Expected,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// What stands behind the arrow.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// An expression.
    Value(String),
    /// A part of the message.
    Error(String),
}

/// A line that is neither.
#[derive(Debug, PartialEq)]
pub struct Mistake {
    pub message: &'static str,
    /// Bytes of the text.
    pub span: Range<usize>,
}

impl Table {
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        let mut signature = None;
        let mut cases = Vec::new();
        let mut start = 0;
        for raw in text.split_inclusive('\n') {
            let line = without_comment(raw).trim();
            let begins = start + (raw.len() - raw.trim_start().len());
            start += raw.len();
            if line.is_empty() {
                continue;
            }
            let span = begins..begins + line.len();
            let mistake = |message| Mistake { message, span: span.clone() };
            match split_once(line, "->") {
                None => {
                    signature =
                        Some(parse_signature(line).ok_or_else(|| mistake("this is neither a signature nor a row"))?)
                }
                Some((given, expected)) => {
                    let (function, types) = signature.clone().ok_or_else(|| mistake("a row before any signature"))?;
                    let expected = match expected.trim().strip_prefix("error:") {
                        Some(message) => Expected::Error(message.trim().to_owned()),
                        None => Expected::Value(expected.trim().to_owned()),
                    };
                    cases.push(Case { function, types, given: given.trim().to_owned(), expected, span });
                }
            }
        }
        Ok(Self { cases })
    }
}

impl Case {
    /// The arguments of a scalar function, an expression each.
    pub fn arguments(&self) -> Vec<String> {
        split(&self.given)
    }

    /// The rows of an aggregate function, each with an expression for every argument.
    pub fn rows(&self) -> Option<Vec<Vec<String>>> {
        let inside = self.given.strip_prefix('[')?.strip_suffix(']')?;
        let row = |row: &String| match self.types.len() {
            1 => Some(vec![row.clone()]),
            _ => Some(split(row.strip_prefix('(')?.strip_suffix(')')?)),
        };
        split(inside).iter().map(row).collect()
    }
}

/// `name(parameter TYPE, ...)`.
fn parse_signature(line: &str) -> Option<(String, Vec<String>)> {
    let (name, rest) = line.split_once('(')?;
    let parameters = split(rest.strip_suffix(')')?);
    let kind = |parameter: &String| Some(parameter.split_once(char::is_whitespace)?.1.trim().to_owned());
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some((name.to_owned(), parameters.iter().map(kind).collect::<Option<_>>()?))
}

/// Expressions between commas, of which there are none in an empty text.
fn split(text: &str) -> Vec<String> {
    let mut rest = text.trim();
    let mut parts = Vec::new();
    while let Some((part, more)) = split_once(rest, ",") {
        parts.push(part.trim().to_owned());
        rest = more.trim();
    }
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    parts
}

/// Splits where the delimiter stands outside of quotes and brackets.
fn split_once<'a>(text: &'a str, delimiter: &str) -> Option<(&'a str, &'a str)> {
    let at = outside(text).find(|at| text[*at..].starts_with(delimiter))?;
    Some((&text[..at], &text[at + delimiter.len()..]))
}

fn without_comment(line: &str) -> &str {
    outside(line).find(|at| line[*at..].starts_with('#')).map_or(line, |at| &line[..at])
}

/// Where the characters stand that are outside of quotes and brackets.
fn outside(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut depth = 0_usize;
    let mut quote = None;
    text.char_indices().filter_map(move |(at, c)| {
        match (quote, c) {
            (Some(open), c) => {
                if c == open {
                    quote = None;
                }
                return None;
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                return None;
            }
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Case {
        Table::parse(text).unwrap().cases.remove(0)
    }

    #[test]
    fn rows_belong_to_the_signature_before_them() {
        let text = "# tests\nf(a VARCHAR, b DECIMAL(9, 2))\n 'x -> ''y'', z', 1 -> 'q' # why\n\ng()\n-> 7\n";
        let cases = Table::parse(text).unwrap().cases;
        assert_eq!((cases[0].function.as_str(), cases[0].types.join(";")), ("f", "VARCHAR;DECIMAL(9, 2)".to_owned()));
        assert_eq!(cases[0].arguments(), ["'x -> ''y'', z'", "1"]);
        assert_eq!(cases[0].expected, Expected::Value("'q'".to_owned()));
        assert_eq!(&text[cases[0].span.clone()], "'x -> ''y'', z', 1 -> 'q'");
        assert_eq!((cases[1].function.as_str(), cases[1].arguments().len()), ("g", 0));
    }

    #[test]
    fn aggregates_have_rows_in_brackets() {
        let rows = |text| one(text).rows();
        assert_eq!(rows("m(x DOUBLE)\n[1, 10] -> 3"), Some(vec![vec!["1".to_owned()], vec!["10".to_owned()]]));
        assert_eq!(rows("m(x DOUBLE)\n[] -> NULL"), Some(Vec::new()));
        let pair = vec!["1".to_owned(), "'a, b'".to_owned()];
        assert_eq!(rows("m(x INTEGER, y VARCHAR)\n[(1, 'a, b')] -> 3"), Some(vec![pair]));
        assert_eq!(rows("m(x INTEGER, y VARCHAR)\n[1, 'a'] -> 3"), None);
        assert_eq!(rows("m(x INTEGER)\n1 -> 3"), None);
    }

    #[test]
    fn an_error_is_expected_by_its_words() {
        let case = one("f(a BIGINT)\n-1 -> error: is negative");
        assert_eq!((case.given.as_str(), case.expected), ("-1", Expected::Error("is negative".to_owned())));
    }

    #[test]
    fn what_is_neither_is_a_mistake() {
        for (text, message, marked) in [
            ("1 -> 2\n", "a row before any signature", "1 -> 2"),
            ("f(a BIGINT)\n1, 2\n", "this is neither a signature nor a row", "1, 2"),
            ("f(a)\n", "this is neither a signature nor a row", "f(a)"),
        ] {
            let mistake = Table::parse(text).unwrap_err();
            assert_eq!((mistake.message, &text[mistake.span]), (message, marked));
        }
    }
}
