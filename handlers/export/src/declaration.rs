//! What the plan says of an EXPORT step.

use duckpen::{Error, ErrorKind, did_you_mean};
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

    /// The format that `connector_type` names.
    pub fn format(&self) -> Result<Format, Error> {
        match self.connector_type.to_ascii_lowercase().as_str() {
            "csv" => Ok(Format::Csv),
            "parquet" => Ok(Format::Parquet),
            "json" => Ok(Format::Json),
            "postgres" => Ok(Format::Postgres),
            other => {
                let upper = other.to_ascii_uppercase();
                let message = match other {
                    "sqlite" | "duckdb" | "s3" | "rest" | "shopify" | "google_sheets" => {
                        format!("EXPORT to {upper} is not supported: no handler writes to it")
                    }
                    _ => format!("Unknown connector type: {upper}"),
                };
                let own = ["CSV", "PARQUET", "JSON", "POSTGRES"].map(str::to_owned);
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
