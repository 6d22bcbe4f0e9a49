//! Calling compilers.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

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

/// How often a program that runs is looked after.
const GLANCE: Duration = Duration::from_millis(20);

/// Calls a program and expects success within a time. What it prints waits in a file of the folder `work`.
pub(crate) fn run_within(command: &mut Command, time: Duration, work: &Path) -> Result<(), ToolchainError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let printed = work.join("printed");
    let file = File::create(&printed).map_err(|error| ToolchainError::io("write", &printed, error))?;
    let copy = file.try_clone().map_err(|error| ToolchainError::io("write", &printed, error))?;
    let failed = |error| ToolchainError::io("start", program.as_ref(), error);
    let mut child = command.stdin(Stdio::null()).stdout(file).stderr(copy).spawn().map_err(failed)?;
    let began = Instant::now();
    let status: ExitStatus = loop {
        match child.try_wait().map_err(failed)? {
            Some(status) => break status,
            None if began.elapsed() >= time => {
                child.kill().and_then(|()| child.wait()).map_err(failed)?;
                return Err(ToolchainError::Endless { program, seconds: time.as_secs() });
            }
            None => thread::sleep(GLANCE),
        }
    };
    if status.success() {
        return Ok(());
    }
    let output = fs::read(&printed).unwrap_or_default();
    let output = String::from_utf8_lossy(&output).trim_end().to_owned();
    Err(ToolchainError::Compiler { program, status: status.to_string(), output })
}
