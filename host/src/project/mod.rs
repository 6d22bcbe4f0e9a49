//! A project's folder: `pipelines/*.sf`, `profiles/*.yml`, `functions/*.wasm`, `duckpen.toml`.

mod configuration;
mod pipelines;
mod profiles;

use std::path::Path;
use std::sync::Arc;

use duckpen_connectors::{ConnectorError, ProjectFiles};

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
        let what = format!("{folder}/ cannot be listed");
        let mut names = self.files.names(folder).map_err(|error| unreadable(Code::Usage, &what, &error))?;
        names.retain(|name| Path::new(name).extension().is_some_and(|found| found == extension));
        Ok(names)
    }

    /// The components of the project: every `functions/*.wasm` under its file's name, and those of duckpen.toml.
    pub fn components(&self) -> Result<Vec<ComponentSettings>, Abort> {
        let found = self.file_names("functions", "wasm")?;
        Ok(self.configuration.components(found.iter().map(|file| format!("functions/{file}"))))
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
