use std::fmt;

use serde_json::{Map, Value as Json, json};

use crate::variables::{Origin, Variables};

use super::secret::{HIDDEN, is_secret_name, without_url_password};
use super::value::{expand, is_reference};

/// A named connector of a profile. References such as `${PG_PASSWORD}` are kept as they are until it is used.
#[derive(Clone, PartialEq)]
pub struct Connector {
    /// In lower case: `postgres`.
    pub connector_type: String,
    params: Map<String, Json>,
}

/// The parameters of a connector in use, secrets among them: they must not be logged or stored. `Debug` hides them.
#[derive(Clone, PartialEq)]
pub struct ConnectorSettings {
    params: Map<String, Json>,
    secret: Vec<String>,
}

/// Variables without a value, for which no default is given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {} not defined", .names.join(", "), if .names.len() == 1 { "is" } else { "are" })]
pub struct MissingVariables {
    /// Their names.
    pub names: Vec<String>,
}

impl Connector {
    pub(super) fn new(connector_type: String, params: Map<String, Json>) -> Self {
        Self { connector_type, params }
    }

    /// The connector's parameters with the options of a statement laid over them and the values of variables in them.
    pub fn merged(
        &self,
        options: &Map<String, Json>,
        variables: &Variables,
    ) -> Result<ConnectorSettings, MissingVariables> {
        let mut missing = Vec::new();
        let mut secret = Vec::new();
        let mut params = Map::new();
        for (name, value) in self.params.iter().filter(|(name, _)| !options.contains_key(*name)) {
            let mut from_environment = false;
            let value = substitute(value, variables, &mut missing, &mut from_environment);
            if from_environment || is_secret_name(name) {
                secret.push(name.clone());
            }
            params.insert(name.clone(), value);
        }
        for (name, value) in options {
            if is_secret_name(name) {
                secret.push(name.clone());
            }
            params.insert(name.clone(), value.clone());
        }
        if missing.is_empty() {
            Ok(ConnectorSettings { params, secret })
        } else {
            missing.sort();
            missing.dedup();
            Err(MissingVariables { names: missing })
        }
    }

    /// The parameters as they may be shown: references as they are, literal secrets hidden.
    #[must_use]
    pub fn redacted(&self) -> Map<String, Json> {
        redact(&self.params, |name, value| is_secret_name(name) && !is_reference(value))
    }
}

impl ConnectorSettings {
    /// All parameters, secrets included.
    #[must_use]
    pub fn expose(&self) -> &Map<String, Json> {
        &self.params
    }

    /// The parameters as they may be shown.
    #[must_use]
    pub fn redacted(&self) -> Map<String, Json> {
        redact(&self.params, |name, _| self.secret.iter().any(|secret| secret == name))
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let params = self.redacted();
        f.debug_struct("Connector").field("connector_type", &self.connector_type).field("params", &params).finish()
    }
}

impl fmt::Debug for ConnectorSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConnectorSettings").field(&self.redacted()).finish()
    }
}

fn redact(params: &Map<String, Json>, hide: impl Fn(&str, &Json) -> bool) -> Map<String, Json> {
    let shown = params.iter().map(|(name, value)| {
        let value = if hide(name, value) { json!(HIDDEN) } else { redact_inside(value) };
        (name.clone(), value)
    });
    shown.collect()
}

fn redact_inside(value: &Json) -> Json {
    match value {
        Json::Object(members) => {
            Json::Object(redact(members, |name, value| is_secret_name(name) && !is_reference(value)))
        }
        // postgresql://user:password@host
        Json::String(text) => Json::String(without_url_password(text)),
        other => other.clone(),
    }
}

fn substitute(value: &Json, variables: &Variables, missing: &mut Vec<String>, from_environment: &mut bool) -> Json {
    match value {
        Json::String(text) => {
            let mut lookup = |name: &str| {
                let over = variables.over_set(name).map(|(value, origin)| (value.clone(), origin));
                let (value, origin) = over.or_else(|| variables.under_set(name))?;
                *from_environment |= origin == Origin::Environment;
                Some(value.to_string())
            };
            Json::String(expand(text, &mut lookup, missing))
        }
        Json::Array(elements) => {
            Json::Array(elements.iter().map(|value| substitute(value, variables, missing, from_environment)).collect())
        }
        Json::Object(members) => Json::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), substitute(value, variables, missing, from_environment)))
                .collect(),
        ),
        other => other.clone(),
    }
}
