//! Sources and sinks: files of a project, and systems beyond it.
//!
//! A place in a pipeline is text: `data/*.csv`. [`ProjectFiles`] resolves it inside the project, through handles that
//! neither `..` nor a symbolic link nor an absolute path leads out of, and answers with the files DuckDB may be granted.
//! [`Reader`] and [`Writer`] turn what a handler decided into the SQL of DuckDB's own readers and writers, which move the
//! rows. [`Staging`] keeps what is written out of sight until its step is complete.
//!
//! Where DuckDB has no reader or writer the host moves the rows itself: [`Connectors`] owns the connections and gives the
//! [`RowConnector`] of a type, which opens a [`RowSource`] or a [`RowSink`]. [`Scans`] lets DuckDB read such a source as it
//! reads a table. Every call to a system passes a guard that repeats, limits and holds back ([`Policy`]), and tells a
//! [`ConnectorObserver`].
//!
//! Files may also lie in an object store. An [`ObjectConnector`] copies them into the folder of the run, and sends them from
//! there, so that DuckDB reads and writes them as any others and asks no network.

mod arrow_file;
mod connectors;
mod duckdb_file;
mod error;
mod excel;
mod exportable;
mod file_readers;
mod files;
mod flatten;
mod format;
mod http;
mod kinds;
mod network;
mod objects;
mod parameters;
mod partitions;
mod postgres;
mod reader;
mod resilience;
mod row_files;
mod rows;
mod settings;
mod sqlite;
mod staging;
mod writer;

pub use connectors::Connectors;
pub use error::{ConnectorError, RemoteError, RemoteFailure};
pub use exportable::exportable;
pub use file_readers::{FilePlace, FileReader};
pub use files::{ProjectFiles, SourceFiles, TARGET};
pub use format::{Format, RowFormat};
pub use http::{
    Authentication, HostGrants, HttpClient, HttpMethod, HttpParts, HttpRequest, HttpResponse, HttpSettings, TokenGrant,
};
pub use kinds::{ConnectorKind, ConnectorKinds, ParameterProblem, Purpose, Surroundings};
pub use network::{HostPattern, Lookup, Network, NetworkPolicy, NetworkRefusal, PatternError, Route, SystemLookup};
pub use objects::{Beginning, Environment, FetchedObjects, ObjectConnector, ObjectPlace, PendingUpload, UploadRecord};
pub use reader::{REJECTED_LINES, Reader};
pub use resilience::{ConnectorObserver, Policy};
pub use row_files::{RowFile, row_files};
pub use rows::{
    Begun, Cancel, CursorRange, CursorValue, Dataset, Delivery, LowerBound, Relation, RowConnector, RowScan, RowSink,
    RowSource, ScanBinding, ScanRequest, Scans, Target, WriteMode, Written,
};
pub use settings::{Setting, SettingValue};
pub use staging::{Inbox, Scattered, Staged, StagedObject, StagedParts, Staging};
pub use writer::Writer;
