//! Aggregate functions: states, rows taken into them, and results made of them.

pub mod bytes;
pub mod describe;
pub mod resident;
pub mod state;

use std::borrow::Cow;

use super::contract::{Argument, NullPolicy};
use super::declaration::Nulls;
use super::results::{ResultType, Results};
use crate::Error;
pub use state::State;

/// What an aggregate is where a scalar function is expected.
pub struct TheWordAggregateOrResidentIsMissing;

/// An aggregate, as the attribute `#[duckpen::aggregate]` makes it of a type: its values are the states of groups.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no aggregate",
    note = "an aggregate is a type with `#[duckpen::aggregate]` before an `impl` block"
)]
pub trait Aggregate: State {
    /// The function's name in SQL.
    const NAME: &'static str;
    /// What becomes of rows with a NULL.
    const NULLS: Nulls;
    /// From the doc comment.
    const DOC: Option<&'static str>;
    /// The type of the results.
    type Results: ResultType + ?Sized;

    /// Name and type of each parameter.
    fn parameters() -> Vec<(&'static str, Cow<'static, str>)>;

    /// Takes rows in, row `i` into `states[of_row[i]]`.
    fn steps(states: &mut [Self], of_row: &[u32], arguments: &[Argument], rows: usize) -> Result<(), Error>;

    /// Takes in the rows of another part of the same group, which come after those that are in already.
    fn merged(&mut self, other: Self) -> Result<(), Error>;

    /// Makes the results of groups.
    fn results(states: impl ExactSizeIterator<Item = Self>, results: &mut Results<Self::Results>) -> Result<(), Error>;
}

/// What a step or a merge may return: nothing, or a `Result` of it.
pub trait Taken {
    /// Whether it went well.
    fn resolve(self) -> Result<(), Error>;
}

impl Taken for () {
    #[inline(always)]
    fn resolve(self) -> Result<(), Error> {
        Ok(())
    }
}

impl<E: Into<Error>> Taken for Result<(), E> {
    #[inline(always)]
    fn resolve(self) -> Result<(), Error> {
        self.map_err(Into::into)
    }
}

fn null_policy(nulls: Nulls) -> NullPolicy {
    match nulls {
        Nulls::Propagate => NullPolicy::Propagate,
        Nulls::Called => NullPolicy::CalledOnNull,
    }
}
