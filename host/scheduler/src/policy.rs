//! How a graph is to be run.

use std::{num::NonZeroU32, num::NonZeroUsize, time::Duration};

use crate::{Attempt, Retry};

/// How a graph is to be run. The default: one step at a time, stop at the first failure, no retry, no time limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// How many steps may run at once. A step that waits for its next attempt is not running.
    pub threads: NonZeroUsize,
    /// What a failed step means for those that do not depend on it.
    pub on_failure: OnFailure,
    /// When a failed attempt is repeated.
    pub retry: RetryPolicy,
    /// How long one attempt may take.
    pub step_timeout: Option<Duration>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            threads: NonZeroUsize::MIN,
            on_failure: OnFailure::FailFast,
            retry: RetryPolicy::default(),
            step_timeout: None,
        }
    }
}

/// What a failed step means for those that do not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// What runs may finish; nothing new starts.
    FailFast,
    /// They run all the same.
    KeepGoing,
}

/// How often and how soon a failed attempt is repeated. There is no jitter: a run under a fake clock is reproducible.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included.
    pub max_attempts: NonZeroU32,
    /// Delay after the first failure.
    pub initial_delay: Duration,
    /// What each further failure multiplies the delay by; at least 1.
    pub factor: f64,
    /// The longest delay. Does not bound a delay the failure itself asked for.
    pub max_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: NonZeroU32::MIN,
            initial_delay: Duration::from_secs(1),
            factor: 2.0,
            max_delay: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// How long to wait after this attempt failed; `None` if that was the last.
    pub fn delay(&self, failed: Attempt, retry: Retry) -> Option<Duration> {
        if failed.number() >= self.max_attempts.get() {
            return None;
        }
        match retry {
            Retry::Never => None,
            Retry::After(delay) => Some(delay),
            Retry::WithBackoff => Some(self.backoff(failed)),
        }
    }

    fn backoff(&self, failed: Attempt) -> Duration {
        let growth = self.factor.max(1.0).powf(f64::from(failed.number() - 1));
        // More than a `Duration` can hold is more than the maximum.
        Duration::try_from_secs_f64(self.initial_delay.as_secs_f64() * growth)
            .map_or(self.max_delay, |delay| delay.min(self.max_delay))
    }
}
