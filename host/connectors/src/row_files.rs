//! Formats of files that DuckDB neither reads nor writes: the host moves their rows.

use std::path::Path;
use std::sync::Arc;

use duckpen_database::{InputChunk, LogicalType, Session, StreamColumn};

use crate::arrow_file::{self, ArrowFileWriter, ArrowFiles};
use crate::excel::{self, ExcelWriter};
use crate::exportable::{Form, in_forms};
use crate::rows::RowConnector;
use crate::{ConnectorError, ConnectorKinds, FilePlace, Format, ParameterProblem, Setting, SourceFiles};

/// The connector that reads files of a format; none where DuckDB reads them. `kinds` has what else reads files.
///
/// # Errors
/// A format for which there is no reader, or a setting that it does not have.
pub fn row_files(
    format: Format,
    settings: &[Setting],
    files: &SourceFiles,
    kinds: &ConnectorKinds,
) -> Result<Option<Arc<dyn RowConnector>>, ConnectorError> {
    match format {
        Format::Csv | Format::Parquet | Format::Json => Ok(None),
        Format::Arrow => match settings.first() {
            None => Ok(Some(Arc::new(ArrowFiles::new(files)))),
            Some(setting) => Err(setting.unknown(format.name(), "reading")),
        },
        Format::Excel => {
            let reader = kinds.reader(format.name()).ok_or(ConnectorError::NotReadable { format: format.name() })?;
            if let Some(setting) = settings.iter().find(|setting| !reader.declares(&setting.name)) {
                return Err(setting.unknown(format.name(), "reading"));
            }
            let params = settings.iter().map(|setting| (setting.name.clone(), setting.value.to_json())).collect();
            if let Some(ParameterProblem { message, hint, .. }) =
                reader.problems(FilePlace::Store, &params).into_iter().next()
            {
                return Err(ConnectorError::Component { message, hint });
            }
            reader.open(&params, files).map(Some)
        }
    }
}

/// A file whose rows the host writes.
pub struct RowFile {
    columns: Vec<StreamColumn>,
    writer: Writer,
}

enum Writer {
    Arrow(Box<ArrowFileWriter>),
    Excel(Box<ExcelWriter>),
}

impl RowFile {
    /// The query with its columns as the format takes them; none for a format that DuckDB writes.
    ///
    /// # Errors
    /// When the query does not bind.
    pub fn query(format: Format, session: &Session, query: &str) -> Result<Option<String>, ConnectorError> {
        Ok(match format {
            Format::Csv | Format::Parquet | Format::Json => None,
            Format::Arrow => Some(in_forms(session, query, |kind| match kind.parse::<LogicalType>() {
                Ok(kind) if !arrow_file::is_text(&kind) => Form::AsIs,
                Ok(kind) if kind.element().is_some() || !kind.fields().is_empty() => Form::Json,
                _ => Form::Text,
            })?),
            Format::Excel => Some(in_forms(session, query, excel::form)?),
        })
    }

    /// Begins a file of these columns.
    ///
    /// # Errors
    /// A format that DuckDB writes, a setting that the format does not have, or a column it has no place for.
    pub fn create(
        format: Format,
        settings: &[Setting],
        path: &Path,
        columns: &[StreamColumn],
    ) -> Result<Self, ConnectorError> {
        let writer = match format {
            Format::Arrow => {
                if let Some(setting) = settings.first() {
                    return Err(setting.unknown(format.name(), "writing"));
                }
                Writer::Arrow(Box::new(ArrowFileWriter::create(path, columns)?))
            }
            Format::Excel => Writer::Excel(Box::new(ExcelWriter::create(settings, path, columns)?)),
            other => return Err(ConnectorError::UnknownFormat { format: other.name().to_owned() }),
        };
        Ok(Self { columns: columns.to_vec(), writer })
    }

    /// Writes rows.
    ///
    /// # Errors
    /// When the format has no place for a value, or the system refuses.
    pub fn write(&mut self, rows: &InputChunk<'_>) -> Result<(), ConnectorError> {
        match &mut self.writer {
            Writer::Arrow(file) => file.write(rows, &self.columns),
            Writer::Excel(file) => file.write(rows, &self.columns),
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// Those of the system.
    pub fn finish(self) -> Result<(), ConnectorError> {
        match self.writer {
            Writer::Arrow(file) => file.finish(),
            Writer::Excel(file) => file.finish(),
        }
    }
}
