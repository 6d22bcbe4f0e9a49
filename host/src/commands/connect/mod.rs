//! The connectors of a profile.

mod files;
mod list;
mod objects;
mod rows;
mod test;

use clap::Subcommand;

use crate::abort::Abort;
use crate::arguments::ProjectOptions;
use crate::exit::Exit;
use crate::output::Printer;

pub use test::TestOptions;

#[derive(Debug, Subcommand)]
pub enum ConnectCommand {
    /// List the connectors of the profile
    List(ProjectOptions),
    /// Try one connector or all
    Test(TestOptions),
}

/// Does what the command line says.
pub fn connect(command: &ConnectCommand, printer: &Printer) -> Result<Exit, Abort> {
    match command {
        ConnectCommand::List(options) => list::list(options, printer),
        ConnectCommand::Test(options) => test::test(options, printer),
    }
}
