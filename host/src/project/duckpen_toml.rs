use std::ops::Range;

use duckpen_connectors::{HostPattern, NetworkPolicy};
use duckpen_functions::Names;
use duckpen_pipeline::{Entry, Node, NodeValue, Problem, SettingsReader, Severity, Value, suggest};
use duckpen_sandbox::{LimitError, Limits};
use serde_json::Value as Json;

use super::configuration::{ComponentSettings, Configuration, ConnectorConfiguration, LimitSettings};
use super::provenance::{Provenance, Setting};
use super::toml;

pub const FILE: &str = "duckpen.toml";

const SECTIONS: &[&str] = &[
    "project",
    "paths",
    "variables",
    "limits",
    "step_limits",
    "connector_limits",
    "components",
    "connectors",
    "network",
];

/// Reads duckpen.toml into a configuration. Keys that are not known are errors, so that a misspelt limit does not go
/// unnoticed.
pub fn read(text: &str, configuration: &mut Configuration) -> Vec<Problem> {
    let (document, problems) = toml::parse(text);
    if !problems.is_empty() {
        return problems;
    }
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
        self.known(top, SECTIONS, "");
        let project = self.found.section(top, "project", "[project]");
        self.known(project, &["name", "default_profile"], " in [project]");
        self.set(&mut configuration.name, project, "name", "project.name");
        self.set(&mut configuration.default_profile, project, "default_profile", "project.default_profile");
        self.folders(top, configuration);
        for entry in self.found.section(top, "variables", "[variables]") {
            match Value::try_from(entry.node.to_json()) {
                Ok(value) => {
                    configuration.variables.insert(entry.key.clone(), self.setting(value, &entry.node));
                }
                Err(error) => {
                    self.found.error(format!("variable '{}': {error}", entry.key), &entry.node.span);
                }
            }
        }
        let limits = self.found.section(top, "limits", "[limits]");
        self.limits(&mut configuration.limits, limits, "limits");
        let limits = self.found.section(top, "step_limits", "[step_limits]");
        self.limits(&mut configuration.step_limits, limits, "step_limits");
        let limits = self.found.section(top, "connector_limits", "[connector_limits]");
        self.limits(&mut configuration.connector_limits, limits, "connector_limits");
        self.network(top, configuration);
        for entry in self.found.section(top, "connectors", "[connectors]") {
            let connector = self.connector(entry);
            configuration.connectors.insert(entry.key.to_lowercase(), connector);
        }
        for entry in self.found.section(top, "components", "[components]") {
            let component = self.component(entry, configuration);
            configuration.components.insert(entry.key.clone(), component);
        }
    }

    fn folders(&mut self, top: &[Entry], configuration: &mut Configuration) {
        let paths = self.found.section(top, "paths", "[paths]");
        self.known(paths, &["pipelines", "profiles", "functions", "target", "output"], " in [paths]");
        let folders = &mut configuration.folders;
        for (folder, key) in [
            (&mut folders.pipelines, "pipelines"),
            (&mut folders.profiles, "profiles"),
            (&mut folders.functions, "functions"),
            (&mut folders.target, "target"),
        ] {
            self.set(folder, paths, key, &format!("paths.{key}"));
            folder.value = folder.value.trim_end_matches('/').to_owned();
        }
        if let Some((output, span)) = self.found.text(paths, "output", "'paths.output'") {
            let provenance = Provenance::of_byte(FILE, self.text, span.start);
            folders.output = Some(Setting { value: output.trim_end_matches('/').to_owned(), provenance });
        }
    }

    fn component(&mut self, Entry { key: name, node, .. }: &Entry, configuration: &Configuration) -> ComponentSettings {
        let component = self.found.table(node, &format!("[components.{name}]"));
        self.known(component, &["path", "limits", "prefix", "rename"], &format!(" in [components.{name}]"));
        let path = self.found.text(component, "path", &format!("'components.{name}.path'")).map(|(path, _)| path);
        let functions = &configuration.folders.functions.value;
        let path = path.unwrap_or_else(|| format!("{functions}/{name}.wasm"));
        let mut own = configuration.limits.clone();
        let section = format!("components.{name}.limits");
        let limits = self.found.section(component, "limits", &format!("[{section}]"));
        self.limits(&mut own, limits, &section);
        let names = self.names(component, name);
        ComponentSettings { name: name.clone(), path, limits: own.limits, limit_origins: own.origins, names }
    }

    /// What the functions of a component are called.
    fn names(&mut self, component: &[Entry], name: &str) -> Names {
        let mut names = Names::default();
        if let Some((prefix, span)) = self.found.text(component, "prefix", &format!("'components.{name}.prefix'"))
            && let Err(reason) = names.set_prefix(&prefix)
        {
            self.found.error(format!("components.{name}.prefix: {reason}"), &span);
        }
        let section = format!("components.{name}.rename");
        for entry in self.found.section(component, "rename", &format!("[{section}]")) {
            let title = format!("'{section}.{}'", entry.key);
            if let Some((other, span)) = self.found.text(std::slice::from_ref(entry), &entry.key, &title)
                && let Err(reason) = names.rename(&entry.key, &other)
            {
                self.found.error(format!("{section}.{}: {reason}", entry.key), &span);
            }
        }
        names
    }

    /// Which hosts may be asked, and how.
    fn network(&mut self, top: &[Entry], configuration: &mut Configuration) {
        let network = self.found.section(top, "network", "[network]");
        self.known(network, &["hosts", "private", "proxy", "no_proxy", "ca_file"], " in [network]");
        let mut policy = NetworkPolicy::default();
        if let Some(entry) = network.iter().find(|entry| entry.key == "hosts") {
            policy = policy.with_hosts(self.hosts(entry, "network.hosts"));
        }
        if let Some(entry) = network.iter().find(|entry| entry.key == "private") {
            for (address, span) in self.texts(entry, "network.private") {
                match policy.clone().with_private(&address) {
                    Ok(granted) => policy = granted,
                    Err(expected) => {
                        self.found.error(format!("network.private: `{address}` is not {expected}"), &span);
                    }
                }
            }
        }
        if let Some((address, span)) = self.found.text(network, "proxy", "'network.proxy'") {
            match policy.clone().with_proxy(&address) {
                Ok(behind) => policy = behind,
                // The address may carry a secret.
                Err(expected) => {
                    self.found.error(format!("network.proxy: expected {expected}"), &span);
                }
            }
        }
        if let Some(entry) = network.iter().find(|entry| entry.key == "no_proxy") {
            policy = policy.with_direct(self.hosts(entry, "network.no_proxy"));
        }
        if let Some((place, _)) = self.found.text(network, "ca_file", "'network.ca_file'") {
            policy = policy.with_authorities(&place);
        }
        configuration.network = policy;
    }

    fn hosts(&mut self, entry: &Entry, title: &str) -> Vec<HostPattern> {
        let mut hosts = Vec::new();
        for (text, span) in self.texts(entry, title) {
            match text.parse() {
                Ok(host) => hosts.push(host),
                Err(error) => {
                    self.found.error(format!("{title}: {error}"), &span);
                }
            }
        }
        hosts
    }

    /// A list of texts, each with its place.
    fn texts(&mut self, Entry { node, .. }: &Entry, title: &str) -> Vec<(String, Range<usize>)> {
        let mut texts = Vec::new();
        let NodeValue::List(nodes) = &node.value else {
            self.found.error(format!("'{title}' must be a list of texts"), &node.span);
            return texts;
        };
        for node in nodes {
            match &node.value {
                NodeValue::Scalar(Json::String(text)) => texts.push((text.clone(), node.span.clone())),
                _ => {
                    self.found.error(format!("'{title}' must be a list of texts"), &node.span);
                }
            }
        }
        texts
    }

    fn connector(&mut self, Entry { key: name, node, .. }: &Entry) -> ConnectorConfiguration {
        let connector = self.found.table(node, &format!("[connectors.{name}]"));
        self.known(connector, &["component", "hosts", "reads_files"], &format!(" in [connectors.{name}]"));
        let title = format!("connectors.{name}");
        let component =
            self.found.text(connector, "component", &format!("'{title}.component'")).map(|(component, _)| component);
        let hosts = connector.iter().find(|entry| entry.key == "hosts");
        let hosts = hosts.map(|entry| self.hosts(entry, &format!("{title}.hosts"))).unwrap_or_default();
        let reads_files = self.reads_files(connector, &title, component.is_some(), hosts.is_empty());
        ConnectorConfiguration { component, hosts, reads_files }
    }

    fn reads_files(&mut self, connector: &[Entry], title: &str, has_component: bool, has_no_hosts: bool) -> bool {
        let Some(entry) = connector.iter().find(|entry| entry.key == "reads_files") else { return false };
        let wrong = match &entry.node.value {
            NodeValue::Scalar(Json::Bool(false)) => return false,
            NodeValue::Scalar(Json::Bool(true)) if !has_component => "needs a `component`",
            NodeValue::Scalar(Json::Bool(true)) if !has_no_hosts => "excludes `hosts`: what reads files asks nobody",
            NodeValue::Scalar(Json::Bool(true)) => return true,
            _ => "must be true or false",
        };
        self.found.error(format!("{title}.reads_files {wrong}"), &entry.node.span);
        false
    }

    fn limits(&mut self, limits: &mut LimitSettings, section: &[Entry], title: &str) {
        for Entry { key: name, key_span, node } in section {
            let value = match &node.value {
                NodeValue::Scalar(Json::String(text)) => text.clone(),
                NodeValue::Scalar(Json::Number(number)) => number.to_string(),
                _ => {
                    let message = format!("{title}.{name} must be a number or a text such as \"64MiB\"");
                    self.found.error(message, &node.span);
                    continue;
                }
            };
            match limits.limits.set(name, &value) {
                Ok(()) => {
                    let provenance = Provenance::of_byte(FILE, self.text, node.span.start);
                    limits.origins.insert(name.clone(), provenance);
                }
                Err(error @ LimitError::Unknown { .. }) => {
                    let near = suggest(name, Limits::names());
                    self.found.error(format!("{title}.{name}: {error}"), key_span).hint =
                        near.map(|near| format!("did you mean '{near}'?"));
                }
                Err(error) => {
                    self.found.error(format!("{title}.{name}: {error}"), &node.span);
                }
            }
        }
    }

    fn known(&mut self, entries: &[Entry], known: &[&str], place: &str) {
        self.found.known(Severity::Error, entries, known, place);
    }

    fn set(&mut self, setting: &mut Setting<String>, section: &[Entry], key: &str, title: &str) {
        if let Some((value, span)) = self.found.text(section, key, &format!("'{title}'")) {
            *setting = Setting { value, provenance: Provenance::of_byte(FILE, self.text, span.start) };
        }
    }

    fn setting<T>(&self, value: T, node: &Node) -> Setting<T> {
        Setting { value, provenance: Provenance::of_byte(FILE, self.text, node.span.start) }
    }
}
