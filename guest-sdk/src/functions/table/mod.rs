//! Table functions: rows made of arguments.

pub mod arguments;
pub mod batch;
pub mod call;
pub mod library;
pub mod row;
pub mod rows;
pub mod shape;

/// The contract's own types.
pub mod contract {
    pub use crate::bindings::tables::duckpen::functions::batches;
    pub use crate::bindings::tables::exports::duckpen::functions::table::{
        Binding, Declaration, Field, Guest, GuestBinding, GuestScanner, NamedArgument, Scanner, Shape,
    };
}
