//! Functions of components as functions of SQL.
//!
//! [`Library::load`] asks a component what it offers (`describe`), checks that, and [`Library::register`] makes it known
//! to a database. From then on DuckDB calls the functions on its own threads: each thread that works on a call has an
//! instance of its own, so that none waits for another. Arguments go from DuckDB's vectors to the guest's memory in one
//! copy, results back in one.

mod aggregate;
mod bindings;
mod columns;
mod declaration;
mod describe;
pub mod exchange;
mod failure;
mod host;
mod library;
mod modules;
mod plain;
mod relation;
mod resident;
mod scalar;
mod statistics;
mod table;

pub use declaration::{DeclaredFunction, FunctionKind, InitialState, Parameter};
pub use describe::LibraryError;
pub use host::GRANTED_INTERFACES;
pub use library::Library;
pub use modules::{Module, ModuleProblem, ModuleScalar};
pub use plain::Unmapped;
pub use relation::{Handover, RelationCall, RelationFunction};
pub use statistics::{FunctionStatistics, Statistics};
