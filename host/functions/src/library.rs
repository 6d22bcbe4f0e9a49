use std::sync::Arc;

use duckpen_database::{LogicalType, NullHandling, OutputSlot, ScalarSignature, Session, Stability};
use duckpen_sandbox::{Component, Engine, Limits, LoadError, Stopped, Template};

use crate::bindings::exports::duckpen::functions::scalar;
use crate::evaluator::{FunctionHost, add_to_linker, interface};
use crate::scalar::{GuestScalar, limited};
use crate::statistics::{FunctionStatistics, Statistics};
use crate::{GRANTED_INTERFACES, SCALAR_INTERFACE};

/// Functions one component may declare.
const MOST_FUNCTIONS: usize = 1_000;

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
    /// The database did not take a function.
    #[error("component `{component}`: {source}")]
    Register {
        /// The component.
        component: String,
        /// Why not.
        source: duckpen_database::Error,
    },
}

/// A parameter of a declared function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type.
    pub logical_type: LogicalType,
}

/// A function a component declares.
#[derive(Debug, Clone)]
pub struct DeclaredFunction {
    /// Name in SQL.
    pub name: String,
    /// Parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Type of any number of further arguments.
    pub varargs: Option<LogicalType>,
    /// Type of the result.
    pub returns: LogicalType,
    /// Whether it sees NULL.
    pub nulls: NullHandling,
    /// Whether calls may be saved.
    pub stability: Stability,
    /// What its author says of it.
    pub doc: Option<String>,
}

impl DeclaredFunction {
    /// The signature as SQL writes it: `gcd(a BIGINT, b BIGINT) -> BIGINT`.
    pub fn signature(&self) -> String {
        let mut parameters: Vec<String> =
            self.parameters.iter().map(|parameter| format!("{} {}", parameter.name, parameter.logical_type)).collect();
        parameters.extend(self.varargs.map(|kind| format!("{kind}...")));
        format!("{}({}) -> {}", self.name, parameters.join(", "), self.returns)
    }
}

/// A component of functions.
pub struct Library {
    template: Template<FunctionHost>,
    functions: Vec<(DeclaredFunction, Arc<Statistics>)>,
}

impl Library {
    /// Loads a component and asks it what it offers.
    ///
    /// # Errors
    /// When the bytes are no component, it wants what it is not granted, it exports no interface this host knows, or what
    /// it declares is not usable. A component that misbehaves while it is asked is stopped.
    pub fn load(engine: &Engine, name: &str, bytes: &[u8], limits: &Limits) -> Result<Self, LibraryError> {
        let component = Component::load(engine, name, bytes)?;
        if !component.offers(SCALAR_INTERFACE)? {
            let reason = format!("it exports no functions (`{SCALAR_INTERFACE}`)");
            return Err(component.contract_error(reason).into());
        }
        let declarations = describe(&component)?;
        let mut functions = Vec::new();
        for declaration in declarations {
            let function = check(declaration).map_err(|reason| component.contract_error(reason))?;
            functions.push((function, Arc::default()));
        }
        refuse_repetitions(&functions).map_err(|reason| component.contract_error(reason))?;
        let template = Template::new(&component, limits.clone(), GRANTED_INTERFACES, add_to_linker)?;
        Ok(Self { template, functions })
    }

    /// The component.
    pub fn component(&self) -> &Component {
        self.template.component()
    }

    /// The limits each call has.
    pub fn limits(&self) -> &Limits {
        self.template.limits()
    }

    /// What it declares, in its order.
    pub fn functions(&self) -> impl Iterator<Item = &DeclaredFunction> {
        self.functions.iter().map(|(function, _)| function)
    }

    /// What each function has cost so far.
    pub fn statistics(&self) -> impl Iterator<Item = (&DeclaredFunction, FunctionStatistics)> {
        self.functions.iter().map(|(function, statistics)| (function, statistics.snapshot()))
    }

    /// Makes the functions known to all sessions of a database.
    ///
    /// # Errors
    /// When a name is taken.
    pub fn register(&self, session: &Session) -> Result<(), LibraryError> {
        let function = |(index, (function, statistics)): (usize, &(DeclaredFunction, Arc<Statistics>))| GuestScalar {
            signature: ScalarSignature {
                name: function.name.clone(),
                parameters: function.parameters.iter().map(|parameter| parameter.logical_type).collect(),
                varargs: function.varargs,
                returns: function.returns,
                nulls: function.nulls,
                stability: function.stability,
            },
            index: index as u32,
            template: self.template.clone(),
            statistics: Arc::clone(statistics),
        };
        session
            .register_scalars(self.functions.iter().enumerate().map(function).collect())
            .map_err(|source| LibraryError::Register { component: self.component().name().to_owned(), source })
    }
}

/// Asks a component what it offers, in an instance of its own with small limits.
fn describe(component: &Component) -> Result<Vec<scalar::Declaration>, LibraryError> {
    let template = Template::new(component, Limits::describe(), GRANTED_INTERFACES, add_to_linker)?;
    let host = FunctionHost::new(component.name().into(), Arc::new(OutputSlot::default()));
    let stopped = |call| move |stopped| LibraryError::Stopped { component: component.name().to_owned(), call, stopped };
    let meter = Arc::new(Statistics::default());
    let mut instance = template.instantiate(host, meter).map_err(stopped("instantiate"))?;
    let functions = interface(&mut instance).map_err(stopped("instantiate"))?;
    instance.call("describe", |_| false, |store, _| functions.call_describe(store)).map_err(stopped("describe"))
}

/// Checks what a guest declares of a function.
fn check(declaration: scalar::Declaration) -> Result<DeclaredFunction, String> {
    let name = declaration.name;
    if !is_identifier(&name) {
        return Err(format!("`{}` is no name for a function: letters, digits and `_` only", limited(&name)));
    }
    let parse = |what: &str, text: &str| {
        text.parse::<LogicalType>()
            .map_err(|_| format!("{what} of function `{name}` has the unknown type `{}`", limited(text)))
    };
    let mut parameters = Vec::new();
    for parameter in declaration.parameters {
        let what = format!("parameter `{}`", limited(&parameter.name));
        parameters.push(Parameter { logical_type: parse(&what, &parameter.logical_type)?, name: parameter.name });
    }
    Ok(DeclaredFunction {
        varargs: declaration.varargs.map(|text| parse("the varargs", &text)).transpose()?,
        returns: parse("the result", &declaration.returns)?,
        parameters,
        nulls: match declaration.nulls {
            scalar::NullPolicy::Propagate => NullHandling::Propagate,
            scalar::NullPolicy::CalledOnNull => NullHandling::CalledOnNull,
        },
        stability: match declaration.stability {
            scalar::Stability::Consistent => Stability::Consistent,
            scalar::Stability::Volatile => Stability::Volatile,
        },
        doc: declaration.doc.map(|doc| limited(&doc)),
        name,
    })
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    name.len() <= 100
        && characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn refuse_repetitions(functions: &[(DeclaredFunction, Arc<Statistics>)]) -> Result<(), String> {
    if functions.len() > MOST_FUNCTIONS {
        return Err(format!("it declares {} functions; at most {MOST_FUNCTIONS} are accepted", functions.len()));
    }
    let mut seen = std::collections::HashSet::new();
    for (function, _) in functions {
        let types: Vec<String> =
            function.parameters.iter().map(|parameter| parameter.logical_type.to_string()).collect();
        if !seen.insert((function.name.to_lowercase(), types, function.varargs)) {
            return Err(format!("it declares `{}` twice", function.signature()));
        }
    }
    Ok(())
}
