//! What a component says of itself.

use std::sync::Arc;

use duckpen_functions::Statistics;
use duckpen_sandbox::{Component, Guest, Limits, LoadError, Stopped, Template};
use wasmtime::component::Linker;

use crate::bindings::exports::duckpen::connectors::connector;
use crate::declaration::Declaration;
use crate::host::ConnectorHost;

/// The interface that every connector exports.
pub const CONNECTOR: &str = "duckpen:connectors/connector@0.1.0";
pub(crate) const SOURCE: &str = "duckpen:connectors/source@0.1.0";
pub(crate) const SINK: &str = "duckpen:connectors/sink@0.1.0";

/// A component of a connector that is not usable.
#[derive(Debug, thiserror::Error)]
pub enum KindError {
    /// The component was not loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It was stopped while it described itself.
    #[error("component `{component}` was stopped in `{call}`: {stopped}")]
    Stopped {
        /// The component.
        component: String,
        /// What it was doing.
        call: &'static str,
        /// Why.
        stopped: Stopped,
    },
}

/// Asks a component what it is, in an instance of its own with small limits, and checks what it says. `link` links what is
/// `granted`.
pub(crate) fn describe(
    component: &Component,
    granted: &[&str],
    link: impl Fn(&mut Linker<Guest<ConnectorHost>>) -> wasmtime::Result<()>,
) -> Result<Declaration, KindError> {
    let template = Template::new(component, Limits::describe(), granted, link)?;
    let stopped = |call| move |stopped| KindError::Stopped { component: component.name().to_owned(), call, stopped };
    let meter = Arc::new(Statistics::default());
    let host = ConnectorHost::idle(component.name());
    let mut instance = template.instantiate(host, meter).map_err(stopped("instantiate"))?;
    let found = instance.inspect(|store, instance| {
        let indices = connector::GuestIndices::new(&instance.instance_pre(&*store))?;
        indices.load(store, instance)
    });
    let functions = found.map_err(|error| stopped("instantiate")(Stopped::HostFault(format!("{error:#}"))))?;
    let described = instance.call("describe", |_| false, |store, _| functions.call_describe(store));
    let described = described.map_err(stopped("describe"))?;
    Ok(Declaration::check(described).map_err(|reason| component.contract_error(reason))?)
}
