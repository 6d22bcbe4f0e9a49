use std::path::PathBuf;

use clap::{ArgAction, Args};
use duckpen_pipeline::suggest;
use serde_json::{Value, json};

use crate::abort::Abort;
use crate::arguments::{FolderOptions, Format};
use crate::exit::Exit;
use crate::output::{Code, Printer, Report, table};
use crate::project::{EffectiveValue, Overrides, Project};
use crate::workbench::command_line;

const SECTIONS: [&str; 6] = ["project", "paths", "engines", "variables", "connectors", "log_level"];

#[derive(Debug, Args)]
pub struct ShowOptions {
    /// Name of the profile; the default one without it
    pub name: Option<String>,
    /// Where each value comes from: a line of a file, the environment, the command line
    #[arg(long)]
    pub origin: bool,
    /// One section only: project, paths, engines, variables, connectors
    #[arg(long, value_name = "NAME")]
    pub section: Option<String>,
    /// Variables, as in `duckpen run`
    #[arg(long, alias = "variables", value_name = "JSON|K=V", action = ArgAction::Append)]
    pub vars: Vec<String>,
    /// Database file, as in `duckpen run`
    #[arg(long, value_name = "FILE")]
    pub database: Option<PathBuf>,
    #[command(flatten)]
    pub project: FolderOptions,
}

/// Shows the values that are in force with a profile.
pub fn show(options: &ShowOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project.project)?;
    let file = project.profile_file(options.name.as_deref())?;
    let overrides = Overrides { variables: command_line(&options.vars)?, database: options.database.clone() };
    let mut values = project.effective(&file, &overrides);
    if let Some(section) = &options.section {
        check_section(section)?;
        values.retain(|value| value.key == *section || value.key.starts_with(&format!("{section}.")));
    }
    match printer.format {
        Format::Json => printer.document(&json!({
            "profile": file.name,
            "path": file.path,
            "values": values.iter().map(document).collect::<Vec<_>>(),
        })),
        Format::Text => {
            let headings = ["key", "value", "origin"];
            let columns = if options.origin { 3 } else { 2 };
            let rows = values.iter().map(|value| {
                let mut row = row(value);
                row.truncate(columns);
                row
            });
            printer.data(&table(headings.into_iter().take(columns), rows));
        }
    }
    let (_, warnings) = file.usable()?;
    printer.findings(project.configuration.warnings.iter().chain(&warnings));
    Ok(Exit::Done)
}

fn check_section(section: &str) -> Result<(), Abort> {
    if SECTIONS.contains(&section) {
        return Ok(());
    }
    let report = Report::error(Code::Usage, format!("a profile has no section `{section}`"));
    let near = suggest(section, SECTIONS).map(|near| format!("did you mean `{near}`?"));
    Err(Abort::rejected(report.note(format!("sections are {}", SECTIONS.join(", "))).hint_if(near)))
}

fn document(value: &EffectiveValue) -> Value {
    json!({ "key": value.key, "value": value.value, "origin": value.provenance })
}

fn row(value: &EffectiveValue) -> Vec<String> {
    let shown = match &value.value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    vec![value.key.clone(), shown, value.provenance.to_string()]
}
