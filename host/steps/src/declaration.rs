use std::sync::Arc;

use duckpen_connectors::{ConnectorKinds, FileReader};
use duckpen_pipeline::{
    ExportStep, LoadMode, LoadStep, Relation, SourceStep, StepKind, TableName, TransformMode, TransformStep,
};
use serde_json::{Map, Value, json};

use crate::destination::completed;
use crate::grants::{is_object_export, is_object_source};

/// What a handler is told of its step: a JSON object. `params` are those of the profile's connector and of the statement
/// together, for a SOURCE or EXPORT step whose connector is in the profile.
///
/// Of a connector that was brought a handler learns that it was, and none of its parameters: what they mean is the
/// connector's matter.
pub fn declaration(kind: &StepKind, params: Option<&Map<String, Value>>, kinds: &ConnectorKinds) -> Value {
    match kind {
        StepKind::Source(step) if is_brought_source(&step.connector_type, kinds) => {
            json!({
                "kind": "source", "name": step.name, "connector_type": step.connector_type, "params": {},
                "brought": brought(kinds),
            })
        }
        StepKind::Export(step) if kinds.find(&step.connector_type).is_some() => {
            json!({
                "kind": "export", "query": step.query, "connector_type": step.connector_type, "options": {},
                "brought": brought_to_write(kinds),
            })
        }
        StepKind::Source(step) => {
            let mut declaration = with_brought(source(step, params, kinds), brought(kinds));
            declaration["brought_formats"] = kinds.brought_formats().collect();
            declaration
        }
        StepKind::Load(step) => load(step),
        StepKind::Transform(step) => transform(step),
        StepKind::Export(step) => with_brought(export(step, params, kinds), brought_to_write(kinds)),
        StepKind::Test(step) => json!({ "kind": "test", "name": step.name, "query": step.query }),
    }
}

fn is_brought_source(connector_type: &str, kinds: &ConnectorKinds) -> bool {
    kinds.find(connector_type).is_some() || kinds.brought_format(connector_type).is_some()
}

/// What reads the objects of a source in a store, where the step names a format that was brought.
pub fn brought_object_format<'k>(
    step: &SourceStep,
    params: &Map<String, Value>,
    kinds: &'k ConnectorKinds,
) -> Option<&'k Arc<dyn FileReader>> {
    let word = |name: &str| params.get(name).and_then(Value::as_str);
    let format = word("file_format").or_else(|| word("format")).filter(|_| is_object_source(step))?;
    kinds.brought_format(format)
}

/// The names of the connectors that were brought, for what a handler says of an unknown one.
fn brought(kinds: &ConnectorKinds) -> Value {
    kinds.names().collect()
}

/// The same, but for those that read files and write none.
fn brought_to_write(kinds: &ConnectorKinds) -> Value {
    kinds.names().filter(|name| kinds.find(name).is_some()).collect()
}

fn with_brought(mut declaration: Value, brought: Value) -> Value {
    declaration["brought"] = brought;
    declaration
}

fn source(step: &SourceStep, params: Option<&Map<String, Value>>, kinds: &ConnectorKinds) -> Value {
    let given = params.unwrap_or(&step.params);
    let mut params = all_disclosed(given);
    if let Some(reader) = brought_object_format(step, given, kinds) {
        // Those of the reader are its own matter.
        params.retain(|name, _| !reader.declares(name));
    }
    json!({ "kind": "source", "name": step.name, "connector_type": step.connector_type, "params": params })
}

fn all_disclosed(params: &Map<String, Value>) -> Map<String, Value> {
    params.iter().map(|(name, value)| (name.clone(), disclosed(name, value))).collect()
}

/// What a handler may know of a parameter: that a secret is given and not what it is, what a file is called and not where
/// it lies.
fn disclosed(name: &str, value: &Value) -> Value {
    const SECRET: &[&str] =
        &["password", "secret", "token", "key_id", "access_key", "api_key", "credential", "connection", "url"];
    const PLACES: &[&str] = &["path", "uri", "key", "path_prefix", "prefix"];
    let name = name.to_lowercase();
    match value {
        Value::String(_) if SECRET.iter().any(|word| name.contains(word)) => "***".into(),
        Value::String(_) if name == "bucket" => "***".into(),
        Value::String(place) if PLACES.contains(&name.as_str()) => last_name(place).into(),
        value => value.clone(),
    }
}

fn load(step: &LoadStep) -> Value {
    let (mode, keys): (&str, &[String]) = match &step.mode {
        LoadMode::Replace => ("REPLACE", &[]),
        LoadMode::Append => ("APPEND", &[]),
        LoadMode::Upsert { keys } => ("UPSERT", keys),
    };
    json!({
        "kind": "load", "table": step.table.to_string(), "source": step.source, "mode": mode, "upsert_keys": keys,
        "options": step.options,
    })
}

fn transform(step: &TransformStep) -> Value {
    let mut declaration = json!({
        "kind": "transform",
        "table": step.table.to_string(),
        "query": step.query,
        "relation": match step.relation { Relation::Table => "table", Relation::View => "view" },
        "or_replace": step.or_replace,
    });
    let members = match &step.mode {
        TransformMode::Replace => json!({ "mode": "REPLACE" }),
        TransformMode::Append => json!({ "mode": "APPEND" }),
        TransformMode::Upsert { keys } => json!({ "mode": "UPSERT", "upsert_keys": keys }),
        TransformMode::Incremental { time_column, lookback } => json!({
            "mode": "INCREMENTAL",
            "time_column": time_column,
            "lookback": lookback.map(|lookback| json!({ "amount": lookback.amount, "unit": lookback.unit.as_str() })),
        }),
    };
    if let (Value::Object(declaration), Value::Object(members)) = (&mut declaration, members) {
        declaration.extend(members);
    }
    declaration
}

fn export(step: &ExportStep, params: Option<&Map<String, Value>>, kinds: &ConnectorKinds) -> Value {
    let given = params.unwrap_or(&step.options);
    let is_object = is_object_export(step, given, kinds);
    // The name only: where it lies is the host's business. A connection string has no name, and may carry a password.
    let is_connection = step.destination.contains("://") && !is_object;
    let options = all_disclosed(&completed(step, params, kinds));
    let given = |name: &str| options.get(name).and_then(Value::as_str);
    let name = match step.destination.as_str() {
        _ if is_connection => "",
        "" if is_object => given("uri").or(given("key")).unwrap_or_default(),
        place => last_name(place),
    };
    let mut declaration = json!({
        "kind": "export",
        "query": step.query,
        "connector_type": step.connector_type,
        "options": options,
        "destination_name": name,
    });
    if is_object {
        // Options that say how a store is reached are options of this step.
        declaration["store"] = "s3".into();
    }
    declaration
}

fn last_name(place: &str) -> &str {
    place.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or_default()
}

/// The table as DuckDB's main catalog has it, quoted.
pub(crate) fn qualified(table: &TableName) -> String {
    let schema = table.schema.clone().unwrap_or_else(|| "main".to_owned());
    TableName { schema: Some(schema), name: table.name.clone() }.to_sql()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_learns_neither_places_nor_secrets() {
        let params = json!({ "path": "/srv/data/u.csv", "password": "hunter2", "delimiter": ";", "primary_key": "id" });
        let step = SourceStep {
            name: "u".into(),
            connector_type: "csv".into(),
            params: params.as_object().cloned().unwrap_or_default(),
            from_profile: None,
        };
        let told = declaration(&StepKind::Source(step), None, &ConnectorKinds::default());
        let expected = json!({ "path": "u.csv", "password": "***", "delimiter": ";", "primary_key": "id" });
        assert_eq!(told["params"], expected);
    }
}
