use std::fmt;
use std::str::FromStr;

use crate::ConnectorError;

/// A format of files that the host reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Separated values.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// JSON, as an array of objects or one object a line.
    Json,
}

impl Format {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Json => "json",
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
            _ => Err(ConnectorError::UnknownFormat { format: name.to_owned() }),
        }
    }
}
