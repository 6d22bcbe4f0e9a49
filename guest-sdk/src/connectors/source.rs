//! Rows that come from a system.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::connector::{Connector, Parameter};
use super::host::Host;
use crate::{Batch, Error};

/// A connector that is read from.
pub trait Source: Connector {
    /// What is read: the values of [`source_parameters`](Self::source_parameters).
    type Selection: DeserializeOwned;

    /// Rows of one shape.
    type Relation: Relation;

    /// What is read of the system: these stand in a SOURCE step.
    fn source_parameters() -> Vec<Parameter>;

    /// What can be read; empty where the system does not tell.
    ///
    /// # Errors
    /// When the system cannot be asked.
    fn discover(configuration: Self::Configuration, host: &Host) -> Result<Vec<Dataset>, Error>;

    /// The rows that are wanted, with their shape.
    ///
    /// # Errors
    /// When the selection is none, or the system cannot be asked for the shape.
    fn open(
        configuration: Self::Configuration,
        selection: Self::Selection,
        host: &Host,
    ) -> Result<Self::Relation, Error>;
}

/// Rows that are wanted, with a shape that is known.
pub trait Relation: 'static {
    /// Where a read ended, and the next one may go on: the host keeps it as JSON. `()` where there is nothing to keep.
    type State: Serialize + DeserializeOwned + 'static;

    /// One read.
    type Reader: Reader<State = Self::State>;

    /// The columns of the rows; at least one.
    fn fields(&self) -> Vec<Field>;

    /// Rows, as far as the system tells.
    fn estimated_rows(&self) -> Option<u64> {
        None
    }

    /// Begins to read; it may begin several times. `projection` has the numbers of the fields that are wanted. `since` is
    /// the state in which an earlier read ended: what that has read is left out.
    ///
    /// # Errors
    /// The step fails with them.
    fn read(&self, projection: &[usize], since: Option<Self::State>) -> Result<Self::Reader, Error>;
}

/// One read.
pub trait Reader: 'static {
    /// See [`Relation::State`].
    type State;

    /// Fills the next batch, or leaves it without rows at the end. A batch that could be filled from several requests need
    /// not be full.
    ///
    /// # Errors
    /// The step fails with them.
    fn next(&mut self, batch: &mut Batch) -> Result<(), Error>;

    /// Asked when the end was reached: where the next read may go on.
    fn state(&self) -> Option<Self::State> {
        None
    }
}

/// A column; the type is in DuckDB's spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type: `BIGINT`, `DECIMAL(18,2)`.
    pub logical_type: String,
}

impl Field {
    /// A column.
    pub fn new(name: impl Into<String>, logical_type: impl Into<String>) -> Self {
        Self { name: name.into(), logical_type: logical_type.into() }
    }
}

/// Something that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dataset {
    /// Its name.
    pub name: String,
    /// Empty where it is not known before it is read.
    pub fields: Vec<Field>,
    /// Columns that tell rows apart, where the system has such.
    pub primary_key: Vec<String>,
    /// Whether a read can go on where another ended.
    pub is_incremental: bool,
    /// For people.
    pub doc: Option<String>,
}
