//! From the user's options to the host's settings.

use duckpen::{Options, Settings};

use crate::declaration::{Declaration, Format};

/// The settings of the host's writer.
pub fn settings(format: Format, declaration: &Declaration) -> Settings {
    let options = Options::new(format.options(), &declaration.options);
    let settings = Settings::default();
    match format {
        Format::Csv => settings
            .with("header", options.flag("header").unwrap_or(true))
            .with_some("delimiter", options.text("delimiter"))
            .with_some("quote", options.text("quote_char"))
            .with_some("null_text", options.text("null_text")),
        Format::Parquet => settings
            .with_some("compression", options.choice("compression"))
            .with_some("row_group_size", options.count("row_group_size")),
        Format::Json => {
            let array = match options.choice("format") {
                Some(format) => format == "array",
                None => !is_one_object_a_line(&declaration.destination_name),
            };
            settings.with("array", array)
        }
        Format::Arrow => settings,
        Format::Excel => settings.with_some("sheet", options.text("sheet")),
        Format::Postgres => {
            let mode = write_mode(&options);
            let keys = (mode == "upsert").then(|| upsert_keys(&options)).flatten();
            settings
                .with_some("schema", options.text("schema"))
                .with_some("table", table(&options, &declaration.destination_name))
                .with("mode", mode)
                .with_some("keys", keys)
        }
    }
}

/// The table that is written: the option's, or what the destination is called.
pub fn table<'o>(options: &Options<'o>, destination_name: &'o str) -> Option<&'o str> {
    let given = options.text("table").or_else(|| options.text("table_name"));
    given.or(Some(destination_name)).filter(|name| !name.is_empty())
}

/// `append`, `replace` or `upsert`.
pub fn write_mode(options: &Options<'_>) -> String {
    match options.choice("mode").or_else(|| options.choice("write_mode")).as_deref() {
        None | Some("insert") => "append".to_owned(),
        Some("overwrite") => "replace".to_owned(),
        Some(mode) => mode.to_owned(),
    }
}

/// The columns that tell rows apart.
pub fn upsert_keys(options: &Options<'_>) -> Option<Vec<String>> {
    options.texts("upsert_keys").or_else(|| options.texts("primary_key"))
}

fn is_one_object_a_line(destination: &str) -> bool {
    let name = destination.to_ascii_lowercase();
    name.ends_with(".ndjson") || name.ends_with(".jsonl")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn declaration(options: Value, destination: &str) -> Declaration {
        let declaration =
            json!({"query": "SELECT 1", "connector_type": "x", "options": options, "destination_name": destination});
        serde_json::from_value(declaration).expect("a declaration")
    }

    #[test]
    fn options_become_neutral_settings() {
        let none = Settings::default();
        let cases = [
            (Format::Csv, json!({}), "a.csv", none.clone().with("header", true)),
            (
                Format::Csv,
                json!({"header": false, "delimiter": "|"}),
                "a.txt",
                none.clone().with("header", false).with("delimiter", "|"),
            ),
            (Format::Parquet, json!({"compression": "ZSTD"}), "a", none.clone().with("compression", "zstd")),
            (Format::Parquet, json!({"row_group_size": 1000}), "a", none.clone().with("row_group_size", 1000)),
            (Format::Json, json!({}), "a.json", none.clone().with("array", true)),
            (Format::Json, json!({}), "a.NDJSON", none.clone().with("array", false)),
            (Format::Json, json!({}), "a.jsonl", none.clone().with("array", false)),
            (Format::Json, json!({"format": "array"}), "a.jsonl", none.clone().with("array", true)),
            (
                Format::Postgres,
                json!({"host": "h"}),
                "orders",
                none.clone().with("table", "orders").with("mode", "append"),
            ),
            (
                Format::Postgres,
                json!({"table": "t", "schema": "s", "write_mode": "OVERWRITE", "primary_key": "id"}),
                "",
                none.clone().with("schema", "s").with("table", "t").with("mode", "replace"),
            ),
            (
                Format::Postgres,
                json!({"table_name": "t", "mode": "upsert", "upsert_keys": ["a", "b"]}),
                "",
                none.with("table", "t").with("mode", "upsert").with("keys", vec!["a".to_owned(), "b".to_owned()]),
            ),
        ];
        for (format, options, destination, expected) in cases {
            assert_eq!(
                settings(format, &declaration(options.clone(), destination)),
                expected,
                "{options} {destination}"
            );
        }
    }
}
