//! A project's folder: `pipelines/*.sf`, `profiles/*.yml`, `functions/*.wasm`, `duckpen.toml`.

mod configuration;
mod pipelines;
mod profiles;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use duckpen_connectors::{ConnectorError, ProjectFiles};
use duckpen_sandbox::Limits;
use duckpen_toolchains::MODULES;

use crate::abort::Abort;
use crate::output::{Code, Report};

pub use configuration::{ComponentSettings, Configuration};
pub use pipelines::Pipeline;

/// An opened project.
pub struct Project {
    pub files: Arc<ProjectFiles>,
    pub configuration: Configuration,
}

impl Project {
    /// Opens the folder and reads its configuration.
    pub fn open(folder: &Path) -> Result<Self, Abort> {
        let files = ProjectFiles::open(folder).map_err(|error| {
            let message = format!("the project cannot be opened: {error}");
            Abort::rejected(Report::error(Code::Usage, message).hint("name its folder with --project DIR"))
        })?;
        let configuration = Configuration::read(&files)?;
        Ok(Self { files: Arc::new(files), configuration })
    }

    /// Names of the files in a folder of the project that have an extension, sorted. A folder that is not there is empty.
    fn file_names(&self, folder: &str, extension: &str) -> Result<Vec<String>, Abort> {
        let path = self.files.root().join(folder);
        let entries = match path.read_dir() {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Abort::from(anyhow::Error::new(error).context(format!("cannot list {folder}/")))),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.with_context(|| format!("cannot list {folder}/"))?.file_name();
            if let Some(name) = name.to_str().filter(|name| Path::new(name).extension().is_some_and(|e| e == extension))
            {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The components of the project: every `functions/*.wasm` under its file's name, and those of duckpen.toml.
    pub fn components(&self) -> Result<Vec<ComponentSettings>, Abort> {
        let found = self.file_names("functions", "wasm")?;
        let mut components = self.configuration.components(found.iter().map(|file| format!("functions/{file}")));
        // The component of the Python modules is no file of the project.
        let is_file = |path: &str| found.iter().any(|file| path == format!("functions/{file}"));
        components.retain(|component| component.name != MODULES || is_file(&component.path));
        Ok(components)
    }

    /// The limits of the component that is made of the project's Python modules.
    pub fn python_limits(&self) -> Limits {
        let configured = self.configuration.components(None).into_iter().find(|component| component.name == MODULES);
        configured.map_or_else(|| self.configuration.limits.clone(), |component| component.limits)
    }

    /// Where a file of the project lies on the disk.
    pub fn locate(&self, place: &str) -> Result<PathBuf, ConnectorError> {
        let found = self.files.source(place)?;
        found.paths.into_iter().next().ok_or_else(|| ConnectorError::NotFound { place: place.to_owned() })
    }
}

/// A file of the project that cannot be read: refused where it lies outside, rejected otherwise.
pub fn unreadable(code: Code, what: &str, error: &ConnectorError) -> Abort {
    match error {
        ConnectorError::Escapes { .. } => {
            let report = Report::error(Code::Escape, format!("{what}: {error}"));
            Abort::refused(report.hint("places are relative to the project's folder"))
        }
        error => Abort::rejected(Report::error(code, format!("{what}: {error}"))),
    }
}
