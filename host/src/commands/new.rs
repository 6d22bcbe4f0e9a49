use duckpen_toolchains::new;
use serde_json::json;

use super::build::not_built;
use crate::abort::Abort;
use crate::arguments::{Format, NewFunctionOptions};
use crate::exit::Exit;
use crate::output::Printer;
use crate::project::Project;

/// Writes what a function begins with.
pub fn function(options: &NewFunctionOptions, printer: &Printer) -> Result<Exit, Abort> {
    let NewFunctionOptions { name, lang, project } = options;
    let project = Project::open(&project.project)?;
    let created = new(project.files.root(), *lang, name).map_err(|error| not_built(&error))?;
    match printer.format {
        Format::Json => {
            printer.document(&json!({ "name": name, "language": lang.as_str(), "files": created.files }));
        }
        Format::Text => {
            let files = created.files.iter().map(|file| format!("functions/{name}/{file}"));
            printer.data(&files.collect::<Vec<_>>().join("\n"));
            printer.say(&format!("`duckpen build {name}` makes the component, `duckpen test {name}` tries it"));
        }
    }
    Ok(Exit::Done)
}
