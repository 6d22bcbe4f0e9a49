//! Options of the host's readers and writers.

use super::contract::types::{Setting, SettingValue};

/// Options under the neutral names that the host knows for each format.
///
/// ```
/// # use duckpen_guest::Settings;
/// let settings = Settings::default().with("header", true).with("delimiter", ";");
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings(Vec<Setting>);

impl Settings {
    /// The same settings and one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<SettingValue>) -> Self {
        self.0.push(Setting { name: name.to_owned(), value: value.into() });
        self
    }

    /// The same settings, and one more where there is a value.
    #[must_use]
    pub fn with_some<V: Into<SettingValue>>(self, name: &str, value: Option<V>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// As the contract has them.
    pub(crate) fn as_slice(&self) -> &[Setting] {
        &self.0
    }
}

impl From<bool> for SettingValue {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i64> for SettingValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for SettingValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for SettingValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for SettingValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<String>> for SettingValue {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}
