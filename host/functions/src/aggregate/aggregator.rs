//! An instance opened for one aggregate, and what goes in and out of it.

use std::sync::Arc;

use duckpen_database::{Chunk, OutputSlot, OutputVector};
use duckpen_sandbox::{Guest, Instance, Stopped};
use wasmtime::Store;
use wasmtime::component::ResourceAny;

use super::buffer::StateBuffer;
use crate::bindings::duckpen::columns::failures::Failure;
use crate::bindings::exports::duckpen::functions::aggregate;
use crate::columns::{ArgumentBuffers, room};
use crate::failure::CallError;
use crate::host::FunctionHost;

/// An aggregate made ready. It keeps nothing from call to call but buffers.
pub(crate) struct Aggregator {
    instance: Instance<FunctionHost>,
    functions: aggregate::Guest,
    aggregator: ResourceAny,
    output: Arc<OutputSlot>,
    arguments: ArgumentBuffers,
}

impl Aggregator {
    /// Opens function number `index` of the component.
    pub(crate) fn open(mut instance: Instance<FunctionHost>, index: u32, arity: usize) -> Result<Self, CallError> {
        let functions = interface(&mut instance)?;
        let opened = instance.call("open", Result::is_err, |store, _| functions.call_open(store, index))?;
        let aggregator = opened.map_err(CallError::Failure)?;
        let output = instance.embedder().results.slot();
        Ok(Self { instance, functions, aggregator, output, arguments: ArgumentBuffers::new(arity) })
    }

    /// Whether it may be called again.
    pub(crate) fn is_usable(&self) -> bool {
        !self.instance.is_poisoned()
    }

    /// Takes rows in: the new states, written to `emitted`, and the bytes of the arguments.
    pub(crate) fn update(
        &mut self,
        groups: &StateBuffer,
        of_row: &[u32],
        input: &Chunk<'_>,
        emitted: StateBuffer,
    ) -> Result<(StateBuffer, u64), CallError> {
        let Self { instance, functions, aggregator, arguments, .. } = self;
        let mut nodes = room(input.vectors().len());
        let (arguments, bytes_in) = arguments.lend(input, &mut nodes)?;
        let states = emitting(instance, "update", emitted, groups.len(), |store| {
            let rows = input.rows() as u32;
            functions.aggregator().call_update(store, *aggregator, groups.lend(), of_row, &arguments, rows)
        })?;
        Ok((states, bytes_in))
    }

    /// Merges states in pairs.
    pub(crate) fn merge(
        &mut self,
        left: &StateBuffer,
        right: &StateBuffer,
        emitted: StateBuffer,
    ) -> Result<StateBuffer, CallError> {
        let Self { instance, functions, aggregator, .. } = self;
        emitting(instance, "merge", emitted, left.len(), |store| {
            functions.aggregator().call_merge(store, *aggregator, left.lend(), right.lend())
        })
    }

    /// Writes the result of each group. Returns its bytes.
    pub(crate) fn finalize(&mut self, groups: &StateBuffer, output: &mut OutputVector<'_>) -> Result<u64, CallError> {
        let Self { instance, functions, aggregator, output: slot, .. } = self;
        let returned = slot.lend(output, || {
            instance.call("finalize", Result::is_err, |store, _| {
                store.data_mut().embedder.results.begin();
                let returned = functions.aggregator().call_finalize(&mut *store, *aggregator, groups.lend())?;
                let bytes = if returned.is_ok() { store.data().embedder.results.finish()? } else { 0 };
                Ok(returned.map(|()| bytes))
            })
        });
        returned?.map_err(CallError::Failure)
    }
}

/// Makes a call that emits `count` states into `buffer`.
pub(crate) fn emitting(
    instance: &mut Instance<FunctionHost>,
    call: &'static str,
    buffer: StateBuffer,
    count: usize,
    run: impl FnOnce(&mut Store<Guest<FunctionHost>>) -> wasmtime::Result<Result<(), Failure>>,
) -> Result<StateBuffer, CallError> {
    let returned = instance.call(call, Result::is_err, |store, _| {
        store.data_mut().embedder.states.begin(buffer, count);
        match run(store)? {
            Ok(()) => Ok(Ok(store.data_mut().embedder.states.finish()?)),
            Err(failure) => {
                store.data_mut().embedder.states.cancel();
                Ok(Err(failure))
            }
        }
    });
    returned?.map_err(CallError::Failure)
}

/// Finds the interface of aggregate functions in an instance.
pub(crate) fn interface(instance: &mut Instance<FunctionHost>) -> Result<aggregate::Guest, Stopped> {
    instance
        .inspect(|store, instance| {
            let indices = aggregate::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })
        .map_err(|error| Stopped::HostFault(format!("{error:#}")))
}
