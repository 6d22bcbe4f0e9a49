//! The profiles of a project.

mod list;
mod show;
mod validate;

use clap::Subcommand;

use crate::abort::Abort;
use crate::arguments::FolderOptions;
use crate::exit::Exit;
use crate::output::Printer;

pub use show::ShowOptions;
pub use validate::{ValidateProfilesOptions, check};

#[derive(Debug, Subcommand)]
pub enum ProfilesCommand {
    /// List the profiles of the project
    List(FolderOptions),
    /// Show what is in force with a profile
    Show(ShowOptions),
    /// Look for mistakes in one profile or all
    Validate(ValidateProfilesOptions),
}

/// Does what the command line says.
pub fn profiles(command: &ProfilesCommand, printer: &Printer) -> Result<Exit, Abort> {
    match command {
        ProfilesCommand::List(options) => list::list(options, printer),
        ProfilesCommand::Show(options) => show::show(options, printer),
        ProfilesCommand::Validate(options) => validate::validate(options, printer),
    }
}
