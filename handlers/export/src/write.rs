//! From the user's options to the host's settings.

use duckpen::{FileFormat, Options, Settings, packing_of};

use crate::declaration::{Declaration, Format};
use crate::options;

/// The settings of the host's writer.
pub fn settings(format: Format, declaration: &Declaration) -> Settings {
    let options = Options::new(options::options(format, declaration), &declaration.options);
    let settings = Settings::default();
    let packing = || {
        let told = || packing_of(&declaration.destination_name).map(str::to_owned);
        options.choice("compression").or_else(told).filter(|packing| packing != "none")
    };
    let is = |wanted: FileFormat| declaration.is_s3() && declaration.file_format() == Some(wanted);
    match format {
        Format::Csv => settings
            .with("header", options.flag("header").unwrap_or(true))
            .with_some("delimiter", options.text("delimiter").or(is(FileFormat::Tsv).then_some("\t")))
            .with_some("quote", options.text("quote_char"))
            .with_some("null_text", options.text("null_text"))
            .with_some("compression", packing()),
        Format::Parquet => settings
            .with_some("compression", options.choice("compression"))
            .with_some("row_group_size", options.count("row_group_size"))
            .with_some("partition_by", partition_by(&options).filter(|columns| !columns.is_empty())),
        Format::Json => {
            let array = match options.choice("format").as_deref() {
                Some("array") => true,
                Some("newline_delimited") => false,
                _ if declaration.is_s3() => !is(FileFormat::JsonLines),
                _ => FileFormat::of_name(&declaration.destination_name) != Some(FileFormat::JsonLines),
            };
            settings.with("array", array).with_some("compression", packing())
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

/// The columns by whose values rows are parted: a list, or names with commas between them, as SQLFlow has it.
fn partition_by(options: &Options<'_>) -> Option<Vec<String>> {
    match options.text("partition_by") {
        Some(names) => {
            let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
            Some(names.map(str::to_owned).collect())
        }
        None => options.texts("partition_by"),
    }
}

/// The table that is written: the option's, or what the destination is called.
pub fn table<'o>(options: &Options<'o>, destination_name: &'o str) -> Option<&'o str> {
    let given = options.text("table").or_else(|| options.text("table_name"));
    given.or(Some(destination_name)).filter(|name| !name.is_empty())
}

/// `append`, `replace` or `upsert`.
pub fn write_mode(options: &Options<'_>) -> String {
    match ["mode", "write_mode", "if_exists"].iter().find_map(|name| options.choice(name)).as_deref() {
        None | Some("insert") => "append".to_owned(),
        Some("overwrite") => "replace".to_owned(),
        Some(mode) => mode.to_owned(),
    }
}

/// The columns that tell rows apart.
pub fn upsert_keys(options: &Options<'_>) -> Option<Vec<String>> {
    options.texts("upsert_keys").or_else(|| options.texts("primary_key"))
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
    fn an_object_has_the_format_of_its_name_or_of_its_options() {
        let none = Settings::default();
        for (options, destination, format, expected) in [
            (json!({}), "a.parquet", "parquet", none.clone()),
            (json!({}), "a.tsv", "csv", none.clone().with("header", true).with("delimiter", "\t")),
            (json!({"file_format": "jsonl"}), "a", "json", none.clone().with("array", false)),
            (json!({"format": "json"}), "a.jsonl", "json", none.clone().with("array", true)),
            (json!({"format": "newline_delimited"}), "a.json", "json", none.clone().with("array", false)),
            (json!({"file_format": "csv"}), "a.gz", "csv", none.with("header", true).with("compression", "gzip")),
        ] {
            let declaration = Declaration { connector_type: "S3".into(), ..declaration(options.clone(), destination) };
            let found = declaration.format().expect("a format");
            assert_eq!(found.name(), format, "{options} {destination}");
            assert_eq!(settings(found, &declaration), expected, "{options} {destination}");
        }
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
            (
                Format::Parquet,
                json!({"partition_by": "year, month"}),
                "a",
                none.clone().with("partition_by", vec!["year".to_owned(), "month".to_owned()]),
            ),
            (
                Format::Parquet,
                json!({"partition_by": ["a,b"]}),
                "a",
                none.clone().with("partition_by", vec!["a,b".to_owned()]),
            ),
            (Format::Parquet, json!({"row_group_size": 1000}), "a", none.clone().with("row_group_size", 1000)),
            (Format::Json, json!({}), "a.json", none.clone().with("array", true)),
            (Format::Json, json!({}), "a.NDJSON", none.clone().with("array", false)),
            (Format::Json, json!({}), "a.jsonl", none.clone().with("array", false)),
            (Format::Json, json!({"format": "array"}), "a.jsonl", none.clone().with("array", true)),
            (Format::Json, json!({}), "a.jsonl.gz", none.clone().with("array", false).with("compression", "gzip")),
            (Format::Csv, json!({}), "a.csv.zst", none.clone().with("header", true).with("compression", "zstd")),
            (Format::Csv, json!({"compression": "none"}), "a.csv.gz", none.clone().with("header", true)),
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
                json!({"table": "t", "if_exists": "replace"}),
                "",
                none.clone().with("table", "t").with("mode", "replace"),
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
