//! Python: componentize-py puts the modules and CPython into one component, with the modules imported already.

use std::path::PathBuf;
use std::process::Command;

use crate::build::Job;
use crate::{ToolchainError, contract, process, sdk};

pub(crate) const INSTALL: &str = "pip install 'componentize-py==0.25.*'";

/// The module the component is made of: importing the function's module declares what is in it.
const MODULE: &str = "component";
const SOURCE: &str = "import function\nfrom duckpen._component import Aggregate, Scalar\n";

/// Where componentize-py is.
pub(crate) fn compiler() -> Result<PathBuf, ToolchainError> {
    const TOOL: &str = "componentize-py";
    process::find(TOOL).ok_or(ToolchainError::Missing { language: "Python", tool: TOOL, install: INSTALL })
}

pub(crate) fn build(job: &Job<'_>) -> Result<Vec<u8>, ToolchainError> {
    let program = compiler()?;
    sdk::write(&job.work.join(format!("{MODULE}.py")), SOURCE)?;
    let component = job.work.join("component.wasm");
    let mut command = Command::new(program);
    command.current_dir(&job.work).arg("-d").arg(job.sdk.join("wit")).args(["-w", contract::WORLD]);
    command.args(["componentize", "--stub-wasi", MODULE, "-p", "."]);
    for folder in [&job.manifest.folder, &job.sdk] {
        command.arg("-p").arg(folder);
    }
    command.arg("-o").arg(&component);
    process::run(&mut command)?;
    super::read(&component)
}
