use crate::conditions::{self, Condition};
use crate::diagnostics::{Code, Diagnostic, Span};
use crate::plan::Relation;

use super::ast::{
    Branch, Create, Destination, Export, Exported, If, Include, Json, Load, Name, Set, Source, SourceOrigin,
};
use super::cursor::{Cursor, Failed, Parsed};
use super::lexer::{Token, TokenKind};
use super::template::Template;
use super::{json, modes, parser};

const SOURCE_FORMS: &str = "choose one of these formats:\n\
     1. SOURCE name FROM \"connector_name\" OPTIONS { ... };\n\
     2. SOURCE name TYPE connector_type PARAMS { ... };";

const OPERATORS: &str =
    "conditions have == != < <= > >=, IN, NOT IN, IS NULL, IS NOT NULL, AND, OR, NOT, and no functions";

pub(super) fn source(cursor: &mut Cursor<'_>) -> Parsed<Source> {
    cursor.advance();
    let name = name(cursor, "Expected source name after 'SOURCE'")?;
    if cursor.eat_word("TYPE") {
        let connector = word(cursor, "Expected connector type after 'TYPE'")?;
        if cursor.at_word("FROM") {
            return Err(mixed(cursor, "Cannot mix FROM and TYPE keywords"));
        }
        if cursor.at_word("OPTIONS") {
            return Err(mixed(cursor, "Cannot mix TYPE and OPTIONS keywords"));
        }
        if !cursor.eat_word("PARAMS") {
            let hint = "correct syntax: SOURCE name TYPE connector_type PARAMS { ... };";
            let hint = cursor.meant(["PARAMS"]).unwrap_or_else(|| hint.to_owned());
            return Err(cursor.expected_as(Code::Expected, "Expected 'PARAMS' after connector type", Some(&hint)));
        }
        let settings = Some(settings(cursor)?);
        if cursor.at_word("FROM") {
            return Err(mixed(cursor, "Cannot mix FROM and TYPE keywords"));
        }
        Ok(Source { name, origin: SourceOrigin::Type(connector), settings })
    } else if cursor.eat_word("FROM") {
        let connector = connector(cursor)?;
        if cursor.at_word("TYPE") {
            return Err(mixed(cursor, "Cannot mix FROM and TYPE keywords"));
        }
        if cursor.at_word("PARAMS") {
            return Err(mixed(cursor, "Cannot mix FROM and PARAMS keywords"));
        }
        let settings = if cursor.eat_word("OPTIONS") { Some(settings(cursor)?) } else { None };
        Ok(Source { name, origin: SourceOrigin::Profile(connector), settings })
    } else {
        let hint = cursor.meant(["TYPE", "FROM"]).unwrap_or_else(|| SOURCE_FORMS.to_owned());
        Err(cursor.expected_as(Code::Expected, "Expected 'TYPE' or 'FROM' after source name", Some(&hint)))
    }
}

fn mixed(cursor: &mut Cursor<'_>, what: &str) -> Failed {
    cursor.expected_as(Code::SourceForms, format!("Invalid SOURCE syntax: {what}"), Some(SOURCE_FORMS))
}

fn connector(cursor: &mut Cursor<'_>) -> Parsed<Template> {
    match cursor.peek().kind {
        TokenKind::Text(_) | TokenKind::QuotedName => text(cursor, ""),
        _ => word(cursor, "Expected connector name after 'FROM'"),
    }
}

pub(super) fn load(cursor: &mut Cursor<'_>) -> Parsed<Load> {
    cursor.advance();
    let table = name(cursor, "Expected table name after 'LOAD'")?;
    cursor.expect_word("FROM", "Expected 'FROM' after table name in LOAD")?;
    let source = name(cursor, "Expected source name after 'FROM'")?;
    let mode = if cursor.eat_word("MODE") { Some(modes::load(cursor)?) } else { None };
    let options = if cursor.eat_word("OPTIONS") { Some(settings(cursor)?) } else { None };
    Ok(Load { table, source, mode, options })
}

pub(super) fn create(cursor: &mut Cursor<'_>) -> Parsed<Create> {
    cursor.advance();
    let or_replace = cursor.eat_word("OR");
    if or_replace {
        cursor.expect_word("REPLACE", "Expected 'REPLACE' after 'CREATE OR'")?;
    }
    if cursor.at_word("TEMP") || cursor.at_word("TEMPORARY") {
        let hint = "leave it out: later steps could not see the table";
        return Err(cursor.expected_as(Code::Unsupported, "a step cannot make a temporary table", Some(hint)));
    }
    let relation = if cursor.eat_word("TABLE") {
        Relation::Table
    } else if cursor.eat_word("VIEW") {
        Relation::View
    } else {
        let after = if or_replace { "CREATE OR REPLACE" } else { "CREATE" };
        let hint = cursor.meant(["TABLE", "VIEW", "REPLACE"]);
        let message = format!("Expected 'TABLE' or 'VIEW' after '{after}'");
        return Err(cursor.expected_as(Code::Expected, message, hint.as_deref()));
    };
    if cursor.at_word("IF") && cursor.is_word(cursor.peek_second(), "NOT") {
        let hint = "leave it out: CREATE TABLE makes the table anew on every run; to keep its rows, give it a MODE";
        return Err(cursor.expected_as(Code::Unsupported, "IF NOT EXISTS has no meaning in a pipeline", Some(hint)));
    }
    let name = name(cursor, &format!("Expected {relation} name after '{}'", relation.keyword()))?;
    if cursor.peek().is(b'(') {
        let hint = "name the columns in the query: SELECT a AS id, ...";
        return Err(cursor.expected_as(Code::Unsupported, "a column list is not possible here", Some(hint)));
    }
    let mut labels = tags(cursor)?;
    let mode_at = cursor.peek();
    let mode = if cursor.eat_word("MODE") { Some(modes::transform(cursor)?) } else { None };
    if or_replace && let Some(mode) = mode.as_ref().and_then(modes::keeps_rows) {
        let message = format!("OR REPLACE has no effect: MODE {mode} keeps the rows of the table");
        let diagnostic = Diagnostic::warning(Code::ReplaceWithMode, message, cursor.span(mode_at));
        cursor.diagnostics.push(diagnostic.with_hint("leave one of the two out"));
    }
    if mode.is_some() && relation == Relation::View {
        let diagnostic =
            Diagnostic::error(Code::Mode, "a view has no MODE: it has no rows of its own", cursor.span(mode_at));
        cursor.diagnostics.push(diagnostic);
    }
    labels.extend(tags(cursor)?);
    let message = if mode.is_some() { "Expected 'AS' after MODE specification" } else { "Expected 'AS' after name" };
    if !cursor.eat_word("AS") {
        let hint = cursor.meant(["MODE", "TAGS", "LOOKBACK"]);
        return Err(cursor.expected_as(Code::Expected, message, hint.as_deref()));
    }
    let query = query(cursor)?;
    Ok(Create { name, relation, or_replace, mode, tags: labels, query })
}

/// SQL up to the semicolon; comments after its last word are left out, since a line comment would swallow what follows.
pub(super) fn query(cursor: &mut Cursor<'_>) -> Parsed<Span> {
    let start = cursor.peek().start;
    while !matches!(cursor.peek().kind, TokenKind::End | TokenKind::Symbol(b';')) {
        let token = cursor.peek();
        if let Some(failed) = cursor.broken_token(token) {
            cursor.advance();
            return Err(failed);
        }
        cursor.advance();
    }
    let span = cursor.span_from(start);
    if span.start == span.end {
        return Err(cursor.expected("Expected a query after 'AS'"));
    }
    Ok(span)
}

pub(super) fn export(cursor: &mut Cursor<'_>) -> Parsed<Export> {
    cursor.advance();
    let first = cursor.peek();
    let is_query = first.is(b'(')
        || ["SELECT", "WITH", "FROM", "VALUES", "PIVOT", "UNPIVOT"].iter().any(|word| cursor.is_word(first, word));
    let what = if is_query {
        Exported::Query(exported_query(cursor)?)
    } else {
        Exported::Table(name(cursor, "Expected a query or table name after 'EXPORT'")?)
    };
    cursor.expect_word("TO", "Expected 'TO' after what is exported")?;
    let destination = match cursor.peek().kind {
        TokenKind::Text(_) | TokenKind::QuotedName => Destination::Place(text(cursor, "")?),
        TokenKind::Word => Destination::Connector(name(cursor, "")?),
        _ => return Err(cursor.expected("Expected destination URI string after 'TO'")),
    };
    let connector =
        if cursor.eat_word("TYPE") { Some(word(cursor, "Expected connector type after 'TYPE'")?) } else { None };
    let options = if cursor.eat_word("OPTIONS") { Some(settings(cursor)?) } else { None };
    Ok(Export { what, destination, connector, options })
}

/// SQL up to the word TO that a destination follows; inside SQL the word can only be a name.
fn exported_query(cursor: &mut Cursor<'_>) -> Parsed<Span> {
    let start = cursor.peek().start;
    let mut depth = 0_usize;
    loop {
        let token = cursor.peek();
        match token.kind {
            TokenKind::End | TokenKind::Symbol(b';') => {
                return Err(cursor.expected("Expected 'TO' and a destination after the query"));
            }
            TokenKind::Symbol(b'(') => depth += 1,
            TokenKind::Symbol(b')') => depth = depth.saturating_sub(1),
            TokenKind::Word if depth == 0 && cursor.is_word(token, "TO") && destination_follows(cursor) => {
                return Ok(cursor.span_from(start));
            }
            _ => {}
        }
        if let Some(failed) = cursor.broken_token(token) {
            cursor.advance();
            return Err(failed);
        }
        cursor.advance();
    }
}

fn destination_follows(cursor: &Cursor<'_>) -> bool {
    let next = cursor.peek_second();
    match next.kind {
        TokenKind::Text(_) | TokenKind::QuotedName | TokenKind::End | TokenKind::Symbol(b';') => true,
        TokenKind::Word => {
            let after = Cursor::within(cursor.text, Span::new(cursor.file, next.end, cursor.text.len())).peek();
            matches!(after.kind, TokenKind::End | TokenKind::Symbol(b';'))
                || cursor.is_word(after, "OPTIONS")
                || cursor.is_word(after, "TYPE")
                || cursor.is_word(after, "TAGS")
        }
        _ => false,
    }
}

pub(super) fn set(cursor: &mut Cursor<'_>) -> Parsed<Set> {
    cursor.advance();
    let token = cursor.peek();
    let name = match token.kind {
        TokenKind::Word => cursor.slice(token).to_owned(),
        _ => return Err(cursor.expected("Expected variable name after 'SET'")),
    };
    cursor.advance();
    if !cursor.eat(b'=') {
        return Err(cursor.expected("Expected '=' after variable name"));
    }
    let start = cursor.peek().start;
    while !matches!(cursor.peek().kind, TokenKind::End | TokenKind::Symbol(b';')) && !parser::starts_statement(cursor) {
        let token = cursor.peek();
        if let Some(failed) = cursor.broken_token(token) {
            cursor.advance();
            return Err(failed);
        }
        cursor.advance();
    }
    let value = cursor.span_from(start);
    if value.start == value.end || cursor.peek().start == start {
        return Err(cursor.expected("Expected a value after '='"));
    }
    Ok(Set { name, value })
}

pub(super) fn include(cursor: &mut Cursor<'_>) -> Parsed<Include> {
    cursor.advance();
    let path = text(cursor, "Expected file path string after 'INCLUDE'")?;
    cursor.expect_word("AS", "Expected 'AS' after file path")?;
    let alias = cursor.peek();
    if alias.kind != TokenKind::Word {
        return Err(cursor.expected("Expected alias after 'AS'"));
    }
    cursor.advance();
    Ok(Include { path, alias: cursor.slice(alias).to_owned() })
}

pub(super) fn conditional(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<If> {
    let mut branches = Vec::new();
    let mut otherwise = Vec::new();
    cursor.advance();
    loop {
        let condition = condition(cursor);
        let statements = parser::statements(cursor, depth);
        branches.push(Branch { condition, statements });
        if cursor.eat_word("ELSEIF") {
            continue;
        }
        if cursor.eat_word("ELSE") {
            if cursor.eat_word("IF") {
                continue;
            }
            otherwise = parser::statements(cursor, depth);
        }
        break;
    }
    if !cursor.eat_word("ENDIF") {
        if !cursor.eat_word("END") {
            return Err(cursor.expected("Expected 'END IF' after IF block"));
        }
        cursor.expect_word("IF", "Expected 'IF' after 'END'")?;
    }
    Ok(If { branches, otherwise })
}

/// A condition that cannot be read does not hide what stands in its branch.
fn condition(cursor: &mut Cursor<'_>) -> Condition {
    let condition = conditions::parse(cursor);
    if condition.is_ok() && cursor.eat_word("THEN") {
        return condition.unwrap_or(Condition::Broken);
    }
    if condition.is_ok() {
        let is_here =
            matches!(cursor.peek().kind, TokenKind::Word | TokenKind::Symbol(b'(')) && !cursor.at_line_start();
        let hint = cursor.meant(["THEN"]).or_else(|| is_here.then(|| OPERATORS.to_owned()));
        let _reported = cursor.expected_as(Code::Expected, "Expected 'THEN' after condition", hint.as_deref());
    }
    while !matches!(cursor.peek().kind, TokenKind::End | TokenKind::Symbol(b';')) && !parser::starts_statement(cursor) {
        if cursor.eat_word("THEN") {
            break;
        }
        cursor.advance();
    }
    Condition::Broken
}

/// A text in single or double quotes.
pub(super) fn text(cursor: &mut Cursor<'_>, expected: &str) -> Parsed<Template> {
    let token = cursor.peek();
    match token.kind {
        TokenKind::Text(_) | TokenKind::QuotedName => {
            cursor.advance();
            Ok(Template::unquoted(cursor.text, token, cursor.file))
        }
        _ => Err(cursor.expected(expected)),
    }
}

/// A word, or a variable in its place.
fn word(cursor: &mut Cursor<'_>, expected: &str) -> Parsed<Template> {
    part(cursor, expected)
}

fn settings(cursor: &mut Cursor<'_>) -> Parsed<Json> {
    json::object(cursor)
}

/// `TAGS (a, b)`, or the same without parentheses. None where the word is not next.
pub(super) fn tags(cursor: &mut Cursor<'_>) -> Parsed<Vec<Name>> {
    if !cursor.eat_word("TAGS") {
        return Ok(Vec::new());
    }
    let in_parentheses = cursor.eat(b'(');
    let mut tags = vec![name(cursor, "Expected a tag after 'TAGS'")?];
    while cursor.eat(b',') {
        tags.push(name(cursor, "Expected a tag after ','")?);
    }
    if in_parentheses && !cursor.eat(b')') {
        return Err(cursor.expected("Expected ')' after the tags"));
    }
    Ok(tags)
}

/// A name of one or more parts with dots between.
pub(super) fn name(cursor: &mut Cursor<'_>, expected: &str) -> Parsed<Name> {
    let start = cursor.peek().start;
    let mut parts = vec![part(cursor, expected)?];
    while cursor.eat(b'.') {
        parts.push(part(cursor, "Expected a name after '.'")?);
    }
    Ok(Name { parts, span: cursor.span_from(start) })
}

/// Words and variables without blanks between them, or a name in double quotes.
fn part(cursor: &mut Cursor<'_>, expected: &str) -> Parsed<Template> {
    let first = cursor.peek();
    match first.kind {
        TokenKind::QuotedName => {
            cursor.advance();
            Ok(Template::unquoted(cursor.text, first, cursor.file))
        }
        TokenKind::Word | TokenKind::Variable if !is_reserved(cursor, first) => {
            let mut end = cursor.advance().end;
            while cursor.peek().start == end
                && matches!(cursor.peek().kind, TokenKind::Word | TokenKind::Variable | TokenKind::Number)
            {
                end = cursor.advance().end;
            }
            Ok(Template::bare(cursor.text, Span::new(cursor.file, first.start, end)))
        }
        _ => Err(cursor.expected(expected)),
    }
}

/// Words that cannot be names without quotes, because they show that the name was forgotten.
fn is_reserved(cursor: &Cursor<'_>, token: Token) -> bool {
    ["FROM", "AS", "TO", "SELECT"].iter().any(|word| cursor.is_word(token, word))
}
