//! Runs one step: picks its handler, builds its capabilities from the plan, and lets its effect and its completion mark
//! become visible together.
//!
//! [`Handlers`] holds the four first-party handlers. [`Grants`] says which files a plan may touch, before the database is
//! opened. [`Catalogue`] has the Python functions of a SQLFlow project, and [`expand`] finds them in a query. [`Ledger`] is what resume reads. [`StepExecutor`] runs steps; a scheduler decides when.

mod analyses;
mod analyzer;
mod bindings;
mod capabilities;
mod columns;
mod data_tests;
mod declaration;
mod destination;
mod executor;
mod exports;
mod fault;
mod file_reads;
mod grants;
mod handlers;
mod host;
mod ledger;
mod outbound;
mod output;
mod query_check;
mod rejects;
mod udf;
mod watermark;
mod writes;

pub use analyses::Analyses;
pub use analyzer::DatabaseAnalyzer;
pub use capabilities::Stop;
pub use columns::{ColumnFinder, MissingColumn, PlannedColumn, PlannedColumns};
pub use declaration::{brought_object_format, declaration};
pub use destination::completed as completed_options;
pub use executor::{ExecutorParts, StepExecutor};
pub use fault::StepFault;
pub use grants::{Grants, GrantsError, check_objects};
pub use handlers::{HandlerInfo, Handlers, HandlersError, Inquiry, Problem};
pub use ledger::{Completion, Ledger, LedgerError, OpenRun, RecoverError, RunId, UploadAccess, Watermark};
pub use output::{FailedTest, StepOutput};
pub use udf::{Catalogue, Expanded, Signature, UdfError, UdfProblem, UdfWarning, expand, look};
