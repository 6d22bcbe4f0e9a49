//! From SQLFlow's parameters to the host's settings.

use duckpen::{Error, ErrorKind, FileFormat, Options, Settings};
use serde_json::{Map, Value};

use crate::declaration::Connector;

/// The host's name of the format.
pub fn format(connector: Connector, params: &Map<String, Value>) -> Result<&'static str, Error> {
    if connector != Connector::S3 {
        return Ok(connector.name());
    }
    Ok(match file_format(params) {
        Some(FileFormat::Csv | FileFormat::Tsv) => "csv",
        Some(FileFormat::Parquet) => "parquet",
        Some(FileFormat::Json | FileFormat::JsonLines) => "json",
        Some(FileFormat::Arrow) => "arrow",
        Some(FileFormat::Excel) => "excel",
        None => return Err(Error::new(ErrorKind::InvalidConfiguration, "Required field 'file_format' is missing")),
    })
}

/// The format of objects: as the parameters say, or else the ending of their names.
pub fn file_format(params: &Map<String, Value>) -> Option<FileFormat> {
    let params = Options::new(Connector::S3.params(), params);
    match params.text("file_format").or_else(|| params.text("format")) {
        Some(word) => FileFormat::of_word(word),
        None => ["uri", "key"].iter().find_map(|name| FileFormat::of_name(params.text(name)?)),
    }
}

/// The settings of the host's reader.
pub fn settings(connector: Connector, params: &Map<String, Value>) -> Settings {
    let options = Options::new(connector.params(), params);
    match connector {
        Connector::Csv => csv(&options, None),
        Connector::Parquet => parquet(&options),
        Connector::Json => json(&options, ["flatten", "max_depth"]).with_some("records", options.choice("format")),
        Connector::Arrow => Settings::default(),
        Connector::Excel => excel(&options),
        Connector::Postgres | Connector::Sqlite | Connector::Duckdb => Settings::default()
            .with_some("schema", options.text("schema"))
            .with_some("table", options.text("table"))
            .with_some("query", options.text("query")),
        Connector::S3 => {
            // That of a file of Parquet, Arrow or Excel is written in it.
            let compression = || options.choice("compression").filter(|kind| kind != "auto");
            match file_format(params) {
                Some(FileFormat::Csv) => csv(&options, None).with_some("compression", compression()),
                Some(FileFormat::Tsv) => csv(&options, Some("\t")).with_some("compression", compression()),
                Some(FileFormat::Parquet) => parquet(&options),
                Some(FileFormat::JsonLines) => json(&options, OBJECTS_JSON)
                    .with("records", "newline_delimited")
                    .with_some("compression", compression()),
                Some(FileFormat::Arrow) => Settings::default(),
                Some(FileFormat::Excel) => excel(&options),
                Some(FileFormat::Json) | None => json(&options, OBJECTS_JSON).with_some("compression", compression()),
            }
        }
    }
}

fn csv(options: &Options<'_>, delimiter: Option<&str>) -> Settings {
    let text = |name: &str, other: &str| options.text(name).or_else(|| options.text(other));
    let header = ["has_header", "csv_header", "header"].iter().find_map(|name| options.flag(name));
    Settings::default()
        .with("header", header.unwrap_or(true))
        .with_some("delimiter", text("delimiter", "csv_delimiter").or(delimiter))
        .with_some("quote", text("quote_char", "csv_quote_char"))
        .with_some("encoding", text("encoding", "csv_encoding"))
}

fn excel(options: &Options<'_>) -> Settings {
    Settings::default()
        .with_some("sheet", options.text("sheet"))
        .with_some("range", options.text("range"))
        .with_some("header", ["has_header", "header"].iter().find_map(|name| options.flag(name)))
        .with_some("errors", options.choice("errors"))
}

/// What the parameters of JSON are called in an object store.
const OBJECTS_JSON: [&str; 2] = ["json_flatten", "json_max_depth"];

fn json(options: &Options<'_>, [flatten, max_depth]: [&str; 2]) -> Settings {
    let settings = Settings::default();
    match options.flag(flatten) {
        Some(true) => settings.with("flatten", true).with_some("max_depth", options.count(max_depth)),
        _ => settings,
    }
}

fn parquet(options: &Options<'_>) -> Settings {
    Settings::default().with_some("columns", options.texts("columns").or_else(|| options.texts("parquet_columns")))
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
            (Connector::Csv, json!({"path": "a.csv", "header": false}), Settings::default().with("header", false)),
            (
                Connector::Json,
                json!({"path": "a.json", "flatten": true, "max_depth": 2}),
                Settings::default().with("flatten", true).with("max_depth", 2),
            ),
            (
                Connector::S3,
                json!({"uri": "a.jsonl", "json_flatten": true}),
                Settings::default().with("flatten", true).with("records", "newline_delimited"),
            ),
            (Connector::S3, json!({"uri": "a.json", "json_flatten": false, "json_max_depth": 3}), Settings::default()),
            (Connector::Arrow, json!({"path": "a.arrow"}), Settings::default()),
            (Connector::Excel, json!({"path": "a.xlsx"}), Settings::default()),
            (
                Connector::Excel,
                json!({"path": "a.xlsx", "sheet": "data", "range": "B3:F", "header": false, "errors": "NULL"}),
                Settings::default()
                    .with("sheet", "data")
                    .with("range", "B3:F")
                    .with("header", false)
                    .with("errors", "null"),
            ),
            (Connector::S3, json!({"uri": "in/*.xlsx", "sheet": "data"}), Settings::default().with("sheet", "data")),
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
            (Connector::S3, json!({"uri": "a.csv"}), header.clone()),
            (
                Connector::S3,
                json!({"key": "a.tsv.gz", "csv_header": false}),
                Settings::default().with("header", false).with("delimiter", "\t"),
            ),
            (
                Connector::S3,
                json!({"path_prefix": "in", "file_format": "JSONL", "compression": "gzip"}),
                Settings::default().with("records", "newline_delimited").with("compression", "gzip"),
            ),
            (
                Connector::S3,
                json!({"uri": "*.parquet", "parquet_columns": ["id"], "compression": "snappy"}),
                Settings::default().with("columns", vec!["id".to_owned()]),
            ),
        ];
        for (connector, params, expected) in cases {
            let object = params.as_object().expect("an object");
            assert_eq!(settings(connector, object), expected, "{params}");
        }
    }
}
