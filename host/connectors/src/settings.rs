use duckpen_database::quote_literal;
use serde_json::Value;

use crate::ConnectorError;

/// A setting of a reader or a writer, under the host's neutral name.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SettingValue,
}

/// The value of a setting.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SettingValue {
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    Texts(Vec<String>),
}

impl SettingValue {
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Flag(flag) => (*flag).into(),
            Self::Integer(number) => (*number).into(),
            Self::Number(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
            Self::Texts(texts) => texts.as_slice().into(),
        }
    }
}

impl Setting {
    /// That a format has no such setting for `purpose`: reading or writing.
    pub(crate) fn unknown(&self, format: &str, purpose: &'static str) -> ConnectorError {
        ConnectorError::UnknownSetting { format: format.to_owned(), setting: self.name.clone(), purpose }
    }

    fn bad(&self, expected: &'static str) -> ConnectorError {
        ConnectorError::BadSetting { setting: self.name.clone(), expected }
    }

    pub(crate) fn flag(&self) -> Result<bool, ConnectorError> {
        match self.value {
            SettingValue::Flag(flag) => Ok(flag),
            _ => Err(self.bad("true or false")),
        }
    }

    pub(crate) fn positive(&self) -> Result<i64, ConnectorError> {
        match self.value {
            SettingValue::Integer(number) if number > 0 => Ok(number),
            _ => Err(self.bad("a whole number above 0")),
        }
    }

    pub(crate) fn text(&self) -> Result<&str, ConnectorError> {
        match &self.value {
            SettingValue::Text(text) => Ok(text),
            _ => Err(self.bad("text")),
        }
    }

    /// The text as an SQL literal.
    pub(crate) fn literal(&self) -> Result<String, ConnectorError> {
        self.text().map(quote_literal)
    }

    pub(crate) fn one_of(&self, words: &[&str], expected: &'static str) -> Result<String, ConnectorError> {
        let text = self.text()?;
        match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
            Some(word) => Ok(quote_literal(word)),
            None => Err(self.bad(expected)),
        }
    }

    pub(crate) fn texts(&self) -> Result<&[String], ConnectorError> {
        match &self.value {
            SettingValue::Texts(texts) => Ok(texts),
            _ => Err(self.bad("a list of texts")),
        }
    }
}
