use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Places for instances: the pool behind them answers exhaustion with an error, so whoever wants one waits here instead.
#[derive(Clone)]
pub(crate) struct Slots {
    shared: Arc<Shared>,
}

struct Shared {
    total: usize,
    free: Mutex<usize>,
    freed: Condvar,
}

/// A place, given back when it is dropped.
pub(crate) struct Slot {
    shared: Arc<Shared>,
}

impl Slots {
    pub(crate) fn new(total: usize) -> Self {
        Self { shared: Arc::new(Shared { total, free: Mutex::new(total), freed: Condvar::new() }) }
    }

    pub(crate) fn total(&self) -> usize {
        self.shared.total
    }

    /// Waits for a place, at most `patience`; returns it with the time waited.
    pub(crate) fn take(&self, patience: Duration) -> Option<(Slot, Duration)> {
        let started = Instant::now();
        let free = self.shared.free.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut free, _) = self
            .shared
            .freed
            .wait_timeout_while(free, patience, |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        if *free == 0 {
            return None;
        }
        *free -= 1;
        Some((Slot { shared: Arc::clone(&self.shared) }, started.elapsed()))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *self.shared.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.shared.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_places_are_given_than_there_are() {
        let slots = Slots::new(2);
        let first = slots.take(Duration::ZERO).unwrap();
        let _second = slots.take(Duration::ZERO).unwrap();
        assert!(slots.take(Duration::ZERO).is_none());
        drop(first);
        assert!(slots.take(Duration::ZERO).is_some());
    }
}
