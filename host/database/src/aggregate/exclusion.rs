//! EXCLUDE in the frame of a window. DuckDB makes a second state for each row there and never destroys it, so that what a
//! state keeps outside of DuckDB's memory would be lost, a row at a time, until the process ends.

use std::collections::{HashMap, HashSet};

/// What statements are looked at for.
#[derive(Default)]
pub(crate) struct Exclusions {
    /// Aggregates whose states keep memory of their own, in lower case.
    keeping: HashSet<String>,
    /// Views and macros, in lower case, that have such a frame beside one of them, or another such view: the aggregate.
    definitions: HashMap<String, String>,
}

/// Why a statement is refused.
pub(super) struct Excluded {
    /// The aggregate.
    pub(super) function: String,
    /// The view or macro in which it stands beside a frame, if it is not the statement itself.
    pub(super) definition: Option<String>,
}

impl Exclusions {
    pub(super) fn keep(&mut self, aggregate: &str) {
        self.keeping.insert(aggregate.to_owned());
    }

    /// Learns of the views and macros that are there: their names and texts.
    pub(super) fn define(&mut self, mut definitions: Vec<(String, String)>) {
        self.definitions.clear();
        loop {
            let before = definitions.len();
            // One that uses another may stand before it.
            definitions.retain(|(name, text)| match self.excluded(text) {
                Some(Excluded { function, .. }) => {
                    self.definitions.insert(name.to_lowercase(), function);
                    false
                }
                None => true,
            });
            if definitions.len() == before {
                return;
            }
        }
    }

    /// Whether DuckDB would not destroy states of a statement.
    pub(super) fn excluded(&self, sql: &str) -> Option<Excluded> {
        if self.keeping.is_empty() {
            return None;
        }
        if let Some(function) = beside_exclusion(sql, |name| self.keeping.contains(name)) {
            return Some(Excluded { function, definition: None });
        }
        if self.definitions.is_empty() {
            return None;
        }
        let mut is_defined = false;
        Tokens { rest: sql }.find_map(|token| {
            let name = match token {
                Token::Word(name) => name.to_lowercase(),
                Token::Quoted(name) => name.replace("\"\"", "\"").to_lowercase(),
                Token::Other('.') => return None,
                Token::Other(_) => {
                    is_defined = false;
                    return None;
                }
            };
            // A view that is dropped or made anew is named without being used: `DROP VIEW IF EXISTS main.v`.
            match name.as_str() {
                "view" | "macro" => is_defined = true,
                "as" | "select" | "from" => is_defined = false,
                _ => {}
            }
            let function = self.definitions.get(&name).filter(|_| !is_defined)?.clone();
            Some(Excluded { function, definition: Some(name) })
        })
    }
}

/// The first function in a text that also has such a frame, of those that `keeps_memory` names, in lower case. Whether it is
/// that window which it stands in is not looked for: a window has a name where it is used, and its frame somewhere else.
fn beside_exclusion(sql: &str, keeps_memory: impl Fn(&str) -> bool) -> Option<String> {
    const WORD: &[u8] = b"exclude";
    // Nearly every statement ends here.
    if !sql.as_bytes().windows(WORD.len()).any(|part| part.eq_ignore_ascii_case(WORD)) {
        return None;
    }
    let tokens: Vec<Token<'_>> = Tokens { rest: sql }.collect();
    let word = |token: &Token<'_>, words: &[&str]| matches!(token, Token::Word(text) if words.iter().any(|word| text.eq_ignore_ascii_case(word)));
    // Not the EXCLUDE of a star, which stands behind no bound.
    let has_exclusion = tokens.windows(3).any(|part| {
        word(&part[0], &["row", "following", "preceding"])
            && word(&part[1], &["exclude"])
            && word(&part[2], &["current", "group", "ties"])
    });
    let called = |part: &[Token<'_>]| match part {
        [Token::Word(name), Token::Other('(')] => Some(name.to_lowercase()),
        [Token::Quoted(name), Token::Other('(')] => Some(name.replace("\"\"", "\"").to_lowercase()),
        _ => None,
    };
    tokens.windows(2).filter(|_| has_exclusion).filter_map(called).find(|name| keeps_memory(name))
}

enum Token<'a> {
    Word(&'a str),
    /// What is between double quotes.
    Quoted(&'a str),
    Other(char),
}

/// The tokens of SQL, as far as they matter here: without blanks, comments and the texts of literals.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    /// Skips what ends with `end`, or with the text, and gives what is before that.
    fn until(&mut self, begin: usize, end: &str) -> &'a str {
        self.take(begin);
        let length = self.rest.find(end).unwrap_or(self.rest.len());
        let inside = self.take(length);
        self.take(end.len().min(self.rest.len()));
        inside
    }

    /// What is between two quotes, a doubled one being no end.
    fn quoted(&mut self, quote: char) -> &'a str {
        self.take(quote.len_utf8());
        let mut characters = self.rest.char_indices().peekable();
        let mut length = self.rest.len();
        while let Some((at, character)) = characters.next() {
            if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
                length = at;
                break;
            }
        }
        let inside = self.take(length);
        self.take(quote.len_utf8().min(self.rest.len()));
        inside
    }

    /// Comments of this kind nest.
    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.take(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.take(2);
            } else {
                let next = self.rest.chars().next().map_or(0, char::len_utf8);
                self.take(next);
            }
            if depth == 0 || self.rest.is_empty() {
                return;
            }
        }
    }

    /// `$$` or `$tag$`, where one begins.
    fn dollar_quote(&self) -> Option<&'a str> {
        let end = self.rest[1..].find('$')? + 2;
        let quote = &self.rest[..end];
        quote[1..end - 1].chars().all(is_of_word).then_some(quote)
    }
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || !character.is_ascii()
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let first = self.rest.chars().next()?;
            match first {
                _ if first.is_whitespace() => {
                    self.take(first.len_utf8());
                }
                '-' if self.rest.starts_with("--") => {
                    self.until(2, "\n");
                }
                '/' if self.rest.starts_with("/*") => self.block_comment(),
                '\'' => {
                    self.quoted('\'');
                    return Some(Token::Other('\''));
                }
                '"' => return Some(Token::Quoted(self.quoted('"'))),
                '$' => match self.dollar_quote() {
                    Some(quote) => {
                        self.until(quote.len(), quote);
                        return Some(Token::Other('$'));
                    }
                    None => {
                        self.take(1);
                    }
                },
                // Where a backslash can keep a quote from ending the text.
                'e' | 'E' if self.rest[1..].starts_with('\'') => {
                    self.take(2);
                    while let Some(character) = self.rest.chars().next() {
                        self.take(character.len_utf8());
                        match character {
                            '\\' => {
                                let escaped = self.rest.chars().next().map_or(0, char::len_utf8);
                                self.take(escaped);
                            }
                            '\'' => break,
                            _ => {}
                        }
                    }
                    return Some(Token::Other('\''));
                }
                _ if is_of_word(first) => {
                    let length = self.rest.find(|c| !is_of_word(c)).unwrap_or(self.rest.len());
                    return Some(Token::Word(self.take(length)));
                }
                _ => {
                    self.take(first.len_utf8());
                    return Some(Token::Other(first));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::beside_exclusion;

    fn found(sql: &str) -> Option<String> {
        beside_exclusion(sql, |name| name == "joined" || name == "a\"b")
    }

    #[test]
    fn frames_that_exclude_rows_are_found() {
        for (call, exclusion) in [
            ("joined(x)", "EXCLUDE CURRENT ROW"),
            ("JOINED (x)", "exclude group"),
            ("\"Joined\"(x)", "Exclude\n-- why\nTIES"),
            ("joined(x)", "/* 1 /* 2 */ ' */ EXCLUDE CURRENT ROW"),
            ("joined(e'it\\'s', $a$ ' $a$, '''')", "EXCLUDE TIES"),
        ] {
            let sql = format!(
                "SELECT {call} OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW {exclusion}) AS \"é\" FROM t"
            );
            assert_eq!(found(&sql).as_deref(), Some("joined"), "{sql}");
        }
        let named =
            "SELECT \"a\"\"b\"(x) OVER w FROM t WINDOW w AS (ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES)";
        assert_eq!(found(named).as_deref(), Some("a\"b"));
    }

    #[test]
    fn nothing_else_is() {
        for sql in [
            "SELECT joined(x) FROM t",
            "SELECT joined(x), * EXCLUDE (a) FROM t",
            "SELECT joined(x), t.* EXCLUDE ties FROM t",
            "SELECT joined(x) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE NO OTHERS) FROM t",
            "SELECT sum(x) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) AS joined FROM t",
            "SELECT joined(x), 'CURRENT ROW EXCLUDE TIES' FROM t",
            "SELECT joined(x), $$ ROW EXCLUDE TIES $$ FROM t",
            "SELECT joined(x) -- ROW EXCLUDE TIES",
            "SELECT joined(x) /* ROW EXCLUDE TIES",
            "SELECT joined(x) 'ROW EXCLUDE TIES",
            "$",
            "e'",
            "exclude \"",
            "$x exclude",
            "/*exclude/*",
        ] {
            assert_eq!(found(sql), None, "{sql}");
        }
    }
}
