use std::sync::Arc;

use duckpen_pipeline::{Color, Diagnostic, SourceMap, render, to_json};
use serde_json::Value;

use super::Report;

/// Something to be told: a diagnostic of the compiler with the texts it points into, or a report of the command's own.
#[derive(Debug, Clone)]
pub enum Finding {
    Compiled(Box<Diagnostic>, Arc<SourceMap>),
    Reported(Box<Report>),
}

impl Finding {
    /// Whether it keeps anything from running.
    pub fn is_error(&self) -> bool {
        match self {
            Finding::Compiled(diagnostic, _) => diagnostic.is_error(),
            Finding::Reported(report) => report.is_error(),
        }
    }

    /// What it says, in a line.
    pub fn message(&self) -> &str {
        match self {
            Finding::Compiled(diagnostic, _) => &diagnostic.message,
            Finding::Reported(report) => report.message(),
        }
    }

    /// What can be done about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Finding::Compiled(diagnostic, _) => diagnostic.hint.as_deref(),
            Finding::Reported(report) => report.tip(),
        }
    }

    /// As people read it.
    pub fn render(&self) -> String {
        match self {
            Finding::Compiled(diagnostic, sources) => render(diagnostic, sources, Color::Always),
            Finding::Reported(report) => report.render(),
        }
    }

    /// As programs read it; both kinds have the same members.
    pub fn to_json(&self) -> Value {
        match self {
            Finding::Compiled(diagnostic, sources) => to_json(diagnostic, sources),
            Finding::Reported(report) => report.to_json(),
        }
    }
}

impl From<Report> for Finding {
    fn from(report: Report) -> Self {
        Finding::Reported(Box::new(report))
    }
}
