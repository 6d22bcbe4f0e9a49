//! Rust: cargo, for `wasm32-unknown-unknown`. The module carries its contract already.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::build::Job;
use crate::{ToolchainError, process};

const TARGET: &str = "wasm32-unknown-unknown";
const INSTALL: &str = "curl https://sh.rustup.rs -sSf | sh && rustup target add wasm32-unknown-unknown";

/// Instructions every engine of this host has: five times faster on texts.
const FLAGS: &str = "-C target-feature=+simd128";

pub(crate) fn build(job: &Job<'_>) -> Result<Vec<u8>, ToolchainError> {
    let missing = |tool| ToolchainError::Missing { language: "Rust", tool, install: INSTALL };
    let cargo = process::find("cargo").ok_or(missing("cargo"))?;
    let mut command = Command::new(cargo);
    command.current_dir(&job.manifest.folder).args(["build", "--release", "--lib", "--target", TARGET]);
    command
        .args(["--message-format", "json-render-diagnostics"])
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.replace(' ', "\u{1f}"));
    if env::var_os("CARGO_TARGET_DIR").is_none() {
        command.arg("--target-dir").arg(job.work.with_file_name("cargo"));
    }
    let messages = process::run(&mut command).map_err(|error| match error {
        ToolchainError::Compiler { output, .. } if output.contains("can't find crate for `core`") => {
            missing("the standard library for WebAssembly")
        }
        error => error,
    })?;
    let module = module(&messages);
    let module = module.ok_or_else(|| ToolchainError::Contract {
        reason: "no WebAssembly module: Cargo.toml wants `crate-type = [\"cdylib\"]` in [lib]".to_owned(),
    })?;
    super::read(&module)
}

/// The module among the files that cargo says it has made; the last crate is the function's.
fn module(messages: &[u8]) -> Option<PathBuf> {
    let lines = messages.split(|byte| *byte == b'\n');
    let files = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let files = files.filter_map(|message| message["filenames"].as_array().cloned()).flatten();
    files
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .rfind(|file| file.extension().is_some_and(|e| e == "wasm"))
}
