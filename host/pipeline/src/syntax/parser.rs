use crate::diagnostics::{Code, Diagnostic, FileId, Span};
use crate::names::suggest;

use super::ast::{Statement, StatementKind};
use super::cursor::{Cursor, Failed, Parsed};
use super::data_tests;
use super::lexer::{Token, TokenKind};
use super::statements;

/// IF blocks deeper than this are refused: the parser calls itself for each.
const MAX_NESTING: usize = 100;

const KEYWORDS: &[&str] = &["SOURCE", "LOAD", "CREATE", "EXPORT", "TEST", "SET", "INCLUDE", "IF"];

/// What ends a list of statements besides the end of the text.
const BLOCK_ENDS: &[&str] = &["ELSEIF", "ELSE", "END", "ENDIF"];

/// Reads the statements of a file, and everything that is wrong with them.
pub(crate) fn parse(text: &str, file: FileId) -> (Vec<Statement>, Vec<Diagnostic>) {
    let mut cursor = Cursor::new(text, file);
    let mut all = Vec::new();
    loop {
        all.append(&mut statements(&mut cursor, 0));
        let token = cursor.peek();
        if token.kind == TokenKind::End {
            break;
        }
        let message = format!("{} without IF", cursor.slice(token).to_ascii_uppercase());
        cursor.diagnostics.push(Diagnostic::error(Code::Expected, message, cursor.span(token)));
        cursor.advance();
        recover(&mut cursor);
    }
    (all, cursor.diagnostics)
}

/// Statements up to the end of the block they are in.
pub(super) fn statements(cursor: &mut Cursor<'_>, depth: usize) -> Vec<Statement> {
    let mut all = Vec::new();
    loop {
        let token = cursor.peek();
        if token.kind == TokenKind::End || BLOCK_ENDS.iter().any(|word| cursor.is_word(token, word)) {
            return all;
        }
        if cursor.eat(b';') {
            continue;
        }
        match statement(cursor, depth) {
            Ok(statement) => all.push(statement),
            Err(Failed) => recover(cursor),
        }
    }
}

fn statement(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Statement> {
    let keyword = cursor.peek();
    if keyword.kind != TokenKind::Word {
        return Err(cursor.expected(format!("Expected a statement: {}", KEYWORDS.join(", "))));
    }
    let kind = match cursor.slice(keyword).to_ascii_uppercase().as_str() {
        "SOURCE" => statements::source(cursor).map(StatementKind::Source),
        "LOAD" => statements::load(cursor).map(StatementKind::Load),
        "CREATE" => statements::create(cursor).map(StatementKind::Create),
        "EXPORT" => statements::export(cursor).map(StatementKind::Export),
        "TEST" => data_tests::test(cursor).map(StatementKind::Test),
        "SET" => statements::set(cursor).map(StatementKind::Set),
        "INCLUDE" => statements::include(cursor).map(StatementKind::Include),
        "IF" if depth >= MAX_NESTING => {
            let message = format!("IF is nested more than {MAX_NESTING} deep");
            let diagnostic = Diagnostic::error(Code::Nesting, message, cursor.span(keyword));
            cursor.advance();
            Err(cursor.fail(diagnostic))
        }
        "IF" => statements::conditional(cursor, depth + 1).map(StatementKind::If),
        _ => Err(unknown_statement(cursor, keyword)),
    }?;
    let span = cursor.span_from(keyword.start);
    if !cursor.eat(b';') {
        let what = cursor.slice(keyword).to_ascii_uppercase();
        let what = if what == "IF" { "END IF".to_owned() } else { format!("{what} statement") };
        return Err(cursor.expected_as(Code::Semicolon, format!("Expected ';' after {what}"), None));
    }
    Ok(Statement { kind, span })
}

fn unknown_statement(cursor: &mut Cursor<'_>, keyword: Token) -> Failed {
    let word = cursor.slice(keyword);
    let mut diagnostic =
        Diagnostic::error(Code::UnknownStatement, format!("unknown statement '{word}'"), cursor.span(keyword));
    diagnostic.hint = Some(match suggest(&word.to_ascii_uppercase(), KEYWORDS.iter().copied()) {
        Some(known) => format!("did you mean {known}?"),
        None if matches!(word.to_ascii_uppercase().as_str(), "SELECT" | "WITH" | "FROM" | "VALUES") => {
            "a query needs somewhere to go: CREATE TABLE name AS ..., or EXPORT ... TO \"file\" TYPE CSV".to_owned()
        }
        None => format!("the statements of a pipeline are {}", KEYWORDS.join(", ")),
    });
    cursor.advance();
    let failed = cursor.fail(diagnostic);
    // Whatever it is, it ends at its semicolon; nothing inside it is a statement of ours.
    while !matches!(cursor.peek().kind, TokenKind::End | TokenKind::Symbol(b';')) && !starts_statement(cursor) {
        cursor.advance();
    }
    failed
}

/// Goes on after a semicolon, or at a line that begins like a statement.
fn recover(cursor: &mut Cursor<'_>) {
    loop {
        let token = cursor.peek();
        if token.kind == TokenKind::End || cursor.eat(b';') || starts_statement(cursor) {
            return;
        }
        cursor.advance();
    }
}

pub(super) fn starts_statement(cursor: &Cursor<'_>) -> bool {
    let token = cursor.peek();
    if token.kind != TokenKind::Word || !begins_line(cursor.text, token.start) {
        return false;
    }
    match cursor.slice(token).to_ascii_uppercase().as_str() {
        // CASE ... ELSE ... END stands at the start of lines, too.
        "END" => cursor.is_word(cursor.peek_second(), "IF"),
        "ELSE" => cursor.peek_second().kind == TokenKind::Word,
        word => KEYWORDS.contains(&word) || BLOCK_ENDS.contains(&word),
    }
}

fn begins_line(text: &str, at: usize) -> bool {
    text[..at].bytes().rev().find(|byte| !matches!(byte, b' ' | b'\t')).is_none_or(|byte| byte == b'\n')
}

/// The first line inside a query that begins like another statement: a semicolon is probably missing before it.
pub(crate) fn swallowed_statement(text: &str, query: Span) -> Option<Span> {
    let mut cursor = Cursor::within(text, query);
    cursor.advance();
    while cursor.peek().kind != TokenKind::End {
        let token = cursor.peek();
        let known = ["SOURCE", "LOAD", "CREATE", "EXPORT", "TEST", "INCLUDE", "IF"];
        if begins_line(text, token.start) && known.iter().any(|word| cursor.is_word(token, word)) {
            return Some(cursor.span(token));
        }
        cursor.advance();
    }
    None
}
