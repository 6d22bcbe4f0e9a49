use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::{InstancePre, Linker};
use wasmtime::{Store, UpdateDeadline};

use crate::component::{Component, Import, LoadError, unversioned};
use crate::engine::{Measuring, Metering};
use crate::instance::{Call, Instance};
use crate::limiter::Limiter;
use crate::meter::{Meter, Stopwatch};
use crate::{Exceeded, LimitKind, Limits, Refusal, Stopped, wasi};

/// How long an instance is waited for when all places are taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// How loud a line of a guest's log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// What the embedder keeps beside a guest.
pub trait Embedder: Send + 'static {
    /// A line of the guest's log, already within its limit. Control characters are still in it.
    fn log(&mut self, level: LogLevel, message: &str);

    /// Whether the guest is to be stopped. Looked at with every tick while it runs.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// The data of a guest's store: its limits, and what its embedder keeps beside it.
pub struct Guest<T> {
    /// The embedder's part.
    pub embedder: T,
    pub(crate) limiter: Limiter,
    pub(crate) limits: Limits,
    pub(crate) measuring: Measuring,
    /// When the current call began.
    pub(crate) started: Instant,
    pub(crate) host_calls: u64,
    pub(crate) log_bytes: u64,
    pub(crate) log_lines_dropped: u64,
    /// Those of the calls before the current one.
    pub(crate) log_lines_dropped_before: u64,
    /// Time of the current call in which the host worked for the guest.
    pub(crate) in_host: Duration,
    pub(crate) wasi: wasi::State,
}

impl<T: Embedder> Guest<T> {
    /// The limits of this guest.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// When the current call began, or the last one where none is being made.
    pub fn call_started(&self) -> Instant {
        self.started
    }

    /// Begins to measure time.
    pub fn stopwatch(&self) -> Stopwatch {
        Stopwatch::start(self.measuring)
    }

    /// Adds to the time in which the host worked for the guest in the current call. For what takes time worth measuring:
    /// the clock itself takes some.
    pub fn add_host_time(&mut self, time: Duration) {
        self.in_host += time;
    }

    /// Counts a call from the guest into the host; every host function begins with it.
    ///
    /// # Errors
    /// When there were too many.
    pub fn count_host_call(&mut self) -> Result<(), Refusal> {
        self.host_calls += 1;
        if self.host_calls > self.limits.host_calls {
            let (limit, used) = (self.limits.host_calls, self.host_calls);
            return Err(Refusal::Limit(Exceeded { kind: LimitKind::HostCalls, limit, used }));
        }
        Ok(())
    }

    /// Why a guest may not run on, at a tick of the engine's clock.
    fn must_stop(&self) -> Option<Refusal> {
        if self.embedder.is_cancelled() {
            return Some(Refusal::Cancelled);
        }
        let elapsed = self.started.elapsed();
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (limit, used) = (millis(self.limits.time), millis(elapsed));
        (elapsed >= self.limits.time).then_some(Refusal::Limit(Exceeded { kind: LimitKind::Time, limit, used }))
    }

    /// Counts a line of the guest's log that is longer than all that it may write.
    pub fn drop_log_line(&mut self) {
        self.log_lines_dropped += 1;
    }

    /// Passes on a line of the guest's log, unless it is past its limit.
    pub fn log(&mut self, level: LogLevel, message: &str) {
        self.log_bytes = self.log_bytes.saturating_add(message.len() as u64);
        if self.log_bytes > self.limits.log_bytes {
            self.drop_log_line();
        } else {
            self.embedder.log(level, message);
        }
    }
}

/// A component whose imports are all answered: instances can be made of it. Cheap to clone.
pub struct Template<T: Embedder> {
    component: Component,
    limits: Limits,
    pre: InstancePre<Guest<T>>,
}

impl<T: Embedder> Clone for Template<T> {
    fn clone(&self) -> Self {
        Self { component: self.component.clone(), limits: self.limits.clone(), pre: self.pre.clone() }
    }
}

impl<T: Embedder> Template<T> {
    /// Answers the imports of a component: those of `granted` (interfaces with versions) by what `link` puts into the
    /// linker, those of WASI by stand-ins that do nothing.
    ///
    /// # Errors
    /// [`LoadError::Ungranted`] names every import beyond that, [`LoadError::UnknownVersion`] one that is granted in
    /// another version.
    pub fn new(
        component: &Component,
        limits: Limits,
        granted: &[&str],
        link: impl FnOnce(&mut Linker<Guest<T>>) -> wasmtime::Result<()>,
    ) -> Result<Self, LoadError> {
        let is_granted = |import: &&Import| {
            import.functions.is_empty() || import.is_wasi() || granted.contains(&import.name.as_str())
        };
        let ungranted: Vec<&str> = component
            .imports()
            .iter()
            .filter(|import| !is_granted(import))
            .map(|import| import.name.as_str())
            .collect();
        let name = || component.name().to_owned();
        let known = |import: &&str| granted.iter().find(|granted| unversioned(granted) == unversioned(import));
        if let Some((found, supported)) = ungranted.iter().find_map(|import| Some((import, known(import)?))) {
            let (found, supported) = ((*found).to_owned(), (*supported).to_owned());
            return Err(LoadError::UnknownVersion { name: name(), found, supported });
        }
        if !ungranted.is_empty() {
            let imports = ungranted.into_iter().map(str::to_owned).collect();
            return Err(LoadError::Ungranted { name: name(), imports });
        }
        let misfit = |error: wasmtime::Error| component.contract_error(format!("{error:#}"));
        let mut linker = Linker::new(&component.engine().wasmtime);
        link(&mut linker).map_err(misfit)?;
        wasi::add_to_linker(&mut linker, component).map_err(misfit)?;
        let pre = linker.instantiate_pre(component.wasmtime()).map_err(misfit)?;
        Ok(Self { component: component.clone(), limits, pre })
    }

    /// The component.
    pub fn component(&self) -> &Component {
        &self.component
    }

    /// Whether it is measured what the calls of its instances cost.
    pub fn measuring(&self) -> Measuring {
        self.component.engine().measuring
    }

    /// The limits its instances get.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Makes an instance. That runs code of the guest, so it is a call like any other: limited and measured.
    ///
    /// # Errors
    /// When the guest's start-up is stopped, or no place is free.
    pub fn instantiate(&self, embedder: T, meter: Arc<dyn Meter>) -> Result<Instance<T>, Stopped> {
        let engine = self.component.engine();
        let Some((slot, queued)) = engine.slots.take(PATIENCE) else {
            let total = engine.slots.total() as u64;
            return Err(Stopped::Limit(Exceeded { kind: LimitKind::Slots, limit: total, used: total }));
        };
        let started = Instant::now();
        let guest = Guest {
            embedder,
            limiter: Limiter::new(&self.limits),
            limits: self.limits.clone(),
            measuring: engine.measuring,
            started,
            host_calls: 0,
            log_bytes: 0,
            log_lines_dropped: 0,
            log_lines_dropped_before: 0,
            in_host: Duration::ZERO,
            wasi: wasi::State::default(),
        };
        let mut store = Store::new(&engine.wasmtime, guest);
        store.limiter(|guest| &mut guest.limiter);
        if engine.metering == Metering::On {
            store.epoch_deadline_callback(|store| match store.data().must_stop() {
                Some(refusal) => Err(wasmtime::Error::new(refusal)),
                None => Ok(UpdateDeadline::Continue(1)),
            });
        }
        store.set_hostcall_fuel(usize::try_from(self.limits.result_bytes).unwrap_or(usize::MAX));
        store.set_max_component_handles(usize::try_from(self.limits.handles).unwrap_or(usize::MAX));
        let mut call = Call::begin(&mut store, &*meter, "instantiate", engine.metering, started, queued);
        let made = self.pre.instantiate(&mut call.store);
        let instance = call.end(made)?;
        Ok(Instance::new(store, instance, meter, engine.metering, slot))
    }
}

/// Gives a store what one call may use.
pub(crate) fn refill<T>(store: &mut Store<Guest<T>>, metering: Metering, started: Instant) {
    let fuel = store.data().limits.fuel;
    if metering == Metering::On {
        // From the next tick on, every tick looks whether the guest has to stop.
        store.set_epoch_deadline(1);
        // The engine counts fuel whenever it meters.
        let filled = store.set_fuel(fuel);
        debug_assert!(filled.is_ok(), "fuel is counted");
    }
    let guest = store.data_mut();
    guest.started = started;
    guest.host_calls = 0;
    guest.log_lines_dropped_before = guest.log_lines_dropped;
    guest.in_host = Duration::ZERO;
    guest.limiter.begin_call();
}
