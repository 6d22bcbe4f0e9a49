use crate::diagnostics::{Code, Diagnostic, Span};
use crate::syntax::Cursor;
use crate::syntax::lexer::{Token, TokenKind};
use crate::syntax::template::{Template, variable_ref};
use crate::variables::Value;

use super::{Comparison, Condition, Operand, OperandKind};

/// Parentheses and NOT nested deeper than this are refused: the parser calls itself for each.
const MAX_NESTING: usize = 100;

const EQUALS_HINT: &str = "Use '==' for equality, not '='. Example: IF ${var} == 'value' THEN ...";

/// A condition could not be read; why is among the cursor's diagnostics.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unreadable;

type Parsed<T> = Result<T, Unreadable>;

/// Reads a condition up to the first token that cannot be a part of it, which should be THEN.
pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    any(cursor, 0)
}

fn any(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Condition> {
    let mut parts = vec![all(cursor, depth)?];
    while eat_joined(cursor, "OR", b'|') {
        parts.push(all(cursor, depth)?);
    }
    Ok(if parts.len() == 1 { parts.swap_remove(0) } else { Condition::Any(parts) })
}

fn all(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Condition> {
    let mut parts = vec![not(cursor, depth)?];
    while eat_joined(cursor, "AND", b'&') {
        parts.push(not(cursor, depth)?);
    }
    Ok(if parts.len() == 1 { parts.swap_remove(0) } else { Condition::All(parts) })
}

/// The word, or its sign written twice as in other languages.
fn eat_joined(cursor: &mut Cursor<'_>, word: &str, sign: u8) -> bool {
    if cursor.eat_word(word) {
        return true;
    }
    let doubled = cursor.peek().is(sign) && cursor.peek_second().is(sign);
    if doubled {
        cursor.advance();
        cursor.advance();
    }
    doubled
}

fn not(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Condition> {
    if depth > MAX_NESTING {
        let message = format!("the condition is nested more than {MAX_NESTING} deep");
        let diagnostic = Diagnostic::error(Code::Nesting, message, cursor.span(cursor.peek()));
        cursor.diagnostics.push(diagnostic);
        return Err(Unreadable);
    }
    if cursor.eat_word("NOT") {
        return Ok(Condition::Not(Box::new(not(cursor, depth + 1)?)));
    }
    let start = cursor.peek();
    if !cursor.eat(b'(') {
        let operand = operand(cursor)?;
        return comparison(cursor, operand);
    }
    let inner = any(cursor, depth + 1)?;
    if !cursor.eat(b')') {
        return Err(expected(cursor, "Expected ')' in the condition"));
    }
    match inner {
        // `(${a}) == 1`
        Condition::Holds(operand) => comparison(cursor, Operand { span: cursor.span_from(start.start), ..operand }),
        inner => Ok(inner),
    }
}

/// What follows an operand.
fn comparison(cursor: &mut Cursor<'_>, first: Operand) -> Parsed<Condition> {
    if cursor.eat_word("IS") {
        let negated = cursor.eat_word("NOT");
        if !(cursor.eat_word("NULL") || cursor.eat_word("NONE")) {
            return Err(expected(cursor, "Expected NULL after IS"));
        }
        return Ok(Condition::IsNull { operand: first, negated });
    }
    let negated = cursor.at_word("NOT") && cursor.is_word(cursor.peek_second(), "IN");
    if negated {
        cursor.advance();
    }
    if cursor.eat_word("IN") {
        return Ok(Condition::In { operand: first, list: list(cursor)?, negated });
    }
    let mut rest = Vec::new();
    while let Some(operator) = operator(cursor) {
        rest.push((operator, operand(cursor)?));
    }
    let next = cursor.peek();
    if [b'+', b'-', b'*', b'/', b'%'].iter().any(|sign| next.is(*sign)) {
        let diagnostic = Diagnostic::error(Code::ConditionSyntax, "a condition cannot calculate", cursor.span(next))
            .with_hint("calculate in a SET before it: SET n = ${count} + 10;");
        cursor.diagnostics.push(diagnostic);
        return Err(Unreadable);
    }
    Ok(if rest.is_empty() { Condition::Holds(first) } else { Condition::Compare { first, rest } })
}

fn list(cursor: &mut Cursor<'_>) -> Parsed<Vec<Operand>> {
    let close = if cursor.eat(b'(') {
        b')'
    } else if cursor.eat(b'[') {
        b']'
    } else {
        return Err(expected(cursor, "Expected a list after IN, such as ('a', 'b')"));
    };
    let mut list = vec![operand(cursor)?];
    while cursor.eat(b',') {
        if cursor.peek().is(close) {
            break;
        }
        list.push(operand(cursor)?);
    }
    if !cursor.eat(close) {
        return Err(expected(cursor, &format!("Expected '{}' after the list", char::from(close))));
    }
    Ok(list)
}

fn operator(cursor: &mut Cursor<'_>) -> Option<Comparison> {
    let first = cursor.peek();
    let TokenKind::Symbol(sign) = first.kind else { return None };
    let second = cursor.peek_second();
    let followed = |symbol: u8| second.is(symbol) && second.start == first.end;
    let (operator, length) = match sign {
        b'=' if followed(b'=') => (Comparison::Equal, 2),
        b'=' => {
            let diagnostic = Diagnostic::error(
                Code::SingleEquals,
                "Syntax error in condition: '=' is not a comparison",
                cursor.span(first),
            );
            cursor.diagnostics.push(diagnostic.with_hint(EQUALS_HINT));
            (Comparison::Equal, 1)
        }
        b'!' if followed(b'=') => (Comparison::NotEqual, 2),
        b'<' if followed(b'>') => (Comparison::NotEqual, 2),
        b'<' if followed(b'=') => (Comparison::LessOrEqual, 2),
        b'<' => (Comparison::Less, 1),
        b'>' if followed(b'=') => (Comparison::GreaterOrEqual, 2),
        b'>' => (Comparison::Greater, 1),
        _ => return None,
    };
    for _ in 0..length {
        cursor.advance();
    }
    Some(operator)
}

/// A value, which may stand in parentheses.
fn operand(cursor: &mut Cursor<'_>) -> Parsed<Operand> {
    let mut open = 0_usize;
    while cursor.eat(b'(') {
        open += 1;
    }
    let operand = value(cursor)?;
    for _ in 0..open {
        if !cursor.eat(b')') {
            return Err(expected(cursor, "Expected ')' in the condition"));
        }
    }
    Ok(operand)
}

fn value(cursor: &mut Cursor<'_>) -> Parsed<Operand> {
    let first = cursor.peek();
    match first.kind {
        TokenKind::Text(_) | TokenKind::QuotedName => {
            cursor.advance();
            let template = Template::unquoted(cursor.text, first, cursor.file);
            Ok(Operand { span: template.span, kind: OperandKind::Text(template) })
        }
        TokenKind::Word if ["THEN", "AND", "OR", "IN", "IS"].iter().any(|word| cursor.is_word(first, word)) => {
            Err(expected(cursor, "Expected a value in the condition"))
        }
        TokenKind::Word | TokenKind::Number | TokenKind::Variable => Ok(bare(cursor)),
        TokenKind::Symbol(b'-') => Ok(bare(cursor)),
        _ => Err(expected(cursor, "Expected a value in the condition")),
    }
}

/// Words, numbers and variables without blanks between them are one value: `us-east-1`, `2024-01-31`, `v${n}`.
fn bare(cursor: &mut Cursor<'_>) -> Operand {
    let first = cursor.advance();
    let mut end = first.end;
    while cursor.peek().start == end && continues_bare(cursor, cursor.peek()) {
        end = cursor.advance().end;
    }
    let span = Span::new(cursor.file, first.start, end);
    let kind = if first.kind == TokenKind::Variable && first.end == end {
        OperandKind::Variable(variable_ref(cursor.text, span))
    } else {
        let text = &cursor.text[first.start..end];
        match Value::infer(text) {
            Value::Text(_) if text.eq_ignore_ascii_case("none") => OperandKind::Value(Value::Null),
            Value::Text(_) => OperandKind::Text(Template::bare(cursor.text, span)),
            value => OperandKind::Value(value),
        }
    };
    Operand { kind, span }
}

fn continues_bare(cursor: &Cursor<'_>, token: Token) -> bool {
    match token.kind {
        TokenKind::Word | TokenKind::Number | TokenKind::Variable => true,
        TokenKind::Symbol(b'-' | b'.' | b'/' | b':' | b'@') => {
            // The sign belongs to the value only if the value goes on after it.
            let next = cursor.peek_second();
            next.start == token.end
                && matches!(
                    next.kind,
                    TokenKind::Word | TokenKind::Number | TokenKind::Variable | TokenKind::Symbol(b'/')
                )
        }
        _ => false,
    }
}

fn expected(cursor: &mut Cursor<'_>, message: &str) -> Unreadable {
    let _reported = cursor.expected_as(Code::ConditionSyntax, message, None);
    Unreadable
}
