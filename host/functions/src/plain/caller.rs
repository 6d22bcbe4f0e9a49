//! One thread's calls of one function, row by row.

use std::sync::Arc;

use duckpen_database::{Chunk, InputVector, OutputVector};
use duckpen_sandbox::{Exceeded, Guest, Instance, LimitKind, Refusal, Stopped};
use wasmtime::Store;
use wasmtime::component::{Func, Val};

use super::arguments::Buffers;
use super::callee::Callee;
use super::results::Results;
use super::size::payload;
use super::{arguments, wave};
use crate::bindings::duckpen::columns::columns::Argument;
use crate::bindings::duckpen::columns::failures::{Failure, Kind};
use crate::columns::{ArgumentBuffer, describe_row};
use crate::failure::{CallError, Place};
use crate::host::FunctionHost;

/// A function in an instance of its own.
pub(crate) struct Caller {
    instance: Instance<FunctionHost>,
    callee: Arc<Callee>,
    function: Func,
    buffers: Vec<Buffers>,
    /// Rows computed so far.
    rows: u64,
}

impl Caller {
    /// Finds the function in an instance.
    pub(crate) fn open(mut instance: Instance<FunctionHost>, callee: &Arc<Callee>) -> Result<Self, Stopped> {
        let found = instance.inspect(|store, instance| {
            let interface = match &callee.interface {
                Some(interface) => Some(instance.get_export_index(&mut *store, None, interface)?),
                None => None,
            };
            let function = instance.get_export_index(&mut *store, interface.as_ref(), &callee.name)?;
            instance.get_func(store, function)
        });
        let missing = || Stopped::HostFault(format!("the instance does not export `{}`", callee.name));
        let buffers = callee.parameters.iter().map(|_| Buffers::default()).collect();
        Ok(Self { function: found.ok_or_else(missing)?, instance, callee: Arc::clone(callee), buffers, rows: 0 })
    }

    /// Calls the function for every row of a batch, all within the limits of one call. Returns the bytes that went in and
    /// out.
    pub(crate) fn evaluate(
        &mut self,
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(u64, u64), CallError> {
        let (callee, function) = (&*self.callee, self.function);
        let parameters = callee.parameters.iter().zip(input.vectors()).zip(&mut self.buffers);
        let arguments = parameters.map(|(((_, shape), vector), buffers)| buffers.argument(shape, vector));
        let arguments: Vec<_> = arguments.collect::<Result<_, _>>().map_err(CallError::Arguments)?;
        let mut batch = Batch { arguments, results: Results::new(&callee.returns, input.rows()), bytes_in: 0, held: 0 };
        let mut row = 0;
        let called = self.instance.call("evaluate", Result::is_err, |store, _| {
            while row < input.rows() {
                match batch.call(store, callee, function, row) {
                    Ok(()) => row += 1,
                    Err(RowError::Failure(message)) => return Ok(Err(message)),
                    Err(RowError::Stopped(error)) => return Err(error),
                }
            }
            Ok(Ok(()))
        });
        let place = || Place::Called { row: self.rows + row as u64, arguments: described(callee, input, row) };
        called.map_err(|stopped| CallError::StoppedAt(stopped, place()))?.map_err(|message| {
            let failure = Failure { kind: Kind::InvalidInput, message, hint: None, row: None };
            CallError::AtRow(failure, place())
        })?;
        let bytes_out = batch
            .results
            .write(output)
            .map_err(|error| Stopped::HostFault(format!("its results cannot be stored: {error}")))?;
        self.rows += input.rows() as u64;
        Ok((batch.bytes_in, bytes_out))
    }
}

/// The arguments of a row in words.
fn described(callee: &Callee, input: &Chunk<'_>, row: usize) -> String {
    let mut buffers: Vec<_> = input.vectors().iter().map(|_| (ArgumentBuffer::default(), Vec::new())).collect();
    let columns = input.vectors().iter().zip(&mut buffers);
    let columns = columns.map(|(vector, (buffer, nodes))| buffer.column(vector, nodes).map(Argument::Vector));
    match columns.collect::<Result<Vec<_>, _>>() {
        Ok(columns) if row < input.rows() => {
            let kinds = input.vectors().iter().map(InputVector::logical_type);
            let named = callee.parameters.iter().zip(kinds).zip(&columns);
            describe_row(named.map(|(((name, _), kind), column)| (name.as_str(), kind, column)), row)
        }
        _ => String::new(),
    }
}

/// Why there is no result for a row.
enum RowError {
    /// The function's own error, or an argument that is no value of its parameter.
    Failure(String),
    Stopped(wasmtime::Error),
}

/// A batch being computed.
struct Batch<'a> {
    arguments: Vec<arguments::Argument<'a>>,
    results: Results,
    bytes_in: u64,
    /// Bytes of the results.
    held: u64,
}

impl Batch<'_> {
    /// Computes a row.
    fn call(
        &mut self,
        store: &mut Store<Guest<FunctionHost>>,
        callee: &Callee,
        function: Func,
        row: usize,
    ) -> Result<(), RowError> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for (argument, (name, shape)) in self.arguments.iter().zip(&callee.parameters) {
            match argument.lower(shape, row) {
                Ok(Some(value)) => values.push(value),
                // A function that does not take NULL is not called with one.
                Ok(None) => {
                    self.results.push(None);
                    return Ok(());
                }
                Err(expected) => return Err(RowError::Failure(format!("parameter `{name}` {expected}"))),
            }
        }
        self.bytes_in += values.iter().map(payload).sum::<u64>();
        let mut returned = [Val::Bool(false)];
        function.call(&mut *store, &values, &mut returned).map_err(RowError::Stopped)?;
        let [returned] = returned;
        let value = match returned {
            Val::Result(Ok(Some(value))) => *value,
            Val::Result(Err(Some(error))) => return Err(RowError::Failure(wave::words(&error))),
            Val::Result(_) => return Err(RowError::Failure("it returned an error without a reason".into())),
            value => value,
        };
        // The engine limits what one call returns; a batch is many.
        self.held += self.results.push(Some(value));
        let limit = store.data().limits().result_bytes;
        if self.held > limit {
            let exceeded = Exceeded { kind: LimitKind::ResultBytes, limit, used: self.held };
            return Err(RowError::Stopped(Refusal::Limit(exceeded).into()));
        }
        Ok(())
    }
}
