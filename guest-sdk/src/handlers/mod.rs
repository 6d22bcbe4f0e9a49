//! Step handlers: one trait, and what each kind of step is granted.

pub mod context;
pub mod fit;
pub mod handler;
pub mod objects;
pub mod options;
pub mod problem;
pub mod settings;
pub mod step;
pub mod systems;
pub mod tables;

/// The contract's own types.
pub mod contract {
    pub use crate::bindings::handlers::duckpen::columns::failures::Failure;
    pub use crate::bindings::handlers::duckpen::steps::{context, destinations, inputs, sources, tables, types};
    pub use crate::bindings::handlers::exports::duckpen::steps::handler::{
        Declaration, Guest, Outcome, Problem, StepKind,
    };
}
