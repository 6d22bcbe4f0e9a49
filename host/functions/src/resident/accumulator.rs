//! An instance with the states of groups, and what goes in and out of it.

use std::sync::Arc;

use duckpen_database::{Chunk, OutputSlot, OutputVector};
use duckpen_sandbox::{Instance, Stopped};
use wasmtime::component::ResourceAny;

use crate::aggregate::{Shape, StateBuffer, emitting};
use crate::bindings::exports::duckpen::functions::resident_aggregate;
use crate::columns::{ArgumentBuffers, room};
use crate::failure::CallError;
use crate::host::FunctionHost;

/// Groups that are dropped in one call, at most.
const MOST_DROPPED: usize = 2_048;

pub(crate) struct Accumulator {
    instance: Instance<FunctionHost>,
    functions: resident_aggregate::Guest,
    accumulator: ResourceAny,
    output: Arc<OutputSlot>,
    arguments: ArgumentBuffers,
    /// The first number that was never given out.
    next: u32,
    /// Numbers that were given back.
    free: Vec<u32>,
}

impl Accumulator {
    /// Opens function number `index` of the component.
    pub(crate) fn open(mut instance: Instance<FunctionHost>, index: u32, arity: usize) -> Result<Self, CallError> {
        let functions = interface(&mut instance)?;
        let opened = instance.call("open", Result::is_err, |store, _| functions.call_open(store, index))?;
        let accumulator = opened.map_err(CallError::Failure)?;
        let output = instance.embedder().results.slot();
        let arguments = ArgumentBuffers::new(arity);
        Ok(Self { instance, functions, accumulator, output, arguments, next: 0, free: Vec::new() })
    }

    /// Whether it may be called again.
    pub(crate) fn is_usable(&self) -> bool {
        !self.instance.is_poisoned()
    }

    /// A number for a group without rows.
    pub(crate) fn number(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        })
    }

    /// Takes rows in. Returns the bytes of the arguments.
    pub(crate) fn update(&mut self, group_of_row: &[u32], input: &Chunk<'_>) -> Result<u64, CallError> {
        let Self { instance, functions, accumulator, arguments, .. } = self;
        let mut nodes = room(input.vectors().len());
        let (arguments, bytes_in) = arguments.lend(input, &mut nodes)?;
        let rows = input.rows() as u32;
        let returned = instance.call("update", Result::is_err, |store, _| {
            functions.accumulator().call_update(store, *accumulator, group_of_row, &arguments, rows)
        })?;
        returned.map_err(CallError::Failure)?;
        Ok(bytes_in)
    }

    /// The states of groups, which are gone then.
    pub(crate) fn take(&mut self, groups: &[u32]) -> Result<StateBuffer, CallError> {
        let Self { instance, functions, accumulator, .. } = self;
        let states = emitting(instance, "take", StateBuffer::new(Shape::Variable), groups.len(), |store| {
            functions.accumulator().call_take(store, *accumulator, groups)
        })?;
        self.free.extend_from_slice(groups);
        Ok(states)
    }

    /// Merges states into groups; one may stand there several times.
    pub(crate) fn merge(&mut self, groups: &[u32], states: &StateBuffer) -> Result<(), CallError> {
        let Self { instance, functions, accumulator, .. } = self;
        let returned = instance.call("merge", Result::is_err, |store, _| {
            functions.accumulator().call_merge(store, *accumulator, groups, states.lend())
        })?;
        returned.map_err(CallError::Failure)
    }

    /// Writes the result of each group. Returns its bytes.
    pub(crate) fn finalize(&mut self, groups: &[u32], output: &mut OutputVector<'_>) -> Result<u64, CallError> {
        let Self { instance, functions, accumulator, output: slot, .. } = self;
        let returned = slot.lend(output, || {
            instance.call("finalize", Result::is_err, |store, _| {
                store.data_mut().embedder.results.begin();
                let returned = functions.accumulator().call_finalize(&mut *store, *accumulator, groups)?;
                let bytes = if returned.is_ok() { store.data().embedder.results.finish()? } else { 0 };
                Ok(returned.map(|()| bytes))
            })
        });
        returned?.map_err(CallError::Failure)
    }

    /// Groups are not asked for again.
    pub(crate) fn drop_groups(&mut self, groups: &[u32]) -> Result<(), CallError> {
        let Self { instance, functions, accumulator, .. } = self;
        for groups in groups.chunks(MOST_DROPPED) {
            instance.call(
                "drop-groups",
                |()| false,
                |store, _| functions.accumulator().call_drop_groups(store, *accumulator, groups),
            )?;
        }
        self.free.extend_from_slice(groups);
        Ok(())
    }
}

/// Finds the interface in an instance.
pub(crate) fn interface(instance: &mut Instance<FunctionHost>) -> Result<resident_aggregate::Guest, Stopped> {
    instance
        .inspect(|store, instance| {
            let indices = resident_aggregate::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })
        .map_err(|error| Stopped::HostFault(format!("{error:#}")))
}
