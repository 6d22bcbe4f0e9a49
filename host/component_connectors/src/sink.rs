//! Rows that go to a component.

use duckpen_connectors::{Begun, Cancel, ConnectorError, Delivery, RowSink, Written};
use duckpen_database::{InputChunk, StreamColumn};
use duckpen_faults::{Point, reach};
use duckpen_functions::exchange::ColumnLender;
use sha2::{Digest, Sha256};
use wasmtime::component::ResourceAny;

use crate::bindings::duckpen::connectors::types::FieldParam;
use crate::bindings::exports::duckpen::connectors::sink;
use crate::instance::{ConnectorInstance, Maker};

/// Rows on their way. What was sent stays sent: the key under which it was is the same when the step is tried again.
pub(crate) struct ComponentSink {
    maker: Maker,
    /// Objects of JSON.
    configuration: String,
    selection: String,
    delivery: Delivery,
    cancel: Cancel,
    writing: Option<Writing>,
}

struct Writing {
    instance: ConnectorInstance,
    functions: sink::Guest,
    writer: ResourceAny,
    lender: ColumnLender,
    /// Rows that were handed over.
    rows: u64,
}

impl ComponentSink {
    pub(crate) fn new(
        maker: Maker,
        configuration: String,
        selection: String,
        delivery: Delivery,
        cancel: Cancel,
    ) -> Self {
        Self { maker, configuration, selection, delivery, cancel, writing: None }
    }
}

impl RowSink for ComponentSink {
    fn begin(&mut self, columns: &[StreamColumn]) -> Result<Begun, ConnectorError> {
        let mut instance = self.maker.instance(&self.cancel)?;
        let functions = instance.interface(|store, instance| {
            let indices = sink::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })?;
        let types: Vec<String> = columns.iter().map(|column| column.logical_type.to_string()).collect();
        let fields: Vec<FieldParam<'_>> = columns
            .iter()
            .zip(&types)
            .map(|(column, kind)| FieldParam { name: &column.name, logical_type: kind })
            .collect();
        let key = idempotency_key(&self.delivery);
        let delivery =
            sink::Delivery { destination: &self.delivery.destination, fields: &fields, idempotency_key: &key };
        let (configuration, selection) = (&self.configuration, &self.selection);
        let writer =
            instance.call("open", |store| functions.call_open(&mut *store, configuration, selection, delivery))?;
        let lender = ColumnLender::new(columns.len());
        self.writing = Some(Writing { instance, functions, writer, lender, rows: 0 });
        Ok(Begun::Writing)
    }

    fn write(&mut self, rows: &InputChunk<'_>) -> Result<(), ConnectorError> {
        let Writing { instance, functions, writer, lender, rows: total } =
            self.writing.as_mut().ok_or_else(not_begun)?;
        let (count, writer) = (rows.rows() as u32, *writer);
        reach(Point::DeliveryBeforeWrite)?;
        lender
            .lend(&rows.as_arguments(), |columns, bytes| {
                instance.statistics().add_batch(count.into(), bytes, 0);
                instance.call("write", |store| functions.writer().call_write(&mut *store, writer, count, columns))
            })
            .map_err(|error| ConnectorError::Host(error.to_string()))??;
        *total += u64::from(count);
        reach(Point::DeliveryWritten)?;
        Ok(())
    }

    fn commit(mut self: Box<Self>) -> Result<Written, ConnectorError> {
        let Writing { mut instance, functions, writer, rows, .. } = self.writing.take().ok_or_else(not_begun)?;
        reach(Point::DeliveryBeforeFinish)?;
        let written = instance.call("finish", |store| functions.writer().call_finish(&mut *store, writer))?;
        let written = Written { inserted: written.inserted, updated: written.updated };
        if written.rows() > rows {
            let message = format!(
                "the connector `{}` says that it wrote {} rows, and had {rows}",
                self.maker.name,
                written.rows()
            );
            let hint = Some("the component breaks its contract; tell its author".to_owned());
            return Err(ConnectorError::Component { message, hint });
        }
        reach(Point::DeliveryFinished)?;
        Ok(written)
    }
}

fn not_begun() -> ConnectorError {
    ConnectorError::Host("rows for a sink that was not begun".to_owned())
}

/// The same for every attempt at one step of one run.
fn idempotency_key(delivery: &Delivery) -> String {
    let digest = Sha256::new_with_prefix(delivery.run.as_bytes()).chain_update([0]).chain_update(&delivery.step);
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
