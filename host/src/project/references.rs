use std::collections::{BTreeMap, BTreeSet};

use duckpen_pipeline::{VariableUses, is_secret_name};

use crate::abort::Abort;

use super::{ProfileFile, Project, Provenance};

/// A variable of the environment that a project refers to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvironmentReference {
    /// Whether every place that refers to it has a default.
    pub has_default: bool,
    /// Whether its value is not to be shown.
    pub is_secret: bool,
    /// Lines of files, as `profiles/dev.yml:9`.
    pub places: Vec<String>,
}

impl Project {
    /// The variables of the environment that profiles and pipelines refer to, by name. What any profile, the configuration
    /// or a SET gives a value is not asked of the environment.
    pub fn environment_references(&self) -> Result<BTreeMap<String, EnvironmentReference>, Abort> {
        let mut references = References::default();
        let mut given: BTreeSet<String> = self.variables().into_keys().collect();
        for name in self.profile_names()? {
            let file = self.profile_file(Some(&name))?;
            self.of_profile_file(&file, &mut references);
            given.extend(file.profile.variables.into_keys().chain(file.profile.unset.into_keys()));
        }
        let mut texts = Vec::new();
        for pipeline in self.pipelines()? {
            let pipeline = self.pipeline(&pipeline.path)?;
            texts.push((pipeline.path, VariableUses::of(&pipeline.text), pipeline.text));
        }
        // A pipeline may be included by another one that sets what it uses.
        given.extend(texts.iter().flat_map(|(_, uses, _)| uses.set.iter().cloned()));
        for (path, uses, text) in &texts {
            for used in uses.used.iter().filter(|used| !given.contains(&used.name)) {
                let place = Provenance::of_byte(path, text, used.span.start).to_string();
                references.add(&used.name, used.has_default, false, place);
            }
        }
        Ok(references.0)
    }

    fn of_profile_file(&self, file: &ProfileFile, references: &mut References) {
        let variables = self.variables();
        let path = file.path.as_deref().unwrap_or_default();
        for value in &file.profile.values {
            for reference in &value.references {
                let is_variable = value.key.starts_with("connectors.")
                    && (file.profile.variables.contains_key(&reference.name)
                        || variables.contains_key(&reference.name));
                if !is_variable {
                    let place = format!("{path}:{}", value.line);
                    references.add(&reference.name, reference.has_default, reference.is_secret, place);
                }
            }
        }
    }
}

#[derive(Default)]
struct References(BTreeMap<String, EnvironmentReference>);

impl References {
    fn add(&mut self, name: &str, has_default: bool, is_secret: bool, place: String) {
        let is_secret = is_secret || is_secret_name(name);
        let known = self
            .0
            .entry(name.to_owned())
            .or_insert_with(|| EnvironmentReference { has_default: true, ..EnvironmentReference::default() });
        known.has_default &= has_default;
        known.is_secret |= is_secret;
        if !known.places.contains(&place) {
            known.places.push(place);
        }
    }
}
