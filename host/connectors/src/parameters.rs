use std::time::Duration;

use serde_json::{Map, Value};

use crate::ConnectorError;

/// The parameters of a connector, secrets included. A value that a variable gave is a text.
#[derive(Clone, Copy)]
pub(crate) struct Parameters<'p> {
    connector: &'p str,
    values: &'p Map<String, Value>,
}

impl<'p> Parameters<'p> {
    pub(crate) fn new(connector: &'p str, values: &'p Map<String, Value>) -> Self {
        Self { connector, values }
    }

    pub(crate) fn bad(&self, parameter: &str, expected: &'static str) -> ConnectorError {
        ConnectorError::BadParameter { connector: self.connector.to_owned(), parameter: parameter.to_owned(), expected }
    }

    fn value(&self, name: &str) -> Option<&'p Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    /// A text; numbers and flags are taken as they are written.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, ConnectorError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(flag)) => Ok(Some(flag.to_string())),
            Some(_) => Err(self.bad(name, "text")),
        }
    }

    /// The first of several names of one parameter that is given.
    pub(crate) fn any_text(&self, names: &[&str]) -> Result<Option<String>, ConnectorError> {
        for name in names {
            if let Some(text) = self.text(name)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// A whole number, 0 or more.
    pub(crate) fn count(&self, name: &str) -> Result<Option<u32>, ConnectorError> {
        let parse = |text: String| text.trim().parse().map_err(|_| self.bad(name, "a whole number"));
        self.text(name)?.map(parse).transpose()
    }

    /// A number of seconds.
    pub(crate) fn seconds(&self, name: &str) -> Result<Option<Duration>, ConnectorError> {
        let parse = |text: String| {
            let seconds = text.trim().parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            seconds.ok_or_else(|| self.bad(name, "a number of seconds"))
        };
        self.text(name)?.map(parse).transpose()
    }
}
