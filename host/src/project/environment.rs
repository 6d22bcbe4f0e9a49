use std::collections::BTreeMap;

use duckpen_connectors::{ConnectorError, ProjectFiles};

use crate::abort::Abort;
use crate::output::{Code, Report};

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
        for variable in dotenvy::from_read_iter(text.as_bytes()) {
            let (name, value) = variable.map_err(|error| unusable(&error, text))?;
            if let Some(line) = line_of(text, &name) {
                self.lines.insert(name.clone(), line);
            }
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

/// The last line that sets a variable.
fn line_of(text: &str, name: &str) -> Option<usize> {
    let sets = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    text.lines().enumerate().filter(|(_, line)| sets(line)).last().map(|(index, _)| index + 1)
}

/// The line is not told, as it may hold a secret.
fn unusable(error: &dotenvy::Error, text: &str) -> Abort {
    let report = |message: &str| Report::error(Code::Configuration, format!("{FILE}: {message}"));
    Abort::rejected(match error {
        dotenvy::Error::LineParse(line, _) => {
            let number = text.lines().position(|candidate| candidate.trim() == line.trim()).unwrap_or_default() + 1;
            report(&format!("line {number} is not NAME=VALUE")).hint("put a value with blanks or `#` in quotes")
        }
        _ => report("it cannot be read"),
    })
}
