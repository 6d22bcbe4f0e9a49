//! Buffers that are packed. What they say of their sizes is looked at before the library makes room for it. LZ4 is unpacked
//! once without keeping anything, since the library would take whatever comes out; of ZSTD it takes what was announced.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use arrow_ipc::{Block, CompressionType, MessageHeader, RecordBatch, root_as_message};
use arrow_schema::ArrowError;
use lz4_flex::frame::FrameDecoder;

use super::reader::MOST_BATCH_BYTES;

/// What a buffer begins with that is not packed although others of its batch are.
const NOT_PACKED: i64 = -1;
/// Before each buffer of a packed batch: how many bytes it has once it is unpacked.
const LENGTH_BYTES: u64 = 8;
/// What a message begins with, in all but the oldest files.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// Where a record batch lies in its file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    offset: u64,
    metadata: u64,
}

impl Place {
    /// None for numbers that are no place.
    pub(super) fn of(block: &Block) -> Option<Self> {
        let [offset, metadata] = [block.offset(), block.metaDataLength().into()].map(u64::try_from);
        Some(Self { offset: offset.ok()?, metadata: metadata.ok()? })
    }
}

/// Looks at the buffers of a record batch that lies within its file.
pub(super) fn check(file: &mut File, place: Place) -> Result<(), ArrowError> {
    file.seek(SeekFrom::Start(place.offset))?;
    let mut metadata = Vec::new();
    file.take(place.metadata).read_to_end(&mut metadata)?;
    let length_at = if metadata.starts_with(&CONTINUATION) { 4 } else { 0 };
    let message = metadata.get(length_at + 4..).unwrap_or_default();
    let message = root_as_message(message).map_err(|error| ArrowError::ParseError(error.to_string()))?;
    let batch = match message.header_type() {
        MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|batch| batch.data()),
        _ => message.header_as_record_batch(),
    };
    match batch {
        Some(batch) => check_batch(file, place.offset.saturating_add(place.metadata), &batch),
        None => Ok(()),
    }
}

fn check_batch(file: &mut File, body: u64, batch: &RecordBatch<'_>) -> Result<(), ArrowError> {
    let Some(packing) = batch.compression() else { return Ok(()) };
    let is_lz4 = match packing.codec() {
        CompressionType::LZ4_FRAME => true,
        CompressionType::ZSTD => false,
        other => {
            return Err(ArrowError::ParseError(format!(
                "its buffers are packed in a way that is not known: {other:?}"
            )));
        }
    };
    let mut total = 0u64;
    for buffer in batch.buffers().into_iter().flatten() {
        let parts = [buffer.offset(), buffer.length()].map(u64::try_from);
        let ([Ok(offset), Ok(length)], true) = (parts, buffer.length() > 0) else { continue };
        file.seek(SeekFrom::Start(body.saturating_add(offset)))?;
        let mut announced = [0; LENGTH_BYTES as usize];
        file.read_exact(&mut announced)?;
        let unpacked = match i64::from_le_bytes(announced) {
            NOT_PACKED => length,
            unpacked => u64::try_from(unpacked).map_err(|_| lies())?,
        };
        total = total.saturating_add(unpacked);
        if total > MOST_BATCH_BYTES {
            return Err(ArrowError::ParseError(format!(
                "a record batch of it has {total} bytes or more once it is unpacked, and {MOST_BATCH_BYTES} can be read at \
                 once; write it in smaller batches"
            )));
        }
        if is_lz4 && i64::from_le_bytes(announced) != NOT_PACKED && unpacked > 0 {
            let packed = BufReader::new(file.take(length.saturating_sub(LENGTH_BYTES)));
            let most = unpacked.saturating_add(1);
            let found = io::copy(&mut FrameDecoder::new(packed).take(most), &mut io::sink()).map_err(|_| lies())?;
            if found != unpacked {
                return Err(lies());
            }
        }
    }
    Ok(())
}

fn lies() -> ArrowError {
    ArrowError::ParseError("a buffer of it does not unpack to what it says".into())
}
