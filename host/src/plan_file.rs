//! Compiled plans in files: `duckpen compile --output-dir` writes them, `duckpen run FILE.json` runs them. Those that
//! SQLFlow has compiled are of the same shape.

use std::path::{Path, PathBuf};

use anyhow::Context;
use duckpen_connectors::ConnectorError;
use duckpen_pipeline::Plan;

use crate::abort::Abort;
use crate::exit::Exit;
use crate::output::{Code, Report, unwritable};
use crate::project::{Pipeline, Project};

/// Whether a name on the command line is the file of a plan.
pub fn is_plan(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// Reads the file of a plan: a place in the project, or a path from the current folder.
pub fn read(project: &Project, name: &str) -> Result<Pipeline, Abort> {
    let text = match project.files.read_text(name) {
        Ok(text) => text,
        Err(inside @ (ConnectorError::NotFound { .. } | ConnectorError::Escapes { .. })) => {
            std::fs::read_to_string(name).map_err(|outside| {
                let is_missing = outside.kind() == std::io::ErrorKind::NotFound;
                let because = if is_missing { inside.to_string() } else { outside.to_string() };
                let report = Report::error(Code::Usage, format!("the plan `{name}` cannot be read: {because}"));
                Abort::rejected(report.hint("`duckpen compile NAME --output-dir target/compiled` writes one"))
            })?
        }
        Err(error) => {
            return Err(Abort::rejected(Report::error(
                Code::Usage,
                format!("the plan `{name}` cannot be read: {error}"),
            )));
        }
    };
    let name = name.to_owned();
    Ok(Pipeline { path: name.clone(), name, text })
}

/// Makes sure that nothing was left out of a plan when it was written down.
pub fn check_whole(plan: &Plan, path: &str) -> Result<(), Abort> {
    let missing = plan.hidden_values();
    if missing.is_empty() {
        return Ok(());
    }
    let hint = "compile it with --show-secrets, run the pipeline itself, or name a connector of the profile in it";
    let finding = |(step, name)| {
        let message =
            format!("{path}: the value of `{name}` of step `{step}` was left out of the plan, as it is secret");
        Report::error(Code::PlanFile, message).hint(hint).into()
    };
    Err(Abort { exit: Exit::Rejected, findings: missing.into_iter().map(finding).collect() })
}

/// Writes a plan to `FOLDER/PIPELINE.json`.
pub fn write(folder: &Path, plan: &Plan) -> Result<PathBuf, Abort> {
    let name = plan.pipeline.replace(['/', '\\'], "_");
    let path = folder.join(format!("{name}.json"));
    let text = serde_json::to_string_pretty(&plan.to_json()).context("the plan is no JSON")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, text + "\n"))
        .map_err(|error| unwritable(&path, &error))?;
    Ok(path)
}
