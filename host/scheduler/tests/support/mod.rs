//! A runner whose steps do what a table says, and an observer that keeps a transcript.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::{
    collections::{HashMap, HashSet},
    num::{NonZeroU32, NonZeroUsize},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use duckpen_scheduler::{
    Attempt, CancelToken, Clock, Failure, Graph, ManualClock, Moment, Node, Observer, OnFailure, Policy, RetryPolicy,
    RunReport, Scheduler, SkipCause, StepId, StepRunner, StepState, SystemClock, Transition,
};

/// What a step does in one attempt.
#[derive(Clone, Debug)]
pub enum Act {
    Succeed,
    FailForGood,
    FailForNow,
    ComeBackIn(Duration),
    Panic,
    /// Works this long, then succeeds, whatever it is told meanwhile.
    Work(Duration),
    /// Works until it is told to stop, then fails.
    WorkUntilTold,
    /// Works until it is told to stop, then has finished all the same.
    FinishWhenTold,
}

/// Acts by step; the last act of a step is repeated. Steps without acts succeed.
#[derive(Default)]
pub struct Script {
    pub acts: HashMap<StepId, Vec<Act>>,
    pub clock: Option<Arc<dyn Clock>>,
    pub running: AtomicUsize,
    pub most_running: AtomicUsize,
}

impl Script {
    pub fn new<const N: usize>(acts: [(&str, &[Act]); N]) -> Self {
        let acts = acts.into_iter().map(|(step, acts)| (step.into(), acts.to_vec())).collect();
        Self { acts, ..Self::default() }
    }

    pub fn on(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    pub fn most_running(&self) -> usize {
        self.most_running.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl StepRunner for Script {
    type Output = u32;

    async fn run(&self, step: &StepId, attempt: Attempt, cancel: &CancelToken) -> Result<u32, Failure> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_running.fetch_max(running, Ordering::SeqCst);
        let acts = self.acts.get(step).map_or(&[][..], Vec::as_slice);
        let act = acts.get(attempt.number() as usize - 1).or(acts.last()).cloned().unwrap_or(Act::Succeed);
        let result = match act {
            Act::Succeed => Ok(attempt.number()),
            Act::FailForGood => Err(Failure::permanent("broken")),
            Act::FailForNow => Err(Failure::transient("busy")),
            Act::ComeBackIn(delay) => Err(Failure::retry_after("throttled", delay)),
            Act::Panic => panic!("a bug in the host"),
            Act::Work(duration) => {
                match &self.clock {
                    Some(clock) => clock.sleep(duration).await,
                    None => tokio::time::sleep(duration).await,
                }
                Ok(attempt.number())
            }
            Act::WorkUntilTold => {
                let reason = cancel.cancelled().await;
                Err(Failure::permanent(format!("told to stop: {reason:?}")))
            }
            Act::FinishWhenTold => {
                cancel.cancelled().await;
                Ok(attempt.number())
            }
        };
        self.running.fetch_sub(1, Ordering::SeqCst);
        result
    }
}

/// One line a transition: `step what`, with `@ms` where the clock has moved.
#[derive(Default)]
pub struct Transcript(Mutex<Vec<(Moment, StepId, String)>>);

impl Observer<u32> for Transcript {
    fn observe(&self, at: Moment, step: &StepId, transition: &Transition<'_, u32>) {
        let what = match transition {
            Transition::Pending => "pending".into(),
            Transition::AlreadyComplete => "already complete".into(),
            Transition::Ready => "ready".into(),
            Transition::Running(attempt) => format!("running {attempt}"),
            Transition::Succeeded(attempt, output) => format!("succeeded {attempt} with {output}"),
            Transition::Retrying { failed, error, delay } => {
                format!("attempt {failed} failed ({error}), again in {delay:?}")
            }
            Transition::Failed(attempt, error) => format!("failed {attempt}: {error}"),
            Transition::Skipped(SkipCause::DependencyFailed(step)) => format!("skipped because of {step}"),
            Transition::Skipped(SkipCause::NotStarted) => "not started".into(),
            Transition::Cancelled => "cancelled".into(),
        };
        self.0.lock().expect("no holder panics").push((at, step.clone(), what));
    }
}

impl Transcript {
    pub fn lines(&self) -> Vec<String> {
        let entries = self.0.lock().expect("no holder panics");
        let stamp = |at: &Moment| match at.since_origin().as_millis() {
            0 => String::new(),
            moved => format!("@{moved} "),
        };
        entries.iter().map(|(at, step, what)| format!("{}{step} {what}", stamp(at))).collect()
    }

    /// What happened to one step.
    pub fn of(&self, step: &StepId) -> Vec<String> {
        let entries = self.0.lock().expect("no holder panics");
        entries.iter().filter(|(_, id, _)| id == step).map(|(.., what)| what.clone()).collect()
    }

    /// Steps in the order in which attempts began, with the attempt where it is not the first.
    pub fn starts(&self) -> String {
        let entries = self.0.lock().expect("no holder panics");
        let starts = entries.iter().filter_map(|(_, step, what)| match what.strip_prefix("running ")? {
            "1" => Some(step.to_string()),
            attempt => Some(format!("{step}{attempt}")),
        });
        starts.collect::<Vec<_>>().join(" ")
    }
}

/// `"a; b < a; c < a b"`: steps, and after `<` what they depend on.
pub fn nodes(text: &str) -> Vec<Node> {
    let node = |part: &str| {
        let (id, depends_on) = part.split_once('<').unwrap_or((part, ""));
        let depends_on = depends_on.split_whitespace().map(StepId::from).collect();
        Node { id: id.trim().into(), depends_on }
    };
    text.split(';').map(node).collect()
}

pub fn graph(text: &str) -> Graph {
    Graph::new(nodes(text)).expect("a test's graph is sound")
}

pub fn policy(threads: usize, on_failure: OnFailure) -> Policy {
    Policy { threads: NonZeroUsize::new(threads).expect("at least one"), on_failure, ..Policy::default() }
}

pub fn retry(max_attempts: u32) -> RetryPolicy {
    RetryPolicy {
        max_attempts: NonZeroU32::new(max_attempts).expect("at least one"),
        initial_delay: Duration::from_secs(1),
        factor: 2.0,
        max_delay: Duration::from_secs(3),
    }
}

pub fn completed<const N: usize>(steps: [&str; N]) -> HashSet<StepId> {
    steps.into_iter().map(StepId::from).collect()
}

/// Final states as `a=ok b=failed ...`, with the attempts where there were several.
pub fn states(report: &RunReport<u32>) -> String {
    let state = |state: &StepState<u32>| match state {
        StepState::Succeeded(_) => "ok".into(),
        StepState::Failed(_) => "failed".into(),
        StepState::Skipped(SkipCause::DependencyFailed(step)) => format!("skipped({step})"),
        StepState::Skipped(SkipCause::NotStarted) => "skipped".into(),
        StepState::Cancelled => "cancelled".into(),
        StepState::AlreadyComplete => "complete".into(),
    };
    let steps = report.steps.iter().map(|step| match step.attempts {
        0 | 1 => format!("{}={}", step.id, state(&step.state)),
        attempts => format!("{}={}x{attempts}", step.id, state(&step.state)),
    });
    steps.collect::<Vec<_>>().join(" ")
}

pub struct Bench {
    pub scheduler: Scheduler<Script>,
    pub transcript: Arc<Transcript>,
}

impl Bench {
    /// On tokio's clock, which under `start_paused` jumps to the next deadline whenever nothing else is left to do.
    pub fn new(script: Script, policy: Policy) -> Self {
        Self::on(Arc::new(SystemClock::default()), script, policy)
    }

    pub fn on_manual_clock(clock: &Arc<ManualClock>, script: Script, policy: Policy) -> Self {
        Self::on(clock.clone(), script.on(clock.clone()), policy)
    }

    fn on(clock: Arc<dyn Clock>, script: Script, policy: Policy) -> Self {
        let transcript = Arc::new(Transcript::default());
        let scheduler = Scheduler { runner: Arc::new(script), policy, clock, observer: transcript.clone() };
        Self { scheduler, transcript }
    }

    pub async fn run(&self, graph: &Graph) -> RunReport<u32> {
        self.scheduler.run(graph, &HashSet::new(), &CancelToken::default()).await
    }
}
