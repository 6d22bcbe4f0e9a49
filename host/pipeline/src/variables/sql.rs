//! Variables in SQL. A value is written as its place demands, so that it is one token there and can never be more.

use crate::diagnostics::{Code, Diagnostic, FileId, Span};
use crate::syntax::lexer::{self, Escapes, Token, TokenKind};
use crate::syntax::template::{VariableRef, variable_ref};

use super::position::{Position, PositionReader};
use super::scope::Scope;
use super::value::Value;

/// SQL with values in the places of variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FormattedSql {
    pub text: String,
    /// Where pieces of the text came from: offsets in `text` and in the file, both ascending.
    origins: Vec<(usize, usize)>,
}

impl FormattedSql {
    /// The offset in the file that a byte offset of the formatted text came from.
    pub(crate) fn origin(&self, offset: usize) -> Option<usize> {
        let after = self.origins.partition_point(|(formatted, _)| *formatted <= offset);
        let (formatted, origin) = self.origins.get(after.checked_sub(1)?)?;
        let next = self.origins.get(after).map_or(usize::MAX, |(_, next)| *next);
        Some((origin + (offset - formatted)).min(next))
    }

    /// The same text with one before it that is in no file.
    #[must_use]
    pub(crate) fn after(self, before: &str) -> Self {
        let origins = self.origins.into_iter().map(|(formatted, origin)| (formatted + before.len(), origin));
        Self { text: format!("{before}{}", self.text), origins: origins.collect() }
    }
}

/// Formats the query at `span` of `text`. `None` if a variable is undefined or cannot stand where it does.
pub(crate) fn format(text: &str, span: Span, scope: &mut Scope<'_>) -> Option<FormattedSql> {
    let mut formatter = Formatter {
        text: &text[..span.end],
        file: span.file,
        scope,
        output: String::with_capacity(span.end - span.start),
        origins: vec![(0, span.start)],
        complete: true,
    };
    formatter.run(span.start);
    formatter.complete.then_some(FormattedSql { text: formatter.output, origins: formatter.origins })
}

struct Formatter<'a, 'b, 'c> {
    text: &'a str,
    file: FileId,
    scope: &'b mut Scope<'c>,
    output: String,
    origins: Vec<(usize, usize)>,
    complete: bool,
}

impl Formatter<'_, '_, '_> {
    fn run(&mut self, start: usize) {
        let mut reader = PositionReader::default();
        let mut token = lexer::token_at(self.text, start);
        let mut previous = None;
        while token.kind != TokenKind::End {
            let next = lexer::token_at(self.text, token.end);
            let end = match token.kind {
                TokenKind::Text(escapes) => {
                    self.quoted(token, Quoting::Text(escapes));
                    token.end
                }
                TokenKind::QuotedName => {
                    self.quoted(token, Quoting::Name);
                    token.end
                }
                TokenKind::DollarText => {
                    self.quoted(token, Quoting::Dollar);
                    token.end
                }
                TokenKind::Word | TokenKind::Variable if glued(token, next) => self.glued_name(token),
                TokenKind::Variable => {
                    let variable = variable_ref(self.text, self.span(token));
                    let position = reader.position(previous, next);
                    if let Some(value) = self.value(&variable) {
                        self.write(&value, position, token, previous, next);
                    }
                    token.end
                }
                TokenKind::DollarName => {
                    let position = reader.position(previous, next);
                    match self.scope.dollar_value(&self.text[token.start + 1..token.end]) {
                        Some(value) => self.write(&value, position, token, previous, next),
                        None => self.copy(token.start, token.end),
                    }
                    token.end
                }
                TokenKind::BrokenVariable | TokenKind::Unterminated(_) => {
                    self.refuse(token, "this cannot be read as SQL");
                    token.end
                }
                _ => {
                    self.copy(token.start, token.end);
                    token.end
                }
            };
            let whole = Token { end, ..token };
            reader.read(whole, &self.text[whole.start..whole.end]);
            previous = Some(whole);
            token = lexer::token_at(self.text, end);
        }
    }

    /// A variable where a token can stand.
    fn write(&mut self, value: &Value, position: Position, token: Token, previous: Option<Token>, next: Token) {
        let written = match position {
            Position::Value => literal(value),
            Position::Name | Position::Order => match (position, value) {
                (Position::Order, Value::Number(_)) => literal(value),
                (_, Value::Null) => {
                    self.refuse(token, "NULL cannot be a name");
                    return;
                }
                _ => match quoted_name(&value.to_string()) {
                    Some(name) => name,
                    None => {
                        self.refuse(token, "an empty text cannot be a name");
                        return;
                    }
                },
            },
        };
        if written.contains('\0') {
            self.refuse(token, "the value has a character that SQL cannot hold");
            return;
        }
        // Side by side with a quote or a digit, the value would become a part of its neighbour.
        if previous.is_some_and(|previous| sticks(previous.kind)) {
            self.output.push(' ');
        }
        self.replace(token, &written);
        if sticks(next.kind) {
            self.output.push(' ');
        }
        self.resume(token.end);
    }

    /// A name written in pieces, such as `events_${year}`: one quoted name.
    fn glued_name(&mut self, first: Token) -> usize {
        let mut name = String::new();
        let mut end = first.start;
        let mut known = true;
        loop {
            let token = lexer::token_at(self.text, end);
            let belongs = matches!(token.kind, TokenKind::Word | TokenKind::Variable)
                || token.kind == TokenKind::Number && !self.text[token.start..token.end].starts_with('.');
            if !belongs {
                break;
            }
            end = token.end;
            if token.kind != TokenKind::Variable {
                name.push_str(&self.text[token.start..token.end]);
                continue;
            }
            match self.value(&variable_ref(self.text, self.span(token))) {
                Some(value) => name.push_str(&value.to_string()),
                None => known = false,
            }
        }
        let whole = Token { end, ..first };
        if known {
            if name.contains('\0') || name.is_empty() {
                self.refuse(whole, "the value cannot be a part of a name");
            } else {
                self.replace(whole, &format!("\"{}\"", name.replace('"', "\"\"")));
                self.resume(end);
            }
        }
        end
    }

    /// The inside of quotes: values are text there, escaped so that they cannot end it.
    fn quoted(&mut self, token: Token, quoting: Quoting) {
        let mut from = token.start;
        let mut at = token.start + 1;
        while let Some(offset) = self.text[at..token.end].find('$') {
            let start = at + offset;
            let (end, value) = match lexer::variable_end(self.text, start).filter(|end| *end < token.end) {
                Some(end) => {
                    let span = Span::new(self.file, start, end);
                    (end, self.value(&variable_ref(self.text, span)))
                }
                None => match lexer::dollar_name_end(self.text, start).filter(|_| quoting != Quoting::Dollar) {
                    Some(end) => (end, self.scope.dollar_value(&self.text[start + 1..end])),
                    None => (start + 1, None),
                },
            };
            at = end;
            let Some(value) = value else { continue };
            let Some(escaped) = quoting.escape(&value.to_string()) else {
                self.refuse(Token { start, end, ..token }, "the value has a character that cannot stand here");
                continue;
            };
            self.copy(from, start);
            self.replace(Token { start, end, ..token }, &escaped);
            self.resume(end);
            from = end;
        }
        self.copy(from, token.end);
    }

    fn value(&mut self, variable: &VariableRef) -> Option<Value> {
        let value = self.scope.value(variable);
        self.complete &= value.is_some();
        value
    }

    fn refuse(&mut self, token: Token, what: &str) {
        self.complete = false;
        self.scope.diagnostics.push(Diagnostic::error(Code::VariablePlace, what, self.span(token)));
    }

    fn copy(&mut self, start: usize, end: usize) {
        self.output.push_str(&self.text[start..end]);
    }

    fn replace(&mut self, token: Token, written: &str) {
        self.origins.push((self.output.len(), token.start));
        self.output.push_str(written);
    }

    fn resume(&mut self, origin: usize) {
        self.origins.push((self.output.len(), origin));
    }

    fn span(&self, token: Token) -> Span {
        Span::new(self.file, token.start, token.end)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Text(Escapes),
    Name,
    Dollar,
}

impl Quoting {
    fn escape(self, text: &str) -> Option<String> {
        let allowed = match self {
            // A tag could come together from the value and what stands beside it.
            Quoting::Dollar => !text.contains(['$', '\0']),
            Quoting::Text(_) | Quoting::Name => !text.contains('\0'),
        };
        allowed.then(|| match self {
            Quoting::Text(Escapes::None) => text.replace('\'', "''"),
            Quoting::Text(Escapes::Backslash) => text.replace('\\', "\\\\").replace('\'', "''"),
            Quoting::Name => text.replace('"', "\"\""),
            Quoting::Dollar => text.to_owned(),
        })
    }
}

/// Whether the token and the next one make one name together.
fn glued(token: Token, next: Token) -> bool {
    matches!((token.kind, next.kind), (TokenKind::Word, TokenKind::Variable) | (TokenKind::Variable, TokenKind::Word))
}

/// Tokens that a literal or quoted name beside them could melt into.
fn sticks(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Word
            | TokenKind::Number
            | TokenKind::Text(_)
            | TokenKind::QuotedName
            | TokenKind::DollarText
            | TokenKind::Variable
            | TokenKind::DollarName
    )
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Boolean(true) => "TRUE".to_owned(),
        Value::Boolean(false) => "FALSE".to_owned(),
        // In parentheses, since `- -5` without the blank would begin a comment.
        Value::Number(number) if number.as_str().starts_with('-') => format!("({})", number.as_str()),
        Value::Number(number) => number.as_str().to_owned(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
    }
}

/// A name, or several with dots between.
fn quoted_name(text: &str) -> Option<String> {
    let parts = text.split('.').map(|part| (!part.is_empty()).then(|| format!("\"{}\"", part.replace('"', "\"\""))));
    parts.collect::<Option<Vec<_>>>().map(|parts| parts.join("."))
}
