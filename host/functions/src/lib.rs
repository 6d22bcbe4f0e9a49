//! Functions of components as functions of SQL.
//!
//! [`Library::load`] asks a component what it offers (`describe`), checks that, and [`Library::register`] makes it known
//! to a database. From then on DuckDB calls the functions on its own threads: each thread that works on a call has an
//! instance of its own, so that none waits for another. Arguments go from DuckDB's vectors to the guest's memory in one
//! copy, results back in one.

mod arguments;
mod bindings;
mod constants;
mod evaluator;
mod library;
mod results;
mod scalar;
mod statistics;

pub use library::{DeclaredFunction, Library, LibraryError, Parameter};
pub use statistics::{FunctionStatistics, Statistics};

/// The interface a component of scalar functions exports.
pub const SCALAR_INTERFACE: &str = "duckpen:functions/scalar@0.1.0";

/// The interfaces such a component may import.
pub const GRANTED_INTERFACES: &[&str] = &["duckpen:functions/results@0.1.0", "duckpen:functions/log@0.1.0"];
