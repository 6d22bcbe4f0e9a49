//! `test`: every test of the workspace, those in the documentation too.

use crate::{
    commands::setup,
    failure::Result,
    guests::{self, Native},
    languages, postgres,
    process::Call,
    workspace::Workspace,
};

pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    setup::run(workspace)?;
    languages::install(workspace)?;
    postgres::install()?;
    call(workspace)?.args(arguments).run("run the tests")
}

/// The call that runs the tests. Guests that exist only as components are left out: they have nothing a test could be
/// linked to, and are tested through the host.
pub fn call(workspace: &Workspace) -> Result<Call> {
    let components = guests::find(workspace)?.into_iter().filter(|guest| guest.native == Native::Impossible);
    let excluded = components.flat_map(|guest| ["--exclude".to_owned(), guest.package]);
    Ok(workspace.cargo().args(["test", "--workspace"]).args(excluded))
}

/// Compiles the command. It is selected with the tests of the whole workspace: by itself its dependencies would have fewer
/// features, and the engine would be compiled once for the command and once for the tests.
pub fn compile_host(workspace: &Workspace) -> Result<()> {
    call(workspace)?.args(["--no-run", "--test", "cli"]).run("compile the host")
}
