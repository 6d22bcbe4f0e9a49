use std::fmt;

use serde::{Deserialize, Serialize};

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "serde_json::Value", into = "serde_json::Value")]
pub enum Value {
    /// No value; not the same as not being defined.
    Null,
    /// True or false.
    Boolean(bool),
    /// A decimal number.
    Number(Number),
    /// Anything else.
    Text(String),
}

/// A number as it was written: `1.10` stays `1.10`, and no digit of a long one is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// Reads `-12`, `1.50`, `2e6`. `None` for anything else; `007` is a text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (digits, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
        let is_number = are_digits(whole)
            && (whole == "0" || !whole.starts_with('0'))
            && fraction.is_none_or(are_digits)
            && exponent.is_none_or(are_digits);
        is_number.then(|| Self(text.to_owned()))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest float.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// Exactly, where it is whole and small enough.
    #[must_use]
    pub fn to_i128(&self) -> Option<i128> {
        self.0.parse().ok()
    }
}

impl Value {
    /// The kind of value a bare text stands for: `5` is a number, `true` (in any case) a boolean, `null` is none.
    #[must_use]
    pub fn infer(text: &str) -> Self {
        if let Some(number) = Number::parse(text) {
            return Value::Number(number);
        }
        match text.to_ascii_lowercase().as_str() {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            "null" => Value::Null,
            _ => Value::Text(text.to_owned()),
        }
    }
}

/// The value inside a text; NULL is nothing.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => Ok(()),
            Value::Boolean(value) => write!(f, "{value}"),
            Value::Number(number) => f.write_str(number.as_str()),
            Value::Text(text) => f.write_str(text),
        }
    }
}

/// A list or an object cannot be the value of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a variable holds a text, a number, true, false or null, not a list or an object")]
pub struct NotAValue;

impl TryFrom<serde_json::Value> for Value {
    type Error = NotAValue;

    fn try_from(json: serde_json::Value) -> Result<Self, NotAValue> {
        match json {
            serde_json::Value::Null => Ok(Value::Null),
            serde_json::Value::Bool(value) => Ok(Value::Boolean(value)),
            serde_json::Value::Number(number) => {
                let text = number.to_string();
                Ok(Number::parse(&text).map_or(Value::Text(text), Value::Number))
            }
            serde_json::Value::String(text) => Ok(Value::Text(text)),
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => Err(NotAValue),
        }
    }
}

impl From<Value> for serde_json::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(value) => serde_json::Value::Bool(value),
            Value::Number(number) => match serde_json::from_str(number.as_str()) {
                Ok(json) => json,
                // Beyond the range of a float, such as 1e999.
                Err(_) => serde_json::Value::String(number.0),
            },
            Value::Text(text) => serde_json::Value::String(text),
        }
    }
}
