//! Connectors: rows that come from, and go to, systems that the host does not know.
//!
//! A connector is a type that implements [`Connector`], and [`Source`], [`Sink`] or both; [`connector!`](crate::connector)
//! exports it. It speaks its system's language in requests that [`Host`] makes for it, and gives and takes rows in columns.
//! It never sees a credential: it says in [`Connector::authentication`] how its system wants to be shown them, and the host
//! puts them into each request. It reaches the hosts that its parameters of kind [`Kind::Url`] name, or that it was
//! granted, and nothing else.
//!
//! ```
//! # extern crate duckpen_guest as duckpen;
//! use duckpen::connectors::{
//!     Authentication, Connector, Dataset, Field, Host, JsonColumn, JsonRows, Kind, Parameter, Reader, Relation, Source,
//! };
//! use duckpen::{Batch, Error};
//!
//! /// The ducks of a pond.
//! struct Pond;
//!
//! #[derive(serde::Deserialize)]
//! struct Configuration {
//!     url: String,
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Selection {}
//!
//! impl Connector for Pond {
//!     type Configuration = Configuration;
//!
//!     const NAME: &'static str = "pond";
//!     const VERSION: &'static str = "1.0.0";
//!     const DOC: &'static str = "Ducks of a pond.";
//!
//!     fn parameters() -> Vec<Parameter> {
//!         vec![
//!             Parameter::required("url", Kind::Url, "The pond's address"),
//!             Parameter::optional("token", Kind::Secret, "What opens it"),
//!         ]
//!     }
//!
//!     fn authentication() -> Vec<Authentication> {
//!         vec![Authentication::Bearer("token")]
//!     }
//!
//!     fn check(configuration: Configuration, host: &Host) -> Result<String, Error> {
//!         host.get(configuration.url).send_expecting_success()?;
//!         Ok("a pond".to_owned())
//!     }
//! }
//!
//! impl Source for Pond {
//!     type Selection = Selection;
//!     type Relation = Ducks;
//!
//!     fn source_parameters() -> Vec<Parameter> {
//!         Vec::new()
//!     }
//!
//!     fn discover(_: Configuration, _: &Host) -> Result<Vec<Dataset>, Error> {
//!         Ok(vec![Dataset { name: "ducks".to_owned(), ..Dataset::default() }])
//!     }
//!
//!     fn open(configuration: Configuration, _: Selection, host: &Host) -> Result<Ducks, Error> {
//!         let columns = vec![JsonColumn::of_key("name", "VARCHAR")?, JsonColumn::of_key("weight", "DOUBLE")?];
//!         Ok(Ducks { url: configuration.url, columns, host: host.clone() })
//!     }
//! }
//!
//! struct Ducks {
//!     url: String,
//!     columns: Vec<JsonColumn>,
//!     host: Host,
//! }
//!
//! impl Relation for Ducks {
//!     type State = ();
//!     type Reader = Swim;
//!
//!     fn fields(&self) -> Vec<Field> {
//!         self.columns.iter().map(JsonColumn::field).collect()
//!     }
//!
//!     fn read(&self, projection: &[usize], _: Option<()>) -> Result<Swim, Error> {
//!         let ducks: Vec<serde_json::Value> = self.host.get(&self.url).send_expecting_success()?.json()?;
//!         let mut rows = JsonRows::new(&self.columns, projection);
//!         rows.extend(ducks);
//!         Ok(Swim(rows))
//!     }
//! }
//!
//! struct Swim(JsonRows);
//!
//! impl Reader for Swim {
//!     type State = ();
//!
//!     fn next(&mut self, batch: &mut Batch) -> Result<(), Error> {
//!         self.0.fill(batch)
//!     }
//! }
//!
//! duckpen::connector!(Pond: source);
//!
//! # fn main() -> Result<(), Error> {
//! // In a test, the host is a double.
//! use duckpen::connectors::{Response, testing::{self, TestServer}};
//! let server = TestServer::new(|_| Response::json_of(200, &serde_json::json!([{"name": "Ada", "weight": 1.2}])));
//! let configuration = Configuration { url: "https://pond.example".to_owned() };
//! let ducks = Pond::open(configuration, Selection {}, &server.host())?;
//! assert_eq!(testing::read(&ducks, None)?.rows, [serde_json::json!({"name": "Ada", "weight": 1.2})]);
//! # Ok(())
//! # }
//! ```
//!
//! # Reading on
//! A relation whose [`State`](Relation::State) is not `()` can go on where it ended: the host keeps the state with the rows,
//! in one transaction, and hands it to the next read. [`Cursor`] tells which rows are new by the greatest value of a field,
//! those of equal values included.
//!
//! # Files
//! A connector may also read files of a format, in the place of a system: [`FileConnector`].
//!
//! # Writing once
//! The host tries a step again that was killed or failed. A [`Writer`] makes a key of [`Delivery::idempotency_key`] for each
//! request, and says that the request is [`repeatable`](RequestBuilder::repeatable): a system that knows such keys takes
//! nothing twice.

#[doc(hidden)]
pub mod component;
mod connector;
mod files;
mod from_json;
mod host;
mod http;
mod json_rows;
mod links;
mod logical;
mod path;
mod progress;
mod rows;
mod sink;
mod source;
pub mod testing;
mod to_json;
pub mod url;

use serde_json::Value;

pub use connector::{Authentication, Connector, Kind, Parameter};
pub use files::{FileConnector, FileReader, SourceFile};
pub use from_json::has_zone;
pub use host::{Backend, Host, Level};
pub use http::{Method, Request, RequestBuilder, Response};
pub use json_rows::{JsonColumn, JsonRows};
pub use logical::Logical;
pub use path::JsonPath;
pub use progress::{Cursor, Progress, digest, digest_of};
pub use rows::Rows;
pub use sink::{Delivery, Sink, Writer, Written};
pub use source::{Dataset, Field, Reader, Relation, Source};

/// What a value of JSON is called in a message, with its article.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The contract's own types.
#[doc(hidden)]
pub mod contract {
    pub use crate::bindings::connectors::duckpen::connectors::{context, files, http};
    pub use crate::bindings::connectors::exports::duckpen::connectors::connector::{
        Authentication, Declaration, Guest, Parameter, ParameterKind, TokenRequest,
    };
    pub use crate::bindings::functions::duckpen::columns::failures::Failure;

    /// Of sources.
    pub mod source {
        pub use crate::bindings::connector_sources::duckpen::connectors::rows;
        pub use crate::bindings::connector_sources::exports::duckpen::connectors::source::{
            Dataset, Field, Guest, GuestReader, GuestRelation, Reader, Relation,
        };
    }

    /// Of sinks.
    pub mod sink {
        pub use crate::bindings::connector_sinks::exports::duckpen::connectors::sink::{
            Delivery, Guest, GuestWriter, Writer, Written,
        };
    }
}
