//! Functions: from columns to calls, row by row or whole, and back; rows made of arguments.

pub mod aggregate;
pub mod arrays;
pub mod bits;
pub mod block;
pub mod column;
pub mod decimal;
pub mod declaration;
pub mod encoded;
pub mod fixed;
pub mod library;
pub mod lists;
pub mod maps;
pub mod nested;
pub mod nullable;
pub mod parameter;
pub mod physical;
pub mod prepared;
pub mod rest;
pub mod results;
pub mod slots;
pub mod structs;
pub mod table;
pub mod text;
pub mod types;

/// The contract's own types.
pub mod contract {
    pub use crate::bindings::functions::duckpen::columns::columns::{
        Argument, Column as RawColumn, Node, Values, VarData,
    };
    pub use crate::bindings::functions::duckpen::columns::failures::Failure;
    pub use crate::bindings::functions::duckpen::functions::declarations::{NullPolicy, Parameter, Stability};
    pub use crate::bindings::functions::duckpen::functions::{log, results};
    pub use crate::bindings::functions::exports::duckpen::functions::scalar::{
        CallSite, Declaration, Evaluator, Guest, GuestEvaluator,
    };

    /// Of aggregates whose states the host keeps.
    pub mod aggregate {
        pub use crate::bindings::aggregates::duckpen::functions::states::{self, GroupStates};
        pub use crate::bindings::aggregates::exports::duckpen::functions::aggregate::{
            Aggregator, Declaration, Guest, GuestAggregator, StateShape,
        };
    }

    /// Of table functions.
    pub mod table {
        pub use crate::bindings::tables::duckpen::functions::batches;
        pub use crate::bindings::tables::exports::duckpen::functions::table::{
            Binding, Declaration, Field, Guest, GuestBinding, GuestScanner, NamedArgument, Scanner, Shape,
        };
    }

    /// Of aggregates that keep their states.
    pub mod resident {
        pub use crate::bindings::resident_aggregates::exports::duckpen::functions::resident_aggregate::{
            Accumulator, Declaration, Guest, GuestAccumulator,
        };
    }
}
