use duckpen_observe::numbers::counted;
use serde_json::{Value, json};

use super::profiles;
use crate::abort::Abort;
use crate::arguments::{Format, ValidateOptions};
use crate::data_tests::DataTests;
use crate::exit::Exit;
use crate::output::{Finding, Printer};
use crate::project::Project;
use crate::python;
use crate::workbench::Workbench;

/// Looks for mistakes in one pipeline or all, and then in the profiles too; the worst decides how the command ends.
pub fn validate(options: &ValidateOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project.project)?;
    let own = project.profile_file(options.project.profile.as_deref())?;
    let mut profiles = Vec::new();
    if options.pipeline.is_none() {
        for name in project.profile_names()? {
            profiles.push(profiles::check(&project, &name)?);
        }
    }
    // With all pipelines, the profile's mistakes are told among those of the profiles, and keep no pipeline from being looked
    // at with what could be read.
    let (profile, warnings) = if options.pipeline.is_none() { (own.profile, Vec::new()) } else { own.usable()? };
    let workbench = Workbench::with_profile(&options.project, project, profile, warnings)?;
    printer.findings(&workbench.warnings);
    // By names to be shown, and what finds them.
    let pipelines = match &options.pipeline {
        Some(name) => vec![(name.clone(), name.clone())],
        None => workbench
            .project
            .pipelines()?
            .into_iter()
            .map(|pipeline| (pipeline.name, pipeline.path))
            .collect::<Vec<_>>(),
    };
    let tables = match (workbench.known_tables(&options.project), &options.pipeline) {
        (Err(abort), Some(_)) => return Err(abort),
        // What is wrong with the profile's database is among the mistakes of the profiles.
        (tables, _) => tables.unwrap_or_default(),
    };
    let python = python::Inspector::new(&workbench, &options.project, printer);
    let tests = DataTests::new(&workbench, &options.project);
    let mut documents = Vec::new();
    let mut exit = Exit::Done;
    let mut of_profiles = Vec::new();
    for profile in &profiles {
        let errors = profile.findings.iter().filter(|finding| finding.is_error()).count();
        if errors > 0 {
            exit = Exit::Rejected;
        }
        match printer.format {
            Format::Json => of_profiles.push(json!({
                "profile": profile.name,
                "status": status(if errors == 0 { Exit::Done } else { Exit::Rejected }),
                "diagnostics": profile.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
            })),
            Format::Text => {
                printer.findings(&profile.findings);
                if errors > 0 {
                    let path = profile.path.as_deref().unwrap_or(&profile.name);
                    printer.data(&format!("rejected  {path}  {}", counted(errors as u64, "error")));
                }
            }
        }
    }
    if pipelines.is_empty() && printer.format == Format::Text {
        printer.say(&workbench.project.no_pipelines());
    }
    for (name, path) in pipelines {
        let pipeline = match workbench.pipeline(&path) {
            Ok(pipeline) => pipeline,
            Err(abort) if options.pipeline.is_some() => return Err(abort),
            // One that cannot be read keeps no other from being looked at.
            Err(abort) => {
                if exit != Exit::Refused {
                    exit = abort.exit;
                }
                match printer.format {
                    Format::Json => documents.push(document(&name, abort.exit, &abort.findings)),
                    Format::Text => {
                        printer.findings(&abort.findings);
                        printer.data(&format!("rejected  {name}  {}", counted(abort.findings.len() as u64, "error")));
                    }
                }
                continue;
            }
        };
        let mut checked = workbench.check(&pipeline, &tables)?;
        python.look(&mut checked)?;
        tests.look(&mut checked)?;
        let own = checked.outcome.as_ref().err().copied().unwrap_or(Exit::Done);
        if exit != Exit::Refused && own != Exit::Done {
            exit = own;
        }
        match printer.format {
            Format::Json => documents.push(document(&pipeline.name, own, &checked.findings)),
            Format::Text => {
                printer.findings(&checked.findings);
                let errors = checked.findings.iter().filter(|finding| finding.is_error()).count();
                printer.data(&match &checked.outcome {
                    Ok(approved) => {
                        format!("ok  {}  {}", pipeline.name, counted(approved.plan.steps.len() as u64, "step"))
                    }
                    Err(_) => format!("rejected  {}  {}", pipeline.name, counted(errors as u64, "error")),
                });
            }
        }
    }
    if printer.format == Format::Json {
        printer.document(&json!({ "status": status(exit), "pipelines": documents, "profiles": of_profiles }));
    }
    Ok(exit)
}

fn document(pipeline: &str, exit: Exit, findings: &[Finding]) -> Value {
    let diagnostics = findings.iter().map(Finding::to_json).collect::<Vec<_>>();
    json!({ "pipeline": pipeline, "status": status(exit), "diagnostics": diagnostics })
}

fn status(exit: Exit) -> &'static str {
    if exit == Exit::Done { "valid" } else { "rejected" }
}
