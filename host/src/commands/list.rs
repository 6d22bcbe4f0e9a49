use serde_json::{Value, json};

use crate::abort::Abort;
use crate::arguments::{Format, ProjectOptions};
use crate::exit::Exit;
use crate::output::{Printer, table};
use crate::project::Project;

/// Lists the pipelines of a project.
pub fn list(options: &ProjectOptions, printer: &Printer) -> Result<Exit, Abort> {
    let mut project = Project::open(&options.project)?;
    let profile = project.profile_file(options.profile.as_deref())?;
    project.follow(&profile.profile);
    let pipelines = project.pipelines()?;
    match printer.format {
        Format::Json => {
            let documents = pipelines.iter().map(|pipeline| json!({ "name": pipeline.name, "path": pipeline.path }));
            printer.document(&documents.collect::<Value>());
        }
        Format::Text if pipelines.is_empty() => {
            printer.say(&project.no_pipelines());
        }
        Format::Text => {
            let rows = pipelines.into_iter().map(|pipeline| vec![pipeline.name, pipeline.path]);
            printer.data(&table(["pipeline", "file"], rows));
        }
    }
    Ok(Exit::Done)
}
