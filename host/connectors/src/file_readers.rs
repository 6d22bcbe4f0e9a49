//! What reads formats of files that neither DuckDB nor this room reads.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::rows::RowConnector;
use crate::{ConnectorError, ParameterProblem, SourceFiles};

/// Where files lie that a step reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilePlace {
    /// In the project: `path` names them.
    Project,
    /// In an object store, whose parameters are judged by others.
    Store,
}

/// Reads files of one format, which somebody else brings.
pub trait FileReader: Send + Sync {
    /// The format, in lower case: the type by which pipelines name it.
    fn format(&self) -> &str;

    /// Whether it has a parameter of this name.
    fn declares(&self, parameter: &str) -> bool;

    /// What is wrong with the parameters of a SOURCE step of files that lie there.
    fn problems(&self, place: FilePlace, params: &Map<String, Value>) -> Vec<ParameterProblem>;

    /// Files that are one table, to be read as the parameters say; those that are not the format's are let be. None is opened
    /// yet.
    ///
    /// # Errors
    /// When there is no reader after all.
    fn open(&self, params: &Map<String, Value>, files: &SourceFiles) -> Result<Arc<dyn RowConnector>, ConnectorError>;
}
