//! What a component says of its functions, checked.

use std::collections::HashSet;
use std::sync::Arc;

use duckpen_database::{LogicalType, NullHandling, ScalarSignature, Stability, UnknownType};

use crate::bindings::duckpen::functions::declarations;

/// Parameters one function may declare.
const MOST_PARAMETERS: usize = 250;

/// Bytes of a name.
const MOST_NAME_BYTES: usize = 100;

/// What kind of function one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FunctionKind {
    /// One value for each row.
    Scalar,
    /// One value for each group of rows.
    Aggregate,
    /// Likewise, with the states of groups kept by the guest.
    ResidentAggregate,
    /// Rows made of arguments.
    Table,
    /// Rows made of all rows of a relation.
    Relation,
}

impl FunctionKind {
    /// One word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Aggregate | Self::ResidentAggregate => "aggregate",
            Self::Table => "table",
            Self::Relation => "relation",
        }
    }
}

/// A parameter of a declared function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type.
    pub logical_type: LogicalType,
}

/// The state of a group without rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InitialState {
    /// All states have as many bytes.
    Fixed(Arc<[u8]>),
    /// States have any length.
    Variable(Arc<[u8]>),
}

/// A function a component declares.
#[derive(Debug, Clone)]
pub struct DeclaredFunction {
    /// Name in SQL.
    pub name: String,
    /// What kind of function it is.
    pub kind: FunctionKind,
    /// Parameters given by position, in order.
    pub parameters: Vec<Parameter>,
    /// Type of any number of further arguments.
    pub varargs: Option<LogicalType>,
    /// Parameters given by name, or left out; of table functions.
    pub named: Vec<Parameter>,
    /// Type of the result; none where it depends on the arguments, as that of a table function.
    pub returns: Option<LogicalType>,
    /// Whether it sees NULL.
    pub nulls: NullHandling,
    /// Whether calls may be saved.
    pub stability: Stability,
    /// The initial state, of an aggregate function whose states the host keeps.
    pub state: Option<InitialState>,
    /// What its author says of it.
    pub doc: Option<String>,
}

impl DeclaredFunction {
    /// The signature as SQL writes it: `gcd(a BIGINT, b BIGINT) -> BIGINT`.
    pub fn signature(&self) -> String {
        let positional =
            self.parameters.iter().map(|parameter| format!("{} {}", parameter.name, parameter.logical_type));
        let varargs = self.varargs.iter().map(|kind| format!("{kind}..."));
        let named = self.named.iter().map(|parameter| format!("{} := {}", parameter.name, parameter.logical_type));
        let relation = (self.kind == FunctionKind::Relation).then(|| "TABLE".to_owned());
        let parameters: Vec<String> = relation.into_iter().chain(positional).chain(varargs).chain(named).collect();
        let returns = self.returns.as_ref().map_or_else(|| "TABLE".to_owned(), ToString::to_string);
        format!("{}({}) -> {returns}", self.name, parameters.join(", "))
    }

    /// What DuckDB has to know of a scalar function; none where its result has no type of its own.
    pub(crate) fn scalar_signature(&self) -> Option<ScalarSignature> {
        Some(ScalarSignature {
            name: self.name.clone(),
            parameters: self.parameters.iter().map(|parameter| parameter.logical_type.clone()).collect(),
            varargs: self.varargs.clone(),
            returns: self.returns.clone()?,
            nulls: self.nulls,
            stability: self.stability,
        })
    }
}

/// A declaration being checked. The errors say what is wrong with which function.
pub(crate) struct Draft {
    name: String,
}

impl Draft {
    pub(crate) fn new(name: String) -> Result<Self, String> {
        if is_path(&name) {
            Ok(Self { name })
        } else {
            Err(format!("`{}` is no name for a function: letters, digits and `_` only", limited(&name)))
        }
    }

    /// `what` is the thing that has the type, for the message.
    pub(crate) fn logical_type(&self, what: &str, text: &str) -> Result<LogicalType, String> {
        text.parse().map_err(|UnknownType { reason, .. }| {
            let (text, reason) = (limited(text), limited(&reason));
            format!("{what} of function `{}` has the unknown type `{text}`: {reason}", self.name)
        })
    }

    pub(crate) fn parameters(&self, parameters: Vec<declarations::Parameter>) -> Result<Vec<Parameter>, String> {
        if parameters.len() > MOST_PARAMETERS {
            let count = parameters.len();
            return Err(format!(
                "function `{}` has {count} parameters; at most {MOST_PARAMETERS} are accepted",
                self.name
            ));
        }
        let mut seen = HashSet::new();
        let parameter = |parameter: declarations::Parameter| {
            let name = limited(&parameter.name);
            if !is_parameter_name(&parameter.name) {
                return Err(format!(
                    "`{name}` is no name for a parameter of function `{}`: letters, digits, `_` and `-` only",
                    self.name
                ));
            }
            if !seen.insert(parameter.name.to_lowercase()) {
                return Err(format!("function `{}` has two parameters `{name}`", self.name));
            }
            let what = format!("parameter `{name}`");
            Ok(Parameter { logical_type: self.logical_type(&what, &parameter.logical_type)?, name: parameter.name })
        };
        parameters.into_iter().map(parameter).collect()
    }

    /// Parameters that SQL calls by their names, so that each has to have one of its own.
    pub(crate) fn named_parameters(&self, parameters: Vec<declarations::Parameter>) -> Result<Vec<Parameter>, String> {
        let mut seen = HashSet::new();
        for parameter in &parameters {
            let name = &parameter.name;
            if !is_identifier(name) {
                let shown = limited(name);
                return Err(format!("`{shown}` is no name for a parameter of function `{}`", self.name));
            }
            if !seen.insert(name.to_lowercase()) {
                return Err(format!("function `{}` has two parameters named `{name}`", self.name));
            }
        }
        self.parameters(parameters)
    }

    #[expect(clippy::unused_self, reason = "read as a part of the declaration, like the others")]
    pub(crate) fn doc(&self, doc: Option<String>) -> Option<String> {
        doc.map(|doc| limited(&doc))
    }

    pub(crate) fn into_name(self) -> String {
        self.name
    }
}

pub(crate) fn null_handling(nulls: declarations::NullPolicy) -> NullHandling {
    match nulls {
        declarations::NullPolicy::Propagate => NullHandling::Propagate,
        declarations::NullPolicy::CalledOnNull => NullHandling::CalledOnNull,
    }
}

pub(crate) fn stability(stability: declarations::Stability) -> Stability {
    match stability {
        declarations::Stability::Consistent => Stability::Consistent,
        declarations::Stability::Volatile => Stability::Volatile,
    }
}

fn is_parameter_name(name: &str) -> bool {
    (1..=MOST_NAME_BYTES).contains(&name.len()) && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// A name, or a module's and one within it, with dots between them.
fn is_path(name: &str) -> bool {
    const MOST_BYTES: usize = 200;
    name.len() <= MOST_BYTES && name.split('.').all(is_identifier)
}

pub(crate) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    name.len() <= MOST_NAME_BYTES
        && characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A guest's text, made safe to print and cut where it is longer than anybody reads.
pub(crate) fn limited(text: &str) -> String {
    const MOST: usize = 2_000;
    let mut shown: String =
        text.chars().take(MOST).map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push_str(" ...");
    }
    shown
}
