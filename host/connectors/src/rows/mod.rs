//! Rows that come from and go to systems which DuckDB does not read and write itself.
//!
//! A [`RowConnector`] is chosen by the type of a connector. It opens a [`RowSource`], whose rows DuckDB takes through a
//! table function of ours ([`Scans`]), or a [`RowSink`], which is handed the batches of a streamed result. Both are called
//! from threads that may block; what is asynchronous behind them runs on the runtime of
//! [`Connectors`](crate::Connectors).

mod cancel;
mod columns;
mod cursor;
mod dataset;
mod delivery;
mod relation;
mod scans;
mod sink;
mod source;

pub use cancel::Cancel;
pub(crate) use columns::{ColumnBuffer, RowBuffer};
pub use cursor::{CursorRange, CursorValue, LowerBound};
pub use dataset::Dataset;
pub use delivery::Delivery;
pub use relation::{Relation, Target, WriteMode};
pub use scans::{ScanBinding, Scans};
pub use sink::{Begun, RowSink, Written};
pub use source::{RowScan, RowSource, ScanRequest};

use std::sync::Arc;

use crate::ConnectorError;

/// One configured connector: a server with its credentials, or a file of the project.
pub trait RowConnector: Send + Sync {
    /// Opens rows for reading: looks at their columns, and reads none yet.
    ///
    /// # Errors
    /// When it cannot be reached, has no such relation, or the relation has a column that cannot be read.
    fn source(&self, relation: &Relation, cancel: &Cancel) -> Result<Arc<dyn RowSource>, ConnectorError>;

    /// Prepares writing. Nothing is written before [`RowSink::begin`].
    ///
    /// # Errors
    /// [`ConnectorError::NotWritable`] where it only reads.
    fn sink(&self, target: &Target, cancel: &Cancel) -> Result<Box<dyn RowSink>, ConnectorError>;

    /// Whether it can be reached and used, and what answered: `PostgreSQL 15.6, database shop`.
    ///
    /// # Errors
    /// What failed, with a hint.
    fn test(&self, cancel: &Cancel) -> Result<String, ConnectorError>;

    /// As [`sink`](Self::sink), for a connector that has no tables. Nothing is sent before [`RowSink::begin`].
    ///
    /// # Errors
    /// [`ConnectorError::NotWritable`] where it only reads.
    fn deliver(&self, _delivery: &Delivery, _cancel: &Cancel) -> Result<Box<dyn RowSink>, ConnectorError> {
        Err(ConnectorError::Host("a connector with tables was given rows for none".to_owned()))
    }

    /// What can be read; none where it does not tell.
    ///
    /// # Errors
    /// When it cannot be reached.
    fn discover(&self, _cancel: &Cancel) -> Result<Option<Vec<Dataset>>, ConnectorError> {
        Ok(None)
    }
}
