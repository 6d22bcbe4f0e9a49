//! What a step is, in words. Taken from the plan's JSON, which has a word for every mode.

use duckpen_pipeline::{Plan, Step, StepKind};
use serde_json::Value;

/// A step of a plan, with the words for it.
pub struct StepWords<'a> {
    pub step: &'a Step,
    operation: Value,
}

impl<'a> StepWords<'a> {
    /// Those of all steps, in order.
    pub fn of(plan: &'a Plan) -> Vec<Self> {
        let mut operations = match plan.to_json()["operations"].take() {
            Value::Array(operations) => operations,
            _ => Vec::new(),
        };
        operations.resize(plan.steps.len(), Value::Null);
        plan.steps.iter().zip(operations).map(|(step, operation)| Self { step, operation }).collect()
    }

    /// Its kind, in one word.
    pub fn kind(&self) -> &'static str {
        crate::run::kind_name(&self.step.kind)
    }

    /// How rows meet those that are there, such as `UPSERT by id`; none where there is nothing to meet.
    pub fn mode(&self) -> Option<String> {
        if let StepKind::Transform(transform) = &self.step.kind
            && transform.relation != duckpen_pipeline::Relation::Table
        {
            return None;
        }
        let mode = self.operation["mode"].as_str()?;
        let keys = self.operation["upsert_keys"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let by = keys.chain(self.operation["time_column"].as_str()).collect::<Vec<_>>().join(", ");
        let by = if by.is_empty() { String::new() } else { format!(" by {by}") };
        let lookback = self.operation["lookback"].as_str();
        let lookback = lookback.map(|lookback| format!(", lookback {lookback}")).unwrap_or_default();
        Some(format!("{mode}{by}{lookback}"))
    }

    /// What it is, such as `load, UPSERT by id`.
    pub fn title(&self) -> String {
        let word = match &self.step.kind {
            StepKind::Source(source) => format!("source, {}", source.connector_type),
            StepKind::Transform(transform) => transform.relation.to_string(),
            StepKind::Export(export) => format!("export, {}", export.connector_type),
            _ => self.kind().to_owned(),
        };
        self.mode().map_or(word.clone(), |mode| format!("{word}, {mode}"))
    }

    /// What it reads: files and connectors, sources, tables.
    pub fn reads(&self) -> Vec<String> {
        match &self.step.kind {
            StepKind::Source(source) => {
                let place = source.params.get("path").and_then(Value::as_str).map(str::to_owned);
                let connector = source.from_profile.as_ref().map(|name| format!("connector {name}"));
                place.into_iter().chain(connector).collect()
            }
            StepKind::Load(load) => vec![load.source.clone()],
            kind => {
                let files = kind.file_reads().reads.into_iter();
                kind.reads().iter().map(ToString::to_string).chain(files.map(|read| read.relation)).collect()
            }
        }
    }

    /// What it writes: a table, a view, a file, a connector.
    pub fn writes(&self) -> Option<String> {
        match &self.step.kind {
            StepKind::Export(export) => Some(destination(&export.destination, export.from_profile.as_deref())),
            kind => kind.writes().map(ToString::to_string),
        }
    }

    /// Functions its query calls, in lower case.
    pub fn functions(&self) -> &[String] {
        match &self.step.kind {
            StepKind::Transform(transform) => &transform.functions,
            StepKind::Export(export) => &export.functions,
            _ => &[],
        }
    }

    /// Where it is written: `pipelines/daily.sf:10`.
    pub fn place(&self) -> Option<String> {
        self.step.location.as_ref().map(|location| format!("{}:{}", location.file, location.line))
    }
}

/// Where an export goes.
pub fn destination(place: &str, connector: Option<&str>) -> String {
    connector.map_or_else(|| without_password(place), |name| format!("connector {name}"))
}

/// `postgresql://user:password@host` without the password.
fn without_password(place: &str) -> String {
    let hidden = || {
        let (scheme, rest) = place.split_once("://")?;
        let (credentials, host) = rest.rsplit_once('@')?;
        let (user, _) = credentials.split_once(':')?;
        Some(format!("{scheme}://{user}:***@{host}"))
    };
    hidden().unwrap_or_else(|| place.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_shows_no_password() {
        for (place, connector, expected) in [
            ("out/x.csv", None, "out/x.csv"),
            ("postgresql://me:secret@host/db", None, "postgresql://me:***@host/db"),
            ("", Some("warehouse"), "connector warehouse"),
        ] {
            assert_eq!(destination(place, connector), expected);
        }
    }
}
