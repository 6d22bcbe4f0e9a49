//! A configured connector of a component.

use std::sync::Arc;

use duckpen_connectors::{
    Cancel, ConnectorError, Dataset, Delivery, Relation, RowConnector, RowSink, RowSource, Target,
};
use duckpen_functions::exchange::shown;
use serde_json::{Map, Value};

use crate::bindings::exports::duckpen::connectors::{connector, source};
use crate::declaration::{Declaration, Parameter};
use crate::instance::Maker;
use crate::sink::ComponentSink;
use crate::source::ComponentSource;
use crate::values::told;

/// Things that can be read which a connector may tell of.
const MOST_DATASETS: usize = 10_000;

pub(crate) struct Connection {
    pub(crate) maker: Maker,
    pub(crate) declaration: Arc<Declaration>,
    /// An object of JSON, without secrets.
    pub(crate) configuration: String,
    pub(crate) is_source: bool,
    pub(crate) is_sink: bool,
}

impl Connection {
    fn text(parameters: &[Parameter], values: &Map<String, Value>) -> String {
        Value::from(told(parameters, values)).to_string()
    }

    fn no_tables(&self) -> ConnectorError {
        let message = format!("the connector `{}` has no tables", self.maker.name);
        ConnectorError::Component { message, hint: None }
    }
}

impl RowConnector for Connection {
    fn source(&self, relation: &Relation, cancel: &Cancel) -> Result<Arc<dyn RowSource>, ConnectorError> {
        let Relation::Selection(values) = relation else { return Err(self.no_tables()) };
        if !self.is_source {
            let message = format!("a {} connector is written and not read", self.maker.name);
            return Err(ConnectorError::Component { message, hint: None });
        }
        let selection = Self::text(&self.declaration.source_parameters, values);
        let source = ComponentSource::open(self.maker.clone(), self.configuration.clone(), selection, cancel)?;
        Ok(Arc::new(source))
    }

    fn sink(&self, _: &Target, _: &Cancel) -> Result<Box<dyn RowSink>, ConnectorError> {
        Err(self.no_tables())
    }

    fn deliver(&self, delivery: &Delivery, cancel: &Cancel) -> Result<Box<dyn RowSink>, ConnectorError> {
        if !self.is_sink {
            return Err(ConnectorError::NotWritable { connector: self.maker.name.to_string() });
        }
        let selection = Self::text(&self.declaration.sink_parameters, &delivery.selection);
        let (maker, configuration) = (self.maker.clone(), self.configuration.clone());
        Ok(Box::new(ComponentSink::new(maker, configuration, selection, delivery.clone(), cancel.clone())))
    }

    fn test(&self, cancel: &Cancel) -> Result<String, ConnectorError> {
        let mut instance = self.maker.instance(cancel)?;
        let functions = instance.interface(|store, instance| {
            let indices = connector::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })?;
        let answered = instance.call("check", |store| functions.call_check(&mut *store, &self.configuration))?;
        Ok(self.maker.reach.redacted(&shown(&answered)))
    }

    fn discover(&self, cancel: &Cancel) -> Result<Option<Vec<Dataset>>, ConnectorError> {
        if !self.is_source {
            return Ok(None);
        }
        let mut instance = self.maker.instance(cancel)?;
        let functions = instance.interface(|store, instance| {
            let indices = source::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })?;
        let found = instance.call("discover", |store| functions.call_discover(&mut *store, &self.configuration))?;
        if found.len() > MOST_DATASETS {
            let message = format!(
                "the connector `{}` tells of {} things to read, where at most {MOST_DATASETS} are taken",
                self.maker.name,
                found.len()
            );
            return Err(ConnectorError::Component { message, hint: None });
        }
        let shown = |text: &str| self.maker.reach.redacted(&shown(text));
        let dataset = |dataset: source::Dataset| Dataset {
            name: shown(&dataset.name),
            columns: dataset.fields.iter().map(|field| (shown(&field.name), shown(&field.logical_type))).collect(),
            primary_key: dataset.primary_key.iter().map(|column| shown(column)).collect(),
            is_incremental: dataset.is_incremental,
            doc: dataset.doc.as_deref().map(shown),
        };
        Ok(Some(found.into_iter().map(dataset).collect()))
    }
}
