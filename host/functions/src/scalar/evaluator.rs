//! One thread's work on one call of a function: an instance, and what goes in and out of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use duckpen_database::{Chunk, OutputSlot, OutputVector};
use duckpen_sandbox::{Instance, Stopped};
use wasmtime::component::ResourceAny;

use crate::bindings::duckpen::columns::columns::{Argument, Column};
use crate::bindings::exports::duckpen::functions::scalar;
use crate::columns::{ArgumentBuffer, column_bytes};
use crate::failure::CallError;
use crate::host::FunctionHost;

/// A function made ready for one call site on one thread.
pub(crate) struct Evaluator {
    instance: Instance<FunctionHost>,
    functions: scalar::Guest,
    evaluator: ResourceAny,
    output: Arc<OutputSlot>,
    buffers: Vec<ArgumentBuffer>,
}

impl Evaluator {
    /// Opens function number `index` of the component for a call site.
    pub(crate) fn open(
        mut instance: Instance<FunctionHost>,
        index: u32,
        argument_types: &[&str],
        constants: &[Option<Column<'_>>],
    ) -> Result<Self, CallError> {
        let functions = interface(&mut instance)?;
        let site = scalar::CallSite { argument_types, constants };
        let opened = instance.call("open", Result::is_err, |store, _| functions.call_open(store, index, site))?;
        let evaluator = opened.map_err(CallError::Failure)?;
        let buffers = argument_types.iter().map(|_| ArgumentBuffer::default()).collect();
        let output = instance.embedder().results.slot();
        Ok(Self { instance, functions, evaluator, output, buffers })
    }

    /// Computes a batch into `output`. `constants` holds the arguments that are the same for all rows. Returns what went
    /// over.
    pub(crate) fn evaluate(
        &mut self,
        constants: &[Option<Column<'_>>],
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<Traffic, CallError> {
        let began = Instant::now();
        let mut bytes_in = 0;
        let mut arguments = Vec::with_capacity(self.buffers.len());
        for ((vector, constant), buffer) in input.vectors().iter().zip(constants).zip(&mut self.buffers) {
            arguments.push(match constant {
                Some(constant) => Argument::Constant(constant.clone()),
                None => {
                    let column = buffer.column(vector).map_err(|error| Stopped::HostFault(error.to_string()))?;
                    bytes_in += column_bytes(&column);
                    Argument::Vector(column)
                }
            });
        }
        let rows = input.rows() as u32;
        let (functions, evaluator, instance) = (&self.functions, self.evaluator, &mut self.instance);
        let returned = self.output.lend(output, || {
            instance.call("evaluate", Result::is_err, |store, _| {
                store.data_mut().embedder.results.begin();
                let returned = functions.evaluator().call_evaluate(&mut *store, evaluator, &arguments, rows)?;
                let bytes = if returned.is_ok() { store.data().embedder.results.finish()? } else { 0 };
                Ok(returned.map(|()| bytes))
            })
        });
        let bytes_out = returned?.map_err(CallError::Failure)?;
        let gathering = self.instance.inspect(|store, _| store.data().call_started()).saturating_duration_since(began);
        Ok(Traffic { bytes_in, bytes_out, gathering })
    }
}

/// What a batch took over the boundary.
pub(crate) struct Traffic {
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    /// Time in which the arguments were made ready.
    pub(crate) gathering: Duration,
}

/// Finds the interface of scalar functions in an instance.
pub(crate) fn interface(instance: &mut Instance<FunctionHost>) -> Result<scalar::Guest, Stopped> {
    instance
        .inspect(|store, instance| {
            let indices = scalar::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })
        .map_err(|error| Stopped::HostFault(format!("{error:#}")))
}
