//! Table functions: the interface `duckpen:functions/table`.

mod batches;
mod binding;
mod function;
mod shape;

use std::collections::HashSet;
use std::sync::Arc;

use duckpen_database::{NamedParameter, NullHandling, Session, Stability, TableSignature};
use duckpen_sandbox::{Component, Template};

use crate::bindings::exports::duckpen::functions::table;
use crate::declaration::{DeclaredFunction, Draft, FunctionKind, Parameter};
use crate::describe::{self, LibraryError};
use crate::host::FunctionHost;
use crate::statistics::Statistics;
pub(crate) use batches::BatchSink;
pub use batches::Emitted;
use binding::interface;
use function::GuestTable;
pub(crate) use shape::columns;

/// The interface a component of table functions exports.
pub(crate) const INTERFACE: &str = "duckpen:functions/table@0.1.0";

/// Asks a component for its table functions, and checks what it says.
pub(crate) fn describe(component: &Component) -> Result<Vec<DeclaredFunction>, LibraryError> {
    let functions =
        describe::functions(component, interface, |functions, store| functions.call_describe(store), check)?;
    without_overloads(&functions).map_err(|reason| component.contract_error(reason))?;
    Ok(functions)
}

fn check(declaration: table::Declaration) -> Result<DeclaredFunction, String> {
    let draft = Draft::new(declaration.name)?;
    Ok(DeclaredFunction {
        kind: FunctionKind::Table,
        parameters: draft.parameters(declaration.parameters)?,
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

fn without_overloads(functions: &[DeclaredFunction]) -> Result<(), String> {
    let mut seen = HashSet::new();
    match functions.iter().find(|function| !seen.insert(function.name.to_lowercase())) {
        Some(function) => Err(format!(
            "it declares the table function `{}` twice: table functions have no overloads, but parameters given by name",
            function.name
        )),
        None => Ok(()),
    }
}

/// Makes functions known to all sessions of a database. They are in the order in which the component declares them.
pub(crate) fn register(
    session: &Session,
    template: &Template<FunctionHost>,
    functions: &[(&DeclaredFunction, &Arc<Statistics>)],
) -> Result<(), duckpen_database::Error> {
    let named = |Parameter { name, logical_type }: &Parameter| NamedParameter {
        name: name.clone(),
        logical_type: logical_type.clone(),
    };
    let function = |(index, (function, statistics)): (usize, &(&DeclaredFunction, &Arc<Statistics>))| GuestTable {
        signature: TableSignature {
            name: function.name.clone(),
            parameters: function.parameters.iter().map(|parameter| parameter.logical_type.clone()).collect(),
            named: function.named.iter().map(named).collect(),
        },
        index: index as u32,
        template: template.clone(),
        statistics: Arc::clone(statistics),
    };
    session.register_tables(functions.iter().enumerate().map(function).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::duckpen::functions::declarations;

    fn declaration(name: &str, named: &[&str]) -> table::Declaration {
        let parameter =
            |name: &&str| declarations::Parameter { name: (*name).to_owned(), logical_type: "BIGINT".to_owned() };
        let named = named.iter().map(parameter).collect();
        table::Declaration { name: name.to_owned(), parameters: Vec::new(), named, doc: None }
    }

    #[test]
    fn parameters_given_by_name_have_names_of_their_own() {
        for (named, outcome) in [
            (&["a", "b"][..], Ok("f(a := BIGINT, b := BIGINT) -> TABLE")),
            (&["a", "b", "A"], Err("function `f` has two parameters named `A`")),
            (&["no name"], Err("`no name` is no name for a parameter of function `f`")),
            (&[""], Err("`` is no name for a parameter of function `f`")),
        ] {
            let checked = check(declaration("f", named)).map(|function| function.signature());
            assert_eq!(checked, outcome.map(str::to_owned).map_err(str::to_owned), "{named:?}");
        }
    }

    #[test]
    fn overloads_are_refused() {
        let functions = ["f", "g", "F"].map(|name| check(declaration(name, &[])).expect("it is a declaration"));
        assert_eq!(without_overloads(&functions[..2]), Ok(()));
        assert_eq!(
            without_overloads(&functions),
            Err(
                "it declares the table function `F` twice: table functions have no overloads, but parameters given by \
                 name"
                    .to_owned()
            )
        );
    }
}
