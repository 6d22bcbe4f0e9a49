//! What is made of what: as text, as JSON, as a page.

mod document;
mod text;

use std::path::PathBuf;

use clap::Args;

use crate::abort::Abort;
use crate::arguments::{Format, ProjectOptions};
use crate::catalogue::{Catalogue, Scope};
use crate::exit::Exit;
use crate::output::{Code, Printer, Report};
use crate::site;

#[derive(Debug, Args)]
pub struct LineageOptions {
    /// Name of the pipeline, or path of its file; all of the project without it
    pub pipeline: Option<String>,
    #[command(flatten)]
    pub project: ProjectOptions,
    /// Columns too: what each is made of
    #[arg(long)]
    pub columns: bool,
    /// Write the graph as one HTML page that needs nothing else
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Shows what is made of what. Pipelines are compiled and their queries bound; nothing is run.
pub fn lineage(options: &LineageOptions, printer: &Printer) -> Result<Exit, Abort> {
    let scope = options.pipeline.as_deref().map_or(Scope::Project, Scope::Pipeline);
    let catalogue = Catalogue::of(&options.project, &scope)?;
    printer.findings(&catalogue.findings);
    if let Some(file) = &options.html {
        let page = duckpen_docs::lineage_page(&site::of(&catalogue, &options.project)?)
            .map_err(|error| Abort::from(anyhow::Error::new(error)))?;
        site::write(file, &page)?;
        printer.say(&format!("wrote {}", file.display()));
        return Ok(Exit::Done);
    }
    match printer.format {
        Format::Json => printer.document(&document::document(&catalogue)),
        Format::Text if catalogue.graph.nodes().is_empty() => {
            let report = Report::warning(Code::Usage, "there is nothing to show: no pipeline makes anything");
            printer.findings(&[report.into()]);
        }
        Format::Text if options.columns => printer.data(&text::columns(&catalogue)),
        Format::Text => printer.data(&text::tree(&catalogue)),
    }
    Ok(Exit::Done)
}
