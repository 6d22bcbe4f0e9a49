//! One thread's calls of one function, row by row.

use std::sync::Arc;

use duckpen_database::{Chunk, InputVector, OutputVector};
use duckpen_sandbox::{Exceeded, Guest, Instance, LimitKind, Refusal, Stopped};
use wasmtime::Store;
use wasmtime::component::Func;

use super::arguments::Buffers;
use super::callee::Callee;
use super::values::Batch;
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

    /// Calls the function for every row of a batch, all within the limits of one call.
    pub(crate) fn evaluate(&mut self, input: &Chunk<'_>, output: &mut OutputVector<'_>) -> Result<Traffic, CallError> {
        let Self { callee, function, buffers, .. } = self;
        let mut batch = match callee.typed {
            Some(_) => None,
            None => Some(Batch::new(callee, input, buffers).map_err(CallError::Arguments)?),
        };
        let mut row = 0;
        let called = self.instance.call("evaluate", Result::is_err, |store, _| match (&mut batch, callee.typed) {
            (None, Some(compute)) => compute(store, *function, input, output, &mut row),
            (Some(batch), _) => batch.compute(store, *function, output, &mut row),
            (None, None) => Err(Refusal::Fault("a batch was not made ready".into()).into()),
        });
        let place = || Place::Called { row: self.rows + row as u64, arguments: described(callee, input, row) };
        let traffic = called.map_err(|stopped| CallError::StoppedAt(stopped, place()))?.map_err(|message| {
            let failure = Failure { kind: Kind::InvalidInput, message, hint: None, row: None };
            CallError::AtRow(failure, place())
        })?;
        self.rows += input.rows() as u64;
        Ok(traffic)
    }
}

/// Bytes that went in and out.
pub(super) struct Traffic {
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
}

/// What came of a batch: the error is the function's own about a row, or says that an argument is no value of its parameter.
pub(super) type Answer = Result<Traffic, String>;

/// Whether results of so many bytes may be kept: the engine limits what one call returns, and a batch is many.
///
/// # Errors
/// When they are too many.
pub(super) fn within_limit(held: u64, store: &Store<Guest<FunctionHost>>) -> Result<(), Refusal> {
    let limit = store.data().limits().result_bytes;
    if held <= limit {
        return Ok(());
    }
    Err(Refusal::Limit(Exceeded { kind: LimitKind::ResultBytes, limit, used: held }))
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
