//! Requests over HTTP that somebody makes who is not trusted with the network: where they may go, what they may carry, how
//! much may come back, and how often they are repeated, is decided here.

mod authentication;
mod body;
mod client;
mod diagnosis;
mod grants;
mod headers;
mod redaction;
mod redirect;
mod request;
mod settings;
mod token;

pub use authentication::Authentication;
pub use client::{HttpClient, HttpParts};
pub use grants::HostGrants;
pub use request::{HttpMethod, HttpRequest, HttpResponse};
pub use settings::HttpSettings;
pub use token::TokenGrant;
