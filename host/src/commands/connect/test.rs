use clap::Args;
use duckpen_pipeline::{Connector, suggest};
use serde_json::{Map, Value, json};

use super::{files, objects, rows};
use crate::abort::Abort;
use crate::arguments::{Format, ProjectOptions};
use crate::exit::Exit;
use crate::output::{Code, Printer, Report};
use crate::workbench::Workbench;

#[derive(Debug, Args)]
pub struct TestOptions {
    /// Name of the connector; all of the profile without it
    pub name: Option<String>,
    #[command(flatten)]
    pub project: ProjectOptions,
}

/// What came of trying a connector.
#[derive(Debug, Default)]
pub struct Tried {
    /// What was tried and went well, in order.
    pub passed: Vec<String>,
    /// What did not.
    pub failure: Option<Failure>,
}

/// Why a connector cannot be used.
#[derive(Debug)]
pub struct Failure {
    /// What was tried, and what happened.
    pub message: String,
    /// What can be done.
    pub hint: Option<String>,
    /// How the command ends because of it.
    pub exit: Exit,
}

/// Tries connectors of a profile, one after the other. One that fails keeps none of the others from being tried.
pub fn test(options: &TestOptions, printer: &Printer) -> Result<Exit, Abort> {
    let workbench = Workbench::open(&options.project)?;
    printer.findings(&workbench.warnings);
    let mut exit = Exit::Done;
    let mut documents = Vec::new();
    let connectors = selected(&workbench, options.name.as_deref())?;
    if connectors.is_empty() {
        printer.say("the profile has no connectors: they stand in its section `connectors`");
    }
    for (name, connector) in connectors {
        let tried = try_one(&workbench, name, connector)?;
        if let Some(failure) = &tried.failure {
            exit = if exit == Exit::Refused { exit } else { failure.exit };
        }
        match printer.format {
            Format::Json => documents.push(tried.document(name, connector)),
            Format::Text => tried.print(name, connector, printer),
        }
    }
    if printer.format == Format::Json {
        let status = if exit == Exit::Done { "passed" } else { "failed" };
        printer.document(&json!({ "status": status, "connectors": documents }));
    }
    Ok(exit)
}

fn selected<'a>(workbench: &'a Workbench, name: Option<&str>) -> Result<Vec<(&'a str, &'a Connector)>, Abort> {
    let all = workbench.profile.connectors.iter().map(|(name, connector)| (name.as_str(), connector));
    let Some(name) = name else { return Ok(all.collect()) };
    if let Some(found) = all.clone().find(|(known, _)| *known == name) {
        return Ok(vec![found]);
    }
    let known: Vec<&str> = all.map(|(name, _)| name).collect();
    let report = Report::error(Code::Usage, format!("the profile has no connector `{name}`"));
    let report = if known.is_empty() { report } else { report.note(format!("connectors are {}", known.join(", "))) };
    Err(Abort::rejected(report.hint_if(suggest(name, known).map(|near| format!("did you mean `{near}`?")))))
}

/// Tries a connector in the way of its type.
fn try_one(workbench: &Workbench, name: &str, connector: &Connector) -> Result<Tried, Abort> {
    if let Err(missing) = connector.merged(&Map::new(), &workbench.variables) {
        let hint = "set them in the environment, in .env, in the profile or with --vars";
        return Ok(Tried::failed(format!("its parameters: {missing}"), Some(hint.to_owned())));
    }
    match connector.connector_type.as_str() {
        "csv" | "parquet" | "json" | "arrow" | "excel" => files::test(workbench, name, connector),
        "s3" => Ok(objects::test(workbench, connector)),
        other if workbench.kinds.brought_format(other).is_some() => files::test(workbench, name, connector),
        other => Ok(match workbench.kinds.row_format(other) {
            Some(format) => rows::test(workbench, &format, connector),
            None => {
                let brought: String = workbench.kinds.names().map(|name| format!(", {name}")).collect();
                Tried::failed(
                    format!("connectors of the type `{other}` cannot be tried"),
                    Some(format!("types are csv, parquet, json, arrow, excel, postgres, sqlite, duckdb, s3{brought}")),
                )
            }
        }),
    }
}

impl Tried {
    /// A failure before anything went well.
    pub fn failed(message: String, hint: Option<String>) -> Self {
        Self::default().and_failed(message, hint)
    }

    /// What went well before, and then a failure.
    pub fn and_failed(mut self, message: String, hint: Option<String>) -> Self {
        self.failure = Some(Failure { message, hint, exit: Exit::Failed });
        self
    }

    fn print(&self, name: &str, connector: &Connector, printer: &Printer) {
        let word = if self.failure.is_none() { "ok" } else { "failed" };
        let passed = self.passed.join(", ");
        printer.data(format!("{word}  {name}  {}  {passed}", connector.connector_type).trim_end());
        if let Some(failure) = &self.failure {
            let message = format!("connector `{name}`: {}", failure.message);
            let report = Report::error(Code::Connector, message).hint_if(failure.hint.clone());
            printer.findings(&[report.into()]);
        }
    }

    fn document(&self, name: &str, connector: &Connector) -> Value {
        json!({
            "name": name,
            "type": connector.connector_type,
            "status": if self.failure.is_none() { "passed" } else { "failed" },
            "passed": self.passed,
            "failure": self.failure.as_ref().map(|failure| json!({
                "message": failure.message,
                "hint": failure.hint,
            })),
        })
    }
}
