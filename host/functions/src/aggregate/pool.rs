//! Instances between calls. DuckDB gives the threads of an aggregate nothing of their own to keep one in.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;

use super::aggregator::Aggregator;

/// Idle instances of the aggregates of one component, each opened for one of them.
pub(crate) struct Pool {
    idle: Mutex<VecDeque<(u32, Aggregator)>>,
    /// So many are kept at most.
    most: usize,
}

impl Default for Pool {
    fn default() -> Self {
        // Two functions in one query on all threads; more share what is there. Places are few in the whole process. Asked
        // once: the answer is in files of the system.
        let most = available_parallelism().map_or(2, usize::from) * 2;
        Self { idle: Mutex::default(), most }
    }
}

impl Pool {
    /// An instance for function number `index`: the one that was used last, or a new one.
    pub(crate) fn take<E>(&self, index: u32, open: impl FnOnce() -> Result<Aggregator, E>) -> Result<Lease<'_>, E> {
        let idle = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.iter().rposition(|(opened_for, _)| *opened_for == index).and_then(|found| idle.remove(found))
        };
        let aggregator = match idle {
            Some((_, aggregator)) => aggregator,
            None => open()?,
        };
        Ok(Lease { pool: self, index, aggregator: Some(aggregator) })
    }

    fn give_back(&self, index: u32, aggregator: Aggregator) {
        let closed = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.push_back((index, aggregator));
            if idle.len() > self.most { idle.pop_front() } else { None }
        };
        // Closing takes longer than the lock may be held.
        drop(closed);
    }
}

/// An instance in use, given back when it is dropped, unless it was stopped.
pub(crate) struct Lease<'pool> {
    pool: &'pool Pool,
    index: u32,
    aggregator: Option<Aggregator>,
}

impl Deref for Lease<'_> {
    type Target = Aggregator;

    #[expect(clippy::unreachable, reason = "only `drop` takes it")]
    fn deref(&self) -> &Aggregator {
        match &self.aggregator {
            Some(aggregator) => aggregator,
            None => unreachable!(),
        }
    }
}

impl DerefMut for Lease<'_> {
    #[expect(clippy::unreachable, reason = "only `drop` takes it")]
    fn deref_mut(&mut self) -> &mut Aggregator {
        match &mut self.aggregator {
            Some(aggregator) => aggregator,
            None => unreachable!(),
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(aggregator) = self.aggregator.take().filter(Aggregator::is_usable) {
            self.pool.give_back(self.index, aggregator);
        }
    }
}
