//! Functions in any language, and connectors in Rust.
//!
//! [`new`] writes what a function of a [`Language`] begins with, [`new_connector`] what a connector does, and [`build`] makes
//! components of them with the compiler of their language. [`PythonModules`] are the functions of a SQLFlow project. The SDKs and the contracts are part of this crate, so neither needs the network; a compiler that is not
//! there is an error that says how to get it.

mod build;
mod contract;
mod definitions;
mod error;
mod fingerprint;
mod language;
mod languages;
mod manifest;
mod modules;
mod new;
mod process;
mod sdk;

pub use build::{Built, build};
pub use definitions::{DefinedParameter, Definition, Definitions};
pub use error::ToolchainError;
pub use language::Language;
pub use manifest::{Kind, Manifest, find};
pub use modules::{BuiltModules, MODULES, PythonModules};
pub use new::{Created, Origin, new, new_connector};
