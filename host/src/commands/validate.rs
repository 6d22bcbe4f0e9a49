use duckpen_observe::numbers::counted;
use serde_json::{Value, json};

use crate::abort::Abort;
use crate::arguments::{Format, ValidateOptions};
use crate::exit::Exit;
use crate::output::{Finding, Printer};
use crate::workbench::Workbench;

/// Looks for mistakes in one pipeline or all; the worst decides how the command ends.
pub fn validate(options: &ValidateOptions, printer: &Printer) -> Result<Exit, Abort> {
    let workbench = Workbench::open(&options.project)?;
    let names = match &options.pipeline {
        Some(name) => vec![name.clone()],
        None => workbench.project.pipelines()?.into_iter().map(|pipeline| pipeline.path).collect(),
    };
    let tables = workbench.known_tables(&options.project)?;
    let mut documents = Vec::new();
    let mut exit = Exit::Done;
    for name in names {
        let pipeline = workbench.pipeline(&name)?;
        let checked = workbench.check(&pipeline, &tables)?;
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
        printer.document(&json!({ "status": status(exit), "pipelines": documents }));
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
