//! Sources and sinks that are components.
//!
//! [`ComponentKind::load`] asks a component what connector it is, and checks what it says. What it is then used for goes
//! through the traits of the room of connectors: a [`RowConnector`](duckpen_connectors::RowConnector), whose rows cross the
//! boundary in columns, and whose requests the host makes. A component gets the parameters that it declares, and of those
//! that are secret only that they are there; it asks the hosts of its own addresses and those that the configuration grants
//! it, and nobody else.
//!
//! A [`ComponentFileReader`] reads files of a format in the place of a system. It sees the files of its source and asks nobody.

mod authentication;
mod bindings;
mod builtin;
mod connection;
mod declaration;
mod deferred;
mod description;
mod failure;
mod file_reader;
mod files;
mod host;
mod instance;
mod kind;
mod reach;
mod sink;
mod source;
mod values;

pub use builtin::{BUILT_IN, BUILT_IN_FILE_READERS};
pub use declaration::{Declaration, Parameter, ParameterKind};
pub use deferred::{Deferred, DeferredFileReader, DeferredKind, NotLoaded};
pub use description::{CONNECTOR, KindError};
pub use file_reader::ComponentFileReader;
pub use host::{FILES, GRANTED_INTERFACES, GRANTED_TO_FILE_READERS};
pub use kind::ComponentKind;
