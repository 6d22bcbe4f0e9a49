use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{ConnectorError, ConnectorKinds};

/// A format of files that the host reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Separated values.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// JSON, as an array of objects or one object a line.
    Json,
    /// Apache Arrow's IPC format for files.
    Arrow,
    /// A workbook of Excel, which is read by a [`FileReader`](crate::FileReader).
    Excel,
}

impl Format {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Json => "json",
            Self::Arrow => crate::arrow_file::NAME,
            Self::Excel => crate::excel::NAME,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = ConnectorError;

    fn from_str(name: &str) -> Result<Self, ConnectorError> {
        match name {
            "csv" => Ok(Self::Csv),
            "parquet" => Ok(Self::Parquet),
            "json" => Ok(Self::Json),
            "arrow" => Ok(Self::Arrow),
            "excel" => Ok(Self::Excel),
            _ => Err(ConnectorError::UnknownFormat { format: name.to_owned() }),
        }
    }
}

/// A kind of system whose rows the host carries itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFormat {
    /// A PostgreSQL server.
    Postgres,
    /// A file of SQLite.
    Sqlite,
    /// Another file of DuckDB.
    Duckdb,
    /// A system of a kind that was brought, by its name.
    Brought(Arc<str>),
}

impl RowFormat {
    /// As pipelines and profiles have it.
    pub fn name(&self) -> &str {
        match self {
            Self::Postgres => crate::postgres::NAME,
            Self::Sqlite => crate::sqlite::NAME,
            Self::Duckdb => crate::duckdb_file::NAME,
            Self::Brought(name) => name,
        }
    }
}

impl ConnectorKinds {
    /// The connector of this type, where it is one whose rows the host carries, of itself or because it was brought.
    pub fn row_format(&self, connector_type: &str) -> Option<RowFormat> {
        let brought = || self.find(connector_type).map(|kind| RowFormat::Brought(kind.name().into()));
        connector_type.parse().ok().or_else(brought)
    }
}

impl FromStr for RowFormat {
    type Err = ConnectorError;

    fn from_str(name: &str) -> Result<Self, ConnectorError> {
        match name.to_lowercase().as_str() {
            "postgres" => Ok(Self::Postgres),
            "sqlite" => Ok(Self::Sqlite),
            "duckdb" => Ok(Self::Duckdb),
            _ => Err(ConnectorError::UnknownConnector { connector: name.to_owned() }),
        }
    }
}
