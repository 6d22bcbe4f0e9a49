use clap::Args;
use serde_json::{Value, json};

use super::{ReferenceOptions, Surveyed};
use crate::abort::Abort;
use crate::arguments::Format;
use crate::exit::Exit;
use crate::output::Printer;
use crate::project::EnvironmentReference;

#[derive(Debug, Args)]
pub struct CheckOptions {
    /// The variables that have to be set; those that the project refers to without a default where none is named
    pub names: Vec<String>,
    #[command(flatten)]
    pub project: ReferenceOptions,
}

/// Looks whether variables are set; all that are missing are told.
pub fn check(options: &CheckOptions, printer: &Printer) -> Result<Exit, Abort> {
    let mut surveyed = Surveyed::open(&options.project)?;
    if options.names.is_empty() {
        surveyed.references.retain(|_, reference| !reference.has_default);
    } else {
        let named = |name: &String| {
            let known = surveyed.references.get(name).cloned().unwrap_or_default();
            (name.clone(), EnvironmentReference { has_default: false, ..known })
        };
        surveyed.references = options.names.iter().map(named).collect();
    }
    let is_set = |name: &str| surveyed.project.environment.get(name).is_some();
    let is_complete = surveyed.references.keys().all(|name| is_set(name));
    match printer.format {
        Format::Json => {
            let documents = surveyed.references.iter().map(|(name, reference)| surveyed.document(name, reference));
            let status = if is_complete { "complete" } else { "incomplete" };
            printer.document(&json!({ "status": status, "variables": documents.collect::<Value>() }));
        }
        Format::Text => {
            for (name, reference) in &surveyed.references {
                let word = if is_set(name) { "ok" } else { "missing" };
                let line = format!("{word}  {name}  {}", reference.places.join(", "));
                printer.data(line.trim_end());
            }
            if surveyed.references.is_empty() {
                printer.say("the project needs no variable of the environment");
            } else if !is_complete {
                printer.say("`duckpen env template` prints what .env may look like");
            }
        }
    }
    Ok(if is_complete { Exit::Done } else { Exit::Rejected })
}
