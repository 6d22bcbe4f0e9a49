//! An instance of a connector, and how it is called.

use std::sync::Arc;

use duckpen_connectors::{Cancel, ConnectorError};
use duckpen_functions::Statistics;
use duckpen_sandbox::{Guest, Instance, Stopped, Template};
use wasmtime::Store;

use crate::bindings::duckpen::columns::failures::Failure;
use crate::failure;
use crate::host::ConnectorHost;
use crate::reach::Reach;

/// What instances of one configured connector are made of.
#[derive(Clone)]
pub(crate) struct Maker {
    pub(crate) name: Arc<str>,
    pub(crate) template: Template<ConnectorHost>,
    pub(crate) statistics: Arc<Statistics>,
    pub(crate) reach: Reach,
}

/// An instance. It is not used again once a call was stopped.
pub(crate) struct ConnectorInstance {
    maker: Maker,
    instance: Instance<ConnectorHost>,
}

impl Maker {
    pub(crate) fn instance(&self, cancel: &Cancel) -> Result<ConnectorInstance, ConnectorError> {
        let host = ConnectorHost::new(Arc::clone(&self.name), self.reach.clone(), cancel.clone());
        let instance = self
            .template
            .instantiate(host, Arc::<Statistics>::clone(&self.statistics))
            .map_err(|stopped| failure::stopped(&self.name, "instantiate", &stopped))?;
        Ok(ConnectorInstance { maker: self.clone(), instance })
    }
}

impl ConnectorInstance {
    /// Finds an interface in the instance.
    pub(crate) fn interface<I>(
        &mut self,
        find: impl FnOnce(&mut Store<Guest<ConnectorHost>>, &wasmtime::component::Instance) -> wasmtime::Result<I>,
    ) -> Result<I, ConnectorError> {
        let found = self.instance.inspect(find);
        found.map_err(|error| {
            failure::stopped(&self.maker.name, "instantiate", &Stopped::HostFault(format!("{error:#}")))
        })
    }

    /// What the calls of its connector cost.
    pub(crate) fn statistics(&self) -> &Statistics {
        &self.maker.statistics
    }

    /// What the host keeps beside it.
    pub(crate) fn host(&mut self) -> &mut ConnectorHost {
        self.instance.embedder()
    }

    /// Whether it may not be used again.
    pub(crate) fn is_spent(&self) -> bool {
        self.instance.is_poisoned()
    }

    /// A call that cannot fail of itself.
    pub(crate) fn ask<R>(
        &mut self,
        name: &'static str,
        run: impl FnOnce(&mut Store<Guest<ConnectorHost>>) -> wasmtime::Result<R>,
    ) -> Result<R, ConnectorError> {
        let outcome = self.instance.call(name, |_| false, |store, _| run(store));
        outcome.map_err(|stopped| failure::stopped(&self.maker.name, name, &stopped))
    }

    /// A call that can.
    pub(crate) fn call<R>(
        &mut self,
        name: &'static str,
        run: impl FnOnce(&mut Store<Guest<ConnectorHost>>) -> wasmtime::Result<Result<R, Failure>>,
    ) -> Result<R, ConnectorError> {
        drop(self.host().take_fault());
        let outcome = self.instance.call(name, Result::is_err, |store, _| run(store));
        let outcome = outcome.map_err(|stopped| failure::stopped(&self.maker.name, name, &stopped))?;
        outcome.map_err(|told| {
            let fault = self.host().take_fault();
            match &self.maker.reach {
                Reach::Network(client) => failure::told(client.place(), &told, fault, |text| client.redacted(text)),
                Reach::Files(files) => failure::of_files(&files.place, &told, fault),
                Reach::Nothing => failure::of_files(&self.maker.name, &told, fault),
            }
        })
    }
}
