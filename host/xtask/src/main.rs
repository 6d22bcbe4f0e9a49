//! Set-up, demo, tests and checks of this repository. Depends on the standard library alone, so that it starts at once
//! on a fresh machine; everything else is done by the programs it calls, each announced with the reason.

mod commands;
mod duckdb;
mod failure;
mod fingerprint;
mod guests;
mod languages;
mod mutations;
mod parity;
mod peers;
mod postgres;
mod process;
mod wasm_std;
mod workspace;

use std::process::ExitCode;

use commands::Invocation;
use workspace::Workspace;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = Invocation::parse(&arguments).and_then(|invocation| match invocation {
        Invocation::Help => {
            print!("{}", commands::HELP);
            Ok(())
        }
        invocation => invocation.run(&Workspace::locate()?),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprint!("{failure}");
            ExitCode::from(failure.exit_code)
        }
    }
}
