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

/// What builds functions of JavaScript.
pub(super) struct Tools {
    pub(super) node: PathBuf,
    componentize: PathBuf,
}

impl Tools {
    /// Those that the function of a folder is built with.
    pub(super) fn find(language: &'static str, folder: &Path, install: &'static str) -> Result<Self, ToolchainError> {
        let missing = |tool| ToolchainError::Missing { language, tool, install };
        let node = process::find("node").ok_or(missing("node"))?;
        let componentize = package(folder, PACKAGE).ok_or(missing(PACKAGE))?;
        Ok(Self { node, componentize })
    }

    /// Makes the component of the modules in the job's folder, of which one is `function.js`.
    pub(super) fn componentize(&self, job: &Job<'_>) -> Result<Vec<u8>, ToolchainError> {
        copy_modules(&job.sdk, &job.work)?;
        sdk::write(&job.work.join("component.js"), SOURCE)?;
        let component = job.work.join("component.wasm");
        let mut command = Command::new(&self.node);
        command
            .current_dir(&job.work)
            .arg(job.sdk.join("build.mjs"))
            .arg(self.componentize.join("src/componentize.js"));
        command.arg("component.js").arg(job.sdk.join("wit")).arg(contract::WORLD).arg(&component);
        process::run(&mut command)?;
        super::read(&component)
    }
}

pub(crate) fn build(job: &Job<'_>) -> Result<Vec<u8>, ToolchainError> {
    let tools = Tools::find("JavaScript", &job.manifest.folder, INSTALL)?;
    copy_modules(&job.manifest.folder, &job.work)?;
    tools.componentize(job)
}

/// The engine takes relative paths only, so all modules lie in one folder.
fn copy_modules(from: &Path, to: &Path) -> Result<(), ToolchainError> {
    for source in super::sources(from, "js")? {
        let copy = to.join(source.file_name().unwrap_or_default());
        fs::copy(&source, &copy).map_err(|error| ToolchainError::io("write", &copy, error))?;
    }
    Ok(())
}

/// The folder of a package: in a `node_modules` of the function's folder or of one above it, or on NODE_PATH.
pub(super) fn package(folder: &Path, name: &str) -> Option<PathBuf> {
    let above = folder.ancestors().map(|folder| folder.join("node_modules"));
    let given = env::var_os("NODE_PATH").unwrap_or_default();
    let places: Vec<PathBuf> = above.chain(env::split_paths(&given)).collect();
    places.into_iter().map(|place| place.join(name)).find(|package| package.is_dir())
}
