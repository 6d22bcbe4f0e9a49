use clap::Args;
use serde_json::{Value, json};

use super::{HIDDEN, ReferenceOptions, Surveyed};
use crate::abort::Abort;
use crate::arguments::Format;
use crate::exit::Exit;
use crate::output::{Printer, table};

#[derive(Debug, Args)]
pub struct ListOptions {
    /// Only variables whose names begin so
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub prefix: String,
    /// Names alone, one a line
    #[arg(long)]
    pub plain: bool,
    /// Their values too, secrets as ***
    #[arg(long)]
    pub show_values: bool,
    #[command(flatten)]
    pub project: ReferenceOptions,
}

/// Lists the variables of the environment that the project refers to.
pub fn list(options: &ListOptions, printer: &Printer) -> Result<Exit, Abort> {
    let mut surveyed = Surveyed::open(&options.project)?;
    surveyed.references.retain(|name, _| name.starts_with(&options.prefix));
    let value = |name: &str, is_secret: bool| {
        let value = surveyed.project.environment.get(name)?;
        Some(if is_secret { HIDDEN } else { value })
    };
    match printer.format {
        Format::Json => {
            let documents = surveyed.references.iter().map(|(name, reference)| {
                let mut document = surveyed.document(name, reference);
                if options.show_values {
                    document["value"] = json!(value(name, reference.is_secret));
                }
                document
            });
            printer.document(&documents.collect::<Value>());
        }
        Format::Text if surveyed.references.is_empty() => {
            printer.say("the project refers to no variable of the environment");
        }
        Format::Text if options.plain => {
            let names: Vec<&str> = surveyed.references.keys().map(String::as_str).collect();
            printer.data(&names.join("\n"));
        }
        Format::Text => {
            let rows = surveyed.references.iter().map(|(name, reference)| {
                let mut row = vec![name.clone(), surveyed.state(name, reference), reference.places.join(", ")];
                if options.show_values {
                    row.push(value(name, reference.is_secret).unwrap_or_default().to_owned());
                }
                row
            });
            let headings = ["variable", "state", "where", "value"];
            printer.data(&table(headings.into_iter().take(3 + usize::from(options.show_values)), rows));
        }
    }
    Ok(Exit::Done)
}
