//! Aggregate functions: the interface `duckpen:functions/aggregate`. A state is bytes that the host keeps.

mod aggregator;
mod buffer;
mod function;
mod pool;
mod reduce;
mod sink;
mod store;

use std::sync::Arc;

use duckpen_database::{Aggregate, AggregateSignature, Session, Stability};
use duckpen_sandbox::{Component, Template};

use crate::bindings::exports::duckpen::functions::aggregate;
use crate::declaration::{DeclaredFunction, Draft, FunctionKind, InitialState, null_handling};
use crate::describe::{self, LibraryError};
use crate::host::FunctionHost;
use crate::statistics::Statistics;
use aggregator::interface;
use function::GuestAggregate;
use pool::Pool;
use store::{Heap, Inline};

pub(crate) use aggregator::emitting;
pub(crate) use buffer::{Shape, StateBuffer};
pub(crate) use sink::StateSink;

/// The interface a component of aggregate functions exports.
pub(crate) const INTERFACE: &str = "duckpen:functions/aggregate@0.1.0";

/// Bytes of an initial state, at most: it is copied for every group.
const MOST_INITIAL_BYTES: usize = 64 << 10;

/// Asks a component for its aggregate functions, and checks what it says.
pub(crate) fn describe(component: &Component) -> Result<Vec<DeclaredFunction>, LibraryError> {
    describe::functions(component, interface, |functions, store| functions.call_describe(store), check)
}

fn check(declaration: aggregate::Declaration) -> Result<DeclaredFunction, String> {
    let draft = Draft::new(declaration.name)?;
    let bytes = declaration.initial.len();
    if bytes > MOST_INITIAL_BYTES {
        let name = draft.into_name();
        return Err(format!(
            "the initial state of function `{name}` has {bytes} bytes; at most {MOST_INITIAL_BYTES} are accepted"
        ));
    }
    Ok(DeclaredFunction {
        kind: FunctionKind::Aggregate,
        parameters: draft.parameters(declaration.parameters)?,
        varargs: None,
        named: Vec::new(),
        returns: Some(draft.logical_type("the result", &declaration.returns)?),
        nulls: null_handling(declaration.nulls),
        stability: Stability::Consistent,
        state: Some(match declaration.state {
            aggregate::StateShape::Fixed => InitialState::Fixed(declaration.initial.into()),
            aggregate::StateShape::Variable => InitialState::Variable(declaration.initial.into()),
        }),
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
    let pool = Arc::new(Pool::default());
    let function = |(index, (function, statistics)): (usize, &(&DeclaredFunction, &Arc<Statistics>))| {
        let guest = GuestAggregate {
            signature: signature(function)?,
            index: index as u32,
            template: template.clone(),
            statistics: Arc::clone(statistics),
            pool: Arc::clone(&pool),
            initial: function.state.clone()?,
        };
        Some(match &guest.initial {
            // What fits into a few words lies in DuckDB's memory: it counts in `memory_limit`, and nobody has to free it.
            InitialState::Fixed(bytes) => match bytes.len() {
                0..=8 => Aggregate::new(guest.storing::<Inline<8>>()),
                9..=16 => Aggregate::new(guest.storing::<Inline<16>>()),
                17..=32 => Aggregate::new(guest.storing::<Inline<32>>()),
                33..=64 => Aggregate::new(guest.storing::<Inline<64>>()),
                _ => Aggregate::new(guest.storing::<Heap>()),
            },
            InitialState::Variable(_) => Aggregate::new(guest.storing::<Heap>()),
        })
    };
    session.register_aggregates(functions.iter().enumerate().filter_map(function).collect::<Result<_, _>>()?)
}

/// None of a function that does not say what it returns; an aggregate does.
pub(crate) fn signature(function: &DeclaredFunction) -> Option<AggregateSignature> {
    Some(AggregateSignature {
        name: function.name.clone(),
        parameters: function.parameters.iter().map(|parameter| parameter.logical_type.clone()).collect(),
        returns: function.returns.clone()?,
        nulls: function.nulls,
    })
}
