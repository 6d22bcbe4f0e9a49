//! `TEST`: what must hold of a table.

use crate::diagnostics::{Code, Diagnostic, Span};
use crate::plan::TestSeverity;

use super::ast::{Check, DataTest, Name};
use super::cursor::{Cursor, Failed, Parsed};
use super::lexer::TokenKind;
use super::statements;

const FORMS: &str = "choose one of these forms:\n\
     1. TEST table NOT NULL (column, ...);\n\
     2. TEST table UNIQUE (column, ...);\n\
     3. TEST table (column) IN (value, ...);\n\
     4. TEST table (column) REFERENCES other (column);\n\
     5. TEST name AS SELECT ...;  -- must find no row";

pub(super) fn test(cursor: &mut Cursor<'_>) -> Parsed<DataTest> {
    cursor.advance();
    let start = cursor.peek().start;
    let name = statements::name(cursor, "Expected a table or a name after 'TEST'")?;
    let early = severity(cursor)?;
    if cursor.eat_word("AS") {
        let check = Check::Query(statements::query(cursor)?);
        return Ok(DataTest { name, check, severity: early.unwrap_or_default(), body: cursor.span_from(start) });
    }
    let check = check(cursor)?;
    let body = cursor.span_from(start);
    let severity = match (early, severity(cursor)?) {
        (Some(_), Some(_)) => return Err(malformed(cursor, "SEVERITY is given twice")),
        (early, late) => early.or(late).unwrap_or_default(),
    };
    Ok(DataTest { name, check, severity, body })
}

fn check(cursor: &mut Cursor<'_>) -> Parsed<Check> {
    if cursor.eat_word("NOT") {
        cursor.expect_word("NULL", "Expected 'NULL' after 'NOT'")?;
        return Ok(Check::NotNull(columns(cursor, "Expected '(' and the columns after 'NOT NULL'")?));
    }
    if cursor.eat_word("UNIQUE") {
        return Ok(Check::Unique(columns(cursor, "Expected '(' and the columns after 'UNIQUE'")?));
    }
    if !cursor.peek().is(b'(') {
        return Err(malformed(cursor, "Expected NOT NULL, UNIQUE, '(' or AS in TEST"));
    }
    let tested = columns(cursor, "")?;
    if cursor.eat_word("IN") {
        return Ok(Check::In { columns: tested, values: values(cursor)? });
    }
    if cursor.eat_word("REFERENCES") {
        let table = statements::name(cursor, "Expected a table after 'REFERENCES'")?;
        let at = cursor.peek();
        let referenced = columns(cursor, "Expected '(' and the columns of the other table")?;
        if referenced.len() != tested.len() {
            let (here, there) = (tested.len(), referenced.len());
            let message = format!("REFERENCES compares columns in pairs, and here are {here} and {there}");
            let diagnostic = Diagnostic::error(Code::Test, message, cursor.span_from(at.start));
            return Err(cursor.fail(diagnostic));
        }
        return Ok(Check::References { columns: tested, table, referenced });
    }
    Err(malformed(cursor, "Expected 'IN' or 'REFERENCES' after the columns of a TEST"))
}

fn malformed(cursor: &mut Cursor<'_>, message: &str) -> Failed {
    cursor.expected_as(Code::Test, message, Some(FORMS))
}

fn columns(cursor: &mut Cursor<'_>, message: &str) -> Parsed<Vec<Name>> {
    if !cursor.eat(b'(') {
        return Err(malformed(cursor, message));
    }
    let mut columns = vec![statements::name(cursor, "Expected a column after '('")?];
    while cursor.eat(b',') {
        columns.push(statements::name(cursor, "Expected a column after ','")?);
    }
    if cursor.eat(b')') { Ok(columns) } else { Err(cursor.expected("Expected ')' after the columns")) }
}

/// Everything between two parentheses, they included: SQL.
fn values(cursor: &mut Cursor<'_>) -> Parsed<Span> {
    let start = cursor.peek().start;
    if !cursor.eat(b'(') {
        return Err(malformed(cursor, "Expected '(' and values after 'IN'"));
    }
    let mut depth = 1_usize;
    while depth > 0 {
        let token = cursor.peek();
        match token.kind {
            TokenKind::End | TokenKind::Symbol(b';') => return Err(cursor.expected("Expected ')' after the values")),
            TokenKind::Symbol(b'(') => depth += 1,
            TokenKind::Symbol(b')') => depth -= 1,
            _ => {}
        }
        if let Some(failed) = cursor.broken_token(token) {
            cursor.advance();
            return Err(failed);
        }
        cursor.advance();
    }
    Ok(cursor.span_from(start))
}

fn severity(cursor: &mut Cursor<'_>) -> Parsed<Option<TestSeverity>> {
    if !cursor.eat_word("SEVERITY") {
        return Ok(None);
    }
    for (word, severity) in [("ERROR", TestSeverity::Error), ("WARN", TestSeverity::Warn)] {
        if cursor.eat_word(word) {
            return Ok(Some(severity));
        }
    }
    Err(cursor.expected_as(Code::Test, "Expected 'ERROR' or 'WARN' after 'SEVERITY'", None))
}
