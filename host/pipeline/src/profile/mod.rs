//! Profiles: the database, variables and named connectors of an environment.

mod connector;
mod error;
mod mask;
mod read;
mod secret;
mod value;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::settings::Problem;
use crate::variables::Value;

pub use connector::{Connector, ConnectorSettings, MissingVariables};
pub use error::ProfileError;
pub use mask::mask_secret_lines;
pub use secret::is_secret_name;
pub(crate) use secret::{HIDDEN, without_url_password};
pub use value::{ProfileValue, Reference};

/// `profiles/<name>.yml`. Its `Debug` output shows no secret.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    /// The section `engines.duckdb`.
    pub engine: Engine,
    /// The section `variables`, those in [`Profile::unset`] left out.
    pub variables: BTreeMap<String, Value>,
    /// Variables without a value, with the environment variables that are not set.
    pub unset: BTreeMap<String, Vec<String>>,
    /// The section `connectors`, by name.
    pub connectors: BTreeMap<String, Connector>,
    /// `log_level`, in lower case.
    pub log_level: Option<String>,
    /// The section `paths`.
    pub paths: BTreeMap<String, String>,
    /// Every value with its place, in the order of the file.
    pub values: Vec<ProfileValue>,
}

/// A profile as far as it can be read, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProfileReading {
    /// What could be read.
    pub profile: Profile,
    /// Errors and warnings, in the order of the text.
    pub problems: Vec<Problem>,
    /// The text with `*` in the places of secrets, byte for byte: what may be shown of it.
    pub masked: String,
}

/// How the database is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// In memory or in a file.
    pub mode: EngineMode,
    /// In DuckDB's spelling: `2GB`.
    pub memory_limit: Option<String>,
    /// Threads of a query.
    pub threads: Option<u32>,
}

/// Where the data lives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "mode")]
pub enum EngineMode {
    /// Gone after the run.
    #[default]
    Memory,
    /// In a file.
    Persistent {
        /// Relative to the project.
        path: String,
    },
}
