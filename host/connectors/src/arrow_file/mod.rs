//! Files of Apache Arrow: its IPC format for random access, which Feather 2 is, too.

mod decode;
mod encode;
mod packing;
mod reader;
mod source;
mod types;
mod writer;

use std::sync::Arc;

use crate::rows::{Cancel, Relation, RowConnector, RowSink, RowSource, Target};
use crate::{ConnectorError, SourceFiles};

pub(crate) use types::is_text;
pub(crate) use writer::ArrowFileWriter;

/// The name of the format, as pipelines and profiles have it.
pub(crate) const NAME: &str = "arrow";

/// Files that have the same columns, read one after the other.
pub(crate) struct ArrowFiles {
    files: SourceFiles,
}

impl ArrowFiles {
    /// Nothing is opened yet.
    pub(crate) fn new(files: &SourceFiles) -> Self {
        Self { files: files.clone() }
    }
}

impl RowConnector for ArrowFiles {
    fn source(&self, _: &Relation, _: &Cancel) -> Result<Arc<dyn RowSource>, ConnectorError> {
        Ok(Arc::new(source::ArrowFileSource::open(self.files.clone())?))
    }

    fn sink(&self, _: &Target, _: &Cancel) -> Result<Box<dyn RowSink>, ConnectorError> {
        Err(ConnectorError::NotWritable { connector: NAME.to_owned() })
    }

    fn test(&self, _: &Cancel) -> Result<String, ConnectorError> {
        let source = source::ArrowFileSource::open(self.files.clone())?;
        Ok(format!("{} files of Arrow, {} columns", self.files.paths.len(), source.columns().len()))
    }
}
