use std::path::PathBuf;

use clap::Args;

use crate::abort::Abort;
use crate::arguments::{Format, ProjectOptions};
use crate::catalogue::{Catalogue, Scope};
use crate::exit::Exit;
use crate::output::Printer;
use crate::site;

#[derive(Debug, Args)]
pub struct DocsOptions {
    /// Folder for the page index.html, or an HTML file; by default target/docs of the project
    #[arg(long, value_name = "DIR|FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub project: ProjectOptions,
}

/// Writes the documentation of a project: one HTML page that needs nothing else.
pub fn docs(options: &DocsOptions, printer: &Printer) -> Result<Exit, Abort> {
    let catalogue = Catalogue::of(&options.project, &Scope::Project)?;
    printer.findings(&catalogue.findings);
    let page = duckpen_docs::docs_page(&site::of(&catalogue, &options.project)?)
        .map_err(|error| Abort::from(anyhow::Error::new(error)))?;
    let out = options.out.clone().unwrap_or_else(|| catalogue.workbench.project.files.in_target("docs"));
    let is_file = out.extension().is_some_and(|extension| extension == "html" || extension == "htm");
    let file = if is_file { out } else { out.join("index.html") };
    site::write(&file, &page)?;
    match printer.format {
        Format::Json => printer.document(&serde_json::json!({ "file": file, "bytes": page.len() })),
        Format::Text => printer.data(&file.display().to_string()),
    }
    Ok(Exit::Done)
}
