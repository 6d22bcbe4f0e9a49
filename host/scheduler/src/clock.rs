//! Time, as the scheduler sees it.

use std::{ops::Add, time::Duration};

use async_trait::async_trait;

/// A point in time, as the distance from the origin of the clock that gave it. Monotonic, and only comparable with
/// moments of the same clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Duration);

impl Moment {
    /// The moment this long after the clock's origin.
    pub const fn after_origin(distance: Duration) -> Self {
        Self(distance)
    }

    /// Distance from the clock's origin.
    pub const fn since_origin(self) -> Duration {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, distance: Duration) -> Self {
        Self(self.0.saturating_add(distance))
    }
}

/// Where the scheduler gets its time from: a real clock, or one a test moves by hand.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The current moment.
    fn now(&self) -> Moment;

    /// Returns once `duration` has passed from the first poll on. May be dropped at any time.
    async fn sleep(&self, duration: Duration);
}

/// The clock of the tokio runtime it is used in; its origin is the moment it was made.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: tokio::time::Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { origin: tokio::time::Instant::now() }
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment(self.origin.elapsed())
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
