//! Plain components: they know nothing of Duckpen. Each function that they export, of themselves or in an interface of
//! their own WIT, becomes a scalar function that is called row by row, where its types have their like in SQL.

mod arguments;
mod callee;
mod caller;
mod function;
mod names;
mod results;
mod shape;
mod size;
mod typed;
mod values;
mod wave;

use std::fmt;
use std::sync::Arc;

use duckpen_database::{Session, built_in_functions};
use duckpen_sandbox::{Component, Template};

use crate::Names;
use crate::declaration::{DeclaredFunction, limited};
use crate::describe::LibraryError;
use crate::host::FunctionHost;
use crate::statistics::Statistics;
use callee::Callee;
use function::PlainFunction;

/// The prefix of all interfaces that are Duckpen's own.
const OWN_INTERFACES: &str = "duckpen:";

/// Reasons told of a component that is not loaded.
const MOST_REASONS: usize = 20;

/// A function of a plain component that SQL cannot call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmapped {
    /// Its name as WIT has it: `interface.function`, or `function` of the component itself.
    pub function: String,
    /// Why not.
    pub reason: String,
}

/// What a plain component exports.
pub(crate) struct Exports {
    callees: Vec<Arc<Callee>>,
    pub(crate) unmapped: Vec<Unmapped>,
}

/// Whether a component knows nothing of Duckpen, and exports functions all the same.
pub(crate) fn is_plain(component: &Component) -> bool {
    !component.exports().iter().any(|export| export.starts_with(OWN_INTERFACES))
        && !component.exported_functions().is_empty()
}

/// Looks for the functions that SQL can call, without running anything.
///
/// # Errors
/// When there is none, or one is to be renamed that is not there.
pub(crate) fn describe(component: &Component, given: &Names) -> Result<(Vec<DeclaredFunction>, Exports), LibraryError> {
    let failed = |source| LibraryError::BuiltIn { component: component.name().to_owned(), source };
    let built_in = built_in_functions().map_err(failed)?;
    let mut exports = Exports { callees: Vec::new(), unmapped: Vec::new() };
    let mut callable = Vec::new();
    for function in component.exported_functions() {
        match Callee::of(&function) {
            Ok(callee) => callable.push(callee),
            Err(reason) => exports.refuse(function.interface.as_deref(), &function.name, &reason),
        }
    }
    let names =
        names::in_sql(&callable, given, built_in).map_err(|name| LibraryError::nothing_to_rename(component, &name))?;
    let mut declared = Vec::new();
    for (name, callee) in names.into_iter().zip(callable) {
        match name {
            Ok(name) => {
                declared.push(callee.declared(name));
                exports.callees.push(Arc::new(callee));
            }
            Err(reason) => exports.refuse(callee.interface.as_deref(), &callee.name, &reason),
        }
    }
    if declared.is_empty() {
        return Err(LibraryError::Uncallable { component: component.name().to_owned(), unmapped: exports.unmapped });
    }
    Ok((declared, exports))
}

impl Exports {
    fn refuse(&mut self, interface: Option<&str>, name: &str, reason: &str) {
        let function = names::in_wit(interface, name);
        self.unmapped.push(Unmapped { function: limited(&function), reason: limited(reason) });
    }
}

/// One reason a line.
pub(crate) fn reasons(unmapped: &[Unmapped]) -> String {
    let mut reasons: String = unmapped.iter().take(MOST_REASONS).map(|unmapped| format!("\n  {unmapped}")).collect();
    if unmapped.len() > MOST_REASONS {
        reasons += &format!("\n  and {} more", unmapped.len() - MOST_REASONS);
    }
    reasons
}

impl fmt::Display for Unmapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.function, self.reason)
    }
}

/// Makes functions known to all sessions of a database. They are in the order of `exports`.
pub(crate) fn register(
    session: &Session,
    template: &Template<FunctionHost>,
    exports: &Exports,
    functions: &[(&DeclaredFunction, &Arc<Statistics>)],
) -> Result<(), duckpen_database::Error> {
    let function = |((function, statistics), callee): (&(&DeclaredFunction, &Arc<Statistics>), &Arc<Callee>)| {
        Some(PlainFunction {
            signature: function.scalar_signature()?,
            callee: Arc::clone(callee),
            template: template.clone(),
            statistics: Arc::clone(statistics),
        })
    };
    session.register_scalars(functions.iter().zip(&exports.callees).filter_map(function).collect())
}
