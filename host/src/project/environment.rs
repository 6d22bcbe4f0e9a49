use std::collections::BTreeMap;

use duckpen_connectors::{ConnectorError, ProjectFiles};

use crate::abort::Abort;
use crate::output::{Code, Report};

use super::dotenv::{self, Assignment, BadLine};
use super::unreadable;

const FILE: &str = ".env";

/// Environment variables as a project sees them: those of the process, and those of its file `.env` over them. They are
/// looked up, never set: what the process does itself, such as choosing its cache, does not depend on a project.
pub struct Environment {
    values: BTreeMap<String, String>,
    /// Lines of `.env`, from 1, by variable.
    lines: BTreeMap<String, usize>,
}

impl Environment {
    /// Reads `.env` of a project, if it is there.
    pub fn read(files: &ProjectFiles) -> Result<Self, Abort> {
        let own = std::env::vars_os().filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()));
        let mut environment = Self { values: own.collect(), lines: BTreeMap::new() };
        match files.read_text(FILE) {
            Ok(text) => environment.lay_over(&text)?,
            Err(ConnectorError::NotFound { .. } | ConnectorError::IsFolder { .. }) => {}
            Err(error) => return Err(unreadable(Code::Configuration, ".env cannot be read", &error)),
        }
        Ok(environment)
    }

    fn lay_over(&mut self, text: &str) -> Result<(), Abort> {
        let assignments = dotenv::parse(text, &|name| self.values.get(name).cloned()).map_err(unusable)?;
        for Assignment { name, value, line } in assignments {
            self.lines.insert(name.clone(), line);
            self.values.insert(name, value);
        }
        Ok(())
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The line of `.env` that sets a variable.
    pub fn line(&self, name: &str) -> Option<usize> {
        self.lines.get(name).copied()
    }

    /// A variable's name, with its place if `.env` sets it.
    pub fn describe(&self, name: &str) -> String {
        self.line(name).map_or_else(|| name.to_owned(), |line| format!("{name} ({FILE}:{line})"))
    }

    /// All variables.
    pub fn variables(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.values.iter().map(|(name, value)| (name.clone(), value.clone()))
    }
}

/// The line is not told, as it may hold a secret.
fn unusable(BadLine(line): BadLine) -> Abort {
    let report = Report::error(Code::Configuration, format!("{FILE}: line {line} is not NAME=VALUE"));
    Abort::rejected(report.hint("a value in quotes ends with the same quote, and only a remark may follow it"))
}
