use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Value as Json, json};

use crate::diagnostics::Severity;
use crate::settings::{Entry, Node, NodeValue, Problem, SettingsReader, find, to_object};
use crate::variables::{Number, Value};

use super::mask::{mask_secret_lines, masked};
use super::value::expand;
use super::{Connector, Engine, EngineMode, Profile, ProfileError, ProfileReading, ProfileValue};

const SECTIONS: &[&str] = &["version", "engines", "variables", "connectors", "paths", "log_level", "module_log_levels"];
const DUCKDB: &[&str] = &["mode", "path", "memory_limit", "threads"];
const CONNECTOR: &[&str] = &["type", "params"];

/// What is wrong, for a message that has the file's name.
const NOT_YAML: &str = "this is not YAML: ";

impl Profile {
    /// Reads the text of a profile. `path` is for messages; `environment` gives values of environment variables, for
    /// `${NAME}` and `${NAME|default}` in the sections `variables` and `engines`.
    ///
    /// # Errors
    /// When it is not YAML, or of another shape; all problems at once.
    pub fn parse(
        text: &str,
        path: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Profile, ProfileError> {
        let ProfileReading { profile, problems, .. } = Self::read(text, path, environment);
        let mut errors = problems.into_iter().filter(Problem::is_error);
        let Some(first) = errors.next() else { return Ok(profile) };
        let path = path.to_owned();
        Err(match first.message.strip_prefix(NOT_YAML) {
            Some(message) => {
                let at = first.span.as_ref().map_or(0, |span| span.start);
                let line = text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
                ProfileError::Syntax { path, message: format!("line {line}: {message}") }
            }
            None => {
                let problems = std::iter::once(first).chain(errors).map(|problem| problem.message).collect();
                ProfileError::Structure { path, problems }
            }
        })
    }

    /// As [`Profile::parse`], but gives what can be read, and everything that is wrong or odd with its place.
    #[must_use]
    pub fn read(text: &str, path: &str, environment: &dyn Fn(&str) -> Option<String>) -> ProfileReading {
        let document = match Node::from_yaml(text) {
            Ok(document) => document,
            Err(mut problem) => {
                problem.message.insert_str(0, NOT_YAML);
                return ProfileReading {
                    profile: Profile::default(),
                    problems: vec![problem],
                    masked: mask_secret_lines(text),
                };
            }
        };
        let mut reader =
            ProfileReader { text, path, environment, found: SettingsReader::default(), values: Vec::new() };
        let mut profile = reader.profile(&document);
        profile.values = reader.values;
        let mut problems = reader.found.problems;
        problems.sort_by_key(|problem| problem.span.as_ref().map(|span| span.start));
        ProfileReading { profile, problems, masked: masked(text, &document) }
    }
}

struct ProfileReader<'a> {
    text: &'a str,
    path: &'a str,
    environment: &'a dyn Fn(&str) -> Option<String>,
    found: SettingsReader,
    values: Vec<ProfileValue>,
}

impl ProfileReader<'_> {
    fn profile(&mut self, document: &Node) -> Profile {
        if !matches!(document.value, NodeValue::Table(_)) && !document.is_null() {
            self.found.error("the profile must be a dictionary", &document.span);
            return Profile::default();
        }
        let top = self.found.table(document, "the profile");
        // Older profiles have everything under their own name.
        let own_name = self.path.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or_default();
        let top = match top {
            [Entry { key, key_span, node: Node { value: NodeValue::Table(nested), .. } }] if key == own_name => {
                let message = format!("the sections of a profile need not be under its name, '{key}'");
                self.found.warning(message, key_span).hint = Some("move them to the left".to_owned());
                nested
            }
            _ => top,
        };
        self.found.known(Severity::Warning, top, SECTIONS, "");
        let engine = self.engine(top);
        let (variables, unset) = self.variables(top);
        let connectors = self.connectors(top);
        let paths = self.paths(top);
        let log_level = self.found.text(top, "log_level", "'log_level'").map(|(level, span)| {
            self.note("log_level".to_owned(), "log_level", &span, &json!(level), None);
            level.to_lowercase()
        });
        Profile { engine, variables, unset, connectors, log_level, paths, values: Vec::new() }
    }

    /// Remembers a value. `written` is what stands in the file, where that is something else.
    fn note(&mut self, key: String, name: &str, span: &Range<usize>, value: &Json, written: Option<&Json>) {
        let line = self.text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1);
        let value = ProfileValue::new(key, name, span.clone(), line, value, written.unwrap_or(value));
        self.values.push(value.look_up(self.environment));
    }

    fn engine(&mut self, top: &[Entry]) -> Engine {
        let engines = self.found.section(top, "engines", "'engines' section");
        self.found.known(Severity::Warning, engines, &["duckdb"], " in 'engines'");
        let duckdb = self.found.section(engines, "duckdb", "'engines.duckdb' section");
        let known = duckdb.iter().filter(|entry| entry.key != "database_path").cloned().collect::<Vec<_>>();
        self.found.known(Severity::Warning, &known, DUCKDB, " in 'engines.duckdb'");
        let mode = self.expanded(duckdb, "mode").map(|mode| mode.to_lowercase());
        let mut path = self.expanded(duckdb, "path");
        if path.is_none()
            && let Some(entry) = find(duckdb, "database_path")
        {
            self.found.warning("'database_path' is an old name", &entry.key_span).hint =
                Some("call it 'path'".to_owned());
            path = self.expanded(duckdb, "database_path");
        }
        let place = |key: &str| find(duckdb, key).or(find(engines, "duckdb")).map_or(0..0, |e| e.node.span.clone());
        let mode = match (mode.as_deref(), path) {
            (Some("persistent"), None) => {
                let message = format!(
                    "DuckDB persistent mode requires 'path' field. Add 'path: \"path/to/database.duckdb\"' to \
                     engines.duckdb in {}",
                    self.path
                );
                self.found.error(message, &place("mode"));
                EngineMode::Memory
            }
            (Some("persistent") | None, Some(path)) => EngineMode::Persistent { path },
            (Some("memory") | None, _) => EngineMode::Memory,
            (Some(other), _) => {
                let message = format!("'engines.duckdb.mode' must be memory or persistent, not '{other}'");
                self.found.error(message, &place("mode"));
                EngineMode::Memory
            }
        };
        let memory_limit = self.expanded(duckdb, "memory_limit");
        Engine { mode, memory_limit, threads: self.threads(duckdb) }
    }

    fn threads(&mut self, duckdb: &[Entry]) -> Option<u32> {
        let node = find(duckdb, "threads").map(|entry| &entry.node).filter(|node| !node.is_null())?;
        let value = node.to_json();
        let threads = value.as_u64().and_then(|threads| u32::try_from(threads).ok()).filter(|n| *n > 0);
        match threads {
            Some(_) => self.note("engines.duckdb.threads".to_owned(), "threads", &node.span, &value, None),
            None => {
                self.found.error("'engines.duckdb.threads' must be a number from 1 on", &node.span);
            }
        }
        threads
    }

    /// A text of the engine's section, with the environment's values in it.
    fn expanded(&mut self, duckdb: &[Entry], key: &str) -> Option<String> {
        let full = format!("engines.duckdb.{key}");
        let (written, span) = self.found.text(duckdb, key, &format!("'{full}'"))?;
        let mut missing = Vec::new();
        let text = expand(&written, &mut |name| (self.environment)(name), &mut missing);
        if !missing.is_empty() {
            let message = format!("'{full}' refers to {}, which is not set", missing.join(", "));
            self.found.error(message, &span).hint = Some("set it in the environment or in .env".to_owned());
        }
        self.note(full, key, &span, &json!(text), Some(&json!(written)));
        Some(text)
    }

    fn variables(&mut self, top: &[Entry]) -> (BTreeMap<String, Value>, BTreeMap<String, Vec<String>>) {
        let mut variables = BTreeMap::new();
        let mut unset = BTreeMap::new();
        for Entry { key: name, node, .. } in self.found.section(top, "variables", "'variables' section") {
            let written = node.to_json();
            let value = match Value::try_from(written.clone()) {
                // A number as it stands there: 1.10 is not 1.1.
                Ok(Value::Number(number)) => {
                    let exact = self.text.get(node.span.clone()).and_then(Number::parse);
                    Value::Number(exact.unwrap_or(number))
                }
                Ok(value) => value,
                Err(error) => {
                    self.found.error(format!("variable '{name}': {error}"), &node.span);
                    continue;
                }
            };
            let mut missing = Vec::new();
            let value = match value {
                Value::Text(text) => Value::Text(expand(&text, &mut |name| (self.environment)(name), &mut missing)),
                other => other,
            };
            let shown = if missing.is_empty() { value.clone().into() } else { written.clone() };
            self.note(format!("variables.{name}"), name, &node.span, &shown, Some(&written));
            if missing.is_empty() {
                variables.insert(name.clone(), value);
            } else {
                unset.insert(name.clone(), missing);
            }
        }
        (variables, unset)
    }

    fn connectors(&mut self, top: &[Entry]) -> BTreeMap<String, Connector> {
        let mut connectors = BTreeMap::new();
        for Entry { key: name, node, .. } in self.found.section(top, "connectors", "'connectors' section") {
            let NodeValue::Table(connector) = &node.value else {
                self.found.error(format!("connector '{name}' must be a dictionary"), &node.span);
                continue;
            };
            self.found.known(Severity::Warning, connector, CONNECTOR, &format!(" of connector '{name}'"));
            let key = format!("connectors.{name}.type");
            let connector_type = self.found.text(connector, "type", &format!("'{key}'"));
            if connector_type.is_none() && find(connector, "type").is_none() {
                self.found.error(format!("connector '{name}' has no 'type'"), &node.span);
            }
            let (connector_type, span) = connector_type.unwrap_or_default();
            self.note(key, "type", &span, &json!(connector_type), None);
            let params = self.found.section(connector, "params", &format!("'connectors.{name}.params'"));
            let connector = Connector::new(connector_type.to_lowercase(), to_object(params));
            let shown = connector.redacted();
            for Entry { key: param, node, .. } in params {
                let (shown, key) = (&shown[param], format!("connectors.{name}.params.{param}"));
                self.note(key, param, &node.span, shown, Some(&node.to_json()));
            }
            connectors.insert(name.clone(), connector);
        }
        connectors
    }

    fn paths(&mut self, top: &[Entry]) -> BTreeMap<String, String> {
        let mut paths = BTreeMap::new();
        let section = self.found.section(top, "paths", "'paths' section");
        for Entry { key: name, .. } in section {
            let key = format!("paths.{name}");
            if let Some((path, span)) = self.found.text(section, name, &format!("'{key}'")) {
                self.note(key, name, &span, &json!(path), None);
                paths.insert(name.clone(), path);
            }
        }
        paths
    }
}
