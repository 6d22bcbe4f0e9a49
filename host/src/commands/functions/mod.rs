//! The functions of a project's components.

mod info;
mod list;
mod statistics;
mod validate;

use clap::{Args, Subcommand};

use crate::abort::Abort;
use crate::arguments::FunctionsOptions;
use crate::exit::Exit;
use crate::output::Printer;

pub use info::InfoOptions;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct FunctionsCommand {
    #[command(subcommand)]
    pub action: Option<FunctionsAction>,
    #[command(flatten)]
    pub list: FunctionsOptions,
}

#[derive(Debug, Subcommand)]
pub enum FunctionsAction {
    /// List the functions, as without a word
    List(FunctionsOptions),
    /// Tell all there is to know of a function
    Info(InfoOptions),
    /// Load every component, and say what is wrong with it
    Validate(FunctionsOptions),
}

/// Does what the command line says.
pub fn functions(command: &FunctionsCommand, printer: &Printer) -> Result<Exit, Abort> {
    match &command.action {
        None => list::list(&command.list, printer),
        Some(FunctionsAction::List(options)) => list::list(options, printer),
        Some(FunctionsAction::Info(options)) => info::info(options, printer),
        Some(FunctionsAction::Validate(options)) => validate::validate(options, printer),
    }
}
