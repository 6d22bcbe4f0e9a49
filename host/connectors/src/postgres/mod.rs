//! PostgreSQL: its rows as they go over the wire in `COPY ... (FORMAT BINARY)`, in both directions.

mod decimal;
mod decode;
mod diagnosis;
mod encode;
mod names;
mod scan;
mod server;
mod settings;
mod sink;
mod source;
mod target;
mod tls;
mod types;

pub(crate) use server::{Server, ServerSlot};
pub(crate) use settings::PostgresSettings;

use std::sync::Arc;

use crate::ConnectorError;
use crate::rows::{Cancel, Relation, RowConnector, RowSink, RowSource, Target};

/// The name of the connector, as pipelines and profiles have it.
pub(crate) const NAME: &str = "postgres";

/// A server and the schema that is meant where none is said.
pub(crate) struct PostgresConnector {
    server: Arc<Server>,
    schema: Option<String>,
}

impl PostgresConnector {
    pub(crate) fn new(server: Arc<Server>, schema: Option<String>) -> Self {
        Self { server, schema }
    }
}

impl RowConnector for PostgresConnector {
    fn source(&self, relation: &Relation, cancel: &Cancel) -> Result<Arc<dyn RowSource>, ConnectorError> {
        let relation = match relation {
            Relation::Table { schema: None, table } => {
                Relation::Table { schema: self.schema.clone(), table: table.clone() }
            }
            other => other.clone(),
        };
        Ok(Arc::new(source::PostgresSource::open(Arc::clone(&self.server), relation, cancel)?))
    }

    fn sink(&self, target: &Target, cancel: &Cancel) -> Result<Box<dyn RowSink>, ConnectorError> {
        let schema = target.schema.clone().or_else(|| self.schema.clone());
        let target = Target { schema, ..target.clone() };
        Ok(Box::new(sink::PostgresSink::new(Arc::clone(&self.server), target, cancel.clone())))
    }

    fn test(&self, cancel: &Cancel) -> Result<String, ConnectorError> {
        self.server.test(cancel)
    }
}
