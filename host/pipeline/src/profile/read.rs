use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::variables::Value;

use super::connector::expand;
use super::{Connector, Engine, EngineMode, Profile};

const FORMAT: &str = "\
engines:
  duckdb:
    mode: memory  # or persistent, with path: target/db.duckdb
variables:
  name: value
connectors:
  name:
    type: csv
    params: {}";

/// A profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Not YAML.
    #[error("Invalid profile '{path}': {message}")]
    Syntax {
        /// The file.
        path: String,
        /// What the YAML parser says, with the line.
        message: String,
    },
    /// YAML of another shape; all problems at once.
    #[error(
        "Invalid profile structure in '{path}':\n{}\n\nProfile format should be:\n{FORMAT}",
        .problems.iter().enumerate().map(|(index, problem)| format!("  {}. {problem}", index + 1)).collect::<Vec<_>>().join("\n")
    )]
    Structure {
        /// The file.
        path: String,
        /// What is wrong.
        problems: Vec<String>,
    },
}

impl Profile {
    /// Reads the text of a profile. `path` is for messages; `environment` gives values of environment variables, for
    /// `${NAME}` and `${NAME|default}` in the section `variables`.
    pub fn parse(
        text: &str,
        path: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Profile, ProfileError> {
        let document = if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            Json::Null
        } else {
            serde_saphyr::from_str(text).map_err(|error| ProfileError::Syntax {
                path: path.to_owned(),
                message: error.to_string().lines().next().unwrap_or_default().to_owned(),
            })?
        };
        let mut reader = Reader { path, environment, problems: Vec::new() };
        let profile = reader.profile(&document);
        if reader.problems.is_empty() {
            Ok(profile)
        } else {
            Err(ProfileError::Structure { path: path.to_owned(), problems: reader.problems })
        }
    }
}

struct Reader<'a> {
    path: &'a str,
    environment: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn profile(&mut self, document: &Json) -> Profile {
        let top = match document {
            Json::Object(members) => members,
            Json::Null => return Profile::default(),
            _ => {
                self.problems.push("the profile must be a dictionary".to_owned());
                return Profile::default();
            }
        };
        // Older profiles have everything under their own name.
        let own_name = self.path.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or_default();
        let top = match top.get(own_name) {
            Some(Json::Object(nested)) if top.len() == 1 => nested,
            _ => top,
        };
        let engine = self.engine(top);
        let (variables, unset) = self.variables(top);
        Profile {
            engine,
            variables,
            unset,
            connectors: self.connectors(top),
            log_level: self.text(top, "log_level", "'log_level'").map(|level| level.to_lowercase()),
            paths: self.paths(top),
        }
    }

    fn engine(&mut self, top: &Map<String, Json>) -> Engine {
        let engines = self.section(top, "engines", "'engines' section");
        let duckdb = self.section(&engines, "duckdb", "'engines.duckdb' section");
        let path = self.text(&duckdb, "path", "'engines.duckdb.path'");
        let path = path.or_else(|| self.text(&duckdb, "database_path", "'engines.duckdb.database_path'"));
        let mode = self.text(&duckdb, "mode", "'engines.duckdb.mode'").map(|mode| mode.to_lowercase());
        let mode = match (mode.as_deref(), path) {
            (Some("persistent"), None) => {
                self.problems.push(format!(
                    "DuckDB persistent mode requires 'path' field. Add 'path: \"path/to/database.duckdb\"' to \
                     engines.duckdb in {}",
                    self.path
                ));
                EngineMode::Memory
            }
            (Some("persistent") | None, Some(path)) => EngineMode::Persistent { path },
            (Some("memory") | None, _) => EngineMode::Memory,
            (Some(other), _) => {
                self.problems.push(format!("'engines.duckdb.mode' must be memory or persistent, not '{other}'"));
                EngineMode::Memory
            }
        };
        let threads = match duckdb.get("threads") {
            None | Some(Json::Null) => None,
            Some(value) => {
                let threads = value.as_u64().and_then(|threads| u32::try_from(threads).ok()).filter(|n| *n > 0);
                if threads.is_none() {
                    self.problems.push("'engines.duckdb.threads' must be a number from 1 on".to_owned());
                }
                threads
            }
        };
        Engine { mode, memory_limit: self.text(&duckdb, "memory_limit", "'engines.duckdb.memory_limit'"), threads }
    }

    fn variables(&mut self, top: &Map<String, Json>) -> (BTreeMap<String, Value>, BTreeMap<String, Vec<String>>) {
        let mut variables = BTreeMap::new();
        let mut unset = BTreeMap::new();
        for (name, json) in self.section(top, "variables", "'variables' section") {
            let value = match Value::try_from(json) {
                Ok(value) => value,
                Err(error) => {
                    self.problems.push(format!("variable '{name}': {error}"));
                    continue;
                }
            };
            let Value::Text(text) = &value else {
                variables.insert(name, value);
                continue;
            };
            let mut missing = Vec::new();
            let expanded = expand(text, &mut |name| (self.environment)(name), &mut missing);
            if missing.is_empty() {
                variables.insert(name, Value::Text(expanded));
            } else {
                unset.insert(name, missing);
            }
        }
        (variables, unset)
    }

    fn connectors(&mut self, top: &Map<String, Json>) -> BTreeMap<String, Connector> {
        let mut connectors = BTreeMap::new();
        for (name, json) in self.section(top, "connectors", "'connectors' section") {
            let Json::Object(connector) = json else {
                self.problems.push(format!("connector '{name}' must be a dictionary"));
                continue;
            };
            let connector_type = self.text(&connector, "type", &format!("'connectors.{name}.type'"));
            if connector_type.is_none() && !connector.contains_key("type") {
                self.problems.push(format!("connector '{name}' has no 'type'"));
            }
            let params = self.section(&connector, "params", &format!("'connectors.{name}.params'"));
            let connector_type = connector_type.unwrap_or_default().to_lowercase();
            connectors.insert(name, Connector::new(connector_type, params));
        }
        connectors
    }

    fn paths(&mut self, top: &Map<String, Json>) -> BTreeMap<String, String> {
        let section = self.section(top, "paths", "'paths' section");
        let paths = section.keys().filter_map(|name| {
            let path = self.text(&section, name, &format!("'paths.{name}'"))?;
            Some((name.clone(), path))
        });
        paths.collect()
    }

    fn section(&mut self, parent: &Map<String, Json>, name: &str, title: &str) -> Map<String, Json> {
        match parent.get(name) {
            Some(Json::Object(members)) => members.clone(),
            None | Some(Json::Null) => Map::new(),
            Some(_) => {
                self.problems.push(format!("{title} must be a dictionary"));
                Map::new()
            }
        }
    }

    fn text(&mut self, parent: &Map<String, Json>, name: &str, title: &str) -> Option<String> {
        match parent.get(name)? {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Null => None,
            _ => {
                self.problems.push(format!("{title} must be a text"));
                None
            }
        }
    }
}
