//! Files of SQLite, read by SQLite itself.

mod scan;
mod source;
mod types;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::limits::Limit;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};
use serde_json::{Map, Value};

use crate::parameters::Parameters;
use crate::rows::{Cancel, Relation, RowConnector, RowSink, RowSource, Target};
use crate::{ConnectorError, ProjectFiles, RemoteError, RemoteFailure};

/// The name of the connector, as pipelines and profiles have it.
pub(crate) const NAME: &str = "sqlite";

/// A file of the project.
pub(crate) struct SqliteConnector {
    file: SqliteFile,
}

/// Where a file lies, and as it was written.
#[derive(Clone)]
struct SqliteFile {
    path: PathBuf,
    place: String,
}

impl SqliteConnector {
    /// Finds the file, inside the project.
    pub(crate) fn new(params: &Map<String, Value>, files: &ProjectFiles) -> Result<Self, ConnectorError> {
        let parameters = Parameters::new(NAME, params);
        let place = parameters.text("path")?.ok_or_else(|| parameters.bad("path", "a file of the project"))?;
        let found = files.source(&place)?.paths;
        match <[PathBuf; 1]>::try_from(found) {
            Ok([path]) => Ok(Self { file: SqliteFile { path, place: format!("sqlite {place}") } }),
            Err(_) => Err(parameters.bad("path", "one file, and no pattern")),
        }
    }
}

impl SqliteFile {
    /// Opens it for reading. Other files cannot be reached through it.
    fn open(&self) -> Result<Connection, ConnectorError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(Path::new(&self.path), flags).and_then(|connection| {
            connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
            Ok(connection)
        });
        opened.map_err(|error| self.explain(&error))
    }

    fn explain(&self, error: &Error) -> ConnectorError {
        let message = match error {
            Error::SqliteFailure(_, Some(message)) => message.clone(),
            other => other.to_string(),
        };
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => RemoteFailure::Busy,
            Some(ErrorCode::OperationInterrupted) => return ConnectorError::Cancelled,
            _ if message.starts_with("no such table") || message.starts_with("no such column") => {
                RemoteFailure::NoSuchRelation
            }
            _ => RemoteFailure::Rejected,
        };
        RemoteError::new(&self.place, kind, message).into()
    }
}

impl RowConnector for SqliteConnector {
    fn source(&self, relation: &Relation, _: &Cancel) -> Result<Arc<dyn RowSource>, ConnectorError> {
        Ok(Arc::new(source::SqliteSource::open(self.file.clone(), relation)?))
    }

    fn sink(&self, _: &Target, _: &Cancel) -> Result<Box<dyn RowSink>, ConnectorError> {
        Err(ConnectorError::NotWritable { connector: NAME.to_owned() })
    }

    fn test(&self, _: &Cancel) -> Result<String, ConnectorError> {
        let question = "SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'view')";
        let tables: i64 =
            self.file.open()?.query_row(question, [], |row| row.get(0)).map_err(|error| self.file.explain(&error))?;
        Ok(format!("SQLite {}, {tables} tables and views", rusqlite::version()))
    }
}
