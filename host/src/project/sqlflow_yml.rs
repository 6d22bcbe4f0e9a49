use duckpen_pipeline::{Entry, Node, Problem, SettingsReader, Severity, Value};

use super::configuration::Configuration;
use super::provenance::{Provenance, Setting};

pub const FILE: &str = "sqlflow.yml";

/// Keys that are read, and those that are there and do nothing here.
const SECTIONS: &[&str] = &[
    "name",
    "version",
    "description",
    "author",
    "default_profile",
    "paths",
    "variables",
    "project",
    "pipelines",
    "profiles",
    "udfs",
    "outputs",
];

/// Folders of SQLFlow that hold nothing of a pipeline's.
const OTHER_FOLDERS: &[&str] = &[
    "pipelines",
    "profiles",
    "models",
    "macros",
    "connectors",
    "tests",
    "udfs",
    "output",
    "outputs",
    "data",
    "target",
];

const PYTHON_FUNCTIONS: &str = "python_udfs";

/// Reads sqlflow.yml into a configuration: `name`, `default_profile`, `paths` and `variables`, or `project.name` and
/// `pipelines.directory`. Keys that are not known are warnings.
pub fn read(text: &str, configuration: &mut Configuration) -> Vec<Problem> {
    let document = match Node::from_yaml(text) {
        Ok(document) => document,
        Err(problem) => return vec![problem],
    };
    let mut reader = Reader { text, found: SettingsReader::default() };
    reader.document(&document, configuration);
    reader.found.problems
}

struct Reader<'a> {
    text: &'a str,
    found: SettingsReader,
}

impl Reader<'_> {
    fn document(&mut self, document: &Node, configuration: &mut Configuration) {
        let top = self.found.table(document, "the configuration");
        let (moved, others): (Vec<Entry>, Vec<Entry>) =
            top.iter().cloned().partition(|entry| entry.key == "engines" || entry.key == "connectors");
        for entry in moved {
            let message = format!("'{}' is not read here", entry.key);
            self.found.warning(message, &entry.key_span).hint = Some("it belongs into a profile".to_owned());
        }
        self.found.known(Severity::Warning, &others, SECTIONS, "");
        let project = self.found.section(top, "project", "'project' section");
        self.found.known(Severity::Warning, project, &["name", "version", "description", "author"], " in 'project'");
        self.set(&mut configuration.name, project, "name", "project.name");
        self.set(&mut configuration.name, top, "name", "name");
        self.set(&mut configuration.default_profile, top, "default_profile", "default_profile");
        let paths = self.found.section(top, "paths", "'paths' section");
        self.found.known(Severity::Warning, paths, OTHER_FOLDERS, " in 'paths'");
        let folders = &mut configuration.folders;
        for (folder, key) in [(&mut folders.pipelines, "pipelines"), (&mut folders.profiles, "profiles")] {
            let section = self.found.section(top, key, &format!("'{key}' section"));
            self.set(folder, section, "directory", &format!("{key}.directory"));
            self.set(folder, paths, key, &format!("paths.{key}"));
            folder.value = folder.value.trim_end_matches('/').to_owned();
        }
        self.set(&mut folders.target, paths, "target", "paths.target");
        let outputs = self.found.section(top, "outputs", "'outputs' section");
        let mut output = Setting::default("");
        self.set(&mut output, outputs, "directory", "outputs.directory");
        if output.provenance != Provenance::Default {
            output.value = output.value.trim_end_matches('/').to_owned();
            configuration.folders.output = Some(output);
        }
        let functions = self.found.section(top, "udfs", "'udfs' section");
        if let Some((folder, span)) = self.found.text(functions, "directory", "'udfs.directory'")
            && folder.trim_end_matches('/') != PYTHON_FUNCTIONS
        {
            let message = format!("functions in Python are looked for in {PYTHON_FUNCTIONS}/, not in {folder}");
            self.found.warning(message, &span).hint = Some(format!("rename the folder to {PYTHON_FUNCTIONS}"));
        }
        for entry in self.found.section(top, "variables", "'variables' section") {
            match Value::try_from(entry.node.to_json()) {
                Ok(value) => {
                    let provenance = Provenance::of_byte(FILE, self.text, entry.node.span.start);
                    configuration.variables.insert(entry.key.clone(), Setting { value, provenance });
                }
                Err(error) => {
                    self.found.error(format!("variable '{}': {error}", entry.key), &entry.node.span);
                }
            }
        }
    }

    fn set(&mut self, setting: &mut Setting<String>, section: &[Entry], key: &str, title: &str) {
        if let Some((value, span)) = self.found.text(section, key, &format!("'{title}'")) {
            *setting = Setting { value, provenance: Provenance::of_byte(FILE, self.text, span.start) };
        }
    }
}
