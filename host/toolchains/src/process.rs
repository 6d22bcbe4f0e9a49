//! Calling compilers.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::ToolchainError;

/// A program on the search path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let candidates = env::split_paths(&path).map(|folder| folder.join(format!("{program}{}", env::consts::EXE_SUFFIX)));
    candidates.into_iter().find(|candidate| candidate.is_file())
}

/// Calls a program, expects success, and returns what it wrote to standard output.
pub(crate) fn run(command: &mut Command) -> Result<Vec<u8>, ToolchainError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| ToolchainError::io("start", program.as_ref(), error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let printed = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    Err(ToolchainError::Compiler {
        program,
        status: output.status.to_string(),
        output: String::from_utf8_lossy(printed).trim_end().to_owned(),
    })
}
