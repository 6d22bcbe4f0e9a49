//! What the plan says of a SOURCE step.

use duckpen::{Error, ErrorKind, did_you_mean};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A SOURCE step.
#[derive(Debug, Deserialize)]
pub struct Declaration {
    /// The name by which later steps read it.
    pub name: String,
    /// As the user wrote it, in any case of letters.
    pub connector_type: String,
    /// The connector's parameters; none of a connector that was brought.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// Connectors that were brought to the host. They judge their parameters themselves.
    #[serde(default)]
    pub brought: Vec<String>,
    /// Those of them that read files of a format.
    #[serde(default)]
    pub brought_formats: Vec<String>,
}

/// What reads the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connector {
    /// Separated values.
    Csv,
    /// Parquet files.
    Parquet,
    /// An array of objects, or one object a line.
    Json,
    /// Files of Apache Arrow.
    Arrow,
    /// Workbooks of Excel.
    Excel,
    /// Tables and queries of a PostgreSQL server.
    Postgres,
    /// Tables and queries of an SQLite file.
    Sqlite,
    /// Tables and queries of a file of DuckDB.
    Duckdb,
    /// Files in an object store.
    S3,
}

impl Connector {
    /// As messages have it, in lower case; the host's name of the format, but for files in an object store, which have one of
    /// several.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Json => "json",
            Self::Arrow => "arrow",
            Self::Excel => "excel",
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
            Self::Duckdb => "duckdb",
            Self::S3 => "s3",
        }
    }
}

impl Declaration {
    /// The connector's name, where it was brought.
    pub fn brought(&self) -> Option<&str> {
        let wanted = &self.connector_type;
        self.brought.iter().find(|brought| brought.eq_ignore_ascii_case(wanted)).map(String::as_str)
    }

    /// The format of objects in a store, where it is one that was brought.
    pub fn brought_object_format(&self) -> Option<&str> {
        let word = |name: &str| self.params.get(name).and_then(Value::as_str);
        let is_objects = self.connector_type.eq_ignore_ascii_case(Connector::S3.name());
        let wanted = word("file_format").or_else(|| word("format")).filter(|_| is_objects)?;
        self.brought_formats.iter().find(|format| format.eq_ignore_ascii_case(wanted)).map(String::as_str)
    }

    /// The connector that `connector_type` names.
    pub fn connector(&self) -> Result<Connector, Error> {
        match self.connector_type.to_ascii_lowercase().as_str() {
            "csv" => Ok(Connector::Csv),
            "parquet" => Ok(Connector::Parquet),
            "json" => Ok(Connector::Json),
            "arrow" => Ok(Connector::Arrow),
            "excel" => Ok(Connector::Excel),
            "postgres" => Ok(Connector::Postgres),
            "sqlite" => Ok(Connector::Sqlite),
            "duckdb" => Ok(Connector::Duckdb),
            "s3" => Ok(Connector::S3),
            other => {
                let own = ["CSV", "PARQUET", "JSON", "ARROW", "EXCEL", "POSTGRES", "SQLITE", "DUCKDB", "S3"];
                let own = own.map(str::to_owned);
                let known: Vec<String> =
                    own.into_iter().chain(self.brought.iter().map(|name| name.to_ascii_uppercase())).collect();
                let hint = match did_you_mean(other, known.iter().map(String::as_str)) {
                    Some(near) => format!("Did you mean '{near}'? "),
                    None => String::new(),
                };
                let message = format!("Unknown connector type: {}", self.connector_type.to_ascii_uppercase());
                let hint = format!("{hint}Available connector types: {}", known.join(", "));
                Err(Error::new(ErrorKind::Unsupported, message).with_hint(hint))
            }
        }
    }
}
