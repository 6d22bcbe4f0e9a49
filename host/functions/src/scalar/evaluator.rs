//! One thread's work on one call of a function: an instance, and what goes in and out of it.

use std::sync::Arc;
use std::time::Duration;

use duckpen_database::{ArgumentForm, Chunk, InputVector, OutputSlot, OutputVector};
use duckpen_sandbox::{Instance, Stopped};
use wasmtime::component::ResourceAny;

use super::function::CallSite;
use crate::bindings::duckpen::columns::columns::Argument;
use crate::bindings::duckpen::columns::failures::Failure;
use crate::bindings::exports::duckpen::functions::scalar;
use crate::columns::{ArgumentBuffer, OwnedColumn, column_bytes, describe_row, is_lent, room};
use crate::failure::{CallError, Place};
use crate::host::FunctionHost;

/// A function made ready for one call site on one thread.
pub(crate) struct Evaluator {
    instance: Instance<FunctionHost>,
    functions: scalar::Guest,
    evaluator: ResourceAny,
    output: Arc<OutputSlot>,
    buffers: Vec<ArgumentBuffer>,
    /// The arguments that are the same for all rows.
    constants: Vec<Option<OwnedColumn>>,
    /// Rows computed so far.
    rows: u64,
}

impl Evaluator {
    /// Opens function number `index` of the component for a call site. The values of its constants are taken from the
    /// first row of its first batch.
    pub(crate) fn open(
        mut instance: Instance<FunctionHost>,
        index: u32,
        site: &CallSite,
        first: &Chunk<'_>,
    ) -> Result<Self, CallError> {
        let functions = interface(&mut instance)?;
        let constants = constants(site, first)?;
        let mut nodes = room(constants.len());
        let lent = constants.iter().zip(&mut nodes).map(|(constant, nodes)| Some(constant.as_ref()?.lend(nodes)));
        let argument_types: Vec<&str> = site.argument_types.iter().map(String::as_str).collect();
        let lent: Vec<_> = lent.collect();
        let call_site = scalar::CallSite { argument_types: &argument_types, constants: &lent };
        let opened = instance.call("open", Result::is_err, |store, _| functions.call_open(store, index, call_site))?;
        let evaluator = opened.map_err(CallError::Failure)?;
        drop(lent);
        let buffers = constants.iter().map(|_| ArgumentBuffer::default()).collect();
        let output = instance.embedder().results.slot();
        Ok(Self { instance, functions, evaluator, output, buffers, constants, rows: 0 })
    }

    /// Computes a batch into `output`. Returns what went over.
    pub(crate) fn evaluate(
        &mut self,
        site: &CallSite,
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<Traffic, CallError> {
        // Numbers that are lent as they lie take less time than a look at the clock.
        let mut arguments = input.vectors().iter().zip(&self.constants);
        let is_gathered = arguments.any(|(vector, constant)| constant.is_none() && !is_lent(vector));
        let watch = is_gathered.then(|| self.instance.inspect(|store, _| store.data().stopwatch()));
        let mut bytes_in = 0;
        let mut nodes = room(self.buffers.len());
        let mut arguments = Vec::with_capacity(self.buffers.len());
        let buffers = self.buffers.iter_mut().zip(&mut nodes);
        for ((vector, constant), (buffer, nodes)) in input.vectors().iter().zip(&self.constants).zip(buffers) {
            arguments.push(match constant {
                Some(constant) => Argument::Constant(constant.lend(nodes)),
                None => {
                    let column = buffer.column(vector, nodes).map_err(CallError::Arguments)?;
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
        let bytes_out = returned?.map_err(|failure| at_row(failure, site, input, &arguments, self.rows))?;
        self.rows += u64::from(rows);
        let gathering = watch
            .map_or(Duration::ZERO, |watch| self.instance.inspect(|store, _| watch.until(store.data().call_started())));
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

/// The values of the arguments that are the same for all rows.
fn constants(site: &CallSite, first: &Chunk<'_>) -> Result<Vec<Option<OwnedColumn>>, CallError> {
    let constant = |(vector, form): (&InputVector<'_>, &ArgumentForm)| {
        if *form == ArgumentForm::Vector {
            return Ok(None);
        }
        let (mut buffer, mut nodes) = (ArgumentBuffer::default(), Vec::new());
        let column = buffer.column(&vector.first_row(), &mut nodes).map_err(CallError::Arguments)?;
        Ok(Some(OwnedColumn::of(&column)))
    };
    first.vectors().iter().zip(&site.forms).map(constant).collect()
}

/// A guest counts rows from the start of its batch, which nobody sees. The row is there only if the guest counts right.
fn at_row(
    failure: Failure,
    site: &CallSite,
    input: &Chunk<'_>,
    arguments: &[Argument<'_>],
    rows_before: u64,
) -> CallError {
    match failure.row {
        Some(row) if (row as usize) < input.rows() => {
            let kinds = input.vectors().iter().map(InputVector::logical_type);
            let named = site.names.iter().zip(kinds).zip(arguments);
            let named = named.map(|((name, kind), argument)| (name.as_str(), kind, argument));
            let place =
                Place::Called { row: rows_before + u64::from(row), arguments: describe_row(named, row as usize) };
            CallError::AtRow(failure, place)
        }
        _ => CallError::Failure(failure),
    }
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
