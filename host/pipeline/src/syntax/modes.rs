use crate::diagnostics::{Code, Diagnostic, Span};
use crate::names::suggest;

use super::ast::{Mode, Name};
use super::cursor::{Cursor, Failed, Parsed};
use super::lexer::TokenKind;
use super::statements;
use super::template::Template;

const LOAD_MODES: &[&str] = &["REPLACE", "APPEND", "UPSERT"];
const TRANSFORM_MODES: &[&str] = &["REPLACE", "APPEND", "UPSERT", "INCREMENTAL"];

/// The mode of a LOAD, after the word MODE. SQLFlow up to 0.1.7 writes `MERGE MERGE_KEYS (id)` for `UPSERT KEY (id)`.
pub(super) fn load(cursor: &mut Cursor<'_>) -> Parsed<Mode> {
    let token = cursor.peek();
    if cursor.at_word("INCREMENTAL") {
        let diagnostic = Diagnostic::error(
            Code::Mode,
            "Invalid MODE: INCREMENTAL. Must be one of: REPLACE, APPEND, UPSERT",
            cursor.span(token),
        )
        .with_hint("a source is read incrementally with \"sync_mode\": \"incremental\" in its PARAMS, and LOAD adds it with MODE APPEND or UPSERT");
        cursor.advance();
        return Err(cursor.fail(diagnostic));
    }
    if cursor.at_word("MERGE") && cursor.is_word(cursor.peek_second(), "MERGE_KEYS") {
        cursor.advance();
        cursor.advance();
        return Ok(Mode::Upsert { keys: keys(cursor)? });
    }
    mode(cursor, LOAD_MODES)
}

/// The mode of a CREATE TABLE, after the word MODE.
pub(super) fn transform(cursor: &mut Cursor<'_>) -> Parsed<Mode> {
    mode(cursor, TRANSFORM_MODES)
}

/// The name of a mode in which rows stay that are in the table.
pub(super) fn keeps_rows(mode: &Mode) -> Option<&'static str> {
    match mode {
        Mode::Replace => None,
        Mode::Append => Some("APPEND"),
        Mode::Upsert { .. } => Some("UPSERT"),
        Mode::Incremental { .. } => Some("INCREMENTAL"),
    }
}

fn mode(cursor: &mut Cursor<'_>, known: &[&str]) -> Parsed<Mode> {
    let token = cursor.peek();
    let word = if token.kind == TokenKind::Word { cursor.slice(token).to_ascii_uppercase() } else { String::new() };
    if !known.contains(&word.as_str()) {
        return Err(bad_mode(cursor, &word, known));
    }
    cursor.advance();
    match word.as_str() {
        "UPSERT" => {
            if !cursor.eat_word("KEY") {
                let hint = cursor.meant(["KEY"]).unwrap_or_else(|| "MODE UPSERT KEY (id)".to_owned());
                let message = "UPSERT mode requires KEY to be specified";
                return Err(cursor.expected_as(Code::Mode, message, Some(&hint)));
            }
            let keys = keys(cursor)?;
            refuse(
                cursor,
                &[("BY", "UPSERT mode cannot use time column"), ("LOOKBACK", "UPSERT mode cannot use LOOKBACK")],
            )?;
            Ok(Mode::Upsert { keys })
        }
        "INCREMENTAL" => {
            if !cursor.eat_word("BY") {
                return Err(cursor.expected_as(
                    Code::Mode,
                    "INCREMENTAL mode requires BY <time_column>",
                    Some("MODE INCREMENTAL BY updated_at"),
                ));
            }
            let time_column = statements::name(cursor, "Expected time column after 'BY'")?;
            let lookback = if cursor.eat_word("LOOKBACK") { Some(lookback(cursor)?) } else { None };
            refuse(cursor, &[("KEY", "INCREMENTAL mode cannot use upsert keys")])?;
            Ok(Mode::Incremental { time_column, lookback })
        }
        other => {
            let (mode, key, by, lookback) = if other == "APPEND" {
                (Mode::Append, "APPEND mode cannot use upsert keys", "APPEND mode cannot use time column", "APPEND")
            } else {
                (Mode::Replace, "REPLACE mode cannot use upsert keys", "REPLACE mode cannot use time column", "REPLACE")
            };
            let lookback = format!("LOOKBACK can only be used with INCREMENTAL mode, not with {lookback}");
            refuse(cursor, &[("KEY", key), ("BY", by), ("LOOKBACK", &lookback)])?;
            Ok(mode)
        }
    }
}

fn bad_mode(cursor: &mut Cursor<'_>, word: &str, known: &[&str]) -> Failed {
    let suggestion = suggest(word, known.iter().copied()).map(|mode| format!("did you mean {mode}?"));
    let hint = match word {
        "MERGE" => Some("MERGE is called UPSERT: MODE UPSERT KEY (id)".to_owned()),
        _ => suggestion,
    };
    let message = format!("Expected mode type ({}) after MODE", known.join(", "));
    cursor.expected_as(Code::Mode, message, hint.as_deref())
}

fn refuse(cursor: &mut Cursor<'_>, words: &[(&str, &str)]) -> Parsed<()> {
    match words.iter().find(|(word, _)| cursor.at_word(word)) {
        Some((_, message)) => Err(cursor.expected_as(Code::Mode, *message, None)),
        None => Ok(()),
    }
}

/// `(a, b)`, or the same without parentheses.
fn keys(cursor: &mut Cursor<'_>) -> Parsed<Vec<Name>> {
    let in_parentheses = cursor.eat(b'(');
    let mut keys = vec![statements::name(cursor, "Expected column name after 'KEY'")?];
    while cursor.eat(b',') {
        let key = statements::name(cursor, "Expected column name after ','")?;
        if let Some(first) = keys.iter().find(|known| cursor.is_same(known.span, key.span)) {
            let message = format!("'{}' stands twice in KEY", &cursor.text[key.span.start..key.span.end]);
            let diagnostic = Diagnostic::error(Code::Mode, message, key.span).also_at(first.span, "and here");
            cursor.diagnostics.push(diagnostic);
        }
        keys.push(key);
    }
    if in_parentheses && !cursor.eat(b')') {
        return Err(cursor.expected("Expected ')' after the key columns"));
    }
    Ok(keys)
}

/// `2 DAYS`, or the same in quotes.
fn lookback(cursor: &mut Cursor<'_>) -> Parsed<Template> {
    let first = cursor.peek();
    match first.kind {
        TokenKind::Text(_) | TokenKind::QuotedName => statements::text(cursor, ""),
        TokenKind::Number | TokenKind::Variable => {
            cursor.advance();
            let unit = cursor.peek();
            if unit.kind == TokenKind::Word && !cursor.is_word(unit, "AS") {
                cursor.advance();
            } else if first.kind == TokenKind::Number {
                return Err(cursor.expected("Expected a unit after LOOKBACK: DAYS, HOURS, ..."));
            }
            let span = cursor.span_from(first.start);
            Ok(Template::bare(cursor.text, Span::new(cursor.file, span.start, span.end)))
        }
        _ => Err(cursor.expected("Expected a number and a unit after 'LOOKBACK', such as 2 DAYS")),
    }
}
