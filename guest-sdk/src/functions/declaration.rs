//! What a function says of itself.

use std::borrow::Cow;

use super::contract::{Declaration, NullPolicy, Parameter, Stability};

/// A declaration as the attribute `#[duckpen::function]` writes it.
pub struct Description {
    /// The function's name in SQL.
    pub name: &'static str,
    /// Name and type of each parameter.
    pub parameters: Vec<(&'static str, Cow<'static, str>)>,
    /// The type of any number of further arguments.
    pub varargs: Option<Cow<'static, str>>,
    /// The type of the results.
    pub returns: Cow<'static, str>,
    /// What becomes of NULLs.
    pub nulls: Nulls,
    /// Whether it may be called less often than there are rows.
    pub stability: Calls,
    /// From the doc comment.
    pub doc: Option<&'static str>,
}

/// What becomes of NULL arguments.
#[derive(Clone, Copy)]
pub enum Nulls {
    /// A row with a NULL gives NULL and is not called.
    Propagate,
    /// The function is called with NULLs.
    Called,
}

/// How often a function is called.
#[derive(Clone, Copy)]
pub enum Calls {
    /// Equal arguments give equal results.
    Consistent,
    /// Every row is a call of its own.
    Volatile,
}

impl From<Description> for Declaration {
    fn from(description: Description) -> Self {
        let parameter = |(name, logical_type): (&str, Cow<'static, str>)| Parameter {
            name: name.to_owned(),
            logical_type: logical_type.into_owned(),
        };
        Self {
            name: description.name.to_owned(),
            parameters: description.parameters.into_iter().map(parameter).collect(),
            varargs: description.varargs.map(Cow::into_owned),
            returns: description.returns.into_owned(),
            nulls: match description.nulls {
                Nulls::Propagate => NullPolicy::Propagate,
                Nulls::Called => NullPolicy::CalledOnNull,
            },
            stability: match description.stability {
                Calls::Consistent => Stability::Consistent,
                Calls::Volatile => Stability::Volatile,
            },
            doc: description.doc.map(str::to_owned),
        }
    }
}
