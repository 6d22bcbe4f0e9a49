//! Scalar functions: the interface `duckpen:functions/scalar`.

mod evaluator;
mod function;

use std::sync::Arc;

use duckpen_database::Session;
use duckpen_sandbox::{Component, Template};

use crate::bindings::exports::duckpen::functions::scalar;
use crate::declaration::{DeclaredFunction, Draft, FunctionKind, null_handling, stability};
use crate::describe::{self, LibraryError};
use crate::host::FunctionHost;
use crate::statistics::Statistics;
use evaluator::interface;
use function::GuestScalar;

/// The interface a component of scalar functions exports.
pub(crate) const INTERFACE: &str = "duckpen:functions/scalar@0.1.0";

/// Asks a component for its scalar functions, and checks what it says.
pub(crate) fn describe(component: &Component) -> Result<Vec<DeclaredFunction>, LibraryError> {
    describe::functions(component, interface, |functions, store| functions.call_describe(store), check)
}

fn check(declaration: scalar::Declaration) -> Result<DeclaredFunction, String> {
    let draft = Draft::new(declaration.name)?;
    Ok(DeclaredFunction {
        kind: FunctionKind::Scalar,
        parameters: draft.parameters(declaration.parameters)?,
        varargs: declaration.varargs.map(|text| draft.logical_type("the varargs", &text)).transpose()?,
        named: Vec::new(),
        returns: Some(draft.logical_type("the result", &declaration.returns)?),
        nulls: null_handling(declaration.nulls),
        stability: stability(declaration.stability),
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
        Some(GuestScalar {
            signature: function.scalar_signature()?,
            names: function.parameters.iter().map(|parameter| parameter.name.clone()).collect(),
            index: index as u32,
            template: template.clone(),
            statistics: Arc::clone(statistics),
        })
    };
    session.register_scalars(functions.iter().enumerate().filter_map(function).collect())
}
