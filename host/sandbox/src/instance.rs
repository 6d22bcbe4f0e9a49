use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::{FrameInfo, Store, Trap};

use crate::engine::{Measuring, Metering, STACK_BYTES};
use crate::meter::{Measurement, Meter};
use crate::slots::Slot;
use crate::template::{Embedder, Guest, refill};
use crate::{Exceeded, LimitKind, Outcome, Refusal, Stopped};

/// An instance of a component. It belongs to one user at a time, and is not used again once a call was stopped.
pub struct Instance<T: Embedder> {
    store: Store<Guest<T>>,
    instance: wasmtime::component::Instance,
    meter: Arc<dyn Meter>,
    metering: Metering,
    poisoned: bool,
    _slot: Slot,
}

impl<T: Embedder> Instance<T> {
    pub(crate) fn new(
        store: Store<Guest<T>>,
        instance: wasmtime::component::Instance,
        meter: Arc<dyn Meter>,
        metering: Metering,
        slot: Slot,
    ) -> Self {
        Self { store, instance, meter, metering, poisoned: false, _slot: slot }
    }

    /// Looks something up in the instance, without running it.
    pub fn inspect<R>(&mut self, look: impl FnOnce(&mut Store<Guest<T>>, &wasmtime::component::Instance) -> R) -> R {
        look(&mut self.store, &self.instance)
    }

    /// What the embedder keeps beside the guest.
    pub fn embedder(&mut self) -> &mut T {
        &mut self.store.data_mut().embedder
    }

    /// Whether a call was stopped, so that no other may follow.
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    /// Lines of the guest's log that were past their limit.
    pub fn log_lines_dropped(&self) -> u64 {
        self.store.data().log_lines_dropped
    }

    /// Calls into the guest: `run` may call it once or several times, all within the limits of one call. The guest's own
    /// errors are values of `R`; `is_error` tells them from results, for the measurement.
    ///
    /// # Errors
    /// How the call was stopped, where it did not return.
    pub fn call<R>(
        &mut self,
        name: &'static str,
        is_error: impl FnOnce(&R) -> bool,
        run: impl FnOnce(&mut Store<Guest<T>>, &wasmtime::component::Instance) -> wasmtime::Result<R>,
    ) -> Result<R, Stopped> {
        if self.poisoned {
            return Err(Stopped::HostFault("an instance was called again after a call was stopped".into()));
        }
        // Until the call has returned; a panic of the host leaves it poisoned, too.
        self.poisoned = true;
        let mut call = Call::begin(&mut self.store, &*self.meter, name, self.metering, Instant::now(), Duration::ZERO);
        let outcome = run(call.store, &self.instance);
        if let Ok(value) = &outcome
            && is_error(value)
        {
            call.outcome = Outcome::GuestError;
        }
        let outcome = call.end(outcome);
        self.poisoned = outcome.is_err();
        outcome
    }
}

impl<T: Embedder> Instance<T> {
    /// As [`call`](Self::call), for one that does the work of `calls`: it has their fuel, time and host calls together.
    ///
    /// # Errors
    /// As of `call`.
    pub fn call_for<R>(
        &mut self,
        calls: u64,
        name: &'static str,
        is_error: impl FnOnce(&R) -> bool,
        run: impl FnOnce(&mut Store<Guest<T>>, &wasmtime::component::Instance) -> wasmtime::Result<R>,
    ) -> Result<R, Stopped> {
        let ordinary = self.store.data().limits.clone();
        self.store.data_mut().limits = ordinary.times(calls);
        let outcome = self.call(name, is_error, run);
        self.store.data_mut().limits = ordinary;
        outcome
    }
}

/// A call that is being made. Dropping it emits its measurement, so that no way out forgets it.
pub(crate) struct Call<'call, T: Embedder> {
    pub(crate) store: &'call mut Store<Guest<T>>,
    meter: &'call dyn Meter,
    name: &'static str,
    metering: Metering,
    started: Instant,
    queued: Duration,
    outcome: Outcome,
}

impl<'call, T: Embedder> Call<'call, T> {
    pub(crate) fn begin(
        store: &'call mut Store<Guest<T>>,
        meter: &'call dyn Meter,
        name: &'static str,
        metering: Metering,
        started: Instant,
        queued: Duration,
    ) -> Self {
        refill(store, metering, started);
        let outcome = Outcome::Returned;
        Self { store, meter, name, metering, started, queued, outcome }
    }

    /// Ends the call with what came out of it.
    pub(crate) fn end<R>(mut self, result: wasmtime::Result<R>) -> Result<R, Stopped> {
        result.map_err(|error| {
            let stopped = self.reason(&error);
            self.outcome = Outcome::from(&stopped);
            stopped
        })
    }

    fn fuel_used(&self) -> u64 {
        if self.metering == Metering::Off {
            return 0;
        }
        self.store.data().limits.fuel.saturating_sub(self.store.get_fuel().unwrap_or_default())
    }

    fn reason(&self, error: &wasmtime::Error) -> Stopped {
        let guest = self.store.data();
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return match refusal.clone() {
                Refusal::Limit(exceeded) => Stopped::Limit(exceeded),
                Refusal::Denied(message) => Stopped::Denied(message),
                Refusal::Fault(message) => Stopped::HostFault(message),
                Refusal::Cancelled => Stopped::Cancelled,
            };
        }
        let exceeded = |kind, limit, used| Stopped::Limit(Exceeded { kind, limit, used });
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => return exceeded(LimitKind::Fuel, guest.limits.fuel, self.fuel_used()),
            Some(Trap::StackOverflow) => {
                return exceeded(LimitKind::Stack, STACK_BYTES as u64, STACK_BYTES as u64);
            }
            _ => {}
        }
        // A guest that is refused memory usually crashes: the refusal is the reason, the crash its consequence.
        if let Some(refused) = guest.limiter.refused() {
            return Stopped::Limit(refused);
        }
        let text = format!("{error:#}");
        if text.contains("fuel allocated for hostcalls has been exhausted") {
            let limit = guest.limits.result_bytes;
            return exceeded(LimitKind::ResultBytes, limit, limit.saturating_add(1));
        }
        if text.contains("store handle limit exceeded") {
            let limit = u64::from(guest.limits.handles);
            return exceeded(LimitKind::Handles, limit, limit + 1);
        }
        if text.contains("resource limit exceeded") && text.contains("instance") {
            let limit = u64::from(guest.limits.instances);
            return exceeded(LimitKind::Instances, limit, limit + 1);
        }
        Stopped::Trap(trap_message(error))
    }
}

impl<T: Embedder> Drop for Call<'_, T> {
    fn drop(&mut self) {
        if self.store.data().measuring == Measuring::Off {
            return;
        }
        let fuel = self.fuel_used();
        let guest = self.store.data();
        self.meter.record(Measurement {
            call: self.name,
            outcome: std::mem::replace(&mut self.outcome, Outcome::Returned),
            elapsed: self.started.elapsed(),
            queued: self.queued,
            fuel,
            peak_memory: guest.limiter.peak(),
            host_calls: guest.host_calls,
            in_host: guest.in_host,
            log_lines_dropped: guest.log_lines_dropped - guest.log_lines_dropped_before,
        });
    }
}

/// The trap in words, with the guest's function it happened in where that is known.
fn trap_message(error: &wasmtime::Error) -> String {
    let mut message = error.root_cause().to_string();
    let Some(backtrace) = error.downcast_ref::<wasmtime::WasmBacktrace>() else { return message };
    let frames = backtrace.frames();
    if let Some(name) = frames.iter().find_map(FrameInfo::func_name) {
        message += &format!(" in `{:#}`", rustc_demangle::demangle(name));
    }
    // Compilers keep a second stack, in the guest's memory, which is usually smaller than the engine's: what runs past
    // its end is an access outside the memory.
    if let Some(name) = recursive(frames)
        && error.downcast_ref::<Trap>() == Some(&Trap::MemoryOutOfBounds)
    {
        message += &format!(": its stack is full, `{:#}` calls itself too deeply", rustc_demangle::demangle(name));
    }
    message
}

/// The function that stands in a backtrace over and over.
fn recursive(frames: &[FrameInfo]) -> Option<&str> {
    const OFTEN: usize = 5;
    let times = |frame: &FrameInfo| frames.iter().filter(|other| other.func_index() == frame.func_index()).count();
    frames.iter().find(|frame| times(frame) >= OFTEN)?.func_name()
}
