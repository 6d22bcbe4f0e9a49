//! What the plan says of an EXPORT step.

use duckpen::{Error, ErrorKind, FileFormat, NO_FILE_FORMAT, did_you_mean};
use serde::Deserialize;
use serde_json::{Map, Value};

/// An EXPORT step.
#[derive(Debug, Deserialize)]
pub struct Declaration {
    /// The rows.
    pub query: String,
    /// As the user wrote it, in any case of letters.
    pub connector_type: String,
    /// The format's options.
    #[serde(default)]
    pub options: Map<String, Value>,
    /// What the destination is called, for what its ending says of the format; the table's name where there is no other.
    #[serde(default)]
    pub destination_name: String,
    /// Connectors that were brought to the host. They judge their options themselves.
    #[serde(default)]
    pub brought: Vec<String>,
    /// `s3` where it lies in an object store.
    #[serde(default)]
    pub store: Option<String>,
}

/// The format that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Separated values.
    Csv,
    /// A Parquet file.
    Parquet,
    /// An array of objects, or one object a line.
    Json,
    /// A file of Apache Arrow.
    Arrow,
    /// A workbook of Excel.
    Excel,
    /// A table of a PostgreSQL server.
    Postgres,
}

impl Format {
    /// The host's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Json => "json",
            Self::Arrow => "arrow",
            Self::Excel => "excel",
            Self::Postgres => "postgres",
        }
    }
}

impl Declaration {
    /// The connector's name, where it was brought.
    pub fn brought(&self) -> Option<&str> {
        let wanted = &self.connector_type;
        self.brought.iter().find(|brought| brought.eq_ignore_ascii_case(wanted)).map(String::as_str)
    }

    /// Whether the type names no format, but where the file goes.
    pub fn is_s3(&self) -> bool {
        self.connector_type.eq_ignore_ascii_case("s3")
    }

    /// The format of a file in an object store, where the type does not name it: as the options say, or else the ending of
    /// the object's name.
    pub fn file_format(&self) -> Option<FileFormat> {
        let word = |name: &str| self.options.get(name).and_then(Value::as_str);
        let given = word("file_format").or_else(|| word("format").filter(|word| FileFormat::of_word(word).is_some()));
        match given {
            Some(word) => FileFormat::of_word(word),
            None => FileFormat::of_name(&self.destination_name),
        }
    }

    /// The format that is written: that of `connector_type`, or of the object.
    pub fn format(&self) -> Result<Format, Error> {
        if self.is_s3() {
            return match self.file_format() {
                Some(FileFormat::Csv | FileFormat::Tsv) => Ok(Format::Csv),
                Some(FileFormat::Parquet) => Ok(Format::Parquet),
                Some(FileFormat::Json | FileFormat::JsonLines) => Ok(Format::Json),
                Some(FileFormat::Arrow) => Ok(Format::Arrow),
                Some(FileFormat::Excel) => Ok(Format::Excel),
                None => {
                    let error = Error::new(ErrorKind::InvalidConfiguration, "Required field 'file_format' is missing");
                    Err(error.with_hint(NO_FILE_FORMAT))
                }
            };
        }
        match self.connector_type.to_ascii_lowercase().as_str() {
            "csv" => Ok(Format::Csv),
            "parquet" => Ok(Format::Parquet),
            "json" => Ok(Format::Json),
            "arrow" => Ok(Format::Arrow),
            "excel" => Ok(Format::Excel),
            "postgres" => Ok(Format::Postgres),
            other => {
                let upper = other.to_ascii_uppercase();
                let message = match other {
                    "sqlite" | "duckdb" | "rest" | "shopify" | "google_sheets" => {
                        format!("EXPORT to {upper} is not supported: no handler writes to it")
                    }
                    _ => format!("Unknown connector type: {upper}"),
                };
                let own = ["CSV", "PARQUET", "JSON", "ARROW", "EXCEL", "POSTGRES", "S3"].map(str::to_owned);
                let known: Vec<String> =
                    own.into_iter().chain(self.brought.iter().map(|name| name.to_ascii_uppercase())).collect();
                let near = did_you_mean(other, known.iter().map(String::as_str))
                    .map(|near| format!("Did you mean '{near}'? "))
                    .unwrap_or_default();
                let hint = format!("{near}Available connector types: {}", known.join(", "));
                Err(Error::new(ErrorKind::Unsupported, message).with_hint(hint))
            }
        }
    }
}
