//! Tokens by DuckDB's lexical rules, plus variables. One set of rules serves statements, the SQL inside them and the
//! formatting of variables, so that all three agree on where a string ends.

/// What a token is. `Unterminated` ones reach to where reading can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Space,
    Comment,
    /// A name or keyword without quotes.
    Word,
    Number,
    /// `'...'`, with the escapes its prefix gives it.
    Text(Escapes),
    /// `"..."`: a name in SQL, a text elsewhere.
    QuotedName,
    /// `$tag$...$tag$`
    DollarText,
    /// `${name}` or `${name|default}`
    Variable,
    /// `${` that does not go on as a variable.
    BrokenVariable,
    /// `$name`
    DollarName,
    Unterminated(Opened),
    /// Any other character, as its first byte: operators are looked at one character at a time.
    Symbol(u8),
    End,
}

/// Escapes of a text in single quotes besides the doubled quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// None: a backslash is a backslash.
    None,
    /// `E'...'` and `U&'...'`: a backslash begins an escape.
    Backslash,
}

/// What was opened and not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opened {
    Text,
    QuotedName,
    DollarText,
    Comment,
}

impl Opened {
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Opened::Text => "string",
            Opened::QuotedName => "quoted name",
            Opened::DollarText => "dollar-quoted string",
            Opened::Comment => "comment",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

impl Token {
    pub(crate) fn is(self, symbol: u8) -> bool {
        self.kind == TokenKind::Symbol(symbol)
    }

    pub(crate) fn is_trivia(self) -> bool {
        matches!(self.kind, TokenKind::Space | TokenKind::Comment)
    }
}

/// The token that starts at `start`, a character boundary of `text`.
pub(crate) fn token_at(text: &str, start: usize) -> Token {
    let bytes = text.as_bytes();
    let Some(&first) = bytes.get(start) else {
        return Token { kind: TokenKind::End, start, end: start };
    };
    let (kind, end) = match first {
        b'-' if bytes.get(start + 1) == Some(&b'-') => (TokenKind::Comment, line_end(bytes, start)),
        b'/' if bytes.get(start + 1) == Some(&b'*') => block_comment(bytes, start),
        b'\'' => quoted(text, start, start, Escapes::None),
        b'"' => quoted_name(text, start),
        b'$' => dollar(text, start),
        b'0'..=b'9' => (TokenKind::Number, number_end(bytes, start)),
        b'.' if bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => (TokenKind::Number, number_end(bytes, start)),
        b'e' | b'E' if bytes.get(start + 1) == Some(&b'\'') => quoted(text, start, start + 1, Escapes::Backslash),
        b'u' | b'U' if bytes.get(start + 1..start + 3) == Some(b"&'") => {
            quoted(text, start, start + 2, Escapes::Backslash)
        }
        b'x' | b'X' | b'b' | b'B' | b'n' | b'N' if bytes.get(start + 1) == Some(&b'\'') => {
            quoted(text, start, start + 1, Escapes::None)
        }
        _ if is_space(first) => (TokenKind::Space, run_end(bytes, start, is_space)),
        _ if first.is_ascii_alphabetic() || first == b'_' => (TokenKind::Word, word_end(text, start)),
        128.. => match wide_space(text, start) {
            Some(end) => (TokenKind::Space, end),
            None => (TokenKind::Word, word_end(text, start)),
        },
        _ => (TokenKind::Symbol(first), start + 1),
    };
    Token { kind, start, end }
}

/// All tokens but blanks and comments.
pub(crate) fn significant(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let token = token_at(text, at);
        if token.kind == TokenKind::End {
            return tokens;
        }
        if !token.is_trivia() {
            tokens.push(token);
        }
        at = token.end;
    }
}

/// The end of the variable that starts at `start` with `${`, if it is one.
pub(crate) fn variable_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let name = run_end(bytes, start + 2, |byte| byte == b' ');
    let after = run_end(bytes, name, is_variable_name);
    if after == name {
        return None;
    }
    let mut at = run_end(bytes, after, |byte| byte == b' ');
    match bytes.get(at)? {
        b'}' => return Some(at + 1),
        b'|' => {}
        _ => return None,
    }
    loop {
        match bytes.get(at)? {
            b'}' => return Some(at + 1),
            b'\n' => return None,
            b'$' if bytes.get(at + 1) == Some(&b'{') => return None,
            _ => at += 1,
        }
    }
}

/// The end of the name of `$name` at `start`, if there is one.
pub(crate) fn dollar_name_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let first = *bytes.get(start + 1)?;
    (first.is_ascii_alphabetic() || first == b'_')
        .then(|| run_end(bytes, start + 1, |byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 128
}

fn is_variable_name(byte: u8) -> bool {
    is_word_byte(byte) || matches!(byte, b'-' | b'.')
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn run_end(bytes: &[u8], start: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[start.min(bytes.len())..].iter().position(|byte| !belongs(*byte)).map_or(bytes.len(), |length| start + length)
}

/// A non-breaking or other wide blank, or the byte order mark.
fn wide_space(text: &str, start: usize) -> Option<usize> {
    let first = text[start..].chars().next()?;
    (first.is_whitespace() || first == '\u{feff}').then(|| start + first.len_utf8())
}

fn word_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        let belongs = match byte {
            b'$' => at > start && bytes.get(at + 1) != Some(&b'{'),
            128.. if text.is_char_boundary(at) => wide_space(text, at).is_none(),
            _ => is_word_byte(byte),
        };
        if !belongs {
            break;
        }
        at += 1;
    }
    at
}

fn number_end(bytes: &[u8], start: usize) -> usize {
    let is_digit = |byte: u8| byte.is_ascii_digit() || byte == b'_';
    if bytes[start] == b'0' && matches!(bytes.get(start + 1), Some(b'x' | b'X' | b'b' | b'B' | b'o' | b'O')) {
        let end = run_end(bytes, start + 2, |byte| byte.is_ascii_hexdigit() || byte == b'_');
        if end > start + 2 {
            return end;
        }
    }
    let mut at = run_end(bytes, start, is_digit);
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1) != Some(&b'.') {
        at = run_end(bytes, at + 1, is_digit);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
            at = run_end(bytes, at + 1 + sign, is_digit);
        }
    }
    at
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    run_end(bytes, start, |byte| byte != b'\n')
}

/// Block comments nest. One without an end takes the rest of the text: trying again after it would be quadratic.
fn block_comment(bytes: &[u8], start: usize) -> (TokenKind, usize) {
    let mut depth = 0_usize;
    let mut at = start;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return (TokenKind::Comment, at);
                }
            }
            _ => at += 1,
        }
    }
    (TokenKind::Unterminated(Opened::Comment), bytes.len())
}

/// A text in single quotes opening at `open`. Variables inside are skipped as a whole, so that a default may hold quotes.
fn quoted(text: &str, start: usize, open: usize, escapes: Escapes) -> (TokenKind, usize) {
    match closing_quote(text, open, escapes) {
        Some(end) => (TokenKind::Text(escapes), end),
        None => (TokenKind::Unterminated(Opened::Text), line_end(text.as_bytes(), start)),
    }
}

fn quoted_name(text: &str, start: usize) -> (TokenKind, usize) {
    match closing_quote(text, start, Escapes::None) {
        Some(end) => (TokenKind::QuotedName, end),
        None => (TokenKind::Unterminated(Opened::QuotedName), line_end(text.as_bytes(), start)),
    }
}

fn closing_quote(text: &str, open: usize, escapes: Escapes) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = bytes[open];
    let mut at = open + 1;
    loop {
        match *bytes.get(at)? {
            byte if byte == quote => {
                if bytes.get(at + 1) != Some(&quote) {
                    return Some(at + 1);
                }
                at += 2;
            }
            b'\\' if escapes == Escapes::Backslash => at += 2,
            b'$' if bytes.get(at + 1) == Some(&b'{') => at = variable_end(text, at).unwrap_or(at + 2),
            _ => at += 1,
        }
    }
}

fn dollar(text: &str, start: usize) -> (TokenKind, usize) {
    let bytes = text.as_bytes();
    if bytes.get(start + 1) == Some(&b'{') {
        return match variable_end(text, start) {
            Some(end) => (TokenKind::Variable, end),
            None => {
                let end = run_end(bytes, start, |byte| !matches!(byte, b'}' | b'\n' | b';'));
                (TokenKind::BrokenVariable, end + usize::from(bytes.get(end) == Some(&b'}')))
            }
        };
    }
    let tag = if bytes.get(start + 1).is_some_and(u8::is_ascii_digit) {
        start + 1
    } else {
        run_end(bytes, start + 1, is_word_byte)
    };
    if bytes.get(tag) == Some(&b'$') {
        let opening = &text[start..=tag];
        return match text[tag + 1..].find(opening) {
            Some(length) => (TokenKind::DollarText, tag + 1 + length + opening.len()),
            None => (TokenKind::Unterminated(Opened::DollarText), text.len()),
        };
    }
    match dollar_name_end(text, start) {
        Some(end) => (TokenKind::DollarName, end),
        None => (TokenKind::Symbol(b'$'), start + 1),
    }
}
