//! The limits in force, and where each comes from.

use duckpen_functions::Library;
use duckpen_sandbox::Limits;
use serde_json::{Value, json};
use toml::Table;

use crate::project::Project;

const FILE: &str = "duckpen.toml";

/// A limit in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitInForce {
    /// `fuel`
    pub name: &'static str,
    /// `500M`
    pub value: String,
    /// `default`, `--limits`, or a section of duckpen.toml.
    pub origin: String,
}

impl LimitInForce {
    /// For programs.
    pub fn to_json(&self) -> Value {
        json!({ "limit": self.name, "value": self.value, "from": self.origin })
    }
}

/// Says where limits come from.
pub struct LimitOrigins<'a> {
    document: Table,
    given: &'a [(String, String)],
}

impl<'a> LimitOrigins<'a> {
    /// `given` are those of the command line.
    pub fn new(project: &Project, given: &'a [(String, String)]) -> Self {
        // It was read before, so it can be read.
        let text = project.files.read_text(FILE).unwrap_or_default();
        Self { document: toml::from_str(&text).unwrap_or_default(), given }
    }

    /// The limits of a component of functions.
    pub fn of_component(&self, library: &Library) -> Vec<LimitInForce> {
        let name = library.component().name();
        in_force(library.limits(), |limit| {
            if self.given.iter().any(|(given, _)| given == limit) {
                return Some("--limits".to_owned());
            }
            let own = self.has(&["components", name, "limits", limit]);
            own.then(|| format!("{FILE} [components.{name}.limits]"))
                .or_else(|| self.has(&["limits", limit]).then(|| format!("{FILE} [limits]")))
        })
    }

    /// The limits of step handlers.
    pub fn of_steps(&self, limits: &Limits) -> Vec<LimitInForce> {
        in_force(limits, |limit| self.has(&["step_limits", limit]).then(|| format!("{FILE} [step_limits]")))
    }

    /// The limits of connectors that are components.
    pub fn of_connectors(&self, limits: &Limits) -> Vec<LimitInForce> {
        in_force(limits, |limit| self.has(&["connector_limits", limit]).then(|| format!("{FILE} [connector_limits]")))
    }

    fn has(&self, path: &[&str]) -> bool {
        let Some((first, rest)) = path.split_first() else { return false };
        let start = self.document.get(*first);
        rest.iter().fold(start, |value, name| value.and_then(|value| value.get(*name))).is_some()
    }
}

fn in_force(limits: &Limits, origin: impl Fn(&str) -> Option<String>) -> Vec<LimitInForce> {
    let limit = |name: &'static str| {
        let value = limits.written(name)?;
        Some(LimitInForce { name, value, origin: origin(name).unwrap_or_else(|| "default".to_owned()) })
    };
    Limits::names().filter_map(limit).collect()
}
