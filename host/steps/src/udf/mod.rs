//! Python functions of a SQLFlow project in queries: which function a call means, and what the query becomes.
//!
//! A scalar function is called in SQL under the name of its module and its own. A function of a table is run before the
//! query, in the same transaction: its result is a temporary table of the session, which the query then reads.

mod catalogue;
mod error;
mod expand;
mod signature;

pub use catalogue::Catalogue;
pub use error::{UdfError, UdfWarning};
pub use expand::{Expanded, RelationJob, UdfProblem, expand, look};
pub use signature::Signature;
