//! Other files of DuckDB, opened for reading by an instance of their own, which is locked down.

mod scan;
mod source;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use duckpen_database::{Access, Database, LockDown, Options, Value as DatabaseValue};
use serde_json::{Map, Value};

use crate::parameters::Parameters;
use crate::rows::{Cancel, Relation, RowConnector, RowSink, RowSource, Target};
use crate::{ConnectorError, ProjectFiles};

/// The name of the connector, as pipelines and profiles have it.
pub(crate) const NAME: &str = "duckdb";

/// Bytes that the other instance may hold: it streams.
const MEMORY: u64 = 512 << 20;

/// A file of the project.
pub(crate) struct DuckdbFileConnector {
    path: PathBuf,
    /// Opened when it is needed first.
    database: Mutex<Option<Database>>,
}

impl DuckdbFileConnector {
    /// Finds the file, inside the project.
    pub(crate) fn new(params: &Map<String, Value>, files: &ProjectFiles) -> Result<Self, ConnectorError> {
        let parameters = Parameters::new(NAME, params);
        let place = parameters.text("path")?.ok_or_else(|| parameters.bad("path", "a file of the project"))?;
        match <[PathBuf; 1]>::try_from(files.source(&place)?.paths) {
            Ok([path]) => Ok(Self { path, database: Mutex::default() }),
            Err(_) => Err(parameters.bad("path", "one file, and no pattern")),
        }
    }

    fn database(&self) -> Result<Database, ConnectorError> {
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = &*database {
            return Ok(open.clone());
        }
        let options = Options {
            access: Access::ReadOnly,
            threads: NonZeroUsize::new(2),
            memory_limit: Some(MEMORY),
            ..Options::file(&self.path)
        };
        let opened = Database::open(options)?;
        opened.lock_down(&LockDown::default())?;
        Ok(database.insert(opened).clone())
    }
}

impl RowConnector for DuckdbFileConnector {
    fn source(&self, relation: &Relation, _: &Cancel) -> Result<Arc<dyn RowSource>, ConnectorError> {
        Ok(Arc::new(source::DuckdbFileSource::open(self.database()?, relation)?))
    }

    fn sink(&self, _: &Target, _: &Cancel) -> Result<Box<dyn RowSink>, ConnectorError> {
        Err(ConnectorError::NotWritable { connector: NAME.to_owned() })
    }

    fn test(&self, _: &Cancel) -> Result<String, ConnectorError> {
        let session = self.database()?.connect()?;
        let tables = session.query("SELECT count(*) FROM duckdb_tables() WHERE NOT internal")?;
        let count = tables.first().map_or_else(|| "0".to_owned(), DatabaseValue::to_string);
        Ok(format!("a database of DuckDB, {count} tables"))
    }
}
