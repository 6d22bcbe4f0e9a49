use std::future::Future;
use std::ops::Add;
use std::sync::Arc;
use std::time::Duration;

use backon::Retryable;
use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use super::breaker::{Breaker, Change};
use super::{ConnectorObserver, Policy};
use crate::rows::Cancel;
use crate::{ConnectorError, RemoteError, RemoteFailure};

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Moment>>;

/// Every call to one system passes here.
pub(crate) struct Guard {
    place: String,
    policy: Policy,
    breaker: Breaker,
    limiter: Option<Limiter>,
    observer: Arc<dyn ConnectorObserver>,
}

impl Guard {
    pub(crate) fn new(place: String, policy: Policy, observer: Arc<dyn ConnectorObserver>) -> Self {
        let limiter = policy.calls_per_minute.map(|calls| {
            let quota = Quota::per_minute(calls).allow_burst(policy.burst);
            RateLimiter::direct_with_clock(quota, TokioClock { start: Instant::now() })
        });
        Self { place, policy, breaker: Breaker::default(), limiter, observer }
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn observer(&self) -> &dyn ConnectorObserver {
        &*self.observer
    }

    /// Makes a call, and makes it again where it failed and may go better. It has to be one that does no harm when it is
    /// made twice.
    pub(crate) async fn call<R, F>(&self, cancel: &Cancel, work: impl FnMut() -> F) -> Result<R, ConnectorError>
    where
        F: Future<Output = Result<R, ConnectorError>>,
    {
        self.call_if(cancel, ConnectorError::is_transient, work).await
    }

    /// As [`call`](Self::call), and makes it again where `may_repeat` says so of its error. A system that asks to be left
    /// alone for a while is, for up to [`Policy::MAX_DELAY`].
    pub(crate) async fn call_if<R, F>(
        &self,
        cancel: &Cancel,
        may_repeat: impl Fn(&ConnectorError) -> bool,
        mut work: impl FnMut() -> F,
    ) -> Result<R, ConnectorError>
    where
        F: Future<Output = Result<R, ConnectorError>>,
    {
        let attempts = (|| self.once(work()))
            .retry(self.policy.pauses())
            .sleep(tokio::time::sleep)
            .when(|error| may_repeat(error))
            .adjust(|error, pause| {
                let asked = error.retry_after().map(|asked| asked.min(Policy::MAX_DELAY));
                pause.map(|pause| asked.map_or(pause, |asked| asked.max(pause)))
            })
            .notify(|error, delay| self.observer.retrying(&self.place, error, delay));
        cancel.unless_raised(attempts).await
    }

    async fn once<R>(&self, work: impl Future<Output = Result<R, ConnectorError>>) -> Result<R, ConnectorError> {
        self.breaker.admit(&self.policy).map_err(|left| {
            let message = format!(
                "left alone after {} failures in a row, for another {:.0} s",
                self.policy.failures,
                left.as_secs_f64().ceil()
            );
            RemoteError::new(&self.place, RemoteFailure::CircuitOpen, message)
        })?;
        self.wait_for_turn().await;
        let outcome = work.await;
        // A refusal is an answer: the system is there.
        let change = match &outcome {
            Err(error) if error.is_transient() => self.breaker.failed(&self.policy),
            Ok(_) | Err(_) => self.breaker.succeeded(),
        };
        match change {
            Change::Opened(failures) => self.observer.circuit_opened(&self.place, failures, self.policy.recovery),
            Change::Closed => self.observer.circuit_closed(&self.place),
            Change::Nothing => {}
        }
        outcome
    }

    async fn wait_for_turn(&self) {
        let Some(limiter) = &self.limiter else { return };
        while let Err(early) = limiter.check() {
            let delay = early.wait_time_from(limiter.clock().now());
            self.observer.throttled(&self.place, delay);
            tokio::time::sleep(delay).await;
        }
    }
}

/// Tokio's clock, which tests can stop.
#[derive(Debug, Clone)]
struct TokioClock {
    start: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(Nanos);

impl Clock for TokioClock {
    type Instant = Moment;

    fn now(&self) -> Moment {
        Moment(self.start.elapsed().into())
    }
}

impl Add<Nanos> for Moment {
    type Output = Self;

    fn add(self, nanos: Nanos) -> Self {
        Self(self.0 + nanos)
    }
}

impl Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        Duration::from(self.0).saturating_sub(earlier.0.into()).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(Duration::from(self.0).checked_sub(duration.into()).map_or(self.0, Nanos::from))
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Seen(Mutex<Vec<String>>);

    impl Seen {
        fn note(&self, line: String) {
            self.0.lock().expect("no panic").push(line);
        }
    }

    impl ConnectorObserver for Seen {
        fn retrying(&self, _: &str, error: &ConnectorError, _: Duration) {
            self.note(format!("retrying: {error}"));
        }
        fn circuit_opened(&self, _: &str, failures: u32, pause: Duration) {
            self.note(format!("opened after {failures} for {pause:?}"));
        }
        fn circuit_closed(&self, _: &str) {
            self.note("closed".to_owned());
        }
        fn throttled(&self, _: &str, delay: Duration) {
            self.note(format!("throttled {delay:?}"));
        }
        fn read_as_text(&self, _: &str, _: &str, _: &str) {}
    }

    fn failure(kind: RemoteFailure) -> ConnectorError {
        RemoteError::new("db", kind, "no").into()
    }

    fn guard(policy: Policy) -> (Guard, Arc<Seen>) {
        let seen = Arc::new(Seen::default());
        (Guard::new("db".into(), policy, Arc::<Seen>::clone(&seen)), seen)
    }

    fn number(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).expect("not zero")
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_go_better_is_tried_again_after_growing_pauses() {
        let (guard, seen) = guard(Policy::default());
        let mut attempts = Vec::new();
        let began = Instant::now();
        let outcome: Result<(), _> = guard
            .call(&Cancel::default(), || {
                attempts.push(began.elapsed());
                async { Err(failure(RemoteFailure::Refused)) }
            })
            .await;
        assert!(outcome.is_err());
        assert_eq!(attempts.len(), 4, "one and three more");
        let pauses: Vec<_> = attempts.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect();
        for (pause, least) in pauses.iter().zip([0.5, 1.0, 2.0]) {
            assert!((least..least * 2.0 + 0.01).contains(pause), "{pauses:?}");
        }
        assert_eq!(seen.0.lock().expect("no panic").as_slice(), ["retrying: db: no"; 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_will_not_go_better_is_not_tried_again() {
        let (guard, seen) = guard(Policy::default());
        let outcome: Result<(), _> =
            guard.call(&Cancel::default(), || async { Err(failure(RemoteFailure::Credentials)) }).await;
        assert_eq!(outcome.expect_err("refused").to_string(), "db: no");
        assert!(seen.0.lock().expect("no panic").is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_system_that_keeps_failing_is_not_called_at_all() {
        let (guard, seen) = guard(Policy { retries: 0, failures: number(2), ..Policy::default() });
        let cancel = Cancel::default();
        let calls = std::cell::Cell::new(0);
        for _ in 0..4 {
            let _: Result<(), _> = guard
                .call(&cancel, || async {
                    calls.set(calls.get() + 1);
                    Err(failure(RemoteFailure::Lost))
                })
                .await;
        }
        assert_eq!(calls.get(), 2);
        tokio::time::advance(Duration::from_secs(30)).await;
        guard.call(&cancel, || async { Ok(()) }).await.expect("it answers again");
        assert_eq!(seen.0.lock().expect("no panic").as_slice(), ["opened after 2 for 30s", "closed"]);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_past_the_limit_wait_for_their_turn() {
        let policy = Policy { calls_per_minute: Some(number(60)), burst: number(2), ..Policy::default() };
        let (guard, seen) = guard(policy);
        let began = Instant::now();
        for _ in 0..4 {
            guard.call(&Cancel::default(), || async { Ok(()) }).await.expect("it works");
        }
        let elapsed = began.elapsed().as_secs_f64();
        assert!((1.99..2.1).contains(&elapsed), "two at once, then one a second: {elapsed}");
        assert_eq!(seen.0.lock().expect("no panic").len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_system_that_asks_to_be_left_alone_is_left_alone_so_long() {
        for (asked, expected) in [(5, 5), (3600, 60)] {
            let (guard, _) = guard(Policy { retries: 1, ..Policy::default() });
            let began = Instant::now();
            let outcome: Result<(), _> = guard
                .call(&Cancel::default(), || async {
                    let mut error = RemoteError::new("db", RemoteFailure::Busy, "no");
                    error.retry_after = Some(Duration::from_secs(asked));
                    Err(error.into())
                })
                .await;
            assert!(outcome.is_err());
            assert_eq!(began.elapsed().as_secs(), expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_ends_when_the_work_is_to_stop() {
        let (guard, _) = guard(Policy { delay: Duration::from_secs(50), ..Policy::default() });
        let cancel = Cancel::default();
        let stopper = cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            stopper.raise();
        });
        let began = Instant::now();
        let outcome: Result<(), _> = guard.call(&cancel, || async { Err(failure(RemoteFailure::Busy)) }).await;
        assert!(matches!(outcome, Err(ConnectorError::Cancelled)));
        assert_eq!(began.elapsed(), Duration::from_secs(1));
    }
}
