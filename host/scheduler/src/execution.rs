//! One run of one graph: the state of every step, and the loop that moves them on.

use std::{
    any::Any,
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::task::{Id, JoinError, JoinSet};

use crate::{
    Attempt, CancelReason, CancelToken, Clock, Failure, Graph, Moment, OnFailure, Retry, RunReport, Scheduler,
    SkipCause, StepError, StepId, StepReport, StepRunner, StepState, Transition,
};

/// Steps are known by their position in the graph; sets of them are ordered by it.
type Position = usize;

pub(crate) struct Execution<'a, R: StepRunner + ?Sized> {
    scheduler: &'a Scheduler<R>,
    graph: &'a Graph,
    steps: Vec<Step<R::Output>>,
    /// Steps that wait for a free place.
    ready: BTreeSet<Position>,
    /// Steps that wait for their next attempt, by when it is due.
    retrying: BTreeSet<(Moment, Position)>,
    running: JoinSet<Ended<R::Output>>,
    /// Which step a task works for, and how to tell it to stop.
    tasks: HashMap<Id, (Position, CancelToken)>,
    intake: Intake,
}

/// Whether new attempts may start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Intake {
    Open,
    ClosedByFailure,
    ClosedByCancel,
}

struct Step<Output> {
    /// Dependencies that are not complete yet.
    waits_for: usize,
    attempt: Attempt,
    /// First and last moment of work, once there were any.
    started: Option<Moment>,
    ended: Option<Moment>,
    attempts: u32,
    /// Why the last attempt failed, until the next begins.
    last_error: Option<StepError>,
    state: Option<StepState<Output>>,
}

/// How an attempt ended.
enum Ended<Output> {
    Succeeded(Output),
    Failed(StepError, Retry),
    Cancelled,
}

impl<'a, R: StepRunner + ?Sized> Execution<'a, R> {
    pub(crate) fn new(scheduler: &'a Scheduler<R>, graph: &'a Graph, completed: &HashSet<StepId>) -> Self {
        let is_complete = |step: &StepId| completed.contains(step);
        let steps = graph.steps().iter().enumerate().map(|(position, id)| Step {
            waits_for: graph.dependencies(position).iter().filter(|&&on| !is_complete(&graph.steps()[on])).count(),
            attempt: Attempt::FIRST,
            started: None,
            ended: None,
            attempts: 0,
            last_error: None,
            state: is_complete(id).then_some(StepState::AlreadyComplete),
        });
        Self {
            scheduler,
            graph,
            steps: steps.collect(),
            ready: BTreeSet::new(),
            retrying: BTreeSet::new(),
            running: JoinSet::new(),
            tasks: HashMap::new(),
            intake: Intake::Open,
        }
    }

    pub(crate) async fn run(mut self, cancel: &CancelToken) -> RunReport<R::Output> {
        let started = self.scheduler.clock.now();
        self.announce();
        if cancel.reason().is_some() {
            self.cancel();
        }
        let mut cancelled = std::pin::pin!(cancel.cancelled());
        loop {
            self.start_ready();
            if self.running.is_empty() && self.retrying.is_empty() {
                break;
            }
            let next_retry = self.retrying.first().map(|&(due, _)| due.since(self.scheduler.clock.now()));
            tokio::select! {
                // In the order written, so that nothing is left to chance.
                biased;
                _ = &mut cancelled, if self.intake != Intake::ClosedByCancel => self.cancel(),
                Some(ended) = self.running.join_next_with_id() => self.settle(ended),
                () = self.scheduler.clock.sleep(next_retry.unwrap_or_default()), if next_retry.is_some() => {
                    self.wake_retrying();
                }
            }
        }
        self.settle_the_rest();
        self.report(started)
    }

    fn announce(&mut self) {
        for position in 0..self.steps.len() {
            match self.steps[position].state {
                Some(_) => self.observe(position, &Transition::AlreadyComplete),
                None => self.observe(position, &Transition::Pending),
            }
        }
        for position in 0..self.steps.len() {
            self.make_ready_if_free(position);
        }
    }

    fn make_ready_if_free(&mut self, position: Position) {
        if self.steps[position].state.is_none() && self.steps[position].waits_for == 0 {
            self.make_ready(position);
        }
    }

    fn make_ready(&mut self, position: Position) {
        self.ready.insert(position);
        self.observe(position, &Transition::Ready);
    }

    fn start_ready(&mut self) {
        while self.intake == Intake::Open && self.running.len() < self.scheduler.policy.threads.get() {
            let Some(position) = self.ready.pop_first() else { return };
            self.start(position);
        }
    }

    fn start(&mut self, position: Position) {
        let now = self.scheduler.clock.now();
        let step = &mut self.steps[position];
        step.started.get_or_insert(now);
        step.attempts = step.attempt.number();
        step.last_error = None;
        let attempt = step.attempt;
        self.observe(position, &Transition::Running(attempt));
        let cancel = CancelToken::default();
        let task = self.running.spawn(work(
            Arc::clone(&self.scheduler.runner),
            Arc::clone(&self.scheduler.clock),
            self.graph.steps()[position].clone(),
            attempt,
            cancel.clone(),
            self.scheduler.policy.step_timeout,
        ));
        self.tasks.insert(task.id(), (position, cancel));
    }

    /// Takes in every attempt that has ended by now, in the graph's order, so that the order in which threads happened
    /// to finish at one moment does not show.
    fn settle(&mut self, first: Result<(Id, Ended<R::Output>), JoinError>) {
        let mut batch = Vec::from([self.identify(first)]);
        while let Some(next) = self.running.try_join_next_with_id() {
            let ended = self.identify(next);
            batch.push(ended);
        }
        batch.sort_by_key(|&(position, _)| position);
        for (position, ended) in batch {
            self.steps[position].ended = Some(self.scheduler.clock.now());
            match ended {
                Ended::Succeeded(output) => self.succeed(position, output),
                Ended::Failed(error, retry) => self.fail_attempt(position, error, retry),
                Ended::Cancelled => self.finish(position, StepState::Cancelled),
            }
        }
    }

    fn identify(&mut self, ended: Result<(Id, Ended<R::Output>), JoinError>) -> (Position, Ended<R::Output>) {
        let (task, ended) = match ended {
            Ok((task, ended)) => (task, ended),
            // Tasks are aborted only when this struct is dropped, so what is left is a panic.
            Err(error) => {
                let task = error.id();
                let message = error.try_into_panic().map_or_else(|error| error.to_string(), |payload| text(&*payload));
                (task, Ended::Failed(StepError::Panicked(message), Retry::Never))
            }
        };
        let (position, _) = self.tasks.remove(&task).expect("a task is entered when spawned and comes back once");
        (position, ended)
    }

    fn succeed(&mut self, position: Position, output: R::Output) {
        self.finish(position, StepState::Succeeded(output));
        for &dependant in self.graph.dependants(position) {
            if self.steps[dependant].state.is_none() {
                self.steps[dependant].waits_for -= 1;
                self.make_ready_if_free(dependant);
            }
        }
    }

    fn fail_attempt(&mut self, position: Position, error: StepError, retry: Retry) {
        let failed = self.steps[position].attempt;
        match self.scheduler.policy.retry.delay(failed, retry) {
            Some(delay) if self.intake == Intake::Open => {
                self.observe(position, &Transition::Retrying { failed, error: &error, delay });
                self.steps[position].attempt = failed.next();
                self.steps[position].last_error = Some(error);
                self.retrying.insert((self.scheduler.clock.now() + delay, position));
            }
            _ => self.fail(position, error),
        }
    }

    fn fail(&mut self, position: Position, error: StepError) {
        self.finish(position, StepState::Failed(error));
        self.skip_dependants(position);
        if self.scheduler.policy.on_failure == OnFailure::FailFast && self.intake == Intake::Open {
            self.intake = Intake::ClosedByFailure;
            self.retrying.clear();
            for position in 0..self.steps.len() {
                if let Some(error) = self.steps[position].last_error.take() {
                    self.fail(position, error);
                }
            }
        }
    }

    fn skip_dependants(&mut self, failed: Position) {
        let cause = SkipCause::DependencyFailed(self.graph.steps()[failed].clone());
        let mut affected = BTreeSet::new();
        let mut unvisited = vec![failed];
        while let Some(position) = unvisited.pop() {
            for &dependant in self.graph.dependants(position) {
                if self.steps[dependant].state.is_none() && affected.insert(dependant) {
                    unvisited.push(dependant);
                }
            }
        }
        for position in affected {
            self.finish(position, StepState::Skipped(cause.clone()));
        }
    }

    fn wake_retrying(&mut self) {
        let now = self.scheduler.clock.now();
        while let Some(&(due, position)) = self.retrying.first() {
            if due > now {
                return;
            }
            self.retrying.pop_first();
            self.make_ready(position);
        }
    }

    fn cancel(&mut self) {
        self.intake = Intake::ClosedByCancel;
        for (_, token) in self.tasks.values() {
            token.cancel(CancelReason::Requested);
        }
        self.retrying.clear();
    }

    /// Once nothing runs any more: what did not get its turn, or not its next attempt.
    fn settle_the_rest(&mut self) {
        for position in 0..self.steps.len() {
            if self.steps[position].state.is_none() {
                self.finish(
                    position,
                    match self.intake {
                        Intake::ClosedByCancel => StepState::Cancelled,
                        Intake::Open | Intake::ClosedByFailure => StepState::Skipped(SkipCause::NotStarted),
                    },
                );
            }
        }
    }

    fn finish(&mut self, position: Position, state: StepState<R::Output>) {
        let attempt = self.steps[position].attempt;
        let transition = match &state {
            StepState::Succeeded(output) => Transition::Succeeded(attempt, output),
            StepState::Failed(error) => Transition::Failed(attempt, error),
            StepState::Skipped(cause) => Transition::Skipped(cause),
            StepState::Cancelled => Transition::Cancelled,
            StepState::AlreadyComplete => Transition::AlreadyComplete,
        };
        self.observe(position, &transition);
        self.steps[position].state = Some(state);
    }

    fn observe(&self, position: Position, transition: &Transition<'_, R::Output>) {
        let now = self.scheduler.clock.now();
        self.scheduler.observer.observe(now, &self.graph.steps()[position], transition);
    }

    fn report(self, started: Moment) -> RunReport<R::Output> {
        let steps = self.graph.steps().iter().zip(self.steps).map(|(id, step)| StepReport {
            id: id.clone(),
            state: step.state.expect("the loop ends when every step has been settled"),
            attempts: step.attempts,
            started: step.started,
            ended: step.ended,
        });
        RunReport { started, ended: self.scheduler.clock.now(), steps: steps.collect() }
    }
}

/// One attempt, from its beginning to its end, however it ends.
async fn work<R: StepRunner + ?Sized>(
    runner: Arc<R>,
    clock: Arc<dyn Clock>,
    step: StepId,
    attempt: Attempt,
    cancel: CancelToken,
    timeout: Option<Duration>,
) -> Ended<R::Output> {
    let mut work = runner.run(&step, attempt, &cancel);
    let result = match timeout {
        None => work.await,
        Some(limit) => tokio::select! {
            biased;
            result = &mut work => result,
            () = clock.sleep(limit) => {
                cancel.cancel(CancelReason::TimedOut);
                work.await
            }
        },
    };
    match (result, cancel.reason(), timeout) {
        (Ok(output), ..) => Ended::Succeeded(output),
        (Err(_), Some(CancelReason::Requested), _) => Ended::Cancelled,
        (Err(Failure { error, .. }), Some(CancelReason::TimedOut), Some(limit)) => {
            Ended::Failed(StepError::TimedOut { limit, error }, Retry::WithBackoff)
        }
        (Err(Failure { error, retry }), ..) => Ended::Failed(StepError::Failed(error), retry),
    }
}

fn text(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "panicked".to_owned(),
    }
}
