//! Colours for statements, without understanding them.

/// A piece of text of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub class: &'static str,
    pub text: &'a str,
}

#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "all", "and", "anti", "append", "as", "asc", "asof", "between", "by", "case", "cast", "create", "cross", "csv", "cube",
    "desc", "distinct", "else", "elseif", "end", "except", "exclude", "exists", "export", "false", "filter", "following",
    "from", "full", "group", "grouping", "having", "if", "in", "include", "incremental", "inner", "intersect", "interval",
    "is", "join", "json", "key", "lateral", "left", "like", "limit", "load", "lookback", "mode", "natural", "not", "null",
    "nulls", "offset", "on", "options", "or", "order", "outer", "over", "params", "parquet", "partition", "pivot",
    "positional", "preceding", "qualify", "range", "recursive", "rename", "replace", "right", "rollup", "row", "rows",
    "sample", "select", "semi", "set", "sets", "source", "table", "test", "then", "to", "true", "type", "unbounded",
    "union", "unpivot", "upsert", "using", "values", "view", "when", "where", "window", "with",
];

/// The text in pieces, nothing left out.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut rest = text;
    let mut plain = 0;
    while let Some(first) = rest[plain..].chars().next() {
        let here = &rest[plain..];
        let (class, length) = next(here, first);
        if class.is_empty() {
            plain += length;
            continue;
        }
        if plain > 0 {
            pieces.push(Piece { class: "", text: &rest[..plain] });
        }
        pieces.push(Piece { class, text: &here[..length] });
        rest = &here[length..];
        plain = 0;
    }
    if !rest.is_empty() {
        pieces.push(Piece { class: "", text: rest });
    }
    pieces
}

/// The kind of the next piece, and its length in bytes.
fn next(text: &str, first: char) -> (&'static str, usize) {
    let until = |end: &str, from: usize| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    let while_ = |fits: fn(char) -> bool| text.find(|c| !fits(c)).unwrap_or(text.len());
    if text.starts_with("--") {
        return ("c", text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return ("c", until("*/", 2));
    }
    if text.starts_with("${") {
        return ("v", until("}", 2));
    }
    match first {
        '\'' => ("s", quoted(text, '\'')),
        // A name in a query, a text in parameters: either way what stands in it is no keyword.
        '"' => ("s", quoted(text, '"')),
        '0'..='9' => ("n", while_(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_')),
        first if first.is_alphabetic() || first == '_' => {
            let length = while_(|c| c.is_alphanumeric() || c == '_');
            let word = &text[..length];
            let is_call = text[length..].starts_with('(');
            match KEYWORDS.binary_search(&word.to_lowercase().as_str()) {
                Ok(_) => ("k", length),
                Err(_) if is_call => ("f", length),
                Err(_) => ("", length),
            }
        }
        first => ("", first.len_utf8()),
    }
}

/// The length of what stands in quotes; a quote twice is one of the text.
fn quoted(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(found) = text[at..].find(quote) {
        at += found + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        for (text, expected) in [
            ("SELECT a", "k:SELECT|:| a"),
            ("select sum(x) FROM t", "k:select|: |f:sum|:(x) |k:FROM|: t"),
            ("'it''s' -- SELECT\n1", "s:'it''s'|: |c:-- SELECT|:\n|n:1"),
            ("\"from\"/* x", "s:\"from\"|c:/* x"),
            ("range(${days|150})", "k:range|:(|v:${days|150}|:)"),
            ("'open", "s:'open"),
            ("größe_1 + 1.5e3", ":größe_1 + |n:1.5e3"),
            ("", ""),
        ] {
            let found = pieces(text).iter().map(|piece| format!("{}:{}", piece.class, piece.text)).collect::<Vec<_>>();
            let expected = expected.replace(":| a", ": a");
            assert_eq!(found.join("|"), expected, "{text}");
        }
    }

    #[test]
    fn nothing_is_lost() {
        for text in ["SELECT '<script>' FROM \"a\"\"b\" WHERE x >= 1e9;", "ä'ö\"ü", "${", "/*", "--", "'", "€"] {
            assert_eq!(pieces(text).iter().map(|piece| piece.text).collect::<String>(), text);
        }
    }

    #[test]
    fn keywords_are_in_order() {
        assert!(KEYWORDS.is_sorted());
    }
}
