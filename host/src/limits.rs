//! The limits in force, and where each comes from.

use std::collections::BTreeMap;

use duckpen_functions::Library;
use duckpen_sandbox::Limits;
use serde_json::{Value, json};

use crate::project::{Configuration, Project, Provenance};

/// A limit in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitInForce {
    /// `fuel`
    pub name: &'static str,
    /// `500M`
    pub value: String,
    pub origin: Provenance,
}

impl LimitInForce {
    /// For programs.
    pub fn to_json(&self) -> Value {
        json!({ "limit": self.name, "value": self.value, "from": self.origin.to_string() })
    }
}

/// Says where limits come from.
pub struct LimitOrigins<'a> {
    configuration: &'a Configuration,
    given: &'a [(String, String)],
}

impl<'a> LimitOrigins<'a> {
    /// `given` are those of the command line.
    pub fn new(project: &'a Project, given: &'a [(String, String)]) -> Self {
        Self { configuration: &project.configuration, given }
    }

    /// The limits of a component of functions.
    pub fn of_component(&self, library: &Library) -> Vec<LimitInForce> {
        let origins = self.configuration.limit_origins(library.component().name());
        let given = |limit: &str| self.given.iter().any(|(given, _)| given == limit);
        in_force(library.limits(), origins, given)
    }

    /// The limits of step handlers.
    pub fn of_steps(&self, limits: &Limits) -> Vec<LimitInForce> {
        in_force(limits, &self.configuration.step_limits.origins, |_| false)
    }

    /// The limits of connectors that are components.
    pub fn of_connectors(&self, limits: &Limits) -> Vec<LimitInForce> {
        in_force(limits, &self.configuration.connector_limits.origins, |_| false)
    }
}

fn in_force(
    limits: &Limits,
    origins: &BTreeMap<String, Provenance>,
    is_given: impl Fn(&str) -> bool,
) -> Vec<LimitInForce> {
    let limit = |name: &'static str| {
        let value = limits.written(name)?;
        let origin = match is_given(name) {
            true => Provenance::CommandLine { option: "--limits" },
            false => origins.get(name).cloned().unwrap_or(Provenance::Default),
        };
        Some(LimitInForce { name, value, origin })
    };
    Limits::names().filter_map(limit).collect()
}
