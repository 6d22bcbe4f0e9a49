//! Asking a component what it offers, in an instance of its own with small limits.

use std::sync::Arc;

use duckpen_sandbox::{Component, Guest, Instance, Limits, LoadError, Stopped, Template};
use wasmtime::Store;

use crate::GRANTED_INTERFACES;
use crate::declaration::DeclaredFunction;
use crate::host::{FunctionHost, add_to_linker};
use crate::plain::{self, Unmapped};
use crate::statistics::Statistics;

/// A component of functions that is not usable.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
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
    /// It has a WIT of its own, and none of its functions can be called from SQL.
    #[error("component `{component}` exports no function that SQL can call:{}", plain::reasons(unmapped))]
    Uncallable {
        /// The component.
        component: String,
        /// Its functions, and why not.
        unmapped: Vec<Unmapped>,
    },
    /// A function is to have another name, and there is none of the name it has.
    #[error("component `{component}` has no function `{name}` that could be renamed")]
    NothingToRename {
        /// The component.
        component: String,
        /// The function.
        name: String,
    },
    /// The database does not tell which functions it has.
    #[error("component `{component}`: {source}")]
    BuiltIn {
        /// The component.
        component: String,
        /// Why not.
        source: duckpen_database::Error,
    },
    /// The database did not take a function.
    #[error("component `{component}`: {source}")]
    Register {
        /// The component.
        component: String,
        /// Why not.
        source: duckpen_database::Error,
    },
}

impl LibraryError {
    pub(crate) fn nothing_to_rename(component: &Component, name: &str) -> Self {
        Self::NothingToRename { component: component.name().to_owned(), name: name.to_owned() }
    }
}

/// Asks a component for its functions of one kind, and checks each declaration.
pub(crate) fn functions<I, D>(
    component: &Component,
    interface: impl FnOnce(&mut Instance<FunctionHost>) -> Result<I, Stopped>,
    describe: impl FnOnce(&I, &mut Store<Guest<FunctionHost>>) -> wasmtime::Result<Vec<D>>,
    check: impl Fn(D) -> Result<DeclaredFunction, String>,
) -> Result<Vec<DeclaredFunction>, LibraryError> {
    let declarations = ask(component, interface, describe)?;
    let checked: Result<_, String> = declarations.into_iter().map(check).collect();
    Ok(checked.map_err(|reason| component.contract_error(reason))?)
}

/// Makes an instance, finds an interface in it and calls its `describe`.
pub(crate) fn ask<I, R>(
    component: &Component,
    interface: impl FnOnce(&mut Instance<FunctionHost>) -> Result<I, Stopped>,
    describe: impl FnOnce(&I, &mut Store<Guest<FunctionHost>>) -> wasmtime::Result<R>,
) -> Result<R, LibraryError> {
    let template = Template::new(component, Limits::describe(), GRANTED_INTERFACES, add_to_linker)?;
    let stopped = |call| move |stopped| LibraryError::Stopped { component: component.name().to_owned(), call, stopped };
    let meter = Arc::new(Statistics::default());
    let host = FunctionHost::new(component.name().into());
    let mut instance = template.instantiate(host, meter).map_err(stopped("instantiate"))?;
    let interface = interface(&mut instance).map_err(stopped("instantiate"))?;
    instance.call("describe", |_| false, |store, _| describe(&interface, store)).map_err(stopped("describe"))
}
