use std::collections::BTreeMap;
use std::path::Path;

use duckpen_component_connectors::ComponentKind;
use duckpen_connectors::{ConnectorError, HostPattern, NetworkPolicy, ProjectFiles, TARGET};
use duckpen_functions::Names;
use duckpen_pipeline::{Problem, Value, mask_secret_lines};
use duckpen_sandbox::Limits;

use crate::abort::Abort;
use crate::output::{Code, Excerpt, Finding, Report};

use super::provenance::{Provenance, Setting};
use super::{duckpen_toml, sqlflow_yml, unreadable};

/// What the files duckpen.toml and sqlflow.yml say, checked. All of it is optional; duckpen.toml goes before sqlflow.yml. It
/// has no `Debug`: variables may be secrets.
pub struct Configuration {
    /// The project's name; that of its folder by default.
    pub name: Setting<String>,
    /// The profile that is used where none is named.
    pub default_profile: Setting<String>,
    /// Where things are.
    pub folders: Folders,
    /// Values of variables, which a profile may change.
    pub variables: BTreeMap<String, Setting<Value>>,
    /// Limits of functions.
    pub limits: LimitSettings,
    /// Limits of step handlers.
    pub step_limits: LimitSettings,
    /// Limits of connectors that are components.
    pub connector_limits: LimitSettings,
    /// Which hosts may be asked.
    pub network: NetworkPolicy,
    /// Connectors that are components of the project, or that get grants here, by their types.
    pub connectors: BTreeMap<String, ConnectorConfiguration>,
    /// What is odd about the files.
    pub warnings: Vec<Finding>,
    pub(super) components: BTreeMap<String, ComponentSettings>,
}

/// Reads the text of a file into a configuration, and gives what is wrong with it.
type Read = fn(&str, &mut Configuration) -> Vec<Problem>;

/// Folders of a project, relative to it.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The pipelines, `*.sf`.
    pub pipelines: Setting<String>,
    /// The profiles, `*.yml`.
    pub profiles: Setting<String>,
    /// The components, `*.wasm`.
    pub functions: Setting<String>,
    /// What duckpen makes beside the results: staged files, results of runs, what was built, DuckDB's spills.
    pub target: Setting<String>,
    /// What pipelines know as `${output_dir}`, where it is set.
    pub output: Option<Setting<String>>,
}

/// Limits, and where those come from that are not as by default.
#[derive(Debug, Clone)]
pub struct LimitSettings {
    pub limits: Limits,
    pub origins: BTreeMap<String, Provenance>,
}

/// A component of the project.
#[derive(Debug, Clone)]
pub struct ComponentSettings {
    pub name: String,
    /// Its file, relative to the project.
    pub path: String,
    pub limits: Limits,
    /// Where limits come from that are not as by default, by their names.
    pub limit_origins: BTreeMap<String, Provenance>,
    /// What its functions are called.
    pub names: Names,
}

/// What the configuration says of a connector that is a component.
#[derive(Debug, Clone)]
pub struct ConnectorConfiguration {
    /// Its file, relative to the project; none of one that comes with the command.
    pub component: Option<String>,
    /// Hosts that it may ask beside those of its own addresses.
    pub hosts: Vec<HostPattern>,
    /// Whether it reads files, in the place of a system that it would ask.
    pub reads_files: bool,
}

impl Configuration {
    /// Reads the files of a project; without them everything is as by default.
    pub fn read(files: &ProjectFiles) -> Result<Self, Abort> {
        let mut configuration = Self::standard(files.root());
        let mut findings = Vec::new();
        for (file, read) in
            [(sqlflow_yml::FILE, sqlflow_yml::read as Read), (duckpen_toml::FILE, duckpen_toml::read as Read)]
        {
            match files.read_text(file) {
                Ok(text) => {
                    let shown = mask_secret_lines(&text);
                    let problems = read(&text, &mut configuration).into_iter();
                    let prefix = format!("{file}: ");
                    findings.extend(problems.map(|problem| told(Code::Configuration, &prefix, problem, file, &shown)));
                }
                Err(ConnectorError::NotFound { .. }) => {}
                Err(error) => return Err(unreadable(Code::Configuration, "the configuration cannot be read", &error)),
            }
        }
        if findings.iter().any(Finding::is_error) {
            return Err(Abort { exit: crate::exit::Exit::Rejected, findings });
        }
        configuration.warnings = findings;
        Ok(configuration)
    }

    fn standard(root: &Path) -> Self {
        let name = root.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Self {
            name: Setting::default(name),
            default_profile: Setting::default("dev"),
            folders: Folders {
                pipelines: Setting::default("pipelines"),
                profiles: Setting::default("profiles"),
                functions: Setting::default("functions"),
                target: Setting::default(TARGET),
                output: None,
            },
            variables: BTreeMap::new(),
            limits: LimitSettings { limits: Limits::functions(), origins: BTreeMap::new() },
            step_limits: LimitSettings { limits: Limits::steps(), origins: BTreeMap::new() },
            connector_limits: LimitSettings { limits: ComponentKind::limits(), origins: BTreeMap::new() },
            network: NetworkPolicy::default(),
            connectors: BTreeMap::new(),
            warnings: Vec::new(),
            components: BTreeMap::new(),
        }
    }

    /// Where limits of a component come from that are not as by default.
    pub fn limit_origins(&self, component: &str) -> &BTreeMap<String, Provenance> {
        self.components.get(component).map_or(&self.limits.origins, |component| &component.limit_origins)
    }

    /// The configured components and those found as files, sorted by name.
    pub fn components(&self, found: impl IntoIterator<Item = String>) -> Vec<ComponentSettings> {
        let mut components = self.components.clone();
        for path in found {
            let is_configured = components.values().any(|component| component.path == path);
            let Some(name) = Path::new(&path).file_stem().and_then(|stem| stem.to_str()).map(str::to_owned) else {
                continue;
            };
            if !is_configured && !components.contains_key(&name) {
                let LimitSettings { limits, origins: limit_origins } = self.limits.clone();
                let names = Names::default();
                components.insert(name.clone(), ComponentSettings { name, path, limits, limit_origins, names });
            }
        }
        components.into_values().collect()
    }
}

/// A problem of a settings file as it is told, at its place. `text` is what may be shown of the file.
pub fn told(code: Code, prefix: &str, problem: Problem, file: &str, text: &str) -> Finding {
    let message = format!("{prefix}{}", problem.message);
    let report = if problem.is_error() { Report::error(code, message) } else { Report::warning(code, message) };
    let excerpt = problem.span.and_then(|span| Excerpt::of_span(file, text, span));
    report.at(excerpt).hint_if(problem.hint).into()
}
