//! Runs a graph of steps on traits: order, parallelism, retry, timeout, cancellation, resume.
//!
//! The scheduler knows what a step depends on and nothing of what a step does. The work is behind [`StepRunner`], time
//! behind [`Clock`], and whoever wants to know what happens implements [`Observer`]. Given the same graph, policy and
//! clock, the same transitions are observed in the same order.
//!
//! ```
//! use std::{collections::HashSet, sync::Arc};
//! use duckpen_scheduler::{
//!     Attempt, CancelToken, Failure, Graph, Node, Policy, RunOutcome, Scheduler, StepId, StepRunner, SystemClock,
//! };
//!
//! struct Rows;
//!
//! #[async_trait::async_trait]
//! impl StepRunner for Rows {
//!     type Output = u64;
//!     async fn run(&self, _: &StepId, _: Attempt, _: &CancelToken) -> Result<u64, Failure> {
//!         Ok(3)
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), duckpen_scheduler::GraphError> {
//! let graph = Graph::new(vec![Node::new("report", ["orders"]), Node::new("orders", [])])?;
//! let scheduler = Scheduler {
//!     runner: Arc::new(Rows),
//!     policy: Policy::default(),
//!     clock: Arc::new(SystemClock::default()),
//!     observer: Arc::new(()),
//! };
//! let report = scheduler.run(&graph, &HashSet::new(), &CancelToken::default()).await;
//! assert_eq!(report.outcome(), RunOutcome::Succeeded);
//! # Ok(())
//! # }
//! ```

mod cancel;
mod clock;
mod execution;
mod graph;
mod manual_clock;
mod observer;
mod policy;
mod report;
mod runner;
mod scheduler;

pub use cancel::{CancelReason, CancelToken};
pub use clock::{Clock, Moment, SystemClock};
pub use graph::{Graph, GraphError, Node, StepId};
pub use manual_clock::ManualClock;
pub use observer::{Observer, Transition};
pub use policy::{OnFailure, Policy, RetryPolicy};
pub use report::{RunOutcome, RunReport, SkipCause, StepReport, StepState};
pub use runner::{Attempt, BoxError, Failure, Retry, StepError, StepRunner};
pub use scheduler::Scheduler;
