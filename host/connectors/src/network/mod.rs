//! Which hosts may be asked over the network, and how their names become addresses.
//!
//! A [`NetworkPolicy`] is what the project's configuration says. [`Network`] enforces it: it looks at each address of the web
//! before it is asked, and gives clients of HTTP whose resolver of names refuses private addresses, at the moment at which
//! the connection is made to them, so that a name that means another address by then leads nowhere. What goes through a proxy
//! is resolved by the proxy: there only the list of hosts protects, and there has to be one.

mod addresses;
mod client;
mod hosts;
mod policy;
mod refusal;
mod resolver;
mod route;

pub use client::Network;
pub use hosts::{HostPattern, PatternError};
pub use policy::NetworkPolicy;
pub use refusal::NetworkRefusal;
pub use resolver::{Lookup, SystemLookup};
pub use route::Route;
