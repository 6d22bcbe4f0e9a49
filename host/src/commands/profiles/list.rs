use duckpen_pipeline::EngineMode;
use serde_json::{Value, json};

use crate::abort::Abort;
use crate::arguments::{FolderOptions, Format};
use crate::exit::Exit;
use crate::output::{Printer, table};
use crate::project::{ProfileFile, Project};

/// Lists the profiles of a project.
pub fn list(options: &FolderOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project)?;
    let names = project.profile_names()?;
    let default = &project.configuration.default_profile.value;
    let mut files = Vec::new();
    for name in &names {
        files.push(project.profile_file(Some(name))?);
    }
    match printer.format {
        Format::Json => printer.document(&files.iter().map(|file| document(file, default)).collect::<Value>()),
        Format::Text if files.is_empty() => {
            let folder = &project.configuration.folders.profiles.value;
            printer.say(&format!("the project has no profiles: they are the files {folder}/*.yml"));
        }
        Format::Text => {
            let rows = files.iter().map(|file| row(file, default));
            printer.data(&table(["profile", "file", "database", "variables", "connectors", ""], rows));
        }
    }
    Ok(Exit::Done)
}

fn database(file: &ProfileFile) -> &str {
    match &file.profile.engine.mode {
        EngineMode::Memory => "in memory",
        EngineMode::Persistent { path } => path,
    }
}

fn errors(file: &ProfileFile) -> usize {
    file.findings.iter().filter(|finding| finding.is_error()).count()
}

fn document(file: &ProfileFile, default: &str) -> Value {
    let path = match &file.profile.engine.mode {
        EngineMode::Memory => None,
        EngineMode::Persistent { path } => Some(path),
    };
    let profile = &file.profile;
    json!({
        "name": file.name,
        "path": file.path,
        "is_default": file.name == default,
        "database": path,
        "variables": profile.variables.keys().chain(profile.unset.keys()).collect::<Vec<_>>(),
        "connectors": profile.connectors.keys().collect::<Vec<_>>(),
        "errors": errors(file),
    })
}

fn row(file: &ProfileFile, default: &str) -> Vec<String> {
    let profile = &file.profile;
    let remark = match errors(file) {
        0 if file.name == default => "default",
        0 => "",
        _ => "has errors",
    };
    vec![
        file.name.clone(),
        file.path.clone().unwrap_or_default(),
        database(file).to_owned(),
        (profile.variables.len() + profile.unset.len()).to_string(),
        profile.connectors.keys().cloned().collect::<Vec<_>>().join(", "),
        remark.to_owned(),
    ]
}
