//! Object stores that speak the S3 API: files of a bucket as sources, and as destinations of exports.
//!
//! DuckDB stays without a network. The host copies objects into a folder of the run, where DuckDB's own readers read them,
//! and sends files that DuckDB wrote there. An [`ObjectConnector`] is one configured place: a bucket, how it is reached,
//! and which objects are meant. What is sent is an upload in parts, whose object nobody sees before it is completed: the
//! step that wrote it commits in between ([`PendingUpload`]).
//!
//! The `object_store` crate knows the API. Connections are those of [`Network`](crate::Network), and what is tried again is
//! decided by the guard that all connectors have: the crate's own retries are off.

mod answer;
mod begun;
mod bucket;
mod connector;
mod diagnosis;
mod fetch;
mod listing;
mod names;
mod place;
mod settings;
mod transport;
mod upload;
mod xml;

pub use begun::Beginning;
pub(crate) use bucket::BucketSlot;
pub use connector::ObjectConnector;
pub use fetch::FetchedObjects;
pub use place::ObjectPlace;
pub use settings::Environment;
pub(crate) use settings::ObjectSettings;
pub use upload::{PendingUpload, UploadRecord};

/// The name of the connector, as pipelines and profiles have it.
pub(crate) const NAME: &str = "s3";
