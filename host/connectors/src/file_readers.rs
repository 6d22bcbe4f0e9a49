//! What reads formats of files that neither DuckDB nor this room reads.

use std::fmt;
use std::sync::Arc;

use crate::rows::RowConnector;
use crate::{ConnectorError, Format, Setting, SourceFiles};

/// Reads files of one format.
pub trait FileReader: Send + Sync {
    /// The format, in lower case.
    fn format(&self) -> &str;

    /// Files that are one table. None is opened yet, and there may be none: then only the settings count.
    ///
    /// # Errors
    /// A setting that the format does not have.
    fn open(&self, settings: &[Setting], files: &SourceFiles) -> Result<Arc<dyn RowConnector>, ConnectorError>;
}

/// All readers that there are. Cheap to clone.
#[derive(Clone, Default)]
pub struct FileReaders {
    readers: Arc<[Arc<dyn FileReader>]>,
}

impl FileReaders {
    /// These readers.
    pub fn new(readers: Vec<Arc<dyn FileReader>>) -> Self {
        Self { readers: readers.into() }
    }

    pub(crate) fn reader(&self, format: Format) -> Result<&dyn FileReader, ConnectorError> {
        let found = self.readers.iter().find(|reader| reader.format() == format.name());
        found.map(|reader| &**reader).ok_or(ConnectorError::NotReadable { format: format.name() })
    }
}

impl fmt::Debug for FileReaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.readers.iter().map(|reader| reader.format())).finish()
    }
}
