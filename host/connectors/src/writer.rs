use std::path::Path;

use duckpen_database::{quote_identifier, quote_literal};

use crate::{ConnectorError, Format, Setting};

/// How a file is written.
#[derive(Debug, Clone)]
pub struct Writer {
    format: Format,
    options: Vec<String>,
}

impl Writer {
    /// A writer of a format.
    ///
    /// # Errors
    /// A setting that the format does not have, or of another kind.
    pub fn new(format: Format, settings: &[Setting]) -> Result<Self, ConnectorError> {
        let mut options = vec![format!("FORMAT {}", format.name())];
        if format == Format::Csv && !settings.iter().any(|setting| setting.name == "header") {
            options.push("HEADER true".to_owned());
        }
        for setting in settings {
            options.push(option(format, setting)?);
        }
        Ok(Self { format, options })
    }

    /// The format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The statement that writes the rows of `query` to a file.
    pub fn statement(&self, query: &str, file: &Path) -> String {
        let file = quote_literal(&file.display().to_string());
        format!("COPY ({query}\n) TO {file} ({})", self.options.join(", "))
    }
}

fn option(format: Format, setting: &Setting) -> Result<String, ConnectorError> {
    Ok(match (format, setting.name.as_str()) {
        (Format::Csv, "header") => format!("HEADER {}", setting.flag()?),
        (Format::Csv, "delimiter") => format!("DELIMITER {}", setting.literal()?),
        (Format::Csv, "quote") => format!("QUOTE {}", setting.literal()?),
        (Format::Csv, "null_text") => format!("NULLSTR {}", setting.literal()?),
        (Format::Csv | Format::Json, "compression") => {
            format!("COMPRESSION {}", setting.one_of(&["gzip", "zstd"], "gzip or zstd")?)
        }
        (Format::Parquet, "compression") => {
            let codecs = ["snappy", "zstd", "gzip", "lz4", "brotli", "uncompressed"];
            format!("COMPRESSION {}", setting.one_of(&codecs, "snappy, zstd, gzip, lz4, brotli or uncompressed")?)
        }
        (Format::Parquet, "partition_by") => {
            let columns: Vec<String> = setting.texts()?.iter().map(|column| quote_identifier(column)).collect();
            format!("PARTITION_BY ({})", columns.join(", "))
        }
        (Format::Parquet, "row_group_size") => format!("ROW_GROUP_SIZE {}", setting.positive()?),
        (Format::Json, "array") => format!("ARRAY {}", setting.flag()?),
        _ => return Err(setting.unknown(format.name(), "writing")),
    })
}
