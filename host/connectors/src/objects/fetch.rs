use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use cap_std::fs::File;
use duckpen_faults::{Point, reach};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use object_store::{GetOptions, GetRange, ObjectStore};
use tokio::sync::Mutex;

use super::ObjectPlace;
use super::bucket::Bucket;
use super::diagnosis::failure;
use super::listing::{Found, find};
use super::names::copy_of;
use crate::rows::Cancel;
use crate::staging::Inbox;
use crate::{ConnectorError, RemoteFailure, SourceFiles};

/// Copies of the objects of a source, which are removed with this.
pub struct FetchedObjects {
    files: SourceFiles,
    /// Keeps the copies.
    _inbox: Inbox,
}

impl FetchedObjects {
    /// The copies, in the order of their objects' keys.
    pub fn files(&self) -> &SourceFiles {
        &self.files
    }
}

/// Copies the objects that a place means into `inbox`.
pub(super) fn fetch(
    bucket: &Bucket,
    place: &ObjectPlace,
    inbox: Inbox,
    cancel: &Cancel,
) -> Result<FetchedObjects, ConnectorError> {
    let paths = bucket.wait(async {
        let objects = find(bucket, place, cancel).await?;
        let copies = objects.iter().enumerate().map(|(number, object)| copy(bucket, number, object, &inbox, cancel));
        stream::iter(copies).buffered(bucket.settings().workers).try_collect::<Vec<_>>().await
    })?;
    Ok(FetchedObjects { files: SourceFiles { place: place.to_string(), paths }, _inbox: inbox })
}

/// How far the copy of an object is.
struct Progress {
    file: File,
    written: u64,
}

/// Copies one object: as it was when it was listed, or not at all. Where the connection breaks it goes on from there.
async fn copy(
    bucket: &Bucket,
    number: usize,
    object: &Found,
    inbox: &Inbox,
    cancel: &Cancel,
) -> Result<PathBuf, ConnectorError> {
    reach(Point::FetchBeforeObject)?;
    let (file, path) = inbox.create(&copy_of(number, object.path.as_ref()))?;
    // Attempts come one after the other; the lock tells the compiler so.
    let progress = Mutex::new(Progress { file, written: 0 });
    bucket
        .guarded(cancel, || async {
            let mut progress = progress.lock().await;
            progress.go_on(bucket, object).await
        })
        .await?;
    reach(Point::FetchCopied)?;
    Ok(path)
}

impl Progress {
    async fn go_on(&mut self, bucket: &Bucket, object: &Found) -> Result<(), ConnectorError> {
        let key = object.path.as_ref();
        let wrong = |kind, message| ConnectorError::from(failure(bucket.place(), kind, message));
        let io = |source| ConnectorError::io(key, source);
        // What is weakly marked may differ byte by byte.
        let etag = object.etag.clone().filter(|etag| !etag.starts_with("W/"));
        if etag.is_none() && self.written > 0 {
            self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0))).map_err(io)?;
            self.written = 0;
        }
        if self.written == object.size && self.written > 0 {
            return Ok(());
        }
        let range = (self.written > 0).then_some(GetRange::Offset(self.written));
        let options = GetOptions { if_match: etag, range, ..GetOptions::default() };
        let explained = |error| bucket.explained(key, &error);
        let answer = bucket.store().get_opts(&object.path, options).await.map_err(explained)?;
        if answer.meta.size != object.size {
            let message = format!(
                "the object `{key}` changed while it was read: it had {} bytes, and has {}",
                object.size, answer.meta.size
            );
            return Err(wrong(RemoteFailure::Changed, message));
        }
        let mut body = answer.into_stream();
        while let Some(bytes) = body.next().await {
            let bytes = bytes.map_err(explained)?;
            self.written += bytes.len() as u64;
            if self.written > object.size {
                let message = format!("the object `{key}` has more than the {} bytes it was said to have", object.size);
                return Err(wrong(RemoteFailure::Unexpected, message));
            }
            self.file.write_all(&bytes).map_err(io)?;
        }
        if self.written < object.size {
            let message = format!("the object `{key}` ended after {} of {} bytes", self.written, object.size);
            return Err(wrong(RemoteFailure::Lost, message));
        }
        Ok(())
    }
}
