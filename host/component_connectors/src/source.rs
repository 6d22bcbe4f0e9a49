//! Rows that come from a component.

use std::sync::{Arc, Mutex, PoisonError};

use duckpen_connectors::{Cancel, ConnectorError, CursorValue, RowScan, RowSource, ScanRequest};
use duckpen_database::{ChunkSlot, OutputChunk, TableColumn};
use duckpen_functions::exchange::{Emitted, declared_columns, fill};
use duckpen_sandbox::Refusal;
use wasmtime::component::ResourceAny;

use crate::bindings::exports::duckpen::connectors::source;
use crate::instance::{ConnectorInstance, Maker};
use crate::reach::Reach;

/// Bytes of a state that are kept.
const MOST_STATE: usize = 64 << 10;

/// A cardinality past this says no more than "very many".
const MOST_ROWS: u64 = 1 << 40;

/// What is read: opened in an instance, which the next scan takes over.
pub(crate) struct ComponentSource {
    maker: Maker,
    /// Objects of JSON.
    configuration: String,
    selection: String,
    columns: Vec<TableColumn>,
    estimated_rows: Option<u64>,
    idle: Arc<Mutex<Option<Opened>>>,
}

/// A relation in an instance.
struct Opened {
    instance: ConnectorInstance,
    functions: source::Guest,
    relation: ResourceAny,
    slot: Arc<ChunkSlot>,
}

impl ComponentSource {
    pub(crate) fn open(
        maker: Maker,
        configuration: String,
        selection: String,
        cancel: &Cancel,
    ) -> Result<Self, ConnectorError> {
        let mut opened = Opened::open(&maker, &configuration, &selection, cancel)?;
        let columns = opened.columns()?;
        let (functions, relation) = (&opened.functions, opened.relation);
        let estimated = opened
            .instance
            .ask("estimated-rows", |store| functions.relation().call_estimated_rows(&mut *store, relation))?;
        Ok(Self {
            maker,
            configuration,
            selection,
            columns,
            estimated_rows: estimated.map(|rows| rows.min(MOST_ROWS)),
            idle: Arc::new(Mutex::new(Some(opened))),
        })
    }
}

impl Opened {
    fn open(maker: &Maker, configuration: &str, selection: &str, cancel: &Cancel) -> Result<Self, ConnectorError> {
        let mut instance = maker.instance(cancel)?;
        let functions = instance.interface(|store, instance| {
            let indices = source::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })?;
        let relation = instance.call("open", |store| functions.call_open(&mut *store, configuration, selection))?;
        let slot = instance.host().rows.slot();
        Ok(Self { instance, functions, relation, slot })
    }

    fn columns(&mut self) -> Result<Vec<TableColumn>, ConnectorError> {
        let (functions, relation) = (&self.functions, self.relation);
        self.instance.ask("fields", |store| {
            let fields = functions.relation().call_fields(&mut *store, relation)?;
            let fields = fields.into_iter().map(|field| (field.name, field.logical_type));
            Ok(declared_columns(fields).map_err(Refusal::Denied)?)
        })
    }
}

impl RowSource for ComponentSource {
    fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    fn estimated_rows(&self) -> Option<u64> {
        self.estimated_rows
    }

    fn is_narrowing(&self) -> bool {
        !matches!(self.maker.reach, Reach::Files(_))
    }

    fn newest(&self, _column: &str, _cancel: &Cancel) -> Result<Option<CursorValue>, ConnectorError> {
        // Files are narrowed by the database, and what a system is read by is its state.
        Err(ConnectorError::Host(format!(
            "the connector `{}` goes on from a state, and not from a value",
            self.maker.name
        )))
    }

    fn scan(&self, request: &ScanRequest) -> Result<Box<dyn RowScan>, ConnectorError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut opened = match idle {
            Some(mut opened) => {
                opened.instance.host().watch(request.cancel.clone());
                opened
            }
            None => {
                let mut opened = Opened::open(&self.maker, &self.configuration, &self.selection, &request.cancel)?;
                if opened.columns()? != self.columns {
                    let message =
                        format!("the columns of the connector `{}` changed between two reads", self.maker.name);
                    return Err(ConnectorError::Component { message, hint: Some("run it again".to_owned()) });
                }
                opened
            }
        };
        // A field's number is below the most fields there may be.
        let projection: Vec<u32> = request.projection.iter().map(|column| *column as u32).collect();
        let (functions, relation) = (&opened.functions, opened.relation);
        let reader = opened.instance.call("read", |store| {
            functions.relation().call_read(&mut *store, relation, &projection, request.since.as_deref())
        })?;
        Ok(Box::new(ComponentScan { opened: Some(opened), reader, has_ended: false, home: Arc::clone(&self.idle) }))
    }
}

/// A read.
struct ComponentScan {
    /// None once it has gone home.
    opened: Option<Opened>,
    reader: ResourceAny,
    has_ended: bool,
    /// Where the instance waits for the next read.
    home: Arc<Mutex<Option<Opened>>>,
}

impl RowScan for ComponentScan {
    fn next(&mut self, output: &mut OutputChunk<'_>) -> Result<(), ConnectorError> {
        let Some(Opened { instance, functions, slot, .. }) = self.opened.as_mut().filter(|_| !self.has_ended) else {
            return Ok(());
        };
        let (reader, capacity, slot) = (self.reader, output.capacity() as u64, Arc::clone(slot));
        let emitted = fill(&slot, output, || {
            instance.call("next", |store| {
                let most = store.data().limits().result_rows.min(capacity) as u32;
                store.data_mut().embedder.rows.begin(most);
                let returned = functions.reader().call_next(&mut *store, reader, most)?;
                Ok(returned.map(|()| store.data().embedder.rows.finish()))
            })
        })?;
        match emitted {
            Some(Emitted { rows, bytes }) => instance.statistics().add_batch(rows.into(), 0, bytes),
            None => self.has_ended = true,
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Option<String>, ConnectorError> {
        let Some(Opened { instance, functions, .. }) = &mut self.opened else { return Ok(None) };
        let reader = self.reader;
        instance.ask("state", |store| {
            let state = functions.reader().call_state(&mut *store, reader)?;
            match state {
                Some(state) if state.len() > MOST_STATE => {
                    let message = format!("a state of {} bytes, where {MOST_STATE} are kept", state.len());
                    Err(Refusal::Denied(message).into())
                }
                state => Ok(state),
            }
        })
    }
}

impl Drop for ComponentScan {
    fn drop(&mut self) {
        let Some(mut opened) = self.opened.take() else { return };
        let reader = self.reader;
        // Reads that are over would add up in the guest; one that does not let go of its own is not used again.
        let is_dropped = opened.instance.ask("drop", |store| reader.resource_drop(&mut *store)).is_ok();
        if is_dropped && !opened.instance.is_spent() {
            *self.home.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
        }
    }
}
