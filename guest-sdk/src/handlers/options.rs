//! Options of connectors and formats, checked against a table of what there is.

use serde_json::{Map, Value};

use super::problem::Problem;
use crate::did_you_mean;

/// One option that a user may give.
#[derive(Debug, Clone, Copy)]
pub struct OptionSpec {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: OptionKind,
    /// Whether it has to be given.
    pub presence: Presence,
}

/// Whether an option has to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has to be there.
    Required,
    /// It has a default.
    Optional,
}

/// What an option takes.
#[derive(Debug, Clone, Copy)]
pub enum OptionKind {
    /// A text that is not empty.
    Text,
    /// One of these texts, in any case of letters.
    OneOf(&'static [&'static str]),
    /// `true` or `false`, which a variable may give as a text.
    Flag,
    /// A whole number, 1 or more, which a variable may give as a text.
    Count,
    /// A list of texts, or one text for a list of one.
    Texts,
    /// A number of seconds, 0 or more, which a variable may give as a text.
    Seconds,
    /// Anything: somebody else judges it.
    Any,
}

impl OptionSpec {
    /// An option that has to be given.
    pub const fn required(name: &'static str, kind: OptionKind) -> Self {
        Self { name, kind, presence: Presence::Required }
    }

    /// An option that has a default.
    pub const fn optional(name: &'static str, kind: OptionKind) -> Self {
        Self { name, kind, presence: Presence::Optional }
    }

    /// The options of several lists, one after the other. `N` is how many they are.
    pub const fn joined<const N: usize>(lists: &[&[Self]]) -> [Self; N] {
        let mut joined = [Self::optional("", OptionKind::Any); N];
        let (mut count, mut list) = (0, 0);
        while list < lists.len() {
            let mut option = 0;
            while option < lists[list].len() {
                joined[count] = lists[list][option];
                count += 1;
                option += 1;
            }
            list += 1;
        }
        assert!(count == N);
        joined
    }

    fn check(&self, value: &Value) -> Option<Problem> {
        let name = self.name;
        let wanted = match self.kind {
            OptionKind::Text if value.as_str() == Some("") => {
                return Some(Problem::new(format!("Field '{name}' is empty")).of_option(name));
            }
            OptionKind::Text if value.is_string() => return None,
            OptionKind::Text => "a string".to_owned(),
            OptionKind::OneOf(choices) => match value.as_str() {
                Some(text) if choices.iter().any(|choice| choice.eq_ignore_ascii_case(text)) => return None,
                Some(text) => {
                    let problem = Problem::new(format!("Field '{name}' has an unknown value: {text}"));
                    return Some(problem.with_hint(format!("Allowed values: {}", choices.join(", "))).of_option(name));
                }
                None => format!("one of {}", choices.join(", ")),
            },
            OptionKind::Flag if flag(value).is_some() => return None,
            OptionKind::Flag => "a boolean".to_owned(),
            OptionKind::Count if count(value).is_some() => return None,
            OptionKind::Count => "a whole number above 0".to_owned(),
            OptionKind::Texts if texts(value).is_some() => return None,
            OptionKind::Texts => "a string or a list of strings".to_owned(),
            OptionKind::Seconds if seconds(value).is_some() => return None,
            OptionKind::Seconds => "a number of seconds".to_owned(),
            OptionKind::Any => return None,
        };
        Some(Problem::new(format!("Field '{name}' must be {wanted}, got {}", type_name(value))).of_option(name))
    }
}

/// The options a user gave, beside those that there are.
#[derive(Debug, Clone, Copy)]
pub struct Options<'o> {
    specs: &'static [OptionSpec],
    values: &'o Map<String, Value>,
}

impl<'o> Options<'o> {
    /// Reads `values` by `specs`.
    pub fn new(specs: &'static [OptionSpec], values: &'o Map<String, Value>) -> Self {
        Self { specs, values }
    }

    /// What is wrong with them. `owner` is what has these options, as it stands in a message: `CSV connector`.
    pub fn problems(&self, owner: &str) -> Vec<Problem> {
        let names = || self.specs.iter().map(|spec| spec.name);
        let unknown = self.values.keys().filter(|name| names().all(|known| known != *name)).map(|name| {
            let hint = match did_you_mean(name, names()) {
                Some(near) => format!("Did you mean '{near}'?"),
                None => format!("Available parameters: {}", names().collect::<Vec<_>>().join(", ")),
            };
            Problem::new(format!("Unknown parameters for {owner}: {name}")).with_hint(hint).of_option(name)
        });
        let known = self.specs.iter().filter_map(|spec| match self.value(spec.name) {
            Some(value) => spec.check(value),
            None if spec.presence == Presence::Required => {
                Some(Problem::new(format!("Required field '{}' is missing", spec.name)).of_option(spec.name))
            }
            None => None,
        });
        unknown.chain(known).collect()
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<&'o str> {
        self.value(name)?.as_str()
    }

    /// One of several texts, in lower case.
    pub fn choice(&self, name: &str) -> Option<String> {
        Some(self.text(name)?.to_ascii_lowercase())
    }

    /// `true` or `false`.
    pub fn flag(&self, name: &str) -> Option<bool> {
        flag(self.value(name)?)
    }

    /// A whole number, 1 or more.
    pub fn count(&self, name: &str) -> Option<i64> {
        count(self.value(name)?)
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        texts(self.value(name)?)
    }

    /// An option that is `null` is as good as not given.
    fn value(&self, name: &str) -> Option<&'o Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn count(value: &Value) -> Option<i64> {
    let number = match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    };
    number.filter(|number| *number > 0)
}

fn seconds(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    number.filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(values) => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// What a value is called in SQLFlow's messages.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SPECS: &[OptionSpec] = &[
        OptionSpec::required("path", OptionKind::Text),
        OptionSpec::optional("delimiter", OptionKind::Text),
        OptionSpec::optional("has_header", OptionKind::Flag),
        OptionSpec::optional("batch_size", OptionKind::Count),
        OptionSpec::optional("engine", OptionKind::OneOf(&["auto", "pandas"])),
        OptionSpec::optional("columns", OptionKind::Texts),
    ];

    fn problems(values: Value) -> Vec<String> {
        let values = values.as_object().expect("an object").clone();
        let line = |problem: Problem| match problem.hint {
            Some(hint) => format!("{} ({hint})", problem.message),
            None => problem.message,
        };
        Options::new(SPECS, &values).problems("CSV connector").into_iter().map(line).collect()
    }

    #[test]
    fn every_problem_is_reported() {
        let cases = [
            (json!({"path": "a"}), vec![]),
            (json!({"path": "a", "has_header": "True", "batch_size": "5", "columns": "x", "engine": "AUTO"}), vec![]),
            (json!({}), vec!["Required field 'path' is missing"]),
            (json!({"path": null}), vec!["Required field 'path' is missing"]),
            (json!({"path": ["a"]}), vec!["Field 'path' must be a string, got list"]),
            (json!({"path": ""}), vec!["Field 'path' is empty"]),
            (
                json!({"path": "a", "delimeter": ";"}),
                vec!["Unknown parameters for CSV connector: delimeter (Did you mean 'delimiter'?)"],
            ),
            (
                json!({"path": "a", "has_header": 1, "batch_size": 0, "columns": [1]}),
                vec![
                    "Field 'has_header' must be a boolean, got int",
                    "Field 'batch_size' must be a whole number above 0, got int",
                    "Field 'columns' must be a string or a list of strings, got list",
                ],
            ),
            (
                json!({"path": "a", "engine": "x"}),
                vec!["Field 'engine' has an unknown value: x (Allowed values: auto, pandas)"],
            ),
        ];
        for (values, expected) in cases {
            assert_eq!(problems(values.clone()), expected, "{values}");
        }
    }
}
