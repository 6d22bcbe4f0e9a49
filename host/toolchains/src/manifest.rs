//! `functions/NAME/function.toml` and `connectors/NAME/connector.toml`: what makes a folder a component that can be built.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{Language, ToolchainError};

/// What a component is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Functions for SQL.
    Function,
    /// A source or a sink of rows.
    Connector,
}

impl Kind {
    /// Both.
    pub const ALL: [Kind; 2] = [Self::Function, Self::Connector];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Connector => "connector",
        }
    }

    /// The folder of a project in which the folders of such components are.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Function => "functions",
            Self::Connector => "connectors",
        }
    }

    /// The file that makes a folder one.
    pub(crate) fn file(self) -> String {
        format!("{}.toml", self.as_str())
    }
}

/// A component's folder.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// What it is.
    pub kind: Kind,
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

    fn read(kind: Kind, folder: PathBuf) -> Result<Self, ToolchainError> {
        let path = folder.join(kind.file());
        let text = fs::read_to_string(&path).map_err(|error| ToolchainError::io("read", &path, error))?;
        let wrong = |reason: String| ToolchainError::Manifest { path: path.clone(), reason };
        let document: Document = toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
        let language = Language::named(&document.language).ok_or_else(|| {
            let known = Language::ALL.map(Language::as_str).join(", ");
            wrong(format!("there is no language `{}`; languages are {known}", document.language))
        })?;
        if kind == Kind::Connector && language != Language::Rust {
            return Err(wrong(format!("connectors are written in {}, not in {language}", Language::Rust)));
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { kind, name, folder, language })
    }
}

/// The components of a project that can be built, functions before connectors, each by name.
///
/// # Errors
/// When a folder cannot be listed, or a `function.toml` or `connector.toml` cannot be used.
pub fn find(project: &Path) -> Result<Vec<Manifest>, ToolchainError> {
    let mut manifests = Vec::new();
    for kind in Kind::ALL {
        let place = project.join(kind.folder());
        if !place.is_dir() {
            continue;
        }
        let entries = fs::read_dir(&place).map_err(|error| ToolchainError::io("list", &place, error))?;
        let folders = entries.flatten().map(|entry| entry.path());
        let mut folders: Vec<PathBuf> = folders.filter(|folder| folder.join(kind.file()).is_file()).collect();
        folders.sort();
        for folder in folders {
            manifests.push(Manifest::read(kind, folder)?);
        }
    }
    Ok(manifests)
}
