//! JavaScript: componentize-js puts the modules and SpiderMonkey into one component.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::Job;
use crate::{ToolchainError, contract, process, sdk};

const PACKAGE: &str = "@bytecodealliance/componentize-js";
const INSTALL: &str = "npm install @bytecodealliance/componentize-js@0.23";

/// The module the component is made of: importing the function's module declares what is in it.
const SOURCE: &str = "import \"./function.js\";\n\
                      export { scalarExports as scalar, aggregateExports as aggregate } from \"./duckpen.js\";\n";

pub(crate) fn build(job: &Job<'_>) -> Result<Vec<u8>, ToolchainError> {
    let missing = |tool| ToolchainError::Missing { language: "JavaScript", tool, install: INSTALL };
    let node = process::find("node").ok_or(missing("node"))?;
    let package = package(&job.manifest.folder).ok_or(missing(PACKAGE))?;
    // The engine takes relative paths only, so all modules lie in one folder.
    for folder in [&job.manifest.folder, &job.sdk] {
        for source in super::sources(folder, "js")? {
            let copy = job.work.join(source.file_name().unwrap_or_default());
            fs::copy(&source, &copy).map_err(|error| ToolchainError::io("write", &copy, error))?;
        }
    }
    sdk::write(&job.work.join("component.js"), SOURCE)?;
    let component = job.work.join("component.wasm");
    let mut command = Command::new(node);
    command.current_dir(&job.work).arg(job.sdk.join("build.mjs")).arg(package.join("src/componentize.js"));
    command.arg("component.js").arg(job.sdk.join("wit")).arg(contract::WORLD).arg(&component);
    process::run(&mut command)?;
    super::read(&component)
}

/// The folder of the package: in a `node_modules` of the function's folder or of one above it, or on NODE_PATH.
fn package(folder: &Path) -> Option<PathBuf> {
    let above = folder.ancestors().map(|folder| folder.join("node_modules"));
    let given = env::var_os("NODE_PATH").unwrap_or_default();
    let places: Vec<PathBuf> = above.chain(env::split_paths(&given)).collect();
    places.into_iter().map(|place| place.join(PACKAGE)).find(|package| package.is_dir())
}
