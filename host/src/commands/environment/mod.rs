//! The variables of the environment that a project refers to.

mod check;
mod get;
mod list;
mod template;

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::abort::Abort;
use crate::arguments::FolderOptions;
use crate::exit::Exit;
use crate::output::Printer;
use crate::project::{EnvironmentReference, Project};

pub use check::CheckOptions;
pub use get::GetOptions;
pub use list::ListOptions;

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct EnvironmentCommand {
    #[command(subcommand)]
    pub action: Option<EnvironmentAction>,
    #[command(flatten)]
    pub list: ListOptions,
}

#[derive(Debug, Subcommand)]
pub enum EnvironmentAction {
    /// List the variables, as without a word
    List(ListOptions),
    /// Print the value of a variable, secrets as ***
    Get(GetOptions),
    /// Look whether every variable that has no default is set
    Check(CheckOptions),
    /// Print what .env may look like
    Template(ReferenceOptions),
}

#[derive(Debug, Args)]
pub struct ReferenceOptions {
    /// Profile that may say where the pipelines are; the default one without it
    #[arg(long, short, value_name = "NAME")]
    pub profile: Option<String>,
    #[command(flatten)]
    pub project: FolderOptions,
}

/// Does what the command line says.
pub fn environment(command: &EnvironmentCommand, printer: &Printer) -> Result<Exit, Abort> {
    match &command.action {
        None => list::list(&command.list, printer),
        Some(EnvironmentAction::List(options)) => list::list(options, printer),
        Some(EnvironmentAction::Get(options)) => get::get(options, printer),
        Some(EnvironmentAction::Check(options)) => check::check(options, printer),
        Some(EnvironmentAction::Template(options)) => template::template(options, printer),
    }
}

/// A project with the variables it refers to.
struct Surveyed {
    project: Project,
    references: BTreeMap<String, EnvironmentReference>,
}

impl Surveyed {
    fn open(options: &ReferenceOptions) -> Result<Self, Abort> {
        let mut project = Project::open(&options.project.project)?;
        let profile = project.profile_file(options.profile.as_deref())?;
        project.follow(&profile.profile);
        let references = project.environment_references()?;
        Ok(Self { project, references })
    }

    /// In a word or two.
    fn state(&self, name: &str, reference: &EnvironmentReference) -> String {
        match (self.project.environment.get(name), self.project.environment.line(name)) {
            (Some(_), Some(line)) => format!("set in .env:{line}"),
            (Some(_), None) => "set".to_owned(),
            (None, _) if reference.has_default => "default".to_owned(),
            (None, _) => "not set".to_owned(),
        }
    }

    fn document(&self, name: &str, reference: &EnvironmentReference) -> Value {
        json!({
            "name": name,
            "is_set": self.project.environment.get(name).is_some(),
            "set_in": self.project.environment.line(name).map(|line| format!(".env:{line}")),
            "has_default": reference.has_default,
            "is_secret": reference.is_secret,
            "places": reference.places,
        })
    }
}
