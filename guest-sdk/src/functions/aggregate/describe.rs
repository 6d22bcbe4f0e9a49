//! What an aggregate says of itself.

use super::{Aggregate, null_policy};
use crate::functions::contract::Parameter;
use crate::functions::contract::aggregate::{Declaration, StateShape};
use crate::functions::contract::resident;
use crate::functions::results::ResultType;

fn parameters<A: Aggregate>() -> Vec<Parameter> {
    let parameter = |(name, logical_type): (&str, std::borrow::Cow<'static, str>)| Parameter {
        name: name.to_owned(),
        logical_type: logical_type.into_owned(),
    };
    A::parameters().into_iter().map(parameter).collect()
}

/// Of an aggregate whose states the host keeps.
pub fn declaration<A: Aggregate>() -> Declaration {
    let mut initial = Vec::new();
    A::default().encode(&mut initial);
    Declaration {
        name: A::NAME.to_owned(),
        parameters: parameters::<A>(),
        returns: A::Results::logical_type().into_owned(),
        nulls: null_policy(A::NULLS),
        state: if A::SIZE.is_some() { StateShape::Fixed } else { StateShape::Variable },
        initial,
        doc: A::DOC.map(str::to_owned),
    }
}

/// Of an aggregate that keeps its states.
pub fn resident_declaration<A: Aggregate>() -> resident::Declaration {
    resident::Declaration {
        name: A::NAME.to_owned(),
        parameters: parameters::<A>(),
        returns: A::Results::logical_type().into_owned(),
        nulls: null_policy(A::NULLS),
        doc: A::DOC.map(str::to_owned),
    }
}
