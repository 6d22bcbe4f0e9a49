//! One file a language: what it needs, and how it is built.

pub(crate) mod c;
pub(crate) mod javascript;
pub(crate) mod python;
pub(crate) mod rust;
pub(crate) mod typescript;
pub(crate) mod zig;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::ToolchainError;

/// The sources of a folder with an extension, sorted.
fn sources(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, ToolchainError> {
    let entries = fs::read_dir(folder).map_err(|error| ToolchainError::io("list", folder, error))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension() == Some(OsStr::new(extension)))
        .collect();
    found.sort();
    Ok(found)
}

/// What a compiler has written.
fn read(path: &Path) -> Result<Vec<u8>, ToolchainError> {
    fs::read(path).map_err(|error| ToolchainError::io("read", path, error))
}
