//! Functions from one relation to another: the interface `duckpen:functions/relation`.
//!
//! DuckDB hands no relation to a function, so the host runs one as a statement of its own: it reads the input, feeds it to
//! the guest batch by batch, and puts what comes out into a temporary table, which the query then reads.

mod function;
mod handover;
mod mapping;

use std::collections::HashSet;

use duckpen_database::{NullHandling, Stability};
use duckpen_sandbox::Component;

use crate::bindings::exports::duckpen::functions::relation;
use crate::declaration::{DeclaredFunction, Draft, FunctionKind};
use crate::describe::{self, LibraryError};
pub use function::{RelationCall, RelationFunction};
pub use handover::Handover;
use mapping::interface;

/// The interface a component of such functions exports.
pub(crate) const INTERFACE: &str = "duckpen:functions/relation@0.1.0";

/// Asks a component for its functions of relations, and checks what it says.
pub(crate) fn describe(component: &Component) -> Result<Vec<DeclaredFunction>, LibraryError> {
    let functions =
        describe::functions(component, interface, |functions, store| functions.call_describe(store), check)?;
    let mut seen = HashSet::new();
    match functions.iter().find(|function| !seen.insert(function.name.to_lowercase())) {
        Some(function) => {
            let reason = format!("it declares the function `{}` of relations twice", function.name);
            Err(component.contract_error(reason).into())
        }
        None => Ok(functions),
    }
}

fn check(declaration: relation::Declaration) -> Result<DeclaredFunction, String> {
    let draft = Draft::new(declaration.name)?;
    Ok(DeclaredFunction {
        kind: FunctionKind::Relation,
        parameters: Vec::new(),
        varargs: None,
        named: draft.named_parameters(declaration.named)?,
        returns: None,
        nulls: NullHandling::CalledOnNull,
        stability: Stability::Consistent,
        state: None,
        doc: draft.doc(declaration.doc),
        name: draft.into_name(),
    })
}
