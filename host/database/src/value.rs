use std::fmt;

use serde_json::Number;

/// One value of a result.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// BOOLEAN.
    Boolean(bool),
    /// Any signed integer, HUGEINT included.
    Integer(i128),
    /// Any unsigned integer, UHUGEINT included.
    Unsigned(u128),
    /// FLOAT and DOUBLE.
    Float(f64),
    /// DECIMAL, as its digits.
    Decimal(String),
    /// VARCHAR, and types that are shown as text (dates, times, intervals, identifiers).
    Text(String),
    /// JSON and nested types.
    Json(serde_json::Value),
}

impl Value {
    /// The value as JSON. Integers and decimals keep their digits where the reader can take them; numbers that JSON does
    /// not have (NaN, infinity) become text.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(value) => (*value).into(),
            Value::Integer(value) => number(&value.to_string()),
            Value::Unsigned(value) => number(&value.to_string()),
            Value::Float(value) => match Number::from_f64(*value) {
                Some(number) => number.into(),
                None => value.to_string().into(),
            },
            Value::Decimal(digits) => decimal(digits),
            Value::Text(text) => text.as_str().into(),
            Value::Json(document) => document.clone(),
        }
    }
}

fn number(digits: &str) -> serde_json::Value {
    match digits.parse::<Number>() {
        // Past 64 bits a number loses digits in most readers: text keeps them.
        Ok(number) if number.is_i64() || number.is_u64() => number.into(),
        _ => digits.into(),
    }
}

/// A number where a double holds all the digits, text otherwise.
fn decimal(digits: &str) -> serde_json::Value {
    let significant = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    match digits.parse::<f64>() {
        Ok(value) if value.to_string() == significant => {
            if value.fract() == 0.0 && significant.len() <= 15 {
                number(significant)
            } else {
                value.into()
            }
        }
        _ => digits.into(),
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("NULL"),
            Value::Boolean(value) => value.fmt(f),
            Value::Integer(value) => value.fmt(f),
            Value::Unsigned(value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
            Value::Decimal(text) | Value::Text(text) => f.write_str(text),
            Value::Json(serde_json::Value::String(text)) => f.write_str(text),
            Value::Json(document) => document.fmt(f),
        }
    }
}
