//! The instances that groups live in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, ThreadId};

use duckpen_sandbox::{Stopped, Template};

use super::accumulator::Accumulator;
use crate::failure::CallError;
use crate::host::FunctionHost;
use crate::statistics::{StateBudget, Statistics};

/// An instance, for as long as a group lives in it or a call uses it.
pub(crate) struct Home {
    accumulator: Mutex<Accumulator>,
    /// Groups that are gone, of which the guest does not know yet: a state can be dropped wherever it is, a guest not be
    /// called.
    dropped: Mutex<Vec<u32>>,
    /// Why a call was stopped, and with it all groups lost.
    lost: Mutex<Option<Stopped>>,
}

impl Home {
    /// Uses the instance, once nobody else does.
    pub(crate) fn with<R>(
        &self,
        use_it: impl FnOnce(&mut Accumulator) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        let mut accumulator = locked(&self.accumulator);
        if let Some(stopped) = &*locked(&self.lost) {
            return Err(stopped.clone().into());
        }
        let dropped = std::mem::take(&mut *locked(&self.dropped));
        let result = accumulator.drop_groups(&dropped).and_then(|()| use_it(&mut accumulator));
        if let Err(CallError::Stopped(stopped)) = &result
            && !accumulator.is_usable()
        {
            *locked(&self.lost) = Some(stopped.clone());
        }
        result
    }

    /// A group is gone.
    pub(crate) fn forget(&self, number: u32) {
        locked(&self.dropped).push(number);
    }
}

/// The homes of one function's groups.
pub(crate) struct Homes {
    template: Template<FunctionHost>,
    statistics: Arc<Statistics>,
    /// The function's number in what `describe` returned.
    index: u32,
    arity: usize,
    /// Where groups begin that a thread is the first to see: so threads do not wait for each other.
    of_threads: Mutex<HashMap<ThreadId, Weak<Home>>>,
}

impl Homes {
    pub(crate) fn new(template: Template<FunctionHost>, statistics: Arc<Statistics>, index: u32, arity: usize) -> Self {
        Self { template, statistics, index, arity, of_threads: Mutex::default() }
    }

    /// That of this thread.
    pub(crate) fn own(&self) -> Result<Arc<Home>, CallError> {
        let thread = thread::current().id();
        let found = locked(&self.of_threads).get(&thread).and_then(Weak::upgrade);
        if let Some(home) = found.filter(|home| locked(&home.lost).is_none()) {
            return Ok(home);
        }
        let host = FunctionHost::new(self.template.component().name().into());
        let instance = self.template.instantiate(host, Arc::clone(&self.statistics) as _)?;
        let accumulator = Mutex::new(Accumulator::open(instance, self.index, self.arity)?);
        let home = Arc::new(Home { accumulator, dropped: Mutex::default(), lost: Mutex::default() });
        let mut of_threads = locked(&self.of_threads);
        of_threads.retain(|_, home| home.strong_count() > 0);
        of_threads.insert(thread, Arc::downgrade(&home));
        Ok(home)
    }

    pub(crate) fn component(&self) -> &str {
        self.template.component().name()
    }

    pub(crate) fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    pub(crate) fn budget(&self) -> StateBudget<'_> {
        StateBudget { statistics: &self.statistics, limit: self.template.limits().state_bytes }
    }
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
