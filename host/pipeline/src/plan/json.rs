//! Plans as JSON, in the shape of SQLFlow's compiled plans: `{"pipeline_name", "operations": [...], "operation_count"}`.
//! Its keys mean what they mean there; what SQLFlow drops stands beside them under keys of its own.

use serde_json::{Map, Value, json};

use super::data_tests::{TestCheck, TestStep};
use super::steps::{
    ExportStep, LoadMode, LoadStep, Lookback, Plan, Relation, SourceStep, Step, StepId, StepKind, TableName,
    TransformMode, TransformStep,
};

/// A text is not a plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Not JSON.
    #[error("the plan is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON of another shape.
    #[error("operation {operation} of the plan: {problem}")]
    Operation {
        /// Its `id`, or its number from 1.
        operation: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Neither an object with `operations` nor a list of them.
    #[error("the plan has no list of operations")]
    NoOperations,
    /// Steps that need each other.
    #[error("the plan has no order: {0}")]
    Cycle(String),
}

impl Plan {
    /// The plan in SQLFlow's shape.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "pipeline_name": self.pipeline,
            "operations": self.steps.iter().map(operation).collect::<Vec<_>>(),
            "operation_count": self.steps.len(),
            "external_tables": self.external_tables,
            "variables": self.variables,
        })
    }

    /// Reads a plan in that shape, written by Duckpen or by SQLFlow, or a bare list of operations.
    pub fn from_json(text: &str) -> Result<Plan, PlanError> {
        let json: Value = serde_json::from_str(text)?;
        let operations = json.get("operations").unwrap_or(&json).as_array().ok_or(PlanError::NoOperations)?;
        let steps = operations.iter().enumerate().map(|(index, operation)| step(index, operation));
        Ok(Plan {
            pipeline: json.get("pipeline_name").and_then(Value::as_str).unwrap_or("pipeline").to_owned(),
            steps: steps.collect::<Result<_, _>>()?,
            external_tables: parse_or_default(json.get("external_tables"))?,
            variables: parse_or_default(json.get("variables"))?,
        })
    }
}

fn operation(step: &Step) -> Value {
    let mut operation = match &step.kind {
        StepKind::Source(source) => source_operation(source),
        StepKind::Load(load) => load_operation(load),
        StepKind::Transform(transform) => transform_operation(transform),
        StepKind::Export(export) => export_operation(export),
        StepKind::Test(test) => test_operation(test),
    };
    let mut members = Map::new();
    members.insert("id".to_owned(), json!(step.id));
    if let Some(object) = operation.as_object_mut() {
        members.append(object);
    }
    members.insert("depends_on".to_owned(), json!(step.depends_on));
    if !step.tags.is_empty() {
        members.insert("tags".to_owned(), json!(step.tags));
    }
    if !step.refresh.is_none() {
        members.insert("refresh".to_owned(), json!(step.refresh));
    }
    members.insert("location".to_owned(), json!(step.location));
    Value::Object(members)
}

fn source_operation(source: &SourceStep) -> Value {
    let text = |name: &str| source.params.get(name).and_then(Value::as_str);
    let mut operation = json!({
        "type": "source_definition",
        "name": source.name,
        "connector_type": source.connector_type,
        "source_connector_type": source.connector_type,
        "query": source.params,
        "sync_mode": text("sync_mode").unwrap_or("full_refresh"),
        "cursor_field": text("cursor_field"),
        "primary_key": match source.params.get("primary_key") {
            Some(Value::String(key)) => json!([key]),
            Some(keys) => keys.clone(),
            None => json!([]),
        },
    });
    if let Some(connector) = &source.from_profile {
        operation["is_from_profile"] = json!(true);
        operation["profile_connector_name"] = json!(connector);
    }
    operation
}

fn load_operation(load: &LoadStep) -> Value {
    let (mode, keys) = match &load.mode {
        LoadMode::Replace => ("REPLACE", json!([])),
        LoadMode::Append => ("APPEND", json!([])),
        LoadMode::Upsert { keys } => ("UPSERT", json!(keys)),
    };
    json!({
        "type": "load",
        "name": load.table.to_string(),
        "source_name": load.source,
        "target_table": load.table.to_string(),
        "mode": mode,
        "upsert_keys": keys,
        "query": {"source_name": load.source, "table_name": load.table.to_string()},
        "table": load.table,
        "options": load.options,
        "rejects": load.rejects,
    })
}

fn transform_operation(transform: &TransformStep) -> Value {
    let (mode, keys, time_column, lookback) = match &transform.mode {
        TransformMode::Replace => ("REPLACE", None, None, None),
        TransformMode::Append => ("APPEND", None, None, None),
        TransformMode::Upsert { keys } => ("UPSERT", Some(keys), None, None),
        TransformMode::Incremental { time_column, lookback } => {
            ("INCREMENTAL", None, Some(time_column), lookback.map(|lookback| lookback.to_string()))
        }
    };
    json!({
        "type": "transform",
        "name": transform.table.to_string(),
        "query": transform.query,
        "is_replace": transform.or_replace,
        "mode": mode,
        "upsert_keys": keys,
        "time_column": time_column,
        "lookback": lookback,
        "relation": transform.relation,
        "table": transform.table,
        "reads": transform.reads,
        "functions": transform.functions,
    })
}

fn export_operation(export: &ExportStep) -> Value {
    let source_table = export.table.as_ref().or(export.reads.first());
    let mut operation = json!({
        "type": "export",
        "source_table": source_table.map(ToString::to_string),
        "source_connector_type": export.connector_type,
        "query": {
            "sql_query": export.query,
            "destination_uri": export.destination,
            "options": export.options,
            "type": export.connector_type,
        },
        "table": export.table,
        "reads": export.reads,
        "functions": export.functions,
    });
    if let Some(connector) = &export.from_profile {
        operation["is_from_profile"] = json!(true);
        operation["profile_connector_name"] = json!(connector);
    }
    operation
}

fn test_operation(test: &TestStep) -> Value {
    json!({
        "type": "test",
        "name": test.name,
        "check": test.check,
        "severity": test.severity,
        "query": test.query,
        "table": test.table,
        "reads": test.reads,
        "functions": test.functions,
    })
}

fn step(index: usize, operation: &Value) -> Result<Step, PlanError> {
    let id = operation.get("id").and_then(Value::as_str);
    let reader = Operation { name: id.map_or_else(|| (index + 1).to_string(), str::to_owned), members: operation };
    let kind = match reader.text("type")? {
        "source_definition" => StepKind::Source(reader.source()?),
        "load" => StepKind::Load(reader.load()?),
        "transform" => StepKind::Transform(reader.transform()?),
        "export" => StepKind::Export(reader.export()?),
        "test" => StepKind::Test(reader.test()?),
        other => return Err(reader.wrong(format!("unknown type '{other}'"))),
    };
    Ok(Step {
        id: StepId(reader.text("id")?.to_owned()),
        kind,
        depends_on: parse_or_default(operation.get("depends_on"))?,
        tags: parse_or_default(operation.get("tags"))?,
        refresh: parse_or_default(operation.get("refresh"))?,
        location: parse_or_default(operation.get("location"))?,
    })
}

struct Operation<'a> {
    name: String,
    members: &'a Value,
}

impl<'a> Operation<'a> {
    fn source(&self) -> Result<SourceStep, PlanError> {
        Ok(SourceStep {
            name: self.text("name")?.to_owned(),
            connector_type: self.text("connector_type").unwrap_or("").to_lowercase(),
            params: parse_or_default(self.members.get("query"))?,
            from_profile: self.optional_text("profile_connector_name"),
        })
    }

    fn load(&self) -> Result<LoadStep, PlanError> {
        let keys = |name: &str| parse_or_default(self.members.get(name));
        let mode = match self.optional_text("mode").unwrap_or_default().to_uppercase().as_str() {
            "" | "REPLACE" => LoadMode::Replace,
            "APPEND" => LoadMode::Append,
            "UPSERT" => LoadMode::Upsert { keys: keys("upsert_keys")? },
            // As SQLFlow 0.1.7 says it.
            "MERGE" => LoadMode::Upsert { keys: keys("merge_keys")? },
            other => return Err(self.wrong(format!("unknown mode '{other}'"))),
        };
        Ok(LoadStep {
            table: self.table("target_table")?,
            source: self.text("source_name")?.to_owned(),
            mode,
            options: parse_or_default(self.members.get("options"))?,
            rejects: parse_or_default(self.members.get("rejects"))?,
        })
    }

    fn transform(&self) -> Result<TransformStep, PlanError> {
        let mode = match self.optional_text("mode").unwrap_or_default().to_uppercase().as_str() {
            "" | "REPLACE" => TransformMode::Replace,
            "APPEND" => TransformMode::Append,
            "UPSERT" => TransformMode::Upsert { keys: parse_or_default(self.members.get("upsert_keys"))? },
            "INCREMENTAL" => TransformMode::Incremental {
                time_column: self.text("time_column")?.to_owned(),
                lookback: match self.optional_text("lookback") {
                    Some(text) => Some(Lookback::parse(&text).ok_or_else(|| self.wrong("a wrong lookback".into()))?),
                    None => None,
                },
            },
            other => return Err(self.wrong(format!("unknown mode '{other}'"))),
        };
        Ok(TransformStep {
            table: self.table("name")?,
            query: self.text("query")?.to_owned(),
            mode,
            relation: parse_or(self.members.get("relation"), Relation::Table)?,
            or_replace: parse_or_default(self.members.get("is_replace"))?,
            reads: parse_or_default(self.members.get("reads"))?,
            functions: parse_or_default(self.members.get("functions"))?,
        })
    }

    fn export(&self) -> Result<ExportStep, PlanError> {
        let query = self.members.get("query").ok_or_else(|| self.wrong("'query' is missing".into()))?;
        let inner = Operation { name: self.name.clone(), members: query };
        let connector_type = inner.text("type").or_else(|_| self.text("source_connector_type"))?;
        Ok(ExportStep {
            query: inner.text("sql_query")?.to_owned(),
            table: parse_or_default(self.members.get("table"))?,
            destination: inner.text("destination_uri")?.to_owned(),
            connector_type: connector_type.to_lowercase(),
            options: parse_or_default(query.get("options"))?,
            from_profile: self.optional_text("profile_connector_name"),
            reads: parse_or_default(self.members.get("reads"))?,
            functions: parse_or_default(self.members.get("functions"))?,
        })
    }

    fn test(&self) -> Result<TestStep, PlanError> {
        Ok(TestStep {
            name: self.text("name")?.to_owned(),
            table: parse_or_default(self.members.get("table"))?,
            check: parse_or(self.members.get("check"), TestCheck::NoRows)?,
            severity: parse_or_default(self.members.get("severity"))?,
            query: self.text("query")?.to_owned(),
            reads: parse_or_default(self.members.get("reads"))?,
            functions: parse_or_default(self.members.get("functions"))?,
        })
    }

    /// Duckpen writes the parts of a name apart; SQLFlow has only names of one part.
    fn table(&self, name: &str) -> Result<TableName, PlanError> {
        match self.members.get("table") {
            Some(table) if !table.is_null() => Ok(serde_json::from_value(table.clone())?),
            _ => Ok(TableName::new(self.text(name)?)),
        }
    }

    fn text(&self, name: &str) -> Result<&'a str, PlanError> {
        let text = self.members.get(name).and_then(Value::as_str);
        text.ok_or_else(|| self.wrong(format!("'{name}' is missing or no text")))
    }

    fn optional_text(&self, name: &str) -> Option<String> {
        self.members.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    fn wrong(&self, problem: String) -> PlanError {
        PlanError::Operation { operation: self.name.clone(), problem }
    }
}

fn parse_or_default<T: serde::de::DeserializeOwned + Default>(value: Option<&Value>) -> Result<T, PlanError> {
    parse_or(value, T::default())
}

fn parse_or<T: serde::de::DeserializeOwned>(value: Option<&Value>, otherwise: T) -> Result<T, PlanError> {
    match value {
        Some(value) if !value.is_null() => Ok(serde_json::from_value(value.clone())?),
        _ => Ok(otherwise),
    }
}
