//! The catalogue of events and what is derived from it: log, metrics, results of a run, tables of costs.
//!
//! Whoever wants to report something fills in a struct of [`events`] and calls [`Event::emit`]: the log line and the
//! metric come from one place and cannot drift apart. What a whole run amounted to is a [`RunResults`], which is at
//! once the JSON document for machines and the source of the lines and tables for people.

mod costs;
pub mod events;
mod lines;
mod log;
mod metrics;
pub mod numbers;
mod results;

pub use costs::{function_costs, function_statistics, step_costs};
pub use events::Event;
pub use lines::{settled_line, tally_line};
pub use log::{LogError, LogFormat, Logging};
pub use metrics::{Metric, Metrics};
pub use results::{
    ErrorReport, FuelUse, FunctionResult, HandlerUse, MemoryUse, RunResults, RunStatus, StepResult, StepStatus,
    TestFailure,
};
