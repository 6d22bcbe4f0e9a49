use serde_json::{Map, Value};

/// Connectors whose rows tell by a column what is new. Others may go on from a state of their own, and need none.
const BY_CURSOR: [&str; 7] = ["csv", "parquet", "json", "postgres", "sqlite", "duckdb", "s3"];

/// What is wrong with how a source is to be synchronised. The other parameters are for the connector to judge.
pub(super) fn problems(connector_type: &str, params: &Map<String, Value>) -> Vec<String> {
    let is_by_cursor = BY_CURSOR.iter().any(|known| known.eq_ignore_ascii_case(connector_type));
    let mut problems = Vec::new();
    let has_cursor = params.get("cursor_field").is_some_and(|cursor| !cursor.is_null() && cursor != "");
    let mode = params.get("sync_mode").map(|mode| mode.as_str().unwrap_or_default().to_lowercase());
    match mode.as_deref() {
        Some("incremental") if is_by_cursor && !has_cursor => {
            problems.push("sync_mode 'incremental' requires cursor_field to be specified".to_owned());
        }
        Some("full_refresh") if has_cursor => {
            problems.push("sync_mode 'full_refresh' cannot be used with cursor_field".to_owned());
        }
        None | Some("incremental" | "full_refresh" | "cdc") => {}
        Some(other) => {
            problems.push(format!("Invalid sync_mode '{other}'. Must be one of: full_refresh, incremental, cdc"))
        }
    }
    match params.get("destination_sync_mode").and_then(Value::as_str) {
        Some("append_dedup") if params.get("primary_key").is_none_or(Value::is_null) => {
            problems.push("destination_sync_mode 'append_dedup' requires primary_key to be specified".to_owned());
        }
        None | Some("overwrite" | "append" | "append_dedup") => {}
        Some(other) => problems
            .push(format!("Invalid destination_sync_mode '{other}'. Must be one of: overwrite, append, append_dedup")),
    }
    problems
}
