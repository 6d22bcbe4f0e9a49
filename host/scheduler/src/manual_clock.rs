//! A clock that stands still until it is told to move.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::{Clock, Moment};

/// A clock for tests: time passes by [`ManualClock::advance`] and in no other way, and sleepers wake in the order of
/// their deadlines, those of one deadline in the order in which they fell asleep.
#[derive(Debug, Default)]
pub struct ManualClock {
    state: Mutex<State>,
    fell_asleep: Notify,
}

#[derive(Debug, Default)]
struct State {
    now: Moment,
    /// By deadline, then by order of arrival.
    sleepers: BTreeMap<(Moment, u64), Waker>,
    arrivals: u64,
}

impl ManualClock {
    /// Moves time forward and wakes whoever's deadline has come.
    pub fn advance(&self, duration: Duration) {
        let due = {
            let mut state = self.lock();
            state.now = state.now + duration;
            let after_now = (state.now, u64::MAX);
            let later = state.sleepers.split_off(&after_now);
            std::mem::replace(&mut state.sleepers, later)
        };
        due.into_values().for_each(Waker::wake);
    }

    /// Waits until at least this many sleeps are under way, so that a test knows that what it is about to wake has come
    /// to rest.
    pub async fn until_asleep(&self, sleepers: usize) {
        loop {
            let mut fell_asleep = std::pin::pin!(self.fell_asleep.notified());
            fell_asleep.as_mut().enable();
            if self.lock().sleepers.len() >= sleepers {
                return;
            }
            fell_asleep.await;
        }
    }

    /// A panic of another holder cannot leave the state half changed: each change is a single assignment or insertion.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Moment {
        self.lock().now
    }

    async fn sleep(&self, duration: Duration) {
        Sleep { clock: self, duration, key: None }.await;
    }
}

/// One sleep; takes its place among the sleepers when first polled and gives it up when dropped.
struct Sleep<'a> {
    clock: &'a ManualClock,
    duration: Duration,
    key: Option<(Moment, u64)>,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock;
        let mut state = clock.lock();
        let duration = self.duration;
        let key = *self.key.get_or_insert_with(|| {
            state.arrivals += 1;
            (state.now + duration, state.arrivals)
        });
        if key.0 <= state.now {
            return Poll::Ready(());
        }
        state.sleepers.insert(key, context.waker().clone());
        drop(state);
        clock.fell_asleep.notify_waiters();
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.clock.lock().sleepers.remove(&key);
        }
    }
}
