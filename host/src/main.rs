//! The `duckpen` command: arguments, composition, printing.
//!
//! Each command is one file of `commands` and answers with an [`exit::Exit`]. `project` reads a project's folder, `python`
//! builds its Python functions, `workbench` composes the rooms, `run` runs a plan, `output` owns standard output and standard error.

mod abort;
mod arguments;
mod catalogue;
mod commands;
mod components;
mod connectors;
mod database;
mod exit;
mod function_tests;
mod history;
mod limits;
mod output;
mod plan_file;
mod project;
mod python;
mod run;
mod scaffold;
mod selection;
mod site;
mod words;
mod workbench;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::output::{Printer, install_log};

fn main() -> ExitCode {
    if let Some(exit) = duckpen_sandbox::answer_as_compiler(std::env::args().skip(1)) {
        return exit;
    }
    let arguments = Arguments::parse();
    let printer = Printer::new(&arguments.output);
    let outcome = install_log(&arguments.output).and_then(|()| commands::execute(&arguments.command, &printer));
    let exit = outcome.unwrap_or_else(|abort| {
        printer.rejected(&abort.findings);
        abort.exit
    });
    exit.into()
}
