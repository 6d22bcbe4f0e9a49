//! A plan as it may be shown and kept: without the values that are secret by their names, and passwords in addresses.

use serde_json::{Map, Value};

use crate::SecretValues;
use crate::profile::{HIDDEN, is_secret_name, without_url_password};
use crate::variables::hidden_in;

use super::steps::{Plan, StepId, StepKind};

impl Plan {
    /// The plan with `***` in the place of secrets.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut plan = self.clone();
        for step in &mut plan.steps {
            match &mut step.kind {
                StepKind::Source(source) => hide_members(&mut source.params, false),
                StepKind::Load(load) => hide_members(&mut load.options, false),
                StepKind::Export(export) => {
                    hide_members(&mut export.options, false);
                    export.destination = without_url_password(&export.destination);
                }
                StepKind::Transform(_) | StepKind::Test(_) => {}
            }
        }
        plan
    }

    /// The plan without the values of secret variables, wherever they stand in it.
    #[must_use]
    pub fn without_values(mut self, secrets: &SecretValues) -> Self {
        let hide = |text: &mut String| *text = secrets.hide(text);
        for step in &mut self.steps {
            match &mut step.kind {
                StepKind::Source(source) => source.params.values_mut().for_each(|value| each_text(value, &hide)),
                StepKind::Load(load) => load.options.values_mut().for_each(|value| each_text(value, &hide)),
                StepKind::Export(export) => {
                    export.options.values_mut().for_each(|value| each_text(value, &hide));
                    hide(&mut export.destination);
                    hide(&mut export.query);
                }
                StepKind::Transform(transform) => hide(&mut transform.query),
                StepKind::Test(test) => hide(&mut test.query),
            }
        }
        self
    }

    /// The steps of a plan that was kept without its secrets, with what each of them lacks: names of parameters, `destination`
    /// among them, and of variables.
    #[must_use]
    pub fn hidden_values(&self) -> Vec<(StepId, String)> {
        let mut found = Vec::new();
        for step in &self.steps {
            let mut names = Vec::new();
            match &step.kind {
                StepKind::Source(source) => find_members(&source.params, &mut names),
                StepKind::Load(load) => find_members(&load.options, &mut names),
                StepKind::Export(export) => {
                    find_members(&export.options, &mut names);
                    if has_hidden_password(&export.destination) {
                        names.push("destination".to_owned());
                    }
                }
                StepKind::Transform(_) | StepKind::Test(_) => {}
            }
            names.extend(step.kind.query().into_iter().flat_map(hidden_in).map(str::to_owned));
            found.extend(names.into_iter().map(|name| (step.id.clone(), name)));
        }
        found
    }
}

fn each_text(value: &mut Value, change: &impl Fn(&mut String)) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|value| each_text(value, change)),
        Value::Array(elements) => elements.iter_mut().for_each(|element| each_text(element, change)),
        Value::String(text) => change(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn hide_members(members: &mut Map<String, Value>, is_secret: bool) {
    for (name, value) in members.iter_mut() {
        hide(value, is_secret || is_secret_name(name));
    }
}

fn hide(value: &mut Value, is_secret: bool) {
    match value {
        Value::Object(members) => hide_members(members, is_secret),
        Value::Array(elements) => elements.iter_mut().for_each(|element| hide(element, is_secret)),
        Value::Null => {}
        value if is_secret => *value = HIDDEN.into(),
        Value::String(text) => *text = without_url_password(text),
        Value::Bool(_) | Value::Number(_) => {}
    }
}

fn find_members(members: &Map<String, Value>, names: &mut Vec<String>) {
    for (name, value) in members {
        match value {
            Value::Object(members) => find_members(members, names),
            value if is_hidden(value, is_secret_name(name)) => names.push(name.clone()),
            _ => {}
        }
    }
}

fn is_hidden(value: &Value, is_secret: bool) -> bool {
    match value {
        Value::String(text) => is_secret && text == HIDDEN || has_hidden_password(text),
        Value::Array(elements) => elements.iter().any(|element| is_hidden(element, is_secret)),
        _ => false,
    }
}

fn has_hidden_password(text: &str) -> bool {
    without_url_password(text) == text && text.contains("://") && text.contains(&format!(":{HIDDEN}@"))
}
