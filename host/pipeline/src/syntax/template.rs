use crate::diagnostics::{FileId, Span};
use crate::variables::Value;

use super::lexer::{self, Escapes, Token, TokenKind};

/// `${name}` or `${name|default}` at a place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VariableRef {
    pub name: String,
    pub default: Option<DefaultValue>,
    pub span: Span,
}

/// What stands after the bar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DefaultValue {
    Value(Value),
    /// Blanks and no quotes: not allowed.
    Unquoted(String),
}

/// Text with variables in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Template {
    pub segments: Vec<Segment>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Segment {
    Text(String),
    Variable(VariableRef),
}

impl Template {
    /// Bare text: what stands at `span`, as it stands.
    pub(crate) fn bare(text: &str, span: Span) -> Self {
        Self { segments: segments(text, span.file, span.start..span.end, None), span }
    }

    /// Text that is in no file of a pipeline: its spans mean nothing.
    pub(crate) fn detached(text: &str) -> Self {
        Self::bare(text, Span::new(FileId::default(), 0, text.len()))
    }

    /// The inside of a token in quotes, doubled quotes made single. Other tokens are taken as bare text.
    pub(crate) fn unquoted(text: &str, token: Token, file: FileId) -> Self {
        let span = Span::new(file, token.start, token.end);
        match token.kind {
            TokenKind::QuotedName | TokenKind::Text(Escapes::None) => {
                // Only a bare text opens with its quote; a prefix such as X'..' has no meaning outside SQL.
                let quote = text.as_bytes()[token.start];
                if !matches!(quote, b'\'' | b'"') {
                    return Self::bare(text, span);
                }
                Self { segments: segments(text, file, token.start + 1..token.end - 1, Some(char::from(quote))), span }
            }
            _ => Self::bare(text, span),
        }
    }

    /// The only variable, if there is nothing beside it.
    pub(crate) fn only_variable(&self) -> Option<&VariableRef> {
        match self.segments.as_slice() {
            [Segment::Variable(variable)] => Some(variable),
            _ => None,
        }
    }
}

/// The variable that a token is.
pub(crate) fn variable_ref(text: &str, span: Span) -> VariableRef {
    let inner = text.get(span.start + 2..span.end - 1).unwrap_or("");
    let (name, default) = match inner.split_once('|') {
        Some((name, default)) => (name, Some(default_value(default.trim()))),
        None => (inner, None),
    };
    VariableRef { name: name.trim().to_owned(), default, span }
}

fn default_value(text: &str) -> DefaultValue {
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return DefaultValue::Value(Value::Text(inner.to_owned()));
        }
    }
    if text.contains(char::is_whitespace) {
        return DefaultValue::Unquoted(text.to_owned());
    }
    DefaultValue::Value(Value::infer(text))
}

/// Cuts `range` into text and variables; with a quote, doubled ones in the text are made single.
fn segments(text: &str, file: FileId, range: std::ops::Range<usize>, quote: Option<char>) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut from = range.start;
    let mut at = range.start;
    let push_text = |segments: &mut Vec<Segment>, piece: &str| {
        if piece.is_empty() {
            return;
        }
        segments.push(Segment::Text(match quote {
            Some('\'') => piece.replace("''", "'"),
            Some('"') => piece.replace("\"\"", "\""),
            _ => piece.to_owned(),
        }));
    };
    while let Some(offset) = text[at..range.end].find("${") {
        let start = at + offset;
        match lexer::variable_end(text, start).filter(|end| *end <= range.end) {
            Some(end) => {
                push_text(&mut segments, &text[from..start]);
                segments.push(Segment::Variable(variable_ref(text, Span::new(file, start, end))));
                from = end;
                at = end;
            }
            None => at = start + 2,
        }
    }
    push_text(&mut segments, &text[from..range.end]);
    segments
}
