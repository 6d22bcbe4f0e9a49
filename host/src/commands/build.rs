use duckpen_pipeline::suggest;
use duckpen_toolchains::{Built, Kind, Manifest, ToolchainError, build as build_function, find};
use serde_json::{Value, json};

use crate::abort::Abort;
use crate::arguments::{BuildOptions, Format};
use crate::exit::Exit;
use crate::output::{Code, Finding, Printer, Report};
use crate::project::Project;

/// Builds the components of the project: functions and connectors. One that fails keeps none of the others from being built.
pub fn build(options: &BuildOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project.project)?;
    let manifests = manifests(&project, options.name.as_deref())?;
    if manifests.is_empty() && printer.format == Format::Text {
        let message = "the project has no functions or connectors to build: `duckpen new function --lang LANGUAGE NAME` and \
                       `duckpen new connector NAME` write one";
        printer.say(message);
    }
    let mut exit = Exit::Done;
    let mut documents = Vec::new();
    for manifest in &manifests {
        let outcome =
            build_function(project.files.root(), project.files.target(), manifest).map_err(|error| not_built(&error));
        if let Err(abort) = &outcome {
            // Of several failures the one counts that keeps anything from being tried.
            exit = if exit == Exit::Rejected { exit } else { abort.exit };
        }
        match (printer.format, outcome) {
            (Format::Json, outcome) => documents.push(document(manifest, &outcome)),
            (Format::Text, Ok(built)) => printer.data(&line(manifest, &built)),
            (Format::Text, Err(abort)) => {
                printer.data(&format!("failed  {}  {}", manifest.name, manifest.language));
                printer.findings(&abort.findings);
            }
        }
    }
    if printer.format == Format::Json {
        // Those of connectors have a list of their own.
        let (connectors, functions): (Vec<_>, Vec<_>) =
            documents.into_iter().partition(|document: &Value| document["kind"] == Kind::Connector.as_str());
        printer.document(&json!({ "functions": functions, "connectors": connectors }));
    }
    Ok(exit)
}

/// The component of a name, or all of a project.
pub fn manifests(project: &Project, name: Option<&str>) -> Result<Vec<Manifest>, Abort> {
    let found = find(project.files.root()).map_err(|error| not_built(&error))?;
    let Some(name) = name else { return Ok(found) };
    // A function and a connector may have one name.
    let named: Vec<_> = found.iter().filter(|manifest| manifest.name == name).cloned().collect();
    match named.is_empty() {
        false => Ok(named),
        true => {
            let report = Report::error(Code::Usage, format!("there is no function or connector `{name}` to build"));
            let near = suggest(name, found.iter().map(|manifest| &*manifest.name));
            let hint = near.map(|near| format!("there is `{near}`"));
            let report = report.hint(
                "it would be the folder functions/NAME with a function.toml in it, or connectors/NAME with a connector.toml",
            );
            Err(Abort::rejected(report.hint_if(hint)))
        }
    }
}

/// Why a component is not written or not built.
pub fn not_built(error: &ToolchainError) -> Abort {
    let report = |code| Report::error(code, error.to_string());
    match error {
        ToolchainError::Missing { install, .. } => {
            Abort::rejected(report(Code::Tool).hint(format!("install it with `{install}`")))
        }
        ToolchainError::Name { .. } => Abort::rejected(report(Code::Usage)),
        ToolchainError::Exists { .. } => Abort::rejected(report(Code::Usage).hint("choose another name")),
        ToolchainError::Manifest { .. } => Abort::rejected(report(Code::Configuration)),
        ToolchainError::Outside { .. } => {
            Abort::refused(report(Code::Escape).hint("modules are files of the project's own folder"))
        }
        ToolchainError::TooLarge { .. } => Abort::rejected(report(Code::Build)),
        ToolchainError::Compiler { .. } | ToolchainError::Contract { .. } | ToolchainError::Endless { .. } => {
            Abort { exit: Exit::Failed, findings: vec![report(Code::Build).into()] }
        }
        ToolchainError::Io { .. } => Abort { exit: Exit::HostFault, findings: vec![report(Code::HostFault).into()] },
    }
}

fn line(manifest: &Manifest, built: &Built) -> String {
    let Manifest { name, language, .. } = manifest;
    match built {
        Built::Compiled(bytes) => format!("built  {name}  {language}  {:.1} KiB", *bytes as f64 / 1024.0),
        Built::UpToDate => format!("fresh  {name}  {language}"),
    }
}

fn document(manifest: &Manifest, outcome: &Result<Built, Abort>) -> Value {
    let (status, bytes) = match outcome {
        Ok(Built::Compiled(bytes)) => ("built", Some(*bytes)),
        Ok(Built::UpToDate) => ("fresh", None),
        Err(_) => ("failed", None),
    };
    let findings = outcome.as_ref().err().map_or(&[][..], |abort| &abort.findings);
    json!({
        "name": manifest.name,
        "kind": manifest.kind.as_str(),
        "language": manifest.language.as_str(),
        "status": status,
        "bytes": bytes,
        "diagnostics": findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
    })
}
