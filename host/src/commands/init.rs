use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::abort::Abort;
use crate::arguments::Format;
use crate::exit::Exit;
use crate::output::{Printer, word};
use crate::scaffold::{self, Extent};

#[derive(Debug, Args)]
pub struct InitOptions {
    /// Folder of the new project; it is made where it is missing
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// Only configuration and profiles, no pipeline and no data
    #[arg(long)]
    pub minimal: bool,
    /// Folder in which the new one is made, as SQLFlow has it
    #[arg(long, short, value_name = "DIR", hide = true)]
    pub directory: Option<PathBuf>,
}

/// Writes a project that runs at once.
pub fn init(options: &InitOptions, printer: &Printer) -> Result<Exit, Abort> {
    let given = match &options.directory {
        Some(parent) => parent.join(&options.folder),
        None => options.folder.clone(),
    };
    let folder = std::path::absolute(&given).context("the current folder cannot be found")?;
    let name = folder.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
    let extent = if options.minimal { Extent::Minimal } else { Extent::Runnable };
    let files = scaffold::project(&name, extent);
    scaffold::write(&folder, &files)?;
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    match printer.format {
        Format::Json => printer.document(&json!({ "name": name, "folder": folder, "files": paths })),
        Format::Text => {
            printer.data(&paths.join("\n"));
            let project = if given == Path::new(".") {
                String::new()
            } else {
                format!(" --project {}", word(&given.display().to_string()))
            };
            printer.say(&match extent {
                Extent::Runnable => format!("`duckpen run orders{project}` runs the pipeline"),
                Extent::Minimal => format!("`duckpen new pipeline NAME{project}` writes a pipeline"),
            });
        }
    }
    Ok(Exit::Done)
}
