//! C: zig compiles it too; else clang with wasi-libc. No file of it may use what WASI would have to do, such as printing.

use std::process::Command;

use super::zig;
use crate::build::Job;
use crate::{ToolchainError, contract, process};

const INSTALL: &str = "pip install ziglang (or: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32)";

/// Names under which distributions install clang.
const CLANG: [&str; 2] = ["clang", "clang-19"];

pub(crate) fn build(job: &Job<'_>) -> Result<Vec<u8>, ToolchainError> {
    let module = job.work.join("module.wasm");
    let mut command = compiler()?;
    command.args(["-mexec-model=reactor", "-O3", "-flto", "-Wall", "-Wl,--strip-debug"]);
    command.arg("-I").arg(&job.sdk).arg("-o").arg(&module);
    command.args(super::sources(&job.manifest.folder, "c")?);
    command.args(["duckpen.c", "functions.c"].map(|source| job.sdk.join(source)));
    process::run(&mut command)?;
    contract::embed(super::read(&module)?)
}

fn compiler() -> Result<Command, ToolchainError> {
    if let Some(zig) = zig::program() {
        let mut command = Command::new(zig);
        command.args(["cc", "-target", "wasm32-wasi"]).arg(format!("-mcpu={}", zig::CPU));
        return Ok(command);
    }
    let clang = CLANG.into_iter().find_map(process::find);
    let clang = clang.ok_or(ToolchainError::Missing { language: "C", tool: "zig or clang", install: INSTALL })?;
    let mut command = Command::new(clang);
    command.args(["--target=wasm32-wasi", "-msimd128", "-mbulk-memory"]);
    Ok(command)
}
