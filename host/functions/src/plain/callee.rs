//! An exported function that SQL can call.

use duckpen_database::{NullHandling, Stability};
use duckpen_sandbox::ExportedFunction;
use wasmtime::component::types::Type;

use super::names::identifier;
use super::shape::{Role, Shape};
use super::typed::{self, Compute};
use crate::declaration::{DeclaredFunction, FunctionKind, Parameter};

/// Where a function is in its component, and the types it has there.
#[derive(Debug)]
pub(crate) struct Callee {
    pub(crate) interface: Option<String>,
    pub(crate) name: String,
    pub(crate) parameters: Vec<(String, Shape)>,
    /// Of the value; of a `result`, that of its `ok`.
    pub(crate) returns: Shape,
    /// What it returns in place of a value.
    pub(super) errors: Errors,
    /// How it is called where the compiler knows its types.
    pub(super) typed: Option<Compute>,
}

/// What a function returns in place of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errors {
    None,
    /// The `err` of a `result` is a text.
    Text,
    /// It is something else, or nothing.
    Other,
}

impl Callee {
    /// The function, where each of its types has one in SQL.
    ///
    /// # Errors
    /// The first reason why not.
    pub(crate) fn of(function: &ExportedFunction) -> Result<Self, String> {
        let signature = &function.signature;
        if function.name.starts_with('[') {
            return Err("it belongs to a resource, which SQL cannot hold".into());
        }
        if signature.async_() {
            return Err("it is asynchronous".into());
        }
        let parameter = |(name, kind): (&str, Type)| {
            let shape = Shape::of(&kind, &format!("parameter `{name}`"))?;
            Ok((name.to_owned(), shape))
        };
        let parameters = signature.params().map(parameter).collect::<Result<_, String>>()?;
        let (returned, errors) = match signature.results().next() {
            Some(Type::Result(result)) => {
                (result.ok(), if result.err() == Some(Type::String) { Errors::Text } else { Errors::Other })
            }
            other => (other, Errors::None),
        };
        let returned = returned.ok_or("it returns no value")?;
        let callee = Self {
            interface: function.interface.clone(),
            name: function.name.clone(),
            parameters,
            returns: Shape::of(&returned, "its result")?,
            errors,
            typed: None,
        };
        Ok(Self { typed: typed::of(&callee), ..callee })
    }

    /// The function as SQL sees it. WIT does not say whether a function is pure, so every row is a call of its own.
    pub(crate) fn declared(&self, name: String) -> DeclaredFunction {
        let parameter = |(name, shape): &(String, Shape)| Parameter {
            name: identifier(name),
            logical_type: shape.logical_type(Role::Parameter),
        };
        let sees_null = self.parameters.iter().any(|(_, shape)| matches!(shape, Shape::Optional(_)));
        DeclaredFunction {
            name,
            kind: FunctionKind::Scalar,
            parameters: self.parameters.iter().map(parameter).collect(),
            varargs: None,
            named: Vec::new(),
            returns: Some(self.returns.logical_type(Role::Result)),
            nulls: if sees_null { NullHandling::CalledOnNull } else { NullHandling::Propagate },
            stability: Stability::Volatile,
            state: None,
            doc: None,
        }
    }
}
