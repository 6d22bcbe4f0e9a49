//! An object store in memory that speaks the S3 API on a port of loopback, for tests: it is what the `s3` connector and the
//! whole command are tried against.
//!
//! It has what a pipeline needs of the API: objects with ETags and metadata, ranges and conditions, listings page by page,
//! uploads in parts. Signatures are checked. It looks into no request further than that, keeps everything in memory, and is
//! part of nothing that is shipped.
//!
//! What a real server does now and then, this one does when it is told to ([`Server::misbehave`]): it answers with an error,
//! cuts the connection, sends fewer bytes than it said, is slow, or does what it is asked and does not say so.

mod api;
mod fault;
mod http;
mod server;
mod signature;
mod store;
mod xml;

pub use fault::{Fault, Rule};
pub use server::{Keys, Server};
