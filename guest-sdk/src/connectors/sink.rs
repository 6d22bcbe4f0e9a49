//! Rows that go to a system.

use serde::de::DeserializeOwned;

use super::connector::{Connector, Parameter};
use super::host::Host;
use super::rows::Rows;
use super::source::Field;
use crate::Error;

/// A connector that is written to.
pub trait Sink: Connector {
    /// What is written and how: the values of [`sink_parameters`](Self::sink_parameters).
    type Selection: DeserializeOwned;

    /// Takes the rows of one step.
    type Writer: Writer;

    /// What is written and how: these stand in an EXPORT step.
    fn sink_parameters() -> Vec<Parameter>;

    /// Begins to write.
    ///
    /// # Errors
    /// When the selection is none, or the rows do not suit the system.
    fn open(
        configuration: Self::Configuration,
        selection: Self::Selection,
        delivery: Delivery,
        host: &Host,
    ) -> Result<Self::Writer, Error>;
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    /// The name behind EXPORT TO; may be empty.
    pub destination: String,
    /// The columns of the rows.
    pub fields: Vec<Field>,
    /// The same whenever the same step of the same run is tried again, and different otherwise.
    pub idempotency_key: String,
}

/// Takes rows.
pub trait Writer: 'static {
    /// Takes the next rows. It may keep them until a request is full.
    ///
    /// # Errors
    /// The step fails with them.
    fn write(&mut self, rows: &Rows<'_>) -> Result<(), Error>;

    /// All rows are in: sends what was kept.
    ///
    /// # Errors
    /// The step fails with them.
    fn finish(self) -> Result<Written, Error>;
}

/// How many rows were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// That were not there before, or of which it is not known.
    pub inserted: u64,
    /// That were there with other values.
    pub updated: u64,
}
