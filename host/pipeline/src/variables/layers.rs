use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::secrets::SecretValues;
use super::value::{NotAValue, Value};

/// Where the value of a variable came from; the earlier ones win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// `--vars`
    CommandLine,
    /// The section `variables` of the profile.
    Profile,
    /// `SET` in the pipeline.
    Set,
    /// An environment variable.
    Environment,
    /// The default in `${name|default}`.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::CommandLine => "command line",
            Origin::Profile => "profile",
            Origin::Set => "SET",
            Origin::Environment => "environment",
            Origin::Default => "default",
        })
    }
}

/// The values a pipeline is given from outside. Its own SETs lie between the profile and the environment.
#[derive(Clone, Default)]
pub struct Variables {
    command_line: BTreeMap<String, Value>,
    profile: BTreeMap<String, Value>,
    environment: BTreeMap<String, String>,
}

impl Variables {
    /// None at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Values of `--vars`.
    #[must_use]
    pub fn with_command_line(mut self, values: impl IntoIterator<Item = (String, Value)>) -> Self {
        self.command_line.extend(values);
        self
    }

    /// Values of the profile.
    #[must_use]
    pub fn with_profile(mut self, values: impl IntoIterator<Item = (String, Value)>) -> Self {
        self.profile.extend(values);
        self
    }

    /// Environment variables; they are texts.
    #[must_use]
    pub fn with_environment(mut self, values: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(values);
        self
    }

    /// Reads the text of `--vars`: a JSON object, or `name=value,name=value`, where numbers, `true` and `false` are such. A
    /// value with a comma in it stands in quotes.
    pub fn parse_command_line(text: &str) -> Result<BTreeMap<String, Value>, CommandLineError> {
        if text.trim_start().starts_with('{') {
            let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text)?;
            return object
                .into_iter()
                .map(|(name, json)| match Value::try_from(json) {
                    Ok(value) => Ok((name, value)),
                    Err(source) => Err(CommandLineError::Value { name, source }),
                })
                .collect();
        }
        pairs(text)
            .into_iter()
            .filter(|pair| !pair.trim().is_empty())
            .map(|pair| match pair.split_once('=') {
                Some((name, value)) if !name.trim().is_empty() => {
                    let value = value.trim();
                    let quoted = ['\'', '"'].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q));
                    let value = quoted.map_or_else(|| Value::infer(value), |text| Value::Text(text.to_owned()));
                    Ok((name.trim().to_owned(), value))
                }
                _ => Err(CommandLineError::Pair(pair.trim().to_owned())),
            })
            .collect()
    }

    /// A value that wins over SET.
    pub(crate) fn over_set(&self, name: &str) -> Option<(&Value, Origin)> {
        let command_line = self.command_line.get(name).map(|value| (value, Origin::CommandLine));
        command_line.or_else(|| self.profile.get(name).map(|value| (value, Origin::Profile)))
    }

    /// A value that SET wins over.
    pub(crate) fn under_set(&self, name: &str) -> Option<(Value, Origin)> {
        self.environment.get(name).map(|text| (Value::Text(text.clone()), Origin::Environment))
    }

    /// The values that are secret by the names of their variables.
    #[must_use]
    pub fn secret_values(&self) -> SecretValues {
        let given = self.command_line.iter().chain(&self.profile);
        let given = given.filter_map(|(name, value)| match value {
            Value::Text(text) => Some((name.as_str(), text.as_str())),
            _ => None,
        });
        let environment = self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        SecretValues::of(given.chain(environment))
    }

    /// Names given on the command line or by the profile.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.command_line.keys().chain(self.profile.keys()).map(String::as_str)
    }
}

/// Cuts at the commas that stand in no quotes. A quote counts only where a value begins: `name=it's` holds one.
fn pairs(text: &str) -> Vec<&str> {
    let mut pairs = Vec::new();
    let mut start = 0;
    let mut quote = None;
    let mut previous = ' ';
    for (at, character) in text.char_indices() {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if matches!(character, '\'' | '"') && previous == '=' => quote = Some(character),
            None if character == ',' => {
                pairs.push(&text[start..at]);
                start = at + 1;
            }
            None => {}
        }
        previous = character;
    }
    pairs.push(&text[start..]);
    pairs
}

/// Names only: values may be secret.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variables")
            .field("command_line", &self.command_line.keys())
            .field("profile", &self.profile.keys())
            .field("environment", &self.environment.len())
            .finish()
    }
}

/// `--vars` could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CommandLineError {
    /// It begins like a JSON object and is none.
    #[error("the variables are not a JSON object: {0}")]
    Json(#[from] serde_json::Error),
    /// A list or an object.
    #[error("variable '{name}': {source}")]
    Value {
        /// Name of the variable.
        name: String,
        /// What is wrong.
        source: NotAValue,
    },
    /// Not `name=value`.
    #[error("expected name=value, found '{0}'")]
    Pair(String),
}
