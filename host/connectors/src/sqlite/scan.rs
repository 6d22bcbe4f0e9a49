use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use duckpen_database::{OutputChunk, TableColumn};
use rusqlite::types::Value;

use super::{SqliteFile, types};
use crate::ConnectorError;
use crate::rows::{Cancel, RowBuffer, RowScan};

/// Rows in one batch: as many as DuckDB takes at once.
const BATCH: usize = 2_048;
/// Batches that wait for the reader.
const BATCHES: usize = 4;

type Batch = Result<(RowBuffer, usize), ConnectorError>;

/// Rows on their way. SQLite's statements borrow their connection, so that both live on a thread of their own.
pub(super) struct SqliteScan {
    batches: Receiver<Batch>,
}

impl SqliteScan {
    pub(super) fn begin(
        file: SqliteFile,
        query: String,
        parameters: Vec<Value>,
        columns: Vec<TableColumn>,
        cancel: Cancel,
    ) -> Result<Self, ConnectorError> {
        let (sender, batches) = sync_channel(BATCHES);
        let read = move || {
            if let Err(error) = read(&file, &query, parameters, &columns, &cancel, &sender) {
                // Where the reader is gone, nobody wants to know.
                let _ = sender.send(Err(error));
            }
        };
        let thread = thread::Builder::new().name("duckpen-sqlite".to_owned());
        thread.spawn(read).map_err(|error| ConnectorError::Host(error.to_string()))?;
        Ok(Self { batches })
    }
}

impl RowScan for SqliteScan {
    fn next(&mut self, output: &mut OutputChunk<'_>) -> Result<(), ConnectorError> {
        // Nobody sends any more: the end.
        let Ok(batch) = self.batches.recv() else { return Ok(()) };
        let (mut rows, count) = batch?;
        rows.deliver(count, output).map_err(|error| ConnectorError::Unfit {
            column: "rows".to_owned(),
            reason: error.to_string(),
            hint: None,
        })
    }
}

fn read(
    file: &SqliteFile,
    query: &str,
    parameters: Vec<Value>,
    columns: &[TableColumn],
    cancel: &Cancel,
    sender: &SyncSender<Batch>,
) -> Result<(), ConnectorError> {
    let connection = file.open()?;
    let explain = |error| file.explain(&error);
    let mut statement = connection.prepare(query).map_err(explain)?;
    let mut rows = statement.query(rusqlite::params_from_iter(parameters)).map_err(explain)?;
    let empty = || RowBuffer::new(columns.iter().map(|column| column.logical_type.clone()));
    let (mut buffer, mut count, mut number) = (empty(), 0, 0u64);
    while let Some(row) = rows.next().map_err(explain)? {
        number += 1;
        for (index, (column, values)) in columns.iter().zip(buffer.columns()).enumerate() {
            let value = row.get_ref(index).map_err(explain)?;
            if !types::push(value, &column.logical_type, values) {
                let kind = value.data_type().to_string().to_lowercase();
                let reason = format!("row {number} has a value of kind {kind}, which is no {}", column.logical_type);
                return Err(ConnectorError::unfit(
                    &column.name,
                    reason,
                    "convert it with a `query`: CAST(... AS TEXT)",
                ));
            }
        }
        count += 1;
        if count == BATCH {
            if cancel.is_raised() {
                return Err(ConnectorError::Cancelled);
            }
            if sender.send(Ok((std::mem::replace(&mut buffer, empty()), count))).is_err() {
                // The reader wants no more.
                return Ok(());
            }
            count = 0;
        }
    }
    if count > 0 {
        let _ = sender.send(Ok((buffer, count)));
    }
    Ok(())
}
