//! Aggregate functions that keep their states: the interface `duckpen:functions/resident-aggregate`.
//!
//! A group lives in one instance, under a number. Each thread has an instance of its own for the groups it begins; groups
//! that meet in one call move together, as bytes. An instance is closed when its last group is gone.

mod accumulator;
mod function;
mod home;
mod place;

use std::sync::Arc;

use duckpen_database::{Aggregate, Session, Stability};
use duckpen_sandbox::{Component, Template};

use crate::aggregate::signature;
use crate::bindings::exports::duckpen::functions::resident_aggregate;
use crate::declaration::{DeclaredFunction, Draft, FunctionKind, null_handling};
use crate::describe::{self, LibraryError};
use crate::host::FunctionHost;
use crate::statistics::Statistics;
use accumulator::interface;
use function::GuestResident;
use home::Homes;

/// The interface a component of such functions exports.
pub(crate) const INTERFACE: &str = "duckpen:functions/resident-aggregate@0.1.0";

/// Asks a component for such functions, and checks what it says.
pub(crate) fn describe(component: &Component) -> Result<Vec<DeclaredFunction>, LibraryError> {
    describe::functions(component, interface, |functions, store| functions.call_describe(store), check)
}

fn check(declaration: resident_aggregate::Declaration) -> Result<DeclaredFunction, String> {
    let draft = Draft::new(declaration.name)?;
    Ok(DeclaredFunction {
        kind: FunctionKind::ResidentAggregate,
        parameters: draft.parameters(declaration.parameters)?,
        varargs: None,
        named: Vec::new(),
        returns: Some(draft.logical_type("the result", &declaration.returns)?),
        nulls: null_handling(declaration.nulls),
        stability: Stability::Consistent,
        state: None,
        doc: draft.doc(declaration.doc),
        name: draft.into_name(),
    })
}

/// Makes functions known to all sessions of a database. They are in the order in which the component declares them.
pub(crate) fn register(
    session: &Session,
    template: &Template<FunctionHost>,
    functions: &[(&DeclaredFunction, &Arc<Statistics>)],
) -> Result<(), duckpen_database::Error> {
    let function = |(index, (function, statistics)): (usize, &(&DeclaredFunction, &Arc<Statistics>))| {
        Some(Aggregate::new(GuestResident {
            homes: Homes::new(template.clone(), Arc::clone(statistics), index as u32, function.parameters.len()),
            signature: signature(function)?,
        }))
    };
    session.register_aggregates(functions.iter().enumerate().filter_map(function).collect::<Result<_, _>>()?)
}
