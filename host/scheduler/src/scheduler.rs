//! The scheduler's face.

use std::{collections::HashSet, sync::Arc};

use crate::{CancelToken, Clock, Graph, Observer, Policy, RunReport, StepId, StepRunner, execution::Execution};

/// Runs graphs. Has no state of its own: each [`run`](Scheduler::run) stands alone.
pub struct Scheduler<R: StepRunner + ?Sized> {
    /// Does the work.
    pub runner: Arc<R>,
    /// How to go about it.
    pub policy: Policy,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Who is told.
    pub observer: Arc<dyn Observer<R::Output>>,
}

impl<R: StepRunner + ?Sized> Scheduler<R> {
    /// Runs every step of `graph` that is not in `completed`, each after its dependencies, and returns when none is
    /// running any more. Has to be called within a tokio runtime.
    ///
    /// Ready steps start in the graph's order. Names in `completed` that the graph does not know mean nothing. Raising
    /// `cancel` passes it on to the running steps; nothing starts after that.
    ///
    /// Dropping the future drops the running steps where they are: raise `cancel` instead.
    pub async fn run(&self, graph: &Graph, completed: &HashSet<StepId>, cancel: &CancelToken) -> RunReport<R::Output> {
        Execution::new(self, graph, completed).run(cancel).await
    }
}
