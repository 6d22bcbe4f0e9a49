//! The work of a step, as the scheduler sees it.

use std::{error::Error, fmt, num::NonZeroU32, time::Duration};

use async_trait::async_trait;

use crate::{CancelToken, StepId};

/// Any error a runner fails with; whoever knows the runner can downcast it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Which try of a step this is, counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt(NonZeroU32);

impl Attempt {
    /// The first try.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The number, from one.
    pub const fn number(self) -> u32 {
        self.0.get()
    }

    pub(crate) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Does the work of steps.
#[async_trait]
pub trait StepRunner: Send + Sync + 'static {
    /// What a successful step leaves behind for the report.
    type Output: Send + 'static;

    /// Does the work of `step` once, wholly or not at all.
    ///
    /// When `cancel` is raised the runner has to come back soon. The scheduler waits for it, because two attempts of
    /// one step must never overlap. What a runner finished in spite of being told to stop counts as a success: its
    /// effect is there.
    async fn run(&self, step: &StepId, attempt: Attempt, cancel: &CancelToken) -> Result<Self::Output, Failure>;
}

/// An attempt that came to nothing.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub error: BoxError,
    /// Whether another attempt makes sense.
    pub retry: Retry,
}

impl Failure {
    /// A failure that would only happen again: a syntax error, an exhausted limit.
    pub fn permanent(error: impl Into<BoxError>) -> Self {
        Self { error: error.into(), retry: Retry::Never }
    }

    /// A failure that may pass: a lost connection, a busy server.
    pub fn transient(error: impl Into<BoxError>) -> Self {
        Self { error: error.into(), retry: Retry::WithBackoff }
    }

    /// A failure that may pass, where the other side said when to come again.
    pub fn retry_after(error: impl Into<BoxError>, delay: Duration) -> Self {
        Self { error: error.into(), retry: Retry::After(delay) }
    }
}

/// Whether a failed attempt is worth repeating, as far as the policy has attempts left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It is not.
    Never,
    /// After the delay of the policy.
    WithBackoff,
    /// After this delay, whatever the policy says.
    After(Duration),
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The runner said so.
    #[error("{0}")]
    Failed(#[source] BoxError),
    /// The step was told to stop when its time was up, and did.
    #[error("stopped after its time limit of {} s", .limit.as_secs_f64())]
    TimedOut {
        /// The time it had.
        limit: Duration,
        /// What the runner came back with.
        #[source]
        error: BoxError,
    },
    /// The runner panicked: a fault of the host.
    #[error("internal error: {0}")]
    Panicked(String),
}
