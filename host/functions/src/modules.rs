//! What a component says of the modules it was made of: the interface `duckpen:functions/modules`.

use duckpen_sandbox::{Component, Instance, Stopped};

use crate::bindings::exports::duckpen::functions::modules;
use crate::declaration::limited;
use crate::describe::{self, LibraryError};
use crate::host::FunctionHost;

/// The interface a component made of modules exports.
pub(crate) const INTERFACE: &str = "duckpen:functions/modules@0.1.0";

/// Modules one component may have.
const MOST_MODULES: usize = 10_000;

/// A module of a project, as far as SQL is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Its name, with dots.
    pub name: String,
    /// Its scalar functions.
    pub scalars: Vec<ModuleScalar>,
    /// What of it cannot be used.
    pub problems: Vec<ModuleProblem>,
}

/// A scalar function, with its parameters as its module declares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleScalar {
    /// Its name in SQL, which begins with that of its module.
    pub name: String,
    /// Names of its parameters, and their defaults as expressions of SQL where they have one.
    pub parameters: Vec<(String, Option<String>)>,
}

/// Something of a module that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleProblem {
    /// The function; none where it is the whole module.
    pub function: Option<String>,
    /// Why not; of a module that cannot be imported the traceback.
    pub reason: String,
}

/// Asks a component for its modules.
pub(crate) fn describe(component: &Component) -> Result<Vec<Module>, LibraryError> {
    let told = describe::ask(component, interface, |modules, store| modules.call_describe(store))?;
    if told.len() > MOST_MODULES {
        let reason = format!("it was made of {} modules; at most {MOST_MODULES} are accepted", told.len());
        return Err(component.contract_error(reason).into());
    }
    let scalar = |scalar: modules::Callable| ModuleScalar {
        name: limited(&scalar.name),
        parameters: scalar.parameters.into_iter().map(|one| (limited(&one.name), one.default)).collect(),
    };
    let problem = |problem: modules::Problem| ModuleProblem {
        function: problem.function.as_deref().map(limited),
        reason: limited(&problem.reason),
    };
    Ok(told
        .into_iter()
        .map(|module| Module {
            name: limited(&module.name),
            scalars: module.scalars.into_iter().map(scalar).collect(),
            problems: module.problems.into_iter().map(problem).collect(),
        })
        .collect())
}

fn interface(instance: &mut Instance<FunctionHost>) -> Result<modules::Guest, Stopped> {
    instance
        .inspect(|store, instance| {
            let indices = modules::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })
        .map_err(|error| Stopped::HostFault(format!("{error:#}")))
}
