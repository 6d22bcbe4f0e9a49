//! What can be said of a connector without a project.

use duckpen_component_connectors::{
    ComponentFileReader, ComponentKind, Declaration, FILES, GRANTED_INTERFACES, GRANTED_TO_FILE_READERS, KindError,
    Parameter,
};
use duckpen_sandbox::{Component, Engine, Limits};
use serde_json::{Value, json};

/// What a connector says of itself, and what it may reach.
pub struct ConnectorFacts {
    declaration: Declaration,
    reads_files: bool,
    is_source: bool,
    is_sink: bool,
}

/// Whether a connector reads files, in the place of a system that it asks.
pub fn reads_files(component: &Component) -> bool {
    component.imports().iter().any(|import| import.name == FILES && !import.functions.is_empty())
}

/// The interfaces that a connector is given.
pub fn granted(reads_files: bool) -> &'static [&'static str] {
    if reads_files { GRANTED_TO_FILE_READERS } else { GRANTED_INTERFACES }
}

impl ConnectorFacts {
    /// Asks the component, within small limits.
    pub fn of(engine: &Engine, name: &str, bytes: &[u8], reads_files: bool) -> Result<Self, KindError> {
        let limits = Limits::functions();
        if reads_files {
            let reader = ComponentFileReader::load(engine, name, bytes, &limits)?;
            return Ok(Self {
                declaration: reader.declaration().clone(),
                reads_files,
                is_source: true,
                is_sink: false,
            });
        }
        let kind = ComponentKind::load(engine, name, bytes, &limits)?;
        let (is_source, is_sink) = (kind.is_source(), kind.is_sink());
        Ok(Self { declaration: kind.declaration().clone(), reads_files, is_source, is_sink })
    }

    /// What it does and may reach, and its parameters, each group with a heading.
    pub fn sections(&self) -> Vec<(&'static str, Vec<String>)> {
        let Declaration { parameters, source_parameters, sink_parameters, .. } = &self.declaration;
        let uses = match (self.is_source, self.is_sink) {
            (true, true) => "it is read from and written to",
            (false, true) => "it is written to",
            _ => "it is read from",
        };
        let reach = match self.reads_files {
            true => "it sees the files of its source, and asks nobody (`reads_files = true`)",
            false => "it asks the hosts of its parameters of kind url, and those that `hosts` grants it",
        };
        let about = vec![self.declaration.doc.clone(), uses.to_owned(), reach.to_owned()];
        let mut sections = vec![("about", about.into_iter().filter(|line| !line.is_empty()).collect())];
        let groups = [
            ("parameters", parameters),
            ("parameters of a source", source_parameters),
            ("parameters of an export", sink_parameters),
        ];
        for (heading, parameters) in groups.into_iter().filter(|(_, parameters)| !parameters.is_empty()) {
            sections.push((heading, parameters.iter().map(line).collect()));
        }
        sections
    }

    /// The same for programs.
    pub fn document(&self) -> Value {
        let Declaration { name, version, doc, parameters, source_parameters, sink_parameters, .. } = &self.declaration;
        let all = |parameters: &[Parameter]| parameters.iter().map(member).collect::<Vec<_>>();
        json!({
            "type": name,
            "version": version,
            "doc": doc,
            "reads_files": self.reads_files,
            "is_source": self.is_source,
            "is_sink": self.is_sink,
            "parameters": all(parameters),
            "source_parameters": all(source_parameters),
            "sink_parameters": all(sink_parameters),
        })
    }
}

fn line(parameter: &Parameter) -> String {
    let Parameter { name, kind, is_required, one_of, doc } = parameter;
    let required = if *is_required { ", required" } else { "" };
    let choices = if one_of.is_empty() { String::new() } else { format!(": {}", one_of.join(", ")) };
    format!("{name}  ({}{required}{choices})  {doc}", kind.as_str()).trim_end().to_owned()
}

fn member(Parameter { name, kind, is_required, one_of, doc }: &Parameter) -> Value {
    json!({ "name": name, "kind": kind.as_str(), "required": is_required, "one_of": one_of, "doc": doc })
}
