use std::io::{self, IsTerminal, Write};

use serde_json::{Value, json};

use super::Finding;
use crate::arguments::{Format, OutputOptions};

/// The only one that writes to standard output and standard error. Colours are taken out again where nobody sees them.
#[derive(Debug)]
pub struct Printer {
    /// What standard output looks like.
    pub format: Format,
    quiet: bool,
    settled_lines: bool,
    animated: bool,
}

impl Printer {
    pub fn new(options: &OutputOptions) -> Self {
        // The JSON log has an event for each of the settled lines.
        let settled_lines = !options.quiet && options.log_format == Format::Text;
        let animated = settled_lines && !options.no_progress && options.verbose == 0 && io::stderr().is_terminal();
        Self { format: options.format, quiet: options.quiet, settled_lines, animated }
    }

    /// Whether progress may be shown as a display that moves.
    pub fn is_animated(&self) -> bool {
        self.animated
    }

    /// Whether each settled step gets a line.
    pub fn has_settled_lines(&self) -> bool {
        self.settled_lines
    }

    /// Text for standard output. A reader that has gone away is no error.
    pub fn data(&self, text: &str) {
        let _ = writeln!(anstream::stdout(), "{}", text.trim_end_matches('\n'));
    }

    /// One JSON document for standard output.
    pub fn document(&self, document: &Value) {
        self.data(&format!("{document:#}"));
    }

    /// A line for standard error, unless it is to be quiet.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// Errors, and warnings unless it is to be quiet, for standard error.
    pub fn findings<'a>(&self, findings: impl IntoIterator<Item = &'a Finding>) {
        for finding in findings.into_iter().filter(|finding| finding.is_error() || !self.quiet) {
            let _ = writeln!(anstream::stderr(), "{}\n", finding.render());
        }
    }

    /// Why nothing was done.
    pub fn rejected(&self, findings: &[Finding]) {
        match self.format {
            Format::Text => self.findings(findings),
            Format::Json => self.document(&json!({
                "status": "rejected",
                "diagnostics": findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
            })),
        }
    }
}
