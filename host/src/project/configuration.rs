use std::collections::BTreeMap;
use std::path::Path;

use duckpen_connectors::{ConnectorError, ProjectFiles};
use duckpen_sandbox::Limits;
use serde::Deserialize;

use crate::abort::Abort;
use crate::output::{Code, Excerpt, Report};

use super::unreadable;

const FILE: &str = "duckpen.toml";

/// `duckpen.toml`. All of it is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    limits: LimitTable,
    #[serde(default)]
    step_limits: LimitTable,
    #[serde(default)]
    components: BTreeMap<String, ComponentTable>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentTable {
    path: Option<String>,
    #[serde(default)]
    limits: LimitTable,
}

type LimitTable = BTreeMap<String, LimitValue>;

/// `500000000` or `"500M"`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum LimitValue {
    Number(u64),
    Text(String),
}

/// What the configuration says, checked.
#[derive(Debug)]
pub struct Configuration {
    /// Limits of functions.
    pub limits: Limits,
    /// Limits of step handlers.
    pub step_limits: Limits,
    components: BTreeMap<String, ComponentSettings>,
}

/// A component of the project.
#[derive(Debug, Clone)]
pub struct ComponentSettings {
    pub name: String,
    /// Its file, relative to the project.
    pub path: String,
    pub limits: Limits,
}

impl Configuration {
    /// Reads duckpen.toml of a project; without one everything is as by default.
    pub fn read(files: &ProjectFiles) -> Result<Self, Abort> {
        match files.read_text(FILE) {
            Ok(text) => Self::parse(&text),
            Err(ConnectorError::NotFound { .. }) => Self::parse(""),
            Err(error) => Err(unreadable(Code::Configuration, "the configuration cannot be read", &error)),
        }
    }

    fn parse(text: &str) -> Result<Self, Abort> {
        let document: Document = toml::from_str(text).map_err(|error| {
            let excerpt = error.span().and_then(|span| Excerpt::of_span(FILE, text, span));
            Abort::rejected(Report::error(Code::Configuration, format!("{FILE}: {}", error.message())).at(excerpt))
        })?;
        let limits = with(Limits::functions(), &document.limits, "limits")?;
        let step_limits = with(Limits::steps(), &document.step_limits, "step_limits")?;
        let mut components = BTreeMap::new();
        for (name, table) in document.components {
            let own = with(limits.clone(), &table.limits, &format!("components.{name}.limits"))?;
            let path = table.path.unwrap_or_else(|| format!("functions/{name}.wasm"));
            components.insert(name.clone(), ComponentSettings { name, path, limits: own });
        }
        Ok(Self { limits, step_limits, components })
    }

    /// The configured components and those found as files, sorted by name.
    pub fn components(&self, found: impl IntoIterator<Item = String>) -> Vec<ComponentSettings> {
        let mut components = self.components.clone();
        for path in found {
            let is_configured = components.values().any(|component| component.path == path);
            let Some(name) = Path::new(&path).file_stem().and_then(|stem| stem.to_str()).map(str::to_owned) else {
                continue;
            };
            if !is_configured && !components.contains_key(&name) {
                let limits = self.limits.clone();
                components.insert(name.clone(), ComponentSettings { name, path, limits });
            }
        }
        components.into_values().collect()
    }
}

fn with(mut limits: Limits, table: &LimitTable, section: &str) -> Result<Limits, Abort> {
    for (name, value) in table {
        let value = match value {
            LimitValue::Number(number) => number.to_string(),
            LimitValue::Text(text) => text.clone(),
        };
        limits.set(name, &value).map_err(|error| {
            Abort::rejected(Report::error(Code::Configuration, format!("{FILE}: {section}.{name}: {error}")))
        })?;
    }
    Ok(limits)
}
