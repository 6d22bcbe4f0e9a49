//! Sources and sinks: files of a project.
//!
//! A place in a pipeline is text: `data/*.csv`. [`ProjectFiles`] resolves it inside the project, through handles that
//! neither `..` nor a symbolic link nor an absolute path leads out of, and answers with the files DuckDB may be granted.
//! [`Reader`] and [`Writer`] turn what a handler decided into the SQL of DuckDB's own readers and writers, which move the
//! rows. [`Staging`] keeps what is written out of sight until its step is complete.

mod error;
mod files;
mod format;
mod reader;
mod settings;
mod staging;
mod writer;

pub use error::ConnectorError;
pub use files::{ProjectFiles, SourceFiles};
pub use format::Format;
pub use reader::{REJECTED_LINES, Reader};
pub use settings::{Setting, SettingValue};
pub use staging::{Staged, Staging};
pub use writer::Writer;
