use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Policy;

/// Leaves a system alone that failed several times in a row; after a while one call tries it again.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// When it was left alone, or tried last.
    opened: Option<Instant>,
}

/// What a failure or a success has changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    /// After this many failures.
    Opened(u32),
    Closed,
}

impl Breaker {
    /// Whether a call may be made; otherwise, how long it takes until one may.
    pub(super) fn admit(&self, policy: &Policy) -> Result<(), Duration> {
        let mut state = self.state();
        let Some(opened) = state.opened else { return Ok(()) };
        match policy.recovery.checked_sub(opened.elapsed()) {
            Some(left) if !left.is_zero() => Err(left),
            // This call tries it; others wait for what comes of it.
            _ => {
                state.opened = Some(Instant::now());
                Ok(())
            }
        }
    }

    pub(super) fn succeeded(&self) -> Change {
        let mut state = self.state();
        state.failures = 0;
        if state.opened.take().is_some() { Change::Closed } else { Change::Nothing }
    }

    pub(super) fn failed(&self, policy: &Policy) -> Change {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures < policy.failures.get() {
            return Change::Nothing;
        }
        let is_news = state.opened.replace(Instant::now()).is_none();
        if is_news { Change::Opened(state.failures) } else { Change::Nothing }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_system_that_fails_is_left_alone_and_tried_again() {
        let policy = Policy { failures: NonZeroU32::new(2).expect("two"), ..Policy::default() };
        let breaker = Breaker::default();
        assert_eq!(breaker.failed(&policy), Change::Nothing);
        assert_eq!(breaker.succeeded(), Change::Nothing, "a success in between begins the count anew");
        assert_eq!(breaker.failed(&policy), Change::Nothing);
        assert_eq!(breaker.failed(&policy), Change::Opened(2));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(breaker.admit(&policy), Err(Duration::from_secs(20)));
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(breaker.admit(&policy), Ok(()), "one call tries it");
        assert_eq!(breaker.admit(&policy), Err(Duration::from_secs(30)), "and the others wait");
        assert_eq!(breaker.failed(&policy), Change::Nothing);
        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(breaker.admit(&policy), Ok(()));
        assert_eq!(breaker.succeeded(), Change::Closed);
        assert_eq!(breaker.admit(&policy), Ok(()));
    }
}
