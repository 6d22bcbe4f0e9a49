use std::collections::BTreeMap;
use std::path::PathBuf;

use duckpen_pipeline::{EngineMode, ProfileValue, Value, is_secret_name};
use serde_json::{Value as Json, json};

use super::{ProfileFile, Project, Provenance, Setting};

/// A value that is in force with a profile, as it may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectiveValue {
    /// Its path: `variables.region`.
    pub key: String,
    pub value: Json,
    pub provenance: Provenance,
}

/// What the command line says over the files.
#[derive(Debug, Default)]
pub struct Overrides {
    pub variables: BTreeMap<String, Value>,
    pub database: Option<PathBuf>,
}

impl Project {
    /// All values that are in force with a profile, and where each comes from.
    pub fn effective(&self, file: &ProfileFile, overrides: &Overrides) -> Vec<EffectiveValue> {
        let mut values = self.of_project();
        let mut own: Vec<EffectiveValue> =
            file.profile.values.iter().map(|value| self.of_profile(value, file)).collect();
        // What stands in the profile goes before what the project says, and the command line before both.
        if let Some(path) = &overrides.database {
            own.retain(|value| value.key != "engines.duckdb.mode" && value.key != "engines.duckdb.path");
            let provenance = Provenance::CommandLine { option: "--database" };
            let mode = if path.as_os_str() == ":memory:" { "memory" } else { "persistent" };
            let entry = |key: &str, value: Json| EffectiveValue {
                key: format!("engines.duckdb.{key}"),
                value,
                provenance: provenance.clone(),
            };
            if mode == "persistent" {
                own.insert(0, entry("path", json!(path)));
            }
            own.insert(0, entry("mode", json!(mode)));
        } else if !own.iter().any(|value| value.key == "engines.duckdb.mode") {
            let mode = match file.profile.engine.mode {
                EngineMode::Memory => "memory",
                EngineMode::Persistent { .. } => "persistent",
            };
            let key = "engines.duckdb.mode".to_owned();
            own.insert(0, EffectiveValue { key, value: json!(mode), provenance: Provenance::Default });
        }
        for (name, value) in &overrides.variables {
            let key = format!("variables.{name}");
            let provenance = Provenance::CommandLine { option: "--vars" };
            own.retain(|value| value.key != key);
            own.push(EffectiveValue { key, value: shown(name, value), provenance });
        }
        values.retain(|value| !own.iter().any(|other| other.key == value.key));
        values.extend(own);
        values.sort_by_key(|value| section(&value.key));
        values
    }

    fn of_project(&self) -> Vec<EffectiveValue> {
        let configuration = &self.configuration;
        let folders = &configuration.folders;
        let texts = [
            ("project.name", &configuration.name),
            ("project.default_profile", &configuration.default_profile),
            ("paths.pipelines", &folders.pipelines),
            ("paths.profiles", &folders.profiles),
            ("paths.functions", &folders.functions),
            ("paths.target", &folders.target),
        ];
        let texts = texts.into_iter().chain(folders.output.iter().map(|output| ("paths.output", output)));
        let mut values: Vec<EffectiveValue> = texts
            .map(|(key, Setting { value, provenance })| EffectiveValue {
                key: key.to_owned(),
                value: json!(value),
                provenance: provenance.clone(),
            })
            .collect();
        values.extend(self.variables().into_iter().map(|(name, Setting { value, provenance })| EffectiveValue {
            key: format!("variables.{name}"),
            value: shown(&name, &value),
            provenance,
        }));
        values
    }

    fn of_profile(&self, value: &ProfileValue, file: &ProfileFile) -> EffectiveValue {
        let path = file.path.clone().unwrap_or_default();
        // A connector's reference may be to a variable of the profile.
        let from_environment = value.references.iter().filter(|reference| {
            let is_variable =
                value.key.starts_with("connectors.") && file.profile.variables.contains_key(&reference.name);
            reference.is_set && !is_variable
        });
        let variables: Vec<String> =
            from_environment.map(|reference| self.environment.describe(&reference.name)).collect();
        let provenance = if variables.is_empty() {
            Provenance::File { file: path, line: value.line }
        } else {
            Provenance::Environment { variables, file: path, line: value.line }
        };
        EffectiveValue { key: value.key.clone(), value: value.shown.clone(), provenance }
    }
}

fn shown(name: &str, value: &Value) -> Json {
    if is_secret_name(name) { json!("***") } else { value.clone().into() }
}

/// The order of sections; within one the values stay as they are.
fn section(key: &str) -> usize {
    let order = ["project", "paths", "engines", "variables", "connectors"];
    let section = key.split('.').next().unwrap_or_default();
    order.iter().position(|known| *known == section).unwrap_or(order.len())
}
