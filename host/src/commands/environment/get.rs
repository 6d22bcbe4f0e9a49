use clap::Args;
use duckpen_pipeline::{is_secret_name, suggest};
use serde_json::json;

use super::{HIDDEN, ReferenceOptions, Surveyed};
use crate::abort::Abort;
use crate::arguments::Format;
use crate::exit::Exit;
use crate::output::{Code, Printer, Report};

#[derive(Debug, Args)]
pub struct GetOptions {
    /// Name of the variable
    pub name: String,
    /// What to print where it is not set
    #[arg(long, value_name = "VALUE")]
    pub default: Option<String>,
    #[command(flatten)]
    pub project: ReferenceOptions,
}

/// Prints the value of a variable as the project sees it: `.env` goes before the environment.
pub fn get(options: &GetOptions, printer: &Printer) -> Result<Exit, Abort> {
    let surveyed = Surveyed::open(&options.project)?;
    let GetOptions { name, default, .. } = options;
    let is_secret = is_secret_name(name) || surveyed.references.get(name).is_some_and(|known| known.is_secret);
    let value = match (surveyed.project.environment.get(name), default) {
        (Some(_), _) if is_secret => HIDDEN,
        (Some(value), _) => value,
        (None, Some(default)) => default,
        (None, None) => {
            let near = suggest(name, surveyed.references.keys().map(String::as_str));
            let report = Report::error(Code::Usage, format!("the variable {name} is not set"));
            let report = report.hint("set it in the environment or in .env of the project");
            return Err(Abort::rejected(report.hint_if(near.map(|near| format!("did you mean {near}?")))));
        }
    };
    match printer.format {
        Format::Json => printer.document(&json!({ "name": name, "value": value, "is_secret": is_secret })),
        Format::Text => printer.data(value),
    }
    Ok(Exit::Done)
}
