use clap::Args;
use duckpen_observe::numbers::counted;
use duckpen_sandbox::parse_bytes;
use serde_json::{Value, json};

use crate::abort::Abort;
use crate::arguments::{FolderOptions, Format};
use crate::exit::Exit;
use crate::output::{Code, Excerpt, Finding, Printer, Report};
use crate::project::{ProfileFile, Project};

#[derive(Debug, Args)]
pub struct ValidateProfilesOptions {
    /// Name of the profile; all of the project without it
    pub name: Option<String>,
    #[command(flatten)]
    pub project: FolderOptions,
}

/// Looks for mistakes in one profile or all.
pub fn validate(options: &ValidateProfilesOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project.project)?;
    let names = match &options.name {
        Some(name) => vec![name.clone()],
        None => project.profile_names()?,
    };
    printer.findings(&project.configuration.warnings);
    let mut exit = Exit::Done;
    let mut documents = Vec::new();
    for name in &names {
        let file = check(&project, name)?;
        let errors = file.findings.iter().filter(|finding| finding.is_error()).count();
        if errors > 0 {
            exit = Exit::Rejected;
        }
        match printer.format {
            Format::Json => documents.push(document(&file, errors)),
            Format::Text => {
                printer.findings(&file.findings);
                let path = file.path.as_deref().unwrap_or("no file: everything is as by default");
                printer.data(&match errors {
                    0 => format!("ok  {name}  {path}"),
                    errors => format!("rejected  {name}  {path}  {}", counted(errors as u64, "error")),
                });
            }
        }
    }
    if printer.format == Format::Json {
        printer.document(&json!({ "status": status(exit == Exit::Done), "profiles": documents }));
    } else if names.is_empty() {
        printer.say("the project has no profiles");
    }
    Ok(exit)
}

/// A profile with all that can be found wrong with it without using it.
pub fn check(project: &Project, name: &str) -> Result<ProfileFile, Abort> {
    let mut file = project.profile_file(Some(name))?;
    let Some(path) = &file.path else { return Ok(file) };
    let mut found = Vec::new();
    for value in &file.profile.values {
        let at = Excerpt::of_span(path, &file.text, value.span.clone());
        if value.key == "engines.duckdb.memory_limit" && value.shown.as_str().is_some_and(|t| parse_bytes(t).is_none())
        {
            let report = Report::error(Code::Profile, "'engines.duckdb.memory_limit' is not a size");
            found.push(report.at(at.clone()).hint("write a size such as 2GB or 512MiB").into());
        }
        // Those of the engine are errors already.
        if value.key.starts_with("engines.") {
            continue;
        }
        for reference in value.references.iter().filter(|reference| !reference.is_set && !reference.has_default) {
            let is_variable = value.key.starts_with("connectors.")
                && (file.profile.variables.contains_key(&reference.name)
                    || project.variables().contains_key(&reference.name));
            if !is_variable {
                let message = format!("'{}' refers to {}, which is not set", value.key, reference.name);
                let hint =
                    format!("set it in the environment or in .env, or give a default: ${{{}|...}}", reference.name);
                found.push(Report::warning(Code::Profile, message).at(at.clone()).hint(hint).into());
            }
        }
    }
    file.findings.extend(found);
    Ok(file)
}

fn document(file: &ProfileFile, errors: usize) -> Value {
    json!({
        "profile": file.name,
        "path": file.path,
        "status": status(errors == 0),
        "diagnostics": file.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
    })
}

fn status(is_valid: bool) -> &'static str {
    if is_valid { "valid" } else { "rejected" }
}
