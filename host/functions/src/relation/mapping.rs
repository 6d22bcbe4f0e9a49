//! One call of a function of relations: an instance, what goes into it, and what comes out.

use std::sync::Arc;

use duckpen_database::{Chunk, ChunkSlot, OutputChunk, StreamColumn, TableColumn};
use duckpen_sandbox::{Instance, Refusal, Stopped};
use wasmtime::component::ResourceAny;

use crate::bindings::duckpen::columns::columns::Column;
use crate::bindings::exports::duckpen::functions::relation;
use crate::columns::{ArgumentBuffer, OwnedColumn, column_bytes, room};
use crate::failure::CallError;
use crate::host::FunctionHost;
use crate::table::{Emitted, columns};

/// Rows that one call's limits are meant for.
const BATCH_ROWS: u64 = 2_048;

/// A call that is being made.
pub(crate) struct Mapping {
    instance: Instance<FunctionHost>,
    functions: relation::Guest,
    mapping: ResourceAny,
    output: Arc<ChunkSlot>,
    buffers: Vec<ArgumentBuffer>,
    /// Rows taken in so far.
    pub(crate) rows: u64,
}

impl Mapping {
    /// Opens function number `index` for an input with these columns.
    pub(crate) fn open(
        mut instance: Instance<FunctionHost>,
        index: u32,
        input: &[StreamColumn],
        arguments: &[(String, OwnedColumn)],
    ) -> Result<Self, CallError> {
        let functions = interface(&mut instance)?;
        let types: Vec<String> = input.iter().map(|column| column.logical_type.to_string()).collect();
        let fields: Vec<relation::FieldParam<'_>> = input
            .iter()
            .zip(&types)
            .map(|(column, kind)| relation::FieldParam { name: &column.name, logical_type: kind })
            .collect();
        let mut nodes = room(arguments.len());
        let named: Vec<relation::NamedArgument<'_>> = arguments
            .iter()
            .zip(&mut nodes)
            .map(|((name, value), nodes)| relation::NamedArgument { name, value: value.lend(nodes) })
            .collect();
        let opened =
            instance.call("open", Result::is_err, |store, _| functions.call_open(store, index, &fields, &named))?;
        let mapping = opened.map_err(CallError::Failure)?;
        let output = instance.embedder().batches.slot();
        let buffers = input.iter().map(|_| ArgumentBuffer::default()).collect();
        Ok(Self { instance, functions, mapping, output, buffers, rows: 0 })
    }

    /// Hands the next rows of the input over. Returns their bytes.
    pub(crate) fn push(&mut self, input: &Chunk<'_>) -> Result<u64, CallError> {
        let mut nodes = room(self.buffers.len());
        let buffers = self.buffers.iter_mut().zip(&mut nodes);
        let columns = input
            .vectors()
            .iter()
            .zip(buffers)
            .map(|(vector, (buffer, nodes))| buffer.column(vector, nodes).map_err(CallError::Arguments))
            .collect::<Result<Vec<Column<'_>>, _>>()?;
        let (functions, mapping, rows) = (&self.functions, self.mapping, input.rows() as u32);
        let pushed = self
            .instance
            .call("push", Result::is_err, |store, _| functions.mapping().call_push(store, mapping, rows, &columns))?;
        pushed.map_err(CallError::Failure)?;
        self.rows += u64::from(rows);
        Ok(columns.iter().map(column_bytes).sum())
    }

    /// All rows are in: computes the result, and tells its columns.
    pub(crate) fn finish(&mut self) -> Result<Vec<TableColumn>, CallError> {
        let (functions, mapping) = (&self.functions, self.mapping);
        let finished = self.instance.call_for(batches(self.rows), "finish", Result::is_err, |store, _| {
            let finished = functions.mapping().call_finish(store, mapping)?;
            Ok(match finished {
                Ok(fields) => {
                    let fields = fields.into_iter().map(|field| (field.name, field.logical_type));
                    Ok(columns(fields).map_err(Refusal::Denied)?)
                }
                Err(failure) => Err(failure),
            })
        });
        finished?.map_err(CallError::Failure)
    }

    /// Puts the next rows of the result into `output`; none at the end.
    pub(crate) fn next(&mut self, output: &mut OutputChunk<'_>) -> Result<Option<Emitted>, CallError> {
        let (functions, mapping, instance) = (&self.functions, self.mapping, &mut self.instance);
        let (capacity, calls) = (output.capacity() as u64, batches(self.rows));
        let emitted = self.output.lend(output, || {
            instance.call_for(calls, "next", Result::is_err, |store, _| {
                let most = store.data().limits().result_rows.min(capacity) as u32;
                store.data_mut().embedder.batches.begin(most);
                let returned = functions.mapping().call_next(&mut *store, mapping, most)?;
                Ok(returned.map(|()| store.data().embedder.batches.finish()))
            })
        });
        emitted?.map_err(CallError::Failure)
    }
}

/// How many ordinary calls the work on so many rows is worth.
fn batches(rows: u64) -> u64 {
    rows.div_ceil(BATCH_ROWS).max(1)
}

/// Finds the interface of functions of relations in an instance.
pub(crate) fn interface(instance: &mut Instance<FunctionHost>) -> Result<relation::Guest, Stopped> {
    instance
        .inspect(|store, instance| {
            let indices = relation::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })
        .map_err(|error| Stopped::HostFault(format!("{error:#}")))
}
