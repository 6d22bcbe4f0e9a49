//! Calls of functions of any types, by way of the engine's own values.

use duckpen_database::{Chunk, OutputVector, VectorError};
use duckpen_sandbox::{Guest, Refusal};
use wasmtime::Store;
use wasmtime::component::{Func, Val};

use super::arguments::{Argument, Buffers};
use super::callee::Callee;
use super::caller::{Answer, Traffic, within_limit};
use super::results::Results;
use super::size::payload;
use super::wave;
use crate::host::FunctionHost;

/// Why there is no result for a row.
enum RowError {
    /// The function's own error, or an argument that is no value of its parameter.
    Failure(String),
    Stopped(wasmtime::Error),
}

/// A batch being computed.
pub(super) struct Batch<'a> {
    callee: &'a Callee,
    rows: usize,
    arguments: Vec<Argument<'a>>,
    results: Results,
    /// Of the arguments of a row; kept for the next one.
    values: Vec<Val>,
    bytes_in: u64,
    /// Bytes of the results.
    held: u64,
}

impl<'a> Batch<'a> {
    /// Makes the arguments of a batch ready.
    ///
    /// # Errors
    /// Arguments that cannot be passed.
    pub(super) fn new(callee: &'a Callee, input: &Chunk<'a>, buffers: &'a mut [Buffers]) -> Result<Self, VectorError> {
        let parameters = callee.parameters.iter().zip(input.vectors()).zip(buffers);
        let arguments = parameters.map(|(((_, shape), vector), buffers)| buffers.argument(shape, vector));
        Ok(Self {
            callee,
            rows: input.rows(),
            arguments: arguments.collect::<Result<_, _>>()?,
            results: Results::new(&callee.returns, input.rows()),
            values: Vec::new(),
            bytes_in: 0,
            held: 0,
        })
    }

    /// Computes it. `row` is the one that is being computed.
    pub(super) fn compute(
        &mut self,
        store: &mut Store<Guest<FunctionHost>>,
        function: Func,
        output: &mut OutputVector<'_>,
        row: &mut usize,
    ) -> wasmtime::Result<Answer> {
        while *row < self.rows {
            match self.call(store, function, *row) {
                Ok(()) => *row += 1,
                Err(RowError::Failure(message)) => return Ok(Err(message)),
                Err(RowError::Stopped(error)) => return Err(error),
            }
        }
        let stored = self.results.write(output);
        let bytes_out = stored.map_err(|error| Refusal::Fault(format!("its results cannot be stored: {error}")))?;
        Ok(Ok(Traffic { bytes_in: self.bytes_in, bytes_out }))
    }

    /// Computes a row.
    fn call(&mut self, store: &mut Store<Guest<FunctionHost>>, function: Func, row: usize) -> Result<(), RowError> {
        self.values.clear();
        for (argument, (name, shape)) in self.arguments.iter().zip(&self.callee.parameters) {
            match argument.lower(shape, row) {
                Ok(Some(value)) => self.values.push(value),
                // A function that does not take NULL is not called with one.
                Ok(None) => {
                    self.results.push(None);
                    return Ok(());
                }
                Err(expected) => return Err(RowError::Failure(format!("parameter `{name}` {expected}"))),
            }
        }
        self.bytes_in += self.values.iter().map(payload).sum::<u64>();
        let mut returned = [Val::Bool(false)];
        function.call(&mut *store, &self.values, &mut returned).map_err(RowError::Stopped)?;
        let [returned] = returned;
        let value = match returned {
            Val::Result(Ok(Some(value))) => *value,
            Val::Result(Err(Some(error))) => return Err(RowError::Failure(wave::words(&error))),
            Val::Result(_) => return Err(RowError::Failure("it returned an error without a reason".into())),
            value => value,
        };
        self.held += self.results.push(Some(value));
        within_limit(self.held, store).map_err(|refusal| RowError::Stopped(refusal.into()))
    }
}
