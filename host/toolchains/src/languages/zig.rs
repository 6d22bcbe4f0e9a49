//! Zig: one program, which brings a C library for WebAssembly with it.

use std::path::PathBuf;
use std::process::Command;

use crate::build::Job;
use crate::{ToolchainError, contract, process};

pub(super) const INSTALL: &str = "pip install ziglang";

/// As the package of Python names it, and everybody else.
const PROGRAMS: [&str; 2] = ["zig", "python-zig"];

/// Instructions every engine of this host has.
pub(super) const CPU: &str = "generic+simd128+bulk_memory";

/// The compiler, if it is there.
pub(super) fn program() -> Option<PathBuf> {
    PROGRAMS.into_iter().find_map(process::find)
}

pub(crate) fn build(job: &Job<'_>) -> Result<Vec<u8>, ToolchainError> {
    let zig = program().ok_or(ToolchainError::Missing { language: "Zig", tool: "zig", install: INSTALL })?;
    let module = job.work.join("module.wasm");
    let mut command = Command::new(zig);
    command.current_dir(&job.manifest.folder).args(["build-exe", "-fno-entry", "-rdynamic", "-fstrip", "-lc"]);
    command.args(["-target", "wasm32-wasi", "-mcpu", CPU, "-mexec-model=reactor", "-O", "ReleaseFast"]);
    command.arg(format!("-femit-bin={}", module.display()));
    command.args(["duckpen.c", "functions.c"].map(|source| job.sdk.join(source)));
    command.args(["--dep", "duckpen", "-Mroot=function.zig"]);
    command.arg(format!("-Mduckpen={}", job.sdk.join("duckpen.zig").display()));
    process::run(&mut command)?;
    contract::embed(super::read(&module)?)
}
