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

/// Words that go on with a statement after its first part.
const CLAUSES: &[&str] = &["TYPE", "PARAMS", "OPTIONS", "MODE", "TAGS"];

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
        let is_comment = keyword.is(b'#') || keyword.is(b'/') && cursor.peek_second().is(b'/');
        let hint = is_comment.then_some("a comment begins with -- or stands between /* and */");
        let message = format!("Expected a statement: {}", KEYWORDS.join(", "));
        return Err(cursor.expected_as(Code::Expected, message, hint));
    }
    let mut kind = match cursor.slice(keyword).to_ascii_uppercase().as_str() {
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
            Err(cursor.abandon(diagnostic))
        }
        "IF" => statements::conditional(cursor, depth + 1).map(StatementKind::If),
        _ => Err(unknown_statement(cursor, keyword)),
    }?;
    let tags = match &mut kind {
        // Its query reaches to the semicolon, so that they stand before it.
        StatementKind::Create(create) => std::mem::take(&mut create.tags),
        StatementKind::Set(_) | StatementKind::If(_) => Vec::new(),
        _ => statements::tags(cursor)?,
    };
    let span = cursor.span_from(keyword.start);
    if !cursor.eat(b';') {
        let what = cursor.slice(keyword).to_ascii_uppercase();
        let what = if what == "IF" { "END IF".to_owned() } else { format!("{what} statement") };
        let hint = cursor.meant(CLAUSES.iter().copied());
        return Err(cursor.expected_as(Code::Semicolon, format!("Expected ';' after {what}"), hint.as_deref()));
    }
    Ok(Statement { kind, span, tags })
}

fn unknown_statement(cursor: &mut Cursor<'_>, keyword: Token) -> Failed {
    let word = cursor.slice(keyword);
    let mut diagnostic =
        Diagnostic::error(Code::UnknownStatement, format!("unknown statement '{word}'"), cursor.span(keyword));
    let instead = instead_of(&word.to_ascii_uppercase()).map(str::to_owned);
    diagnostic.hint = instead.or_else(|| {
        let known = suggest(word, KEYWORDS.iter().chain(BLOCK_ENDS).copied());
        Some(match known {
            Some(known) => format!("did you mean {known}?"),
            None => format!("the statements of a pipeline are {}", KEYWORDS.join(", ")),
        })
    });
    cursor.advance();
    let failed = cursor.fail(diagnostic);
    // Whatever it is, it ends at its semicolon; nothing inside it is a statement of ours.
    while !matches!(cursor.peek().kind, TokenKind::End | TokenKind::Symbol(b';')) && !starts_statement(cursor) {
        cursor.advance();
    }
    failed
}

/// How to say in a pipeline what a statement of another language says.
fn instead_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "SELECT" | "WITH" | "FROM" | "VALUES" | "PIVOT" | "SUMMARIZE" | "DESCRIBE" => {
            "a query needs somewhere to go: CREATE TABLE name AS ..., or EXPORT ... TO \"file\" TYPE CSV"
        }
        "INSERT" => {
            "to add rows, write CREATE TABLE name MODE APPEND AS SELECT ..., or LOAD name FROM source MODE APPEND"
        }
        "UPDATE" | "MERGE" => "to change rows, write CREATE TABLE name MODE UPSERT KEY (id) AS SELECT ...",
        "DELETE" | "TRUNCATE" => "to remove rows, write CREATE OR REPLACE TABLE name AS SELECT ... FROM name WHERE ...",
        "DROP" | "ALTER" => "a step makes its table what its query says: there is nothing to drop or to alter",
        "COPY" => "to write a file, EXPORT a query TO it; to read one, define a SOURCE and LOAD it",
        "ATTACH" | "INSTALL" | "USE" | "PRAGMA" => {
            "a pipeline stays in its database: other ones are reached by a SOURCE"
        }
        "LET" | "VAR" | "DECLARE" | "DEFINE" => "a variable is made by SET name = value;",
        "ELIF" | "ELSIF" | "ELSEIFS" => "a further condition begins with ELSEIF, or ELSE IF",
        "IMPORT" => "another file is taken in by INCLUDE \"file.sf\" AS name;",
        _ => return None,
    })
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
