//! The value of a SET: a literal, bare text, or a calculation over variables.

use crate::diagnostics::{Code, Diagnostic, Span};
use crate::syntax::Cursor;
use crate::syntax::lexer::{Token, TokenKind};
use crate::syntax::template::{Segment, Template, VariableRef, variable_ref};

use super::scope::Scope;
use super::value::{Number, Value};

/// Deeper parentheses are taken as text.
const MAX_NESTING: usize = 50;

/// The value that stands at `span`. `None` if a variable in it is undefined, which the scope remembers.
///
/// Operators count only with blanks on both sides: `2024-01-31` and `${region}-east` are texts, `${n} + 1` is a sum.
pub(crate) fn evaluate(text: &str, span: Span, scope: &mut Scope<'_>) -> Option<Value> {
    let mut cursor = Cursor::within(text, span);
    match Calculation::parse(&mut cursor, 0).filter(|_| cursor.peek().kind == TokenKind::End) {
        Some(calculation) => {
            let value = calculation.value(scope)?;
            value.or_else(|| bare(text, span, scope))
        }
        None => bare(text, span, scope),
    }
}

fn bare(text: &str, span: Span, scope: &mut Scope<'_>) -> Option<Value> {
    let template = Template::bare(text, span);
    let value = scope.text(&template)?;
    Some(match template.segments.as_slice() {
        [Segment::Text(_)] => Value::infer(&value),
        _ => Value::Text(value),
    })
}

enum Calculation {
    Number(Number),
    Text(Template),
    Variable(VariableRef),
    /// The place is that of the operator.
    Binary(Box<Calculation>, u8, Box<Calculation>, Span),
}

impl Calculation {
    /// Sums and `||`, from left to right.
    fn parse(cursor: &mut Cursor<'_>, depth: usize) -> Option<Self> {
        Self::chain(cursor, depth, b"+-|", Self::product)
    }

    fn product(cursor: &mut Cursor<'_>, depth: usize) -> Option<Self> {
        Self::chain(cursor, depth, b"*/%", Self::term)
    }

    fn chain(
        cursor: &mut Cursor<'_>,
        depth: usize,
        signs: &[u8],
        operand: fn(&mut Cursor<'_>, usize) -> Option<Self>,
    ) -> Option<Self> {
        let mut left = operand(cursor, depth)?;
        while let Some((sign, span)) = operator(cursor, signs) {
            let right = operand(cursor, depth)?;
            left = Calculation::Binary(Box::new(left), sign, Box::new(right), span);
        }
        Some(left)
    }

    fn term(cursor: &mut Cursor<'_>, depth: usize) -> Option<Self> {
        let token = cursor.peek();
        match token.kind {
            TokenKind::Number => {
                cursor.advance();
                Number::parse(cursor.slice(token)).map(Calculation::Number)
            }
            TokenKind::Text(_) | TokenKind::QuotedName => {
                cursor.advance();
                Some(Calculation::Text(Template::unquoted(cursor.text, token, cursor.file)))
            }
            TokenKind::Variable => {
                cursor.advance();
                Some(Calculation::Variable(variable_ref(cursor.text, cursor.span(token))))
            }
            TokenKind::Symbol(b'-') if cursor.peek_second().kind == TokenKind::Number => {
                let start = cursor.advance().start;
                let end = cursor.advance().end;
                Number::parse(&cursor.text[start..end]).map(Calculation::Number)
            }
            TokenKind::Symbol(b'(') if depth < MAX_NESTING => {
                cursor.advance();
                let inner = Self::parse(cursor, depth + 1)?;
                cursor.eat(b')').then_some(inner)
            }
            _ => None,
        }
    }

    /// The outer `None`: something is undefined. The inner one: the values are not for calculating.
    fn value(&self, scope: &mut Scope<'_>) -> Option<Option<Value>> {
        match self {
            Calculation::Number(number) => Some(Some(Value::Number(number.clone()))),
            Calculation::Text(template) => scope.text(template).map(|text| Some(Value::Text(text))),
            Calculation::Variable(variable) => scope.value(variable).map(Some),
            Calculation::Binary(left, sign, right, span) => {
                // Both sides are looked at, so that everything undefined is found.
                let (left, right) = (left.value(scope), right.value(scope));
                let (Some(left), Some(right)) = (left?, right?) else { return Some(None) };
                let is_division = matches!(sign, b'/' | b'%') && number(&left).is_some();
                if is_division && number(&right).is_some_and(|divisor| divisor.to_f64() == 0.0) {
                    scope.diagnostics.push(Diagnostic::error(Code::Calculation, "division by zero", *span));
                    return None;
                }
                Some(apply(*sign, &left, &right))
            }
        }
    }
}

/// An operator with blanks on both sides; `||` is given as `|`.
fn operator(cursor: &mut Cursor<'_>, signs: &[u8]) -> Option<(u8, Span)> {
    let first = cursor.peek();
    let TokenKind::Symbol(sign) = first.kind else { return None };
    if !signs.contains(&sign) {
        return None;
    }
    let second = cursor.peek_second();
    let last = match sign {
        b'|' if second.is(b'|') && second.start == first.end => second,
        b'|' => return None,
        _ => first,
    };
    if !has_blanks(cursor.text, first, last) {
        return None;
    }
    cursor.advance();
    if sign == b'|' {
        cursor.advance();
    }
    Some((sign, cursor.span(first)))
}

fn has_blanks(text: &str, first: Token, last: Token) -> bool {
    let bytes = text.as_bytes();
    let blank = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_whitespace);
    blank(first.start.checked_sub(1)) && blank(Some(last.end))
}

fn apply(sign: u8, left: &Value, right: &Value) -> Option<Value> {
    if sign == b'|' {
        return Some(Value::Text(format!("{left}{right}")));
    }
    let (left, right) = (number(left)?, number(right)?);
    if let (Some(left), Some(right)) = (left.to_i128(), right.to_i128()) {
        let whole = match sign {
            b'+' => left.checked_add(right),
            b'-' => left.checked_sub(right),
            b'*' => left.checked_mul(right),
            b'/' => left.checked_rem(right).filter(|rest| *rest == 0).and_then(|_| left.checked_div(right)),
            _ => left.checked_rem(right),
        };
        if let Some(whole) = whole {
            return Number::parse(&whole.to_string()).map(Value::Number);
        }
    }
    let (left, right) = (left.to_f64(), right.to_f64());
    let result = match sign {
        b'+' => left + right,
        b'-' => left - right,
        b'*' => left * right,
        b'/' => left / right,
        _ => left % right,
    };
    Number::parse(&result.to_string()).map(Value::Number)
}

/// A text that reads as a number counts as one: values of the environment are texts.
fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::Text(text) => Number::parse(text),
        Value::Null | Value::Boolean(_) => None,
    }
}
