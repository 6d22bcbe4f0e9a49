//! The compilers of languages other than Rust, for the examples that are written in them: packages of Python and of Node,
//! in folders of their own under the target folder, where the tests look for them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    failure::{Failure, Result},
    process::Call,
    workspace::Workspace,
};

const PYTHON_PACKAGES: [&str; 2] = ["componentize-py==0.25.*", "ziglang==0.17.*"];
const NODE_PACKAGES: [&str; 2] = ["@bytecodealliance/componentize-js@0.23", "typescript@5.9"];
/// In each folder: what was installed there, written when it was done.
const STAMP: &str = ".installed";

/// Installs what is not there yet. A machine without Python or Node, or without a way to their packages, is no failure: the
/// tests name the languages that they leave out.
pub fn install(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("languages");
    for (name, install) in [("venv", python as fn(&Path) -> Result<()>), ("npm", node)] {
        if let Err(failure) = install(&folder.join(name)) {
            eprintln!("{failure}the languages that need it are left out of the tests");
        }
    }
    Ok(())
}

fn python(folder: &Path) -> Result<()> {
    once(folder, &PYTHON_PACKAGES.join(" "), || {
        let python = Call::new("python3").args(["-m", "venv"]).arg(folder);
        python.hint("install Python with its module `venv`").run("make a place for packages of Python")?;
        let pip = Call::new(folder.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check"]);
        pip.args(PYTHON_PACKAGES)
            .output_to_stderr()
            .run("install the compilers of Python, C and Zig, in which some of the examples are written")
    })
}

fn node(folder: &Path) -> Result<()> {
    once(folder, &NODE_PACKAGES.join(" "), || {
        let npm = Call::new("npm").args(["install", "--no-audit", "--no-fund", "--loglevel", "error", "--prefix"]);
        npm.arg(folder)
            .args(NODE_PACKAGES)
            .output_to_stderr()
            .hint("install Node, version 20 or later")
            .run("install the compilers of JavaScript and TypeScript, in which some of the examples are written")
    })
}

/// Does it unless it was done, for the same packages.
fn once(folder: &Path, packages: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp: PathBuf = folder.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == packages) {
        return Ok(());
    }
    // What npm adds to a folder that has other packages can be incomplete.
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Failure::io("empty", folder, &error))?;
    }
    fs::create_dir_all(folder).map_err(|error| Failure::io("make", folder, &error))?;
    install()?;
    fs::write(&stamp, packages).map_err(|error| Failure::io("write", &stamp, &error))
}
