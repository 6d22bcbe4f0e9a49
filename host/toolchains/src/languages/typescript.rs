//! TypeScript: its compiler checks the types and leaves JavaScript, of which the component is made.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::javascript::{self, Tools};
use crate::build::Job;
use crate::{ToolchainError, process, sdk};

const LANGUAGE: &str = "TypeScript";
const PACKAGE: &str = "typescript";
const INSTALL: &str = "npm install typescript@5.9 @bytecodealliance/componentize-js@0.23";

pub(crate) fn build(job: &Job<'_>) -> Result<Vec<u8>, ToolchainError> {
    let folder = &job.manifest.folder;
    let tools = Tools::find(LANGUAGE, folder, INSTALL)?;
    let missing = ToolchainError::Missing { language: LANGUAGE, tool: PACKAGE, install: INSTALL };
    let compiler = javascript::package(folder, PACKAGE).ok_or(missing)?;
    let settings = job.work.join("tsconfig.json");
    sdk::write(&settings, &settings_of(job)?)?;
    let mut command = Command::new(&tools.node);
    // Where the compiler runs is what its messages' file names are relative to.
    command.current_dir(folder).arg(compiler.join("bin/tsc")).arg("--project").arg(&settings);
    process::run(&mut command)?;
    tools.componentize(job)
}

/// What the compiler is told. The declarations of our modules need not lie beside the function.
fn settings_of(job: &Job<'_>) -> Result<String, ToolchainError> {
    let folder = &job.manifest.folder;
    let declarations = |path: &Path| path.to_string_lossy().ends_with(".d.ts");
    let sources: Vec<_> = super::sources(folder, "ts")?.into_iter().filter(|path| !declarations(path)).collect();
    let settings = json!({
        "compilerOptions": {
            "strict": true,
            "noEmitOnError": true,
            "pretty": false,
            "target": "es2022",
            "lib": ["es2022"],
            "types": [],
            "module": "es2022",
            "moduleResolution": "bundler",
            "rootDirs": [folder, job.sdk],
            "rootDir": folder,
            "outDir": job.work,
        },
        "files": sources,
    });
    Ok(format!("{settings:#}\n"))
}
