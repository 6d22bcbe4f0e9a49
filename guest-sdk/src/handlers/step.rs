//! What each kind of step is granted.

use super::contract::{StepKind, destinations, sources};
use super::settings::Settings;
use super::tables::{Inputs, Table};
use crate::Error;

/// The grants of one kind of step, made by the host before the handler runs.
pub trait Step {
    /// The kind, as the contract names it.
    #[doc(hidden)]
    const KIND: StepKind;

    /// Takes hold of them.
    #[doc(hidden)]
    fn take() -> Self;
}

/// A SOURCE step: one place that may be defined for later steps to read.
#[derive(Debug)]
pub struct Source(());

impl Source {
    /// Says how the place is read: `format` is one the host has a reader for. Nothing is read yet.
    pub fn define(&self, format: &str, settings: &Settings) -> Result<(), Error> {
        Ok(sources::define(format, settings.as_slice())?)
    }
}

impl Step for Source {
    const KIND: StepKind = StepKind::Source;

    fn take() -> Self {
        Self(())
    }
}

/// A LOAD step: inputs to read and a table to write.
#[derive(Debug)]
pub struct Load {
    /// What may be read.
    pub inputs: Inputs,
    /// What may be written.
    pub target: Table,
}

impl Step for Load {
    const KIND: StepKind = StepKind::Load;

    fn take() -> Self {
        Self { inputs: Inputs(()), target: Table::target() }
    }
}

/// A transform step: inputs to read and a table or view to write.
#[derive(Debug)]
pub struct Transform {
    /// What may be read.
    pub inputs: Inputs,
    /// What may be written.
    pub target: Table,
}

impl Step for Transform {
    const KIND: StepKind = StepKind::Transform;

    fn take() -> Self {
        Self { inputs: Inputs(()), target: Table::target() }
    }
}

/// An EXPORT step: inputs to read and a place to write to.
#[derive(Debug)]
pub struct Export {
    /// What may be read.
    pub inputs: Inputs,
    /// Where the rows go.
    pub destination: Destination,
}

impl Step for Export {
    const KIND: StepKind = StepKind::Export;

    fn take() -> Self {
        Self { inputs: Inputs(()), destination: Destination(()) }
    }
}

/// The place that an EXPORT step was given.
#[derive(Debug)]
pub struct Destination(());

impl Destination {
    /// Writes the query's rows; they appear when the step is complete. Returns how many.
    pub fn write(&self, format: &str, settings: &Settings, query: &str) -> Result<u64, Error> {
        Ok(destinations::write(format, settings.as_slice(), query)?)
    }
}
