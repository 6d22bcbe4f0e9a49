//! The first-party connector `rest`: APIs of HTTP and JSON, as a source and as a sink.
//!
//! The parameters are SQLFlow's and more; [`parameters`] lists all of them, the README says what they do. Credentials stand
//! in the object `auth` and never come here: the host puts them into the requests.

pub mod columns;
pub mod configuration;
mod pages;
pub mod pagination;
pub mod parameters;
mod relation;
mod sample;
mod writer;

use duckpen::connectors::{Authentication, Connector, Dataset, Delivery, Host, Parameter, Sink, Source};
use duckpen::{Error, ErrorKind};

pub use configuration::Configuration;
pub use parameters::{SinkSelection, SourceSelection};
pub use relation::{Rows, RowsReader};
pub use writer::Batches;

/// The connector.
#[derive(Debug)]
pub struct Rest;

impl Connector for Rest {
    type Configuration = Configuration;

    const NAME: &'static str = "rest";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOC: &'static str = "APIs of HTTP and JSON: rows of pages, and rows sent in batches.";

    fn parameters() -> Vec<Parameter> {
        parameters::CONFIGURATION.to_vec()
    }

    fn authentication() -> Vec<Authentication> {
        parameters::AUTHENTICATION.to_vec()
    }

    fn check(configuration: Configuration, host: &Host) -> Result<String, Error> {
        let url = configuration.address("")?;
        let headers = configuration.headers()?;
        let request = headers.iter().fold(host.get(&url), |request, (name, value)| request.header(name, value));
        let response = request.send()?;
        let place = duckpen::connectors::url::without_query(&url);
        match response.status {
            // Of an address below which there are others, nothing need be known but that somebody is there.
            404 | 405 => Ok(format!("{place} answers, with status {}", response.status)),
            status => {
                response.success(&format!("GET {place}"))?;
                Ok(format!("{place} answers with status {status}"))
            }
        }
    }
}

impl Source for Rest {
    type Selection = SourceSelection;
    type Relation = Rows;

    fn source_parameters() -> Vec<Parameter> {
        parameters::SOURCE.to_vec()
    }

    /// An API of HTTP does not tell what it has.
    fn discover(configuration: Configuration, _: &Host) -> Result<Vec<Dataset>, Error> {
        configuration.check()?;
        Ok(Vec::new())
    }

    fn open(configuration: Configuration, selection: SourceSelection, host: &Host) -> Result<Rows, Error> {
        Rows::open(&configuration, selection, host)
    }
}

impl Sink for Rest {
    type Selection = SinkSelection;
    type Writer = Batches;

    fn sink_parameters() -> Vec<Parameter> {
        parameters::SINK.to_vec()
    }

    fn open(
        configuration: Configuration,
        selection: SinkSelection,
        delivery: Delivery,
        host: &Host,
    ) -> Result<Batches, Error> {
        Batches::open(&configuration, selection, delivery, host)
    }
}

/// An error about a parameter.
fn misconfigured(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidConfiguration, message)
}

duckpen::connector!(Rest: source, sink);
