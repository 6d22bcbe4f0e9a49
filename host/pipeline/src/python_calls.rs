//! Calls of Python functions, in SQLFlow's spellings: `PYTHON_FUNC("module.function", ...)` and
//! `python_udfs.module.function(...)`. They are found by DuckDB's lexical rules, so that texts, comments and quoted names
//! are what they are, and rewritten from the inside out.

use std::ops::Range;

use crate::syntax::lexer::{self, Token, TokenKind};
use crate::variables::PositionReader;

/// The package that calls without PYTHON_FUNC begin with.
const PACKAGE: &str = "python_udfs";

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PythonPlace {
    /// In an expression: a value for each row.
    Expression,
    /// After FROM or JOIN: a function of a table.
    Relation,
}

/// A call with its arguments, in which no other calls are left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PythonCall {
    /// The function as it is called there: `module.function`, or a part of it.
    pub reference: String,
    /// Where the call stands.
    pub place: PythonPlace,
    /// What it is given.
    pub arguments: Vec<PythonArgument>,
    /// The call in the text that was given, from its first character to its last.
    pub span: Range<usize>,
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PythonArgument {
    /// The parameter, where it is named: `rate := 0.2`.
    pub name: Option<String>,
    /// The expression.
    pub sql: String,
}

/// Replaces each call in a query by what `replace` makes of it, those inside of others first. The rest of the text stays.
///
/// # Errors
/// The first error of `replace`.
pub fn rewrite_python_calls<E>(
    sql: &str,
    mut replace: impl FnMut(PythonCall) -> Result<String, E>,
) -> Result<String, E> {
    let tokens = lexer::significant(sql);
    let mut reader = PositionReader::default();
    let mut places = Vec::with_capacity(tokens.len());
    for token in &tokens {
        places.push(if reader.expects_table() { PythonPlace::Relation } else { PythonPlace::Expression });
        reader.read(*token, &sql[token.start..token.end]);
    }
    Rewriter { sql, tokens: &tokens, places: &places, replace: &mut replace }.range(0..tokens.len(), 0..sql.len())
}

/// All calls in a query, those inside of others first.
#[must_use]
pub fn python_calls(sql: &str) -> Vec<PythonCall> {
    let mut calls = Vec::new();
    let rewritten = rewrite_python_calls::<std::convert::Infallible>(sql, |call| {
        let text = sql[call.span.clone()].to_owned();
        calls.push(call);
        Ok(text)
    });
    match rewritten {
        Ok(_) => calls,
        Err(never) => match never {},
    }
}

struct Rewriter<'a, F> {
    sql: &'a str,
    tokens: &'a [Token],
    places: &'a [PythonPlace],
    replace: &'a mut F,
}

/// A call among the tokens.
struct Found {
    reference: String,
    /// The token of the parenthesis that closes it.
    close: usize,
    /// The tokens of each argument.
    arguments: Vec<Range<usize>>,
}

impl<E, F: FnMut(PythonCall) -> Result<String, E>> Rewriter<'_, F> {
    /// The text of some tokens, rewritten; `text` is what they and the blanks around them are.
    fn range(&mut self, tokens: Range<usize>, text: Range<usize>) -> Result<String, E> {
        let mut output = String::new();
        let mut from = text.start;
        let mut at = tokens.start;
        while at < tokens.end {
            let Some(found) = self.call_at(at, tokens.end) else {
                at += 1;
                continue;
            };
            let span = self.tokens[at].start..self.tokens[found.close].end;
            let place = self.places[at];
            let arguments = found
                .arguments
                .into_iter()
                .map(|argument| self.argument(argument, place))
                .collect::<Result<Vec<_>, E>>()?;
            output.push_str(&self.sql[from..span.start]);
            from = span.end;
            output.push_str(&(self.replace)(PythonCall { reference: found.reference, place, arguments, span })?);
            at = found.close + 1;
        }
        output.push_str(&self.sql[from..text.end]);
        Ok(output)
    }

    fn argument(&mut self, tokens: Range<usize>, place: PythonPlace) -> Result<PythonArgument, E> {
        let (name, tokens) = self.name(tokens, place);
        let text = match (self.tokens.get(tokens.start), tokens.end.checked_sub(1).and_then(|at| self.tokens.get(at))) {
            (Some(first), Some(last)) if !tokens.is_empty() => first.start..last.end,
            _ => 0..0,
        };
        Ok(PythonArgument { name, sql: self.range(tokens, text)? })
    }

    /// The name of a named argument, and the tokens of its value.
    fn name(&self, tokens: Range<usize>, place: PythonPlace) -> (Option<String>, Range<usize>) {
        let symbol = |at: usize, symbol: u8| at < tokens.end && self.tokens[at].is(symbol);
        let at = tokens.start;
        if tokens.is_empty() || self.tokens[at].kind != TokenKind::Word {
            return (None, tokens);
        }
        let behind = if symbol(at + 1, b':') && symbol(at + 2, b'=') || symbol(at + 1, b'=') && symbol(at + 2, b'>') {
            at + 3
        } else if place == PythonPlace::Relation && symbol(at + 1, b'=') && !symbol(at + 2, b'=') {
            // No function of a table takes a comparison.
            at + 2
        } else {
            return (None, tokens);
        };
        (Some(self.text(at).to_owned()), behind..tokens.end)
    }

    /// The call that begins with a token, if one does.
    fn call_at(&self, at: usize, end: usize) -> Option<Found> {
        let is_behind_dot = at > 0 && self.tokens[at - 1].is(b'.');
        if self.tokens[at].kind != TokenKind::Word || is_behind_dot {
            return None;
        }
        if self.text(at).eq_ignore_ascii_case("PYTHON_FUNC") {
            let open = Some(at + 1).filter(|open| *open < end && self.tokens[*open].is(b'('))?;
            let (close, mut arguments) = self.arguments(open, end)?;
            let reference = if arguments.is_empty() { String::new() } else { self.reference(&arguments.remove(0)) };
            return Some(Found { reference, close, arguments });
        }
        if !self.text(at).eq_ignore_ascii_case(PACKAGE) {
            return None;
        }
        let mut open = at + 1;
        while open + 1 < end && self.tokens[open].is(b'.') && self.tokens[open + 1].kind == TokenKind::Word {
            open += 2;
        }
        if open == at + 1 || open >= end || !self.tokens[open].is(b'(') {
            return None;
        }
        let (close, arguments) = self.arguments(open, end)?;
        let reference = (at..open).step_by(2).map(|part| self.text(part)).collect::<Vec<_>>().join(".");
        Some(Found { reference, close, arguments })
    }

    /// The parenthesis that closes the one at `open`, and the tokens of the arguments in between.
    fn arguments(&self, open: usize, end: usize) -> Option<(usize, Vec<Range<usize>>)> {
        let mut depth = 0_usize;
        let mut from = open + 1;
        let mut arguments = Vec::new();
        for at in open..end {
            match self.tokens[at].kind {
                TokenKind::Symbol(b'(' | b'[' | b'{') => depth += 1,
                TokenKind::Symbol(b')' | b']' | b'}') => {
                    depth -= 1;
                    if depth == 0 {
                        if from < at || !arguments.is_empty() {
                            arguments.push(from..at);
                        }
                        return Some((at, arguments));
                    }
                }
                TokenKind::Symbol(b',') if depth == 1 => {
                    arguments.push(from..at);
                    from = at + 1;
                }
                _ => {}
            }
        }
        None
    }

    /// The function that the first argument of PYTHON_FUNC names.
    fn reference(&self, argument: &Range<usize>) -> String {
        let (Some(first), Some(last)) = (self.tokens.get(argument.start), self.tokens.get(argument.end - 1)) else {
            return String::new();
        };
        let text = &self.sql[first.start..last.end];
        match first.kind {
            TokenKind::QuotedName | TokenKind::Text(_) if argument.len() == 1 => text[1..text.len() - 1].to_owned(),
            _ => text.to_owned(),
        }
    }

    fn text(&self, at: usize) -> &str {
        &self.sql[self.tokens[at].start..self.tokens[at].end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a call is made of, short enough to compare.
    fn shown(call: &PythonCall) -> String {
        let arguments = call.arguments.iter().map(|argument| match &argument.name {
            Some(name) => format!("{name}:{}", argument.sql),
            None => argument.sql.clone(),
        });
        let place = if call.place == PythonPlace::Relation { "FROM " } else { "" };
        format!("{place}{}<{}>", call.reference, arguments.collect::<Vec<_>>().join("|"))
    }

    fn rewritten(sql: &str) -> String {
        let replaced: Result<String, ()> = rewrite_python_calls(sql, |call| Ok(shown(&call)));
        replaced.expect("nothing is refused")
    }

    #[test]
    fn calls_are_found_in_every_spelling() {
        for (sql, expected) in [
            (
                r#"SELECT PYTHON_FUNC("python_udfs.m.up", name) AS x FROM u"#,
                "SELECT python_udfs.m.up<name> AS x FROM u",
            ),
            ("SELECT python_func ( 'up' , f(a, b), [1, 2] )", "SELECT up<f(a, b)|[1, 2]>"),
            (
                "SELECT python_udfs.m.up(name), Python_UDFs.sub.m.up()",
                "SELECT python_udfs.m.up<name>, Python_UDFs.sub.m.up<>",
            ),
            (
                r#"SELECT PYTHON_FUNC("a", PYTHON_FUNC("b", x) + python_udfs.m.c(y))"#,
                "SELECT a<b<x> + python_udfs.m.c<y>>",
            ),
            (
                r#"SELECT * FROM PYTHON_FUNC("t", u, factor := 3, rate=>1, n = 2)"#,
                "SELECT * FROM FROM t<u|factor:3|rate:1|n:2>",
            ),
            (r#"SELECT * FROM a, PYTHON_FUNC("t", (SELECT 1)) x"#, "SELECT * FROM a, FROM t<(SELECT 1)> x"),
            (
                r#"SELECT * FROM a JOIN PYTHON_FUNC("t", u) x ON PYTHON_FUNC("f", a = b)"#,
                "SELECT * FROM a JOIN FROM t<u> x ON f<a = b>",
            ),
            (
                "SELECT * FROM python_udfs.m.t(u) -- PYTHON_FUNC('x')",
                "SELECT * FROM FROM python_udfs.m.t<u> -- PYTHON_FUNC('x')",
            ),
            (r#"SELECT PYTHON_FUNC("f")"#, "SELECT f<>"),
            ("SELECT PYTHON_FUNC(a.b, 1)", "SELECT a.b<1>"),
        ] {
            assert_eq!(rewritten(sql), expected, "{sql}");
        }
    }

    #[test]
    fn what_is_no_call_stays() {
        for sql in [
            "SELECT 'PYTHON_FUNC(\"m.f\", x)'",
            "SELECT \"PYTHON_FUNC\"(x), my.PYTHON_FUNC('a')",
            "SELECT python_udfs FROM python_udfs",
            "SELECT python_udfs.m.x FROM python_udfs.m",
            "SELECT /* PYTHON_FUNC('a', 1) */ 1",
            "SELECT PYTHON_FUNC('a', (1",
            "",
        ] {
            assert_eq!(rewritten(sql), sql);
        }
    }

    #[test]
    fn inner_calls_come_before_outer_ones() {
        let calls =
            python_calls(r#"SELECT * FROM PYTHON_FUNC("t", (SELECT PYTHON_FUNC("f", x) FROM PYTHON_FUNC("s", u)))"#);
        let names: Vec<&str> = calls.iter().map(|call| call.reference.as_str()).collect();
        assert_eq!(names, ["f", "s", "t"]);
        let sql = r#"SELECT PYTHON_FUNC("f", x), 1"#;
        assert_eq!(&sql[python_calls(sql)[0].span.clone()], r#"PYTHON_FUNC("f", x)"#);
    }
}
