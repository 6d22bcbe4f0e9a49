//! Runs one step: picks its handler, builds its capabilities from the plan, and lets its effect and its completion mark
//! become visible together.
//!
//! [`Handlers`] holds the four first-party handlers. [`Grants`] says which files a plan may touch, before the database is
//! opened. [`Catalogue`] has the Python functions of a SQLFlow project, and [`expand`] finds them in a query. [`Ledger`] is what resume reads. [`StepExecutor`] runs steps; a scheduler decides when.

mod analyzer;
mod bindings;
mod capabilities;
mod declaration;
mod executor;
mod grants;
mod handlers;
mod host;
mod ledger;
mod output;
mod query_check;
mod udf;
mod watermark;

pub use analyzer::DatabaseAnalyzer;
pub use capabilities::Stop;
pub use declaration::declaration;
pub use executor::{ExecutorParts, StepExecutor, StepFault};
pub use grants::{Grants, GrantsError};
pub use handlers::{HandlerInfo, Handlers, HandlersError, Problem};
pub use ledger::{Ledger, LedgerError, OpenRun, RecoverError, RunId};
pub use output::StepOutput;
pub use udf::{Catalogue, Expanded, UdfError, UdfWarning, expand};
