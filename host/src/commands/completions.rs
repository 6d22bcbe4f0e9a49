use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};
use serde_json::json;

use crate::abort::Abort;
use crate::arguments::{Arguments, Format};
use crate::exit::Exit;
use crate::output::Printer;

#[derive(Debug, Args)]
pub struct CompletionsOptions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Prints what completes the command line in a shell.
pub fn completions(options: &CompletionsOptions, printer: &Printer) -> Result<Exit, Abort> {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(options.shell, &mut command, name, &mut script);
    let script = String::from_utf8_lossy(&script);
    match printer.format {
        Format::Json => printer.document(&json!({ "shell": options.shell.to_string(), "script": script })),
        Format::Text => printer.data(&script),
    }
    Ok(Exit::Done)
}
