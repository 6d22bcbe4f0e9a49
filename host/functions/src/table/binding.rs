//! One thread's work on one call of a table function: an instance in which the call is bound, and the partition that is
//! being scanned.

use std::sync::Arc;

use duckpen_database::{ArgumentValue, ChunkSlot, OutputChunk, TableArguments, TableSignature};
use duckpen_sandbox::{Instance, Refusal, Stopped};
use wasmtime::component::ResourceAny;

use super::batches::Emitted;
use super::shape::Shape;
use crate::bindings::duckpen::columns::columns::{Column, Node};
use crate::bindings::exports::duckpen::functions::table;
use crate::columns::{ArgumentBuffer, column_bytes, room};
use crate::failure::{CallError, Place};
use crate::host::FunctionHost;

/// A call bound in an instance.
pub(crate) struct Binding {
    instance: Instance<FunctionHost>,
    functions: table::Guest,
    binding: ResourceAny,
    output: Arc<ChunkSlot>,
    scan: Option<Scan>,
}

/// A partition that is being scanned.
struct Scan {
    scanner: ResourceAny,
    partition: u32,
    /// Rows that it has given so far.
    rows: u64,
}

impl Binding {
    /// Binds function number `index` of the component to arguments. Returns the bytes that went in, too.
    pub(crate) fn bind(
        mut instance: Instance<FunctionHost>,
        index: u32,
        signature: &TableSignature,
        arguments: &TableArguments,
    ) -> Result<(Self, u64), CallError> {
        let functions = interface(&mut instance)?;
        let given = || arguments.named.iter().zip(&signature.named);
        let named = given().filter_map(|(value, parameter)| Some((value.as_ref()?, &*parameter.name)));
        let mut buffers: Vec<ArgumentBuffer> = Vec::new();
        buffers.resize_with(arguments.positional.len() + arguments.named.len(), ArgumentBuffer::default);
        let mut nodes = room(buffers.len());
        let mut places = buffers.iter_mut().zip(&mut nodes);
        let positional = arguments
            .positional
            .iter()
            .zip(places.by_ref())
            .map(|(value, (buffer, nodes))| column(value, buffer, nodes))
            .collect::<Result<Vec<_>, _>>()?;
        let named = named
            .zip(places)
            .map(|((value, name), (buffer, nodes))| {
                Ok(table::NamedArgument { name, value: column(value, buffer, nodes)? })
            })
            .collect::<Result<Vec<_>, Stopped>>()?;
        let bytes = positional.iter().chain(named.iter().map(|argument| &argument.value)).map(column_bytes).sum();
        let bound = instance
            .call("bind", Result::is_err, |store, _| functions.call_bind(store, index, &positional, &named))?
            .map_err(CallError::Failure)?;
        let output = instance.embedder().batches.slot();
        Ok((Self { instance, functions, binding: bound, output, scan: None }, bytes))
    }

    /// What the call will give.
    pub(crate) fn shape(&mut self) -> Result<Shape, CallError> {
        let (functions, binding) = (&self.functions, self.binding);
        let shape = self.instance.call(
            "shape",
            |_| false,
            |store, _| {
                let shape = functions.binding().call_shape(store, binding)?;
                Ok(Shape::check(shape).map_err(Refusal::Denied)?)
            },
        );
        Ok(shape?)
    }

    /// Begins with a partition. `projection` has the numbers of the fields that are wanted.
    pub(crate) fn scan(&mut self, partition: u32, projection: &[u32]) -> Result<(), CallError> {
        let (functions, binding) = (&self.functions, self.binding);
        let scanner = self.instance.call("scan", Result::is_err, |store, _| {
            functions.binding().call_scan(store, binding, partition, projection)
        });
        let scanner = scanner?.map_err(CallError::Failure)?;
        self.scan = Some(Scan { scanner, partition, rows: 0 });
        Ok(())
    }

    /// Puts the next rows of the partition into `output`; none where it has no more, or none was begun.
    pub(crate) fn next(&mut self, output: &mut OutputChunk<'_>) -> Result<Option<Emitted>, CallError> {
        let Some(Scan { scanner, partition, rows }) = &mut self.scan else { return Ok(None) };
        let scanner = *scanner;
        let (functions, instance) = (&self.functions, &mut self.instance);
        let capacity = output.capacity() as u64;
        let emitted = self.output.lend(output, || {
            instance.call("next", Result::is_err, |store, _| {
                let most = store.data().limits().result_rows.min(capacity) as u32;
                store.data_mut().embedder.batches.begin(most);
                let returned = functions.scanner().call_next(&mut *store, scanner, most)?;
                Ok(returned.map(|()| store.data().embedder.batches.finish()))
            })
        });
        let emitted = emitted?.map_err(|failure| match failure.row {
            // A guest counts rows from the start of its batch. The row is there only if the guest counts right.
            Some(row) if u64::from(row) < capacity => {
                CallError::AtRow(failure, Place::Made { row: *rows + u64::from(row), partition: *partition })
            }
            _ => CallError::Failure(failure),
        })?;
        if let Some(Emitted { rows: more, .. }) = emitted {
            *rows += u64::from(more);
        } else {
            self.scan = None;
            // Scanned partitions would add up in the guest.
            self.instance.call("drop", |()| false, |store, _| scanner.resource_drop(store))?;
        }
        Ok(emitted)
    }
}

/// The column of one row that stands for an argument.
fn column<'a>(
    value: &'a ArgumentValue,
    buffer: &'a mut ArgumentBuffer,
    nodes: &'a mut Vec<Node<'a>>,
) -> Result<Column<'a>, Stopped> {
    buffer.column(&value.vector(), nodes).map_err(|error| Stopped::HostFault(error.to_string()))
}

/// Finds the interface of table functions in an instance.
pub(crate) fn interface(instance: &mut Instance<FunctionHost>) -> Result<table::Guest, Stopped> {
    instance
        .inspect(|store, instance| {
            let indices = table::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })
        .map_err(|error| Stopped::HostFault(format!("{error:#}")))
}
