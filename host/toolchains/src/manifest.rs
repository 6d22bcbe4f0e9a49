//! `functions/NAME/function.toml`: what makes a folder a function that can be built.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{Language, ToolchainError};

const FILE: &str = "function.toml";

/// A function's folder.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The name of the folder, and of the component.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// The language it is written in.
    pub language: Language,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    language: String,
}

impl Manifest {
    /// The text of a new one.
    pub(crate) fn text(language: Language) -> String {
        format!("language = \"{language}\"\n")
    }

    /// Where its component is put.
    pub fn component(&self) -> PathBuf {
        self.folder.with_extension("wasm")
    }

    fn read(folder: PathBuf) -> Result<Self, ToolchainError> {
        let path = folder.join(FILE);
        let text = fs::read_to_string(&path).map_err(|error| ToolchainError::io("read", &path, error))?;
        let wrong = |reason: String| ToolchainError::Manifest { path: path.clone(), reason };
        let document: Document = toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
        let language = Language::named(&document.language).ok_or_else(|| {
            let known = Language::ALL.map(Language::as_str).join(", ");
            wrong(format!("there is no language `{}`; languages are {known}", document.language))
        })?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, folder, language })
    }
}

/// The functions of a project that can be built, by name.
///
/// # Errors
/// When a folder cannot be listed, or a `function.toml` cannot be used.
pub fn find(project: &Path) -> Result<Vec<Manifest>, ToolchainError> {
    let functions = project.join("functions");
    if !functions.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(&functions).map_err(|error| ToolchainError::io("list", &functions, error))?;
    let mut folders: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|folder| folder.join(FILE).is_file()).collect();
    folders.sort();
    folders.into_iter().map(Manifest::read).collect()
}
