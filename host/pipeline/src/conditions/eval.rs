use std::cmp::Ordering;

use crate::diagnostics::{Code, Diagnostic, Span};
use crate::variables::{Number, Scope, Value};

use super::{Comparison, Condition, Operand, OperandKind};

/// Whether the condition holds. `None` if that cannot be said; why is then among the scope's diagnostics, or a variable
/// is undefined.
pub(crate) fn holds(condition: &Condition, scope: &mut Scope<'_>) -> Option<bool> {
    match condition {
        Condition::Broken => None,
        Condition::All(parts) => decide(parts, scope, false),
        Condition::Any(parts) => decide(parts, scope, true),
        Condition::Not(inner) => holds(inner, scope).map(|holds| !holds),
        Condition::Compare { first, rest } => compare_chain(first, rest, scope),
        Condition::In { operand, list, negated } => {
            let value = resolve(operand, scope);
            let mut found = Some(false);
            for candidate in list {
                let candidate = resolve(candidate, scope);
                found = match (&value, candidate) {
                    (Some(value), Some(candidate)) => found.map(|found| found || equal(value, &candidate)),
                    _ => None,
                };
            }
            found.map(|found| found != *negated)
        }
        Condition::IsNull { operand, negated } => {
            let is_null = match &operand.kind {
                OperandKind::Variable(variable) => scope.value_or_null(variable) == Value::Null,
                _ => resolve(operand, scope)? == Value::Null,
            };
            Some(is_null != *negated)
        }
        Condition::Holds(operand) => {
            let value = resolve(operand, scope)?;
            let truth = boolean(&value);
            if truth.is_none() {
                let message = format!("the condition is {}, which is neither true nor false", describe(&value));
                report(scope, message, operand.span, Some("compare it with something: ${var} == 'value'"));
            }
            truth
        }
    }
}

/// Reads all parts, even if the first one decides, so that everything undefined is found.
fn decide(parts: &[Condition], scope: &mut Scope<'_>, decisive: bool) -> Option<bool> {
    let results = parts.iter().map(|part| holds(part, scope)).collect::<Vec<_>>();
    let results = results.into_iter().collect::<Option<Vec<_>>>()?;
    Some(if results.contains(&decisive) { decisive } else { !decisive })
}

fn compare_chain(first: &Operand, rest: &[(Comparison, Operand)], scope: &mut Scope<'_>) -> Option<bool> {
    let first_value = resolve(first, scope);
    let values = rest.iter().map(|(_, operand)| resolve(operand, scope)).collect::<Vec<_>>();
    let mut left = first_value?;
    let mut left_span = first.span;
    let mut holds = true;
    for ((comparison, operand), value) in rest.iter().zip(values) {
        let right = value?;
        let result = match comparison {
            Comparison::Equal => equal(&left, &right),
            Comparison::NotEqual => !equal(&left, &right),
            _ => match order(&left, &right) {
                Some(order) => match comparison {
                    Comparison::Less => order == Ordering::Less,
                    Comparison::LessOrEqual => order != Ordering::Greater,
                    Comparison::Greater => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                },
                None => {
                    let message = format!("cannot compare {} with {}", describe(&left), describe(&right));
                    report(scope, message, left_span.to(operand.span), None);
                    return None;
                }
            },
        };
        holds &= result;
        left = right;
        left_span = operand.span;
    }
    Some(holds)
}

fn resolve(operand: &Operand, scope: &mut Scope<'_>) -> Option<Value> {
    match &operand.kind {
        OperandKind::Value(value) => Some(value.clone()),
        OperandKind::Variable(variable) => scope.value(variable),
        OperandKind::Text(template) => scope.text(template).map(Value::Text),
    }
}

/// Two texts are equal letter by letter (`1.10` is not `1.1`) unless both are dates; a text equals a number or boolean
/// that it spells.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Text(left), Value::Text(right)) => {
            left == right || matches!((Moment::parse(left), Moment::parse(right)), (Some(l), Some(r)) if l == r)
        }
        (Value::Number(_), _) | (_, Value::Number(_)) => numeric_order(left, right) == Some(Ordering::Equal),
        _ => matches!((boolean(left), boolean(right)), (Some(left), Some(right)) if left == right),
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    if let Some(order) = numeric_order(left, right) {
        return Some(order);
    }
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(match (Moment::parse(left), Moment::parse(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left.cmp(right),
        }),
        _ => None,
    }
}

fn numeric_order(left: &Value, right: &Value) -> Option<Ordering> {
    let (left, right) = (number(left)?, number(right)?);
    match (left.to_i128(), right.to_i128()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.to_f64().partial_cmp(&right.to_f64()),
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::Text(text) => Number::parse(text.trim()),
        Value::Boolean(_) | Value::Null => None,
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Boolean(value) => Some(*value),
        Value::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A date, or a date and time of day without a zone, in ISO form. The fields compare in their order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    date: (u32, u32, u32),
    time: (u32, u32, u32),
    nanoseconds: u32,
}

impl Moment {
    fn parse(text: &str) -> Option<Self> {
        let (date, time) = match text.trim().split_once(['T', ' ']) {
            Some((date, time)) => (date, time.strip_suffix('Z').unwrap_or(time)),
            None => (text.trim(), "00:00:00"),
        };
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut date = date.split('-');
        let date =
            (field(date.next()?, 4, 9999)?, field(date.next()?, 2, 12)?, field(date.next()?, 2, 31)?, date.next());
        let mut time = time.split(':');
        let hour_minute = (field(time.next()?, 2, 23)?, field(time.next()?, 2, 59)?);
        let second = time.next().map_or(Some(0), |second| field(second, 2, 60))?;
        (date.3.is_none() && time.next().is_none()).then_some(Self {
            date: (date.0, date.1, date.2),
            time: (hour_minute.0, hour_minute.1, second),
            nanoseconds: format!("{fraction:0<9}").parse().ok()?,
        })
    }
}

fn field(text: &str, digits: usize, most: u32) -> Option<u32> {
    let is_field = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    is_field.then(|| text.parse().ok()).flatten().filter(|value| *value <= most)
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Boolean(value) => format!("the boolean {value}"),
        Value::Number(number) => format!("the number {}", number.as_str()),
        Value::Text(text) => format!("the text '{text}'"),
    }
}

fn report(scope: &mut Scope<'_>, what: String, span: Span, hint: Option<&str>) {
    let mut diagnostic = Diagnostic::error(Code::ConditionType, format!("Error in condition: {what}"), span);
    diagnostic.hint = hint.map(str::to_owned);
    scope.diagnostics.push(diagnostic);
}
