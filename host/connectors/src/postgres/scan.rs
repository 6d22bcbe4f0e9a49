use std::pin::Pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use deadpool_postgres::Client;
use duckpen_database::OutputChunk;
use futures_util::TryStreamExt;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_postgres::CopyOutStream;
use tokio_postgres::types::Type;

use super::decode::{Decoder, Progress};
use super::server::{Server, abandon};
use super::types::PgColumn;
use crate::ConnectorError;
use crate::rows::{Cancel, RowScan};

/// Bytes of rows that are handed from the connection to the reader at once.
const BLOCK: usize = 512 << 10;
/// Blocks that wait for the reader; past them the server waits.
const BLOCKS: usize = 4;

type Block = Result<Bytes, ConnectorError>;

/// What is asked of the server.
pub(super) struct Wanted {
    pub(super) copy: String,
    /// Settings that hold for the statement, by name.
    pub(super) ends: Vec<(&'static str, String)>,
}

/// Rows on their way. A task receives them while the reader makes columns of those before.
pub(super) struct PostgresScan {
    blocks: Receiver<Block>,
    block: Bytes,
    decoder: Decoder,
    has_ended: bool,
}

impl PostgresScan {
    pub(super) fn begin(server: Arc<Server>, wanted: Wanted, columns: Vec<PgColumn>, cancel: Cancel) -> Self {
        let (sender, blocks) = channel(BLOCKS);
        let runtime = server.runtime().clone();
        runtime.spawn(async move {
            let received = cancel.unless_raised(receive(&server, &wanted, &cancel, &sender)).await;
            if let Err(error) = received {
                // Where the reader is gone, nobody wants to know.
                let _ = sender.send(Err(error)).await;
            }
        });
        Self { blocks, block: Bytes::new(), decoder: Decoder::new(columns), has_ended: false }
    }
}

impl RowScan for PostgresScan {
    fn next(&mut self, output: &mut OutputChunk<'_>) -> Result<(), ConnectorError> {
        let mut rows = 0;
        while rows < output.capacity() && !self.has_ended {
            if self.block.is_empty() {
                match self.blocks.blocking_recv() {
                    Some(block) => self.block = block?,
                    None => {
                        self.has_ended = true;
                        break;
                    }
                }
            }
            match self.decoder.read(&self.block, &mut rows, output.capacity())? {
                Progress::Read(bytes) => drop(self.block.split_to(bytes)),
                // Past the end the task waits for the server's last word: what it sends then is an error, or nothing.
                Progress::Ended => self.block = Bytes::new(),
            }
        }
        if rows > 0 { self.decoder.deliver(rows, output) } else { Ok(()) }
    }
}

/// A connection in the middle of a COPY. Dropped there, it is closed; the server then ends its part.
struct Copying {
    client: Option<Client>,
    rows: Pin<Box<CopyOutStream>>,
}

impl Drop for Copying {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            abandon(client);
        }
    }
}

async fn receive(
    server: &Server,
    wanted: &Wanted,
    cancel: &Cancel,
    sender: &Sender<Block>,
) -> Result<(), ConnectorError> {
    // Until the first row nothing is lost by beginning again.
    let mut copying = server.call_within(cancel, || start(server, wanted)).await?;
    let mut block = BytesMut::with_capacity(BLOCK);
    while let Some(row) = server.answer(copying.rows.try_next()).await? {
        block.extend_from_slice(&row);
        if block.len() >= BLOCK {
            if sender.send(Ok(block.freeze())).await.is_err() {
                // The reader wants no more.
                return Ok(());
            }
            block = BytesMut::with_capacity(BLOCK);
        }
    }
    // All rows are here, and nothing was written: whether the transaction ends well only matters for the connection.
    if let Some(client) = copying.client.take()
        && server.answer(client.batch_execute("COMMIT")).await.is_err()
    {
        abandon(client);
    }
    let _ = sender.send(Ok(block.freeze())).await;
    Ok(())
}

async fn start(server: &Server, wanted: &Wanted) -> Result<Copying, ConnectorError> {
    let client = server.client().await?;
    let begun = async {
        // A source's query has no business with writing.
        client.batch_execute("BEGIN TRANSACTION READ ONLY").await?;
        for (setting, value) in &wanted.ends {
            let set = "SELECT set_config($1, $2, true)";
            client.query_typed(set, &[(setting, Type::TEXT), (value, Type::TEXT)]).await?;
        }
        client.copy_out(&wanted.copy).await
    };
    match server.answer(begun).await {
        Ok(rows) => Ok(Copying { client: Some(client), rows: Box::pin(rows) }),
        Err(error) => {
            abandon(client);
            Err(error)
        }
    }
}
