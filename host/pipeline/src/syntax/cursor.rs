use crate::diagnostics::{Code, Diagnostic, FileId, Span};
use crate::names::suggest;

use super::lexer::{self, Token, TokenKind};

/// A statement could not be read; why is among the diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed;

pub(crate) type Parsed<T> = Result<T, Failed>;

/// Reads tokens one after the other, blanks and comments left out.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    pub text: &'a str,
    pub file: FileId,
    limit: usize,
    next: Token,
    /// End of the token read last.
    previous_end: usize,
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the text is read no further, so that what is missing at its end is no mistake of its own.
    is_abandoned: bool,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str, file: FileId) -> Self {
        Self::within(text, Span::new(file, 0, text.len()))
    }

    /// Reads what stands at `span` only.
    pub(crate) fn within(text: &'a str, span: Span) -> Self {
        let mut cursor = Self {
            text: &text[..span.end],
            file: span.file,
            limit: span.end,
            next: Token { kind: TokenKind::End, start: span.start, end: span.start },
            previous_end: span.start,
            diagnostics: Vec::new(),
            is_abandoned: false,
        };
        cursor.next = cursor.significant(span.start);
        cursor
    }

    pub(crate) fn peek(&self) -> Token {
        self.next
    }

    /// The token after the next one.
    pub(crate) fn peek_second(&self) -> Token {
        self.significant(self.next.end)
    }

    pub(crate) fn advance(&mut self) -> Token {
        let token = self.next;
        self.previous_end = token.end;
        self.next = self.significant(token.end);
        token
    }

    /// Goes on at a byte offset that is not before the next token.
    pub(crate) fn jump(&mut self, offset: usize) {
        self.previous_end = offset;
        self.next = self.significant(offset);
    }

    pub(crate) fn slice(&self, token: Token) -> &'a str {
        &self.text[token.start..token.end]
    }

    pub(crate) fn span(&self, token: Token) -> Span {
        Span::new(self.file, token.start, token.end)
    }

    /// From `start` to the end of the token read last.
    pub(crate) fn span_from(&self, start: usize) -> Span {
        Span::new(self.file, start, self.previous_end.max(start))
    }

    pub(crate) fn is_word(&self, token: Token, word: &str) -> bool {
        token.kind == TokenKind::Word && self.slice(token).eq_ignore_ascii_case(word)
    }

    pub(crate) fn at_word(&self, word: &str) -> bool {
        self.is_word(self.next, word)
    }

    /// Reads the keyword if it is next.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.advance();
        }
        found
    }

    pub(crate) fn eat(&mut self, symbol: u8) -> bool {
        let found = self.next.is(symbol);
        if found {
            self.advance();
        }
        found
    }

    pub(crate) fn expect_word(&mut self, word: &str, message: &str) -> Parsed<()> {
        if self.eat_word(word) {
            return Ok(());
        }
        let hint = self.meant([word]);
        Err(self.expected_as(Code::Expected, message, hint.as_deref()))
    }

    /// Whether two places hold the same words, in whatever case.
    pub(crate) fn is_same(&self, one: Span, other: Span) -> bool {
        self.text[one.start..one.end].eq_ignore_ascii_case(&self.text[other.start..other.end])
    }

    /// Whether the next token stands on another line than the one read last.
    pub(crate) fn at_line_start(&self) -> bool {
        self.text[self.previous_end..self.next.start].contains('\n')
    }

    /// A hint where the next token is almost one of these words.
    pub(crate) fn meant<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Option<String> {
        let token = self.next;
        let is_here = token.kind == TokenKind::Word && !self.at_line_start();
        let word = is_here.then(|| suggest(self.slice(token), words))??;
        Some(format!("did you mean {word}?"))
    }

    /// Says that something else was expected at the next token.
    pub(crate) fn expected(&mut self, message: impl Into<String>) -> Failed {
        self.expected_as(Code::Expected, message, None)
    }

    pub(crate) fn expected_as(&mut self, code: Code, message: impl Into<String>, hint: Option<&str>) -> Failed {
        let found = self.next;
        if let Some(failed) = self.broken_token(found) {
            return failed;
        }
        let mut diagnostic = match found.kind {
            // A caret at the end of the file, or on the next statement, says less than one where the thing is missing.
            TokenKind::End => Diagnostic::error(code, message, self.gap()).with_label("the text ends here"),
            _ if self.at_line_start() => Diagnostic::error(code, message, self.gap()),
            _ => Diagnostic::error(code, message, self.span(found)),
        };
        // `my-table` is three tokens.
        let is_hyphen = found.is(b'-') && found.start == self.previous_end && found.start > 0;
        let hint = if is_hyphen { Some("a name with a hyphen stands in double quotes: \"my-name\"") } else { hint };
        diagnostic.hint = hint.map(str::to_owned);
        self.fail(diagnostic)
    }

    pub(crate) fn fail(&mut self, diagnostic: Diagnostic) -> Failed {
        if !self.is_abandoned {
            self.diagnostics.push(diagnostic);
        }
        Failed
    }

    /// As [`fail`](Self::fail), and nothing behind it is read.
    pub(crate) fn abandon(&mut self, diagnostic: Diagnostic) -> Failed {
        let failed = self.fail(diagnostic);
        self.is_abandoned = true;
        self.jump(self.limit);
        failed
    }

    /// Tells of a token that is wrong in itself.
    pub(crate) fn broken_token(&mut self, token: Token) -> Option<Failed> {
        match token.kind {
            TokenKind::Unterminated(opened) => {
                let quote = Span::new(self.file, token.start, token.start + 1);
                let message = format!("unterminated {}", opened.describe());
                let diagnostic = Diagnostic::error(Code::Unterminated, message, quote).with_label("it begins here");
                Some(self.fail(diagnostic))
            }
            TokenKind::BrokenVariable => {
                let message = format!("malformed variable '{}'", self.slice(token).trim_end());
                let diagnostic = Diagnostic::error(Code::VariableSyntax, message, self.span(token))
                    .with_hint("write ${name} or ${name|default}");
                Some(self.fail(diagnostic))
            }
            _ => None,
        }
    }

    /// Just after the token read last.
    fn gap(&self) -> Span {
        let start = self.previous_end;
        Span::new(self.file, start, start)
    }

    fn significant(&self, mut at: usize) -> Token {
        loop {
            let token = lexer::token_at(self.text, at.min(self.limit));
            if !token.is_trivia() {
                return token;
            }
            at = token.end;
        }
    }
}
