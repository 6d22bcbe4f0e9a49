//! A project's folder: `pipelines/*.sf`, `profiles/*.yml`, `functions/*.wasm`, `duckpen.toml`, `sqlflow.yml`, `.env`.
//!
//! Each value that these give can tell where it came from: [`Provenance`].

mod configuration;
mod dotenv;
mod duckpen_toml;
mod effective;
mod environment;
mod pipelines;
mod profiles;
mod provenance;
mod references;
mod sqlflow_yml;
mod toml;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use duckpen_connectors::{ConnectorError, ProjectFiles};
use duckpen_pipeline::{Profile, Value};
use duckpen_sandbox::Limits;
use duckpen_toolchains::MODULES;

use crate::abort::Abort;
use crate::output::{Code, Report};

pub use configuration::{ComponentSettings, Configuration, ConnectorConfiguration, LimitSettings, told};
pub use effective::{EffectiveValue, Overrides};
pub use environment::Environment;
pub use pipelines::Pipeline;
pub use profiles::ProfileFile;
pub use provenance::{Provenance, Setting};
pub use references::EnvironmentReference;

/// An opened project.
pub struct Project {
    pub files: Arc<ProjectFiles>,
    pub configuration: Configuration,
    pub environment: Environment,
}

impl Project {
    /// Opens the folder, and reads its configuration and its `.env`.
    pub fn open(folder: &Path) -> Result<Self, Abort> {
        let files = ProjectFiles::open(folder).map_err(|error| {
            let message = format!("the project cannot be opened: {error}");
            Abort::rejected(Report::error(Code::Usage, message).hint("name its folder with --project DIR"))
        })?;
        let configuration = Configuration::read(&files)?;
        let Setting { value: target, provenance } = &configuration.folders.target;
        let files = files.with_target(target).map_err(|error| {
            let message = format!("{provenance}: paths.target is no folder for what duckpen makes: {error}");
            Abort::refused(
                Report::error(Code::Escape, message).hint("name a folder within the project, such as \"target\""),
            )
        })?;
        let environment = Environment::read(&files)?;
        Ok(Self { files: Arc::new(files), configuration, environment })
    }

    /// Names of the files in a folder of the project that have an extension, sorted. A folder that is not there is empty.
    fn file_names(&self, folder: &str, extension: &str) -> Result<Vec<String>, Abort> {
        let what = format!("{folder}/ cannot be listed");
        let mut names = self.files.names(folder).map_err(|error| unreadable(Code::Usage, &what, &error))?;
        names.retain(|name| Path::new(name).extension().is_some_and(|found| found == extension));
        Ok(names)
    }

    /// The components of the project: every `*.wasm` of the folder of functions under its file's name, and those of duckpen.toml.
    pub fn components(&self) -> Result<Vec<ComponentSettings>, Abort> {
        let folder = &self.configuration.folders.functions.value;
        let found = self.file_names(folder, "wasm")?;
        let mut components = self.configuration.components(found.iter().map(|file| format!("{folder}/{file}")));
        // The component of the Python modules is no file of the project.
        let is_file = |path: &str| found.iter().any(|file| path == format!("{folder}/{file}"));
        components.retain(|component| component.name != MODULES || is_file(&component.path));
        Ok(components)
    }

    /// The limits of the component that is made of the project's Python modules.
    pub fn python_limits(&self) -> Limits {
        let configured = self.configuration.components(None).into_iter().find(|component| component.name == MODULES);
        configured.map_or_else(|| self.configuration.limits.limits.clone(), |component| component.limits)
    }

    /// Looks for pipelines where a profile says they are.
    pub fn follow(&mut self, profile: &Profile) {
        if let Some(pipelines) = profile.paths.get("pipelines") {
            self.configuration.folders.pipelines.value = pipelines.trim_end_matches('/').to_owned();
        }
    }

    /// The variables that the configuration gives to pipelines: `output_dir`, and those it names.
    pub fn variables(&self) -> BTreeMap<String, Setting<Value>> {
        let output = self.configuration.folders.output.iter().map(|output| {
            let Setting { value, provenance } = output.clone();
            ("output_dir".to_owned(), Setting { value: Value::Text(value), provenance })
        });
        output.chain(self.configuration.variables.clone()).collect()
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
