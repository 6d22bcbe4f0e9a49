//! Record batches of one file. Nothing in it is believed: sizes are compared with the file's before anything of that size is
//! made, and a panic of the library over what does not fit together is an error like others.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, read_footer_length};
use arrow_ipc::{Block, root_as_footer};
use arrow_schema::{ArrowError, SchemaRef};

use super::packing;
use crate::ConnectorError;

/// Bytes of a record batch that are read at once, packed or not.
pub(super) const MOST_BATCH_BYTES: u64 = 1 << 30;

/// What a file ends with: the length of its footer, and `ARROW1`.
const TRAILER_BYTES: usize = 10;

/// A file that is being read.
pub(super) struct ArrowFile {
    batches: FileReader<BufReader<File>>,
    /// The same file, to look at batches before they are read, and where those lie that are still to come.
    file: File,
    to_come: std::vec::IntoIter<packing::Place>,
    place: String,
}

impl ArrowFile {
    /// Opens a file; `projection` has the numbers of the columns that are wanted.
    pub(super) fn open(path: &Path, place: &str, projection: Option<Vec<usize>>) -> Result<Self, ConnectorError> {
        let failed = |source| ConnectorError::io(place, source);
        let mut file = File::open(path).map_err(failed)?;
        let to_come = check_sizes(&mut file, place)?.into_iter();
        let reading = File::open(path).map_err(failed)?;
        let batches = contained(place, || FileReader::try_new(BufReader::new(reading), projection))?;
        Ok(Self { batches, file, to_come, place: place.to_owned() })
    }

    /// The columns of the whole file.
    pub(super) fn schema(&self) -> SchemaRef {
        self.batches.schema()
    }

    /// The next rows; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, ConnectorError> {
        contained(&self.place, || {
            if let Some(place) = self.to_come.next() {
                packing::check(&mut self.file, place)?;
            }
            self.batches.next().transpose()
        })
    }
}

/// That the parts of a file lie within it, and that none is too large to be read at once: where its record batches lie.
fn check_sizes(file: &mut File, place: &str) -> Result<Vec<packing::Place>, ConnectorError> {
    let failed = |source| ConnectorError::io(place, source);
    let size = file.metadata().map_err(failed)?.len();
    let mut trailer = [0; TRAILER_BYTES];
    if size < TRAILER_BYTES as u64 {
        return Err(broken(place, "it is too short"));
    }
    file.seek(SeekFrom::End(-(TRAILER_BYTES as i64))).map_err(failed)?;
    file.read_exact(&mut trailer).map_err(failed)?;
    let length = read_footer_length(trailer).map_err(|_| {
        broken(place, "it does not end as one: of Arrow's formats the one for files is read, and not that for streams")
    })?;
    let start = (size - TRAILER_BYTES as u64).checked_sub(length as u64);
    let start = start.ok_or_else(|| broken(place, "its footer is longer than the file"))?;
    let mut footer = vec![0; length];
    file.seek(SeekFrom::Start(start)).map_err(failed)?;
    file.read_exact(&mut footer).map_err(failed)?;
    contained(place, || {
        let footer = root_as_footer(&footer).map_err(|error| ArrowError::ParseError(error.to_string()))?;
        // Dictionaries are read when the file is opened, record batches one after the other.
        for block in footer.dictionaries().into_iter().flatten() {
            packing::check(file, check_block(block, size)?)?;
        }
        footer.recordBatches().into_iter().flatten().map(|block| check_block(block, size)).collect()
    })
}

fn check_block(block: &Block, size: u64) -> Result<packing::Place, ArrowError> {
    let part = |number: i64| u64::try_from(number).ok();
    let bytes = part(block.bodyLength()).zip(part(block.metaDataLength().into()));
    let bytes = bytes.and_then(|(body, metadata)| body.checked_add(metadata));
    let end = bytes.and_then(|bytes| bytes.checked_add(part(block.offset())?));
    match (bytes, end, packing::Place::of(block)) {
        (Some(bytes), Some(end), Some(place)) if end <= size && bytes <= MOST_BATCH_BYTES => Ok(place),
        (Some(bytes), Some(end), _) if end <= size => Err(ArrowError::ParseError(format!(
            "a record batch of it has {bytes} bytes, and {MOST_BATCH_BYTES} can be read at once; write it in smaller batches"
        ))),
        _ => Err(ArrowError::ParseError("a part of it lies outside of the file".into())),
    }
}

/// Calls the library, whose checks of what it reads are panics in part.
fn contained<R>(place: &str, read: impl FnOnce() -> Result<R, ArrowError>) -> Result<R, ConnectorError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(read)) => Ok(read),
        // What unpacks says so what does not unpack.
        Ok(Err(ArrowError::IoError(_, source))) if source.kind() == io::ErrorKind::Other => {
            Err(broken(place, &format!("a buffer of it does not unpack to what it says: {source}")))
        }
        Ok(Err(ArrowError::IoError(_, source))) => Err(ConnectorError::io(place, source)),
        Ok(Err(ArrowError::ParseError(reason) | ArrowError::IpcError(reason))) => Err(broken(place, &reason)),
        Ok(Err(error)) => Err(broken(place, &error.to_string())),
        Err(_) => Err(broken(place, "its parts do not fit together")),
    }
}

pub(super) fn broken(place: &str, reason: &str) -> ConnectorError {
    ConnectorError::BrokenFile { place: place.to_owned(), format: super::NAME, reason: reason.to_owned() }
}
