use crate::diagnostics::{Code, Diagnostic, Span};

use super::ast::Json;
use super::cursor::{Cursor, Failed, Parsed};
use super::lexer;
use super::template::{Segment, Template, variable_ref};

/// Values nested deeper than this are refused: the parser calls itself for each level.
const MAX_NESTING: usize = 100;

/// Reads a JSON object at the cursor. Beyond JSON: a comma after the last member, and variables as or inside values.
pub(super) fn object(cursor: &mut Cursor<'_>) -> Parsed<Json> {
    let start = cursor.peek();
    if !start.is(b'{') {
        return Err(cursor.expected_as(Code::Json, "Expected JSON object", Some("such as {\"path\": \"data/x.csv\"}")));
    }
    let mut reader = Reader { text: cursor.text, at: start.start, depth: 0 };
    let read = reader.value(cursor);
    cursor.jump(reader.at.max(start.end));
    read
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn value(&mut self, cursor: &mut Cursor<'_>) -> Parsed<Json> {
        self.skip_blanks();
        match self.byte() {
            Some(b'{') => self.nested(cursor, Self::members),
            Some(b'[') => self.nested(cursor, Self::elements),
            Some(b'"') => self.text(cursor).map(Json::Text),
            Some(b'$') => match lexer::variable_end(self.text, self.at) {
                Some(end) => {
                    let span = Span::new(cursor.file, self.at, end);
                    self.at = end;
                    Ok(Json::Variable(variable_ref(self.text, span)))
                }
                None => Err(self.wrong(cursor, "Expected a variable such as ${name}")),
            },
            Some(b'\'') => Err(self.wrong(cursor, "Expected a value in double quotes: JSON has no single quotes")),
            _ => self.plain(cursor),
        }
    }

    fn nested(
        &mut self,
        cursor: &mut Cursor<'_>,
        read: fn(&mut Self, &mut Cursor<'_>) -> Parsed<Json>,
    ) -> Parsed<Json> {
        if self.depth == MAX_NESTING {
            let span = Span::new(cursor.file, self.at, self.at + 1);
            let message = format!("JSON is nested more than {MAX_NESTING} deep");
            return Err(cursor.fail(Diagnostic::error(Code::Nesting, message, span)));
        }
        self.depth += 1;
        self.at += 1;
        let json = read(self, cursor)?;
        self.at += 1;
        self.depth -= 1;
        Ok(json)
    }

    /// Up to, and not including, the closing brace.
    fn members(&mut self, cursor: &mut Cursor<'_>) -> Parsed<Json> {
        let mut members = Vec::new();
        loop {
            self.skip_blanks();
            match self.byte() {
                Some(b'}') => return Ok(Json::Object(members)),
                Some(b'"') => {}
                _ => return Err(self.wrong(cursor, "Expected a name in double quotes or '}'")),
            }
            let name = self.text(cursor)?;
            if let Some((first, _)) =
                members.iter().find(|(known, _): &&(Template, Json)| known.segments == name.segments)
            {
                let message =
                    format!("'{}' stands twice in the JSON object", &self.text[name.span.start + 1..name.span.end - 1]);
                let diagnostic = Diagnostic::error(Code::Json, message, name.span).also_at(first.span, "and here");
                cursor.diagnostics.push(diagnostic);
            }
            self.skip_blanks();
            if self.byte() != Some(b':') {
                return Err(self.wrong(cursor, "Expected ':' after the name"));
            }
            self.at += 1;
            let value = self.value(cursor)?;
            members.push((name, value));
            self.skip_blanks();
            match self.byte() {
                Some(b',') => self.at += 1,
                Some(b'}') => {}
                _ => return Err(self.wrong(cursor, "Expected ',' or '}' after the value")),
            }
        }
    }

    /// Up to, and not including, the closing bracket.
    fn elements(&mut self, cursor: &mut Cursor<'_>) -> Parsed<Json> {
        let mut elements = Vec::new();
        loop {
            self.skip_blanks();
            if self.byte() == Some(b']') {
                return Ok(Json::Array(elements));
            }
            let value = self.value(cursor)?;
            elements.push(value);
            self.skip_blanks();
            match self.byte() {
                Some(b',') => self.at += 1,
                Some(b']') => {}
                _ => return Err(self.wrong(cursor, "Expected ',' or ']' after the value")),
            }
        }
    }

    /// A number, `true`, `false` or `null`.
    fn plain(&mut self, cursor: &mut Cursor<'_>) -> Parsed<Json> {
        let rest = &self.text[self.at..];
        let length = rest
            .bytes()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_')))
            .unwrap_or(rest.len());
        let word = &rest[..length];
        match serde_json::from_str(word) {
            Ok(value) => {
                self.at += length;
                Ok(Json::Plain(value))
            }
            Err(_) => match ["true", "false", "null"].iter().find(|known| known.eq_ignore_ascii_case(word)) {
                Some(known) => Err(self.wrong(cursor, &format!("Expected a value; JSON writes it '{known}'"))),
                None => Err(self.wrong(cursor, "Expected a value: text in double quotes, number, true, false, null")),
            },
        }
    }

    /// A text in double quotes. Escapes are resolved piece by piece, so that none can reach into a variable.
    fn text(&mut self, cursor: &mut Cursor<'_>) -> Parsed<Template> {
        let open = self.at;
        let mut segments = Vec::new();
        let mut from = open + 1;
        let mut at = from;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(at) {
                None | Some(b'\n') => {
                    let span = Span::new(cursor.file, open, open + 1);
                    let diagnostic = Diagnostic::error(Code::Unterminated, "unterminated string in JSON", span);
                    self.at = at;
                    return Err(cursor.fail(diagnostic.with_label("it begins here")));
                }
                Some(b'\\') => at += 2,
                Some(b'$') if bytes.get(at + 1) == Some(&b'{') => match lexer::variable_end(self.text, at) {
                    Some(end) => {
                        self.push_text(cursor, &mut segments, from, at)?;
                        let span = Span::new(cursor.file, at, end);
                        segments.push(Segment::Variable(variable_ref(self.text, span)));
                        at = end;
                        from = end;
                    }
                    None => at += 2,
                },
                Some(b'"') => {
                    self.push_text(cursor, &mut segments, from, at)?;
                    self.at = at + 1;
                    return Ok(Template { segments, span: Span::new(cursor.file, open, at + 1) });
                }
                Some(_) => at += 1,
            }
        }
    }

    fn push_text(
        &mut self,
        cursor: &mut Cursor<'_>,
        segments: &mut Vec<Segment>,
        start: usize,
        end: usize,
    ) -> Parsed<()> {
        if start == end {
            return Ok(());
        }
        let piece = self.text.get(start..end).unwrap_or("");
        match serde_json::from_str(&format!("\"{}\"", piece.replace('\t', "\\t"))) {
            Ok(text) => {
                segments.push(Segment::Text(text));
                Ok(())
            }
            Err(_) => {
                self.at = start;
                let diagnostic = Diagnostic::error(
                    Code::Json,
                    "Expected JSON object: an invalid escape in the text",
                    Span::new(cursor.file, start, end),
                )
                .with_hint("a backslash is written \\\\");
                Err(cursor.fail(diagnostic))
            }
        }
    }

    fn wrong(&mut self, cursor: &mut Cursor<'_>, what: &str) -> Failed {
        let end = self.text[self.at..].chars().next().map_or(self.at, |next| self.at + next.len_utf8());
        let span = Span::new(cursor.file, self.at, end);
        cursor.fail(Diagnostic::error(Code::Json, format!("Expected JSON object: {}", lower_first(what)), span))
    }

    fn skip_blanks(&mut self) {
        let bytes = &self.text.as_bytes()[self.at.min(self.text.len())..];
        self.at += bytes.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).unwrap_or(bytes.len());
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
