//! From SQLFlow's parameters to the host's settings.

use duckpen::{Options, Settings};
use serde_json::{Map, Value};

use crate::declaration::Connector;

/// The settings of the host's reader.
pub fn settings(connector: Connector, params: &Map<String, Value>) -> Settings {
    let params = Options::new(connector.params(), params);
    let settings = Settings::default();
    match connector {
        Connector::Csv => settings
            .with("header", params.flag("has_header").unwrap_or(true))
            .with_some("delimiter", params.text("delimiter"))
            .with_some("quote", params.text("quote_char"))
            .with_some("encoding", params.text("encoding")),
        Connector::Parquet => settings.with_some("columns", params.texts("columns")),
        Connector::Json => settings.with_some("records", params.choice("format")),
        Connector::Arrow => settings,
        Connector::Postgres | Connector::Sqlite | Connector::Duckdb => settings
            .with_some("schema", params.text("schema"))
            .with_some("table", params.text("table"))
            .with_some("query", params.text("query")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_become_neutral_settings() {
        let header = Settings::default().with("header", true);
        let cases = [
            (Connector::Csv, json!({"path": "a.csv"}), header.clone()),
            (Connector::Csv, json!({"path": "a.csv", "engine": "pandas", "batch_size": 10}), header.clone()),
            (
                Connector::Csv,
                json!({"path": "a.csv", "has_header": false, "delimiter": "\t", "quote_char": "'"}),
                Settings::default().with("header", false).with("delimiter", "\t").with("quote", "'"),
            ),
            (
                Connector::Parquet,
                json!({"path": "a.parquet", "columns": ["id", "d"]}),
                Settings::default().with("columns", vec!["id".to_owned(), "d".to_owned()]),
            ),
            (
                Connector::Json,
                json!({"path": "a.json", "format": "ARRAY"}),
                Settings::default().with("records", "array"),
            ),
            (Connector::Arrow, json!({"path": "a.arrow"}), Settings::default()),
            (
                Connector::Postgres,
                json!({"host": "h", "password": "***", "schema": "shop", "table": "orders"}),
                Settings::default().with("schema", "shop").with("table", "orders"),
            ),
            (
                Connector::Sqlite,
                json!({"path": "a.db", "query": "SELECT 1"}),
                Settings::default().with("query", "SELECT 1"),
            ),
        ];
        for (connector, params, expected) in cases {
            let object = params.as_object().expect("an object");
            assert_eq!(settings(connector, object), expected, "{params}");
        }
    }
}
