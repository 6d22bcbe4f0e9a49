use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use deadpool_postgres::Client;
use duckpen_database::{InputChunk, StreamColumn};
use futures_util::SinkExt;
use tokio_postgres::CopyInSink;
use tokio_postgres::types::Type;

use super::encode::Encoder;
use super::names::quoted;
use super::server::{Server, abandon};
use super::target::{PgTarget, TargetColumn};
use crate::ConnectorError;
use crate::rows::{Begun, Cancel, RowSink, Target, WriteMode, Written};

/// Where rows wait that have to be converted, or compared with those already there.
const WAITING: &str = "pg_temp.duckpen_incoming";

/// Rows on their way into a table, in one transaction.
pub(super) struct PostgresSink {
    server: Arc<Server>,
    target: Target,
    cancel: Cancel,
    writing: Option<Writing>,
}

struct Writing {
    /// None once it is committed. Dropped before, the connection is closed, and the server undoes what it did.
    client: Option<Client>,
    copy: Pin<Box<CopyInSink<Bytes>>>,
    encoder: Encoder,
    target: PgTarget,
    /// Whether rows wait in a table of their own.
    has_waiting: bool,
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            abandon(client);
        }
    }
}

/// A connection in a transaction that may still fail.
struct Begin {
    client: Option<Client>,
}

impl Drop for Begin {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            abandon(client);
        }
    }
}

impl PostgresSink {
    pub(super) fn new(server: Arc<Server>, target: Target, cancel: Cancel) -> Self {
        Self { server, target, cancel, writing: None }
    }
}

impl RowSink for PostgresSink {
    fn begin(&mut self, columns: &[StreamColumn]) -> Result<Begun, ConnectorError> {
        let begun = self.server.call(&self.cancel, || begin(&self.server, &self.target, columns))?;
        Ok(match begun {
            Ok(writing) => {
                self.writing = Some(writing);
                Begun::Writing
            }
            Err(written) => Begun::WrittenBefore(written),
        })
    }

    fn write(&mut self, rows: &InputChunk<'_>) -> Result<(), ConnectorError> {
        let writing = self.writing.as_mut().ok_or_else(not_begun)?;
        let bytes = Bytes::from(writing.encoder.encode(rows)?);
        let sent = self.cancel.unless_raised(send(&self.server, &mut writing.copy, bytes));
        self.server.runtime().block_on(sent)
    }

    fn commit(mut self: Box<Self>) -> Result<Written, ConnectorError> {
        let mut writing = self.writing.take().ok_or_else(not_begun)?;
        let finished = self.cancel.unless_raised(finish(&self.server, &self.target, &mut writing));
        self.server.runtime().block_on(finished)
    }
}

fn not_begun() -> ConnectorError {
    ConnectorError::Host("rows for a sink that was not begun".to_owned())
}

/// A transaction in which rows can be sent; or what the step has written before.
async fn begin(
    server: &Server,
    target: &Target,
    columns: &[StreamColumn],
) -> Result<Result<Writing, Written>, ConnectorError> {
    let mut begin = Begin { client: Some(server.client().await?) };
    let Some(client) = &begin.client else { return Err(not_begun()) };
    PgTarget::prepare_marks(server, client, target).await?;
    server.answer(client.batch_execute("BEGIN")).await?;
    let table = PgTarget::prepare(server, client, target, columns).await?;
    if let Some(written) = table.mark(server, client, target).await? {
        server.answer(client.batch_execute("ROLLBACK")).await?;
        drop(begin.client.take());
        return Ok(Err(written));
    }
    if let WriteMode::Upsert { keys } = &target.mode {
        table.keys(keys)?;
    }
    if target.mode == WriteMode::Replace {
        // Not TRUNCATE, which would let others wait, or see an empty table, until the rows are there.
        server.answer(client.batch_execute(&format!("DELETE FROM {}", table.table))).await?;
    }
    let has_waiting = matches!(target.mode, WriteMode::Upsert { .. }) || !table.takes_natural_types();
    let into = if has_waiting {
        let columns = table.columns.iter().map(|column| format!("{} {}", quoted(&column.name), column.natural));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let create = format!("CREATE TEMP TABLE duckpen_incoming ({columns}) ON COMMIT DROP");
        server.answer(client.batch_execute(&create)).await?;
        WAITING
    } else {
        &table.table
    };
    let copy = format!("COPY {into} ({}) FROM STDIN (FORMAT BINARY)", table.names());
    let copy = Box::pin(server.answer(client.copy_in(&copy)).await?);
    let encoder = Encoder::new(columns.to_vec());
    Ok(Ok(Writing { client: begin.client.take(), copy, encoder, target: table, has_waiting }))
}

async fn send(server: &Server, copy: &mut Pin<Box<CopyInSink<Bytes>>>, bytes: Bytes) -> Result<(), ConnectorError> {
    match server.answer(copy.send(bytes)).await {
        Ok(()) => Ok(()),
        // The server has stopped listening: it says why when it is asked for the end.
        Err(error) => match server.answer(copy.as_mut().finish()).await {
            Err(reason) => Err(reason),
            Ok(_) => Err(error),
        },
    }
}

async fn finish(server: &Server, target: &Target, writing: &mut Writing) -> Result<Written, ConnectorError> {
    let end = Bytes::from(writing.encoder.end());
    send(server, &mut writing.copy, end).await?;
    let rows = server.answer(writing.copy.as_mut().finish()).await?;
    let Some(client) = &writing.client else { return Err(not_begun()) };
    let table = &writing.target;
    let written = match &target.mode {
        WriteMode::Upsert { keys } => upsert(server, client, table, &table.keys(keys)?).await?,
        _ if writing.has_waiting => Written { inserted: insert_waiting(server, client, table).await?, updated: 0 },
        _ => Written { inserted: rows, updated: 0 },
    };
    table.commit(server, client, target, written).await?;
    // Back to the pool.
    drop(writing.client.take());
    Ok(written)
}

/// A column of the waiting rows, in the type of the table.
fn converted(column: &TargetColumn) -> String {
    match column.type_name == column.natural {
        true => format!("incoming.{}", quoted(&column.name)),
        false => format!("incoming.{}::{}", quoted(&column.name), column.type_name),
    }
}

fn all_converted(table: &PgTarget) -> String {
    table.columns.iter().map(converted).collect::<Vec<_>>().join(", ")
}

async fn insert_waiting(server: &Server, client: &Client, table: &PgTarget) -> Result<u64, ConnectorError> {
    let insert = format!(
        "INSERT INTO {} ({}) SELECT {} FROM {WAITING} AS incoming",
        table.table,
        table.names(),
        all_converted(table)
    );
    server.answer(client.execute(&insert, &[])).await
}

/// Updates the rows whose keys are equal and adds the others. Nobody else may change the table meanwhile, so that no key
/// comes twice where no constraint forbids it; it can be read all the time.
async fn upsert(server: &Server, client: &Client, table: &PgTarget, keys: &[&str]) -> Result<Written, ConnectorError> {
    refuse_repeated_keys(server, client, keys).await?;
    let lock = format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE; ANALYZE {WAITING}", table.table);
    server.answer(client.batch_execute(&lock)).await?;
    let matches = table.columns.iter().filter(|column| keys.contains(&column.name.as_str()));
    let matches = matches.map(|column| format!("existing.{} = {}", quoted(&column.name), converted(column)));
    let matches = matches.collect::<Vec<_>>().join(" AND ");
    let changes = table.columns.iter().filter(|column| !keys.contains(&column.name.as_str()));
    let changes: Vec<String> =
        changes.map(|column| format!("{} = {}", quoted(&column.name), converted(column))).collect();
    let updated = if changes.is_empty() {
        0
    } else {
        let update = format!(
            "UPDATE {} AS existing SET {} FROM {WAITING} AS incoming WHERE {matches}",
            table.table,
            changes.join(", ")
        );
        server.answer(client.execute(&update, &[])).await?
    };
    let insert = format!(
        "INSERT INTO {} ({}) SELECT {} FROM {WAITING} AS incoming \
         WHERE NOT EXISTS (SELECT 1 FROM {} AS existing WHERE {matches})",
        table.table,
        table.names(),
        all_converted(table),
        table.table
    );
    let inserted = server.answer(client.execute(&insert, &[])).await?;
    Ok(Written { inserted, updated })
}

/// Of several rows with one key none is the right one.
async fn refuse_repeated_keys(server: &Server, client: &Client, keys: &[&str]) -> Result<(), ConnectorError> {
    let names = super::names::list(keys.iter().copied());
    let present = keys.iter().map(|key| format!("{} IS NOT NULL", quoted(key))).collect::<Vec<_>>().join(" AND ");
    let shown = keys.iter().map(|key| format!("{}::text", quoted(key))).collect::<Vec<_>>().join(" || ', ' || ");
    let question = format!(
        "SELECT {shown} FROM {WAITING} WHERE {present} GROUP BY {names} HAVING count(*) > $1 ORDER BY {names} LIMIT 1"
    );
    let rows = server.answer(client.query_typed(&question, &[(&1i64, Type::INT8)])).await?;
    let Some(key) = rows.first().and_then(|row| row.try_get::<_, String>(0).ok()) else { return Ok(()) };
    let reason = format!("the rows have the key {key} more than once: which of them is right?");
    Err(ConnectorError::unfit(&keys.join(", "), reason, "make the key unique first, for example with GROUP BY"))
}
