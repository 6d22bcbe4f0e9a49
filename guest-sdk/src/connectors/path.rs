//! Paths into JSON: `data.items[0].rows`, `data.items.0.rows`, `data."a.b"`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::{Error, ErrorKind};

/// Names of a path.
const MOST_STEPS: usize = 64;

/// A way into a document of JSON. The empty one leads to the whole document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JsonPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A key; of a list, if it is a number, a place.
    Name(String),
    /// A place of a list, from 0.
    Place(usize),
}

impl JsonPath {
    /// The path of one key, whatever stands in it.
    pub fn key(name: impl Into<String>) -> Self {
        Self(vec![Step::Name(name.into())])
    }

    /// The path of a key below this one, whatever stands in it.
    #[must_use]
    pub fn below(&self, name: impl Into<String>) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Name(name.into()));
        Self(steps)
    }

    /// What is there.
    pub fn find<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(document, |value, step| step.of(value))
    }

    /// What is there, taken out of the document.
    pub fn take(&self, document: &mut Value) -> Option<Value> {
        self.0.iter().try_fold(document, |value, step| step.of_mut(value)).map(Value::take)
    }

    /// Why nothing is there: how far the path leads, and what is there instead.
    pub fn explain(&self, document: &Value) -> String {
        let mut value = document;
        for (number, step) in self.0.iter().enumerate() {
            let Some(next) = step.of(value) else {
                let place = match number {
                    0 => "the answer".to_owned(),
                    _ => format!("`{}`", Self(self.0[..number].to_vec())),
                };
                return format!("{place} {}, and no `{step}`", contents(value));
            };
            value = next;
        }
        format!("`{self}` is there")
    }
}

/// What a document has, in a few words.
fn contents(value: &Value) -> String {
    const MOST: usize = 12;
    match value {
        Value::Object(object) if object.is_empty() => "has no keys".to_owned(),
        Value::Object(object) => {
            let shown = object.keys().take(MOST).map(|key| key.chars().take(40).collect::<String>());
            let more = if object.len() > MOST { ", ..." } else { "" };
            format!("has the keys {}{more}", shown.collect::<Vec<_>>().join(", "))
        }
        Value::Array(list) => format!("is a list of {} elements", list.len()),
        other => format!("is {}", super::kind_of(other)),
    }
}

impl Step {
    fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match (self, value) {
            (Self::Name(name), Value::Object(object)) => object.get(name),
            (Self::Name(name), Value::Array(list)) => list.get(name.parse::<usize>().ok()?),
            (Self::Place(place), Value::Array(list)) => list.get(*place),
            _ => None,
        }
    }

    fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        match (self, value) {
            (Self::Name(name), Value::Object(object)) => object.get_mut(name),
            (Self::Name(name), Value::Array(list)) => list.get_mut(name.parse::<usize>().ok()?),
            (Self::Place(place), Value::Array(list)) => list.get_mut(*place),
            _ => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place) => write!(formatter, "[{place}]"),
            Self::Name(name) if name.is_empty() || name.contains(['.', '[', ']', '"', '$']) || name.trim() != name => {
                write!(formatter, "\"{}\"", name.replace('"', "\"\""))
            }
            Self::Name(name) => formatter.write_str(name),
        }
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            if number > 0 && matches!(step, Step::Name(_)) {
                formatter.write_str(".")?;
            }
            step.fmt(formatter)?;
        }
        Ok(())
    }
}

impl FromStr for JsonPath {
    type Err = Error;

    /// Reads a path. `$` or `$.` may stand in front of it; quotes, doubled inside, surround a key with special characters.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |reason: &str| {
            let message = format!("`{text}` is no path into JSON: {reason}");
            Error::new(ErrorKind::InvalidConfiguration, message).with_hint("write it as `data.items[0].rows`")
        };
        let text = text.trim();
        let mut rest = text.strip_prefix('$').unwrap_or(text);
        rest = rest.strip_prefix('.').filter(|_| text.starts_with('$')).unwrap_or(rest);
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if steps.len() == MOST_STEPS {
                return Err(wrong("it is longer than 64 names"));
            }
            if let Some(inner) = rest.strip_prefix('[') {
                let (place, behind) = inner.split_once(']').ok_or_else(|| wrong("a `]` is missing"))?;
                let place = place.trim().parse().map_err(|_| wrong("between `[` and `]` stands a number from 0"))?;
                steps.push(Step::Place(place));
                rest = behind;
            } else if let Some(inner) = rest.strip_prefix('"') {
                let (name, behind) = quoted(inner).ok_or_else(|| wrong("a closing quote is missing"))?;
                steps.push(Step::Name(name));
                rest = behind;
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                if end == 0 {
                    return Err(wrong("a name is missing"));
                }
                steps.push(Step::Name(rest[..end].to_owned()));
                rest = &rest[end..];
            }
            rest = match rest.strip_prefix('.') {
                Some("") => return Err(wrong("a name is missing at the end")),
                Some(behind) => behind,
                None if rest.is_empty() || rest.starts_with('[') => rest,
                None => return Err(wrong("a `.` is missing")),
            };
        }
        Ok(Self(steps))
    }
}

/// A key up to its closing quote, and what stands behind that.
fn quoted(inner: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = inner;
    loop {
        let end = rest.find('"')?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(behind) => {
                name.push('"');
                rest = behind;
            }
            None => return Some((name, rest)),
        }
    }
}

impl<'de> Deserialize<'de> for JsonPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_to_values() {
        let document = json!({"data": {"items": [{"rows": [1, 2]}, {"a.b": {"\"": 3}}], "0": "key"}, "": 4});
        for (path, expected) in [
            ("", Some(document.clone())),
            ("$", Some(document.clone())),
            ("data.items[0].rows", Some(json!([1, 2]))),
            ("$.data.items.0.rows.1", Some(json!(2))),
            ("data.items[1].\"a.b\".\"\"\"\"", Some(json!(3))),
            ("data.0", Some(json!("key"))),
            ("\"\"", Some(json!(4))),
            ("$.\"$\"", None),
            ("\" \"", None),
            ("data.items[2]", None),
            ("data.items.rows", None),
            ("data[0]", None),
        ] {
            let parsed: JsonPath = path.parse().unwrap();
            assert_eq!(parsed.find(&document), expected.as_ref(), "{path}");
            assert_eq!(parsed.to_string().parse::<JsonPath>().unwrap(), parsed, "{path}");
            assert_eq!(parsed.take(&mut document.clone()), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_said() {
        for (path, reason) in [
            ("a.", "a name is missing at the end"),
            (".a", "a name is missing"),
            ("a..b", "a name is missing"),
            ("a[x]", "between `[` and `]` stands a number from 0"),
            ("a[-1]", "between `[` and `]` stands a number from 0"),
            ("a[0", "a `]` is missing"),
            ("a[0]b", "a `.` is missing"),
            ("\"a", "a closing quote is missing"),
        ] {
            let error = path.parse::<JsonPath>().unwrap_err();
            assert_eq!(error.message, format!("`{path}` is no path into JSON: {reason}"));
        }
        assert!("a.".repeat(100).trim_end_matches('.').parse::<JsonPath>().is_err());
    }

    #[test]
    fn a_path_that_leads_nowhere_says_what_is_there() {
        let document = json!({"data": {"orders": [1], "meta": {}}});
        for (path, expected) in [
            ("rows", "the answer has the keys data, and no `rows`"),
            ("data.items", "`data` has the keys orders, meta, and no `items`"),
            ("data.orders[3]", "`data.orders` is a list of 1 elements, and no `[3]`"),
            ("data.orders[0].x", "`data.orders[0]` is a number, and no `x`"),
        ] {
            assert_eq!(path.parse::<JsonPath>().unwrap().explain(&document), expected);
        }
    }
}
