use std::io::Read;
use std::sync::Arc;

use cap_std::fs::File;
use duckpen_faults::{Point, reach};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{Attribute, GetOptions, ObjectStore, PutPayload};
use serde::{Deserialize, Serialize};

use super::ObjectConnector;
use super::begun::{self, Beginning};
use super::bucket::Bucket;
use super::diagnosis::failure;
use crate::rows::Cancel;
use crate::staging::StagedObject;
use crate::{ConnectorError, RemoteFailure};

/// Most parts that an upload may have.
const MOST_PARTS: u64 = 10_000;
/// The name under which an object carries the mark of the upload that it came of.
pub(super) const MARK: &str = "duckpen-upload";

/// An upload that waits to be completed or given up: all that another process needs for it, but credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadRecord {
    /// The pipeline whose step made it.
    pub pipeline: String,
    /// The step.
    pub step: String,
    /// The connector of the profile through which it was made, where it was one.
    pub connector: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// The key of the object that it will be.
    pub key: String,
    /// The server, where it is not Amazon's.
    pub endpoint_url: Option<String>,
    /// The server's region.
    pub region: String,
    /// `path` or `virtual`.
    pub addressing_style: String,
    /// The server's name for it; empty where it is not known.
    pub upload_id: String,
    /// What was known before it was begun, where there may be one that nobody knows the name of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beginning: Option<Beginning>,
    /// What its object will be marked with.
    pub mark: String,
    /// The server's marks of its parts, in order.
    pub parts: Vec<String>,
}

impl UploadRecord {
    /// Where its object will be.
    pub fn place(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}

/// An upload whose parts are sent, and whose object nobody sees yet. It is given up when this is dropped, unless its step
/// was committed before.
pub struct PendingUpload {
    connector: ObjectConnector,
    record: UploadRecord,
    staged: StagedObject,
    is_committed: bool,
}

impl PendingUpload {
    /// What is noted of it, in the transaction of its step.
    pub fn record(&self) -> &UploadRecord {
        &self.record
    }

    /// The step was committed: whatever happens now, the object is to appear.
    pub fn commit(&mut self) {
        self.is_committed = true;
    }

    /// Lets the object appear, whole, in place of an older one. Where the server has forgotten the upload, its file is sent
    /// again.
    ///
    /// # Errors
    /// Those of the server.
    pub fn complete(&self) -> Result<(), ConnectorError> {
        // A step that is complete is not stopped any more.
        complete_or_send_again(&self.connector, &self.record, &self.staged, &Cancel::default())
    }

    /// Forgets it, when its object is there and nothing speaks of it any more. What was begun beside it and cannot be given
    /// up stays noted.
    ///
    /// # Errors
    /// Those of the system.
    pub fn forget(self) -> Result<(), ConnectorError> {
        let note = self.staged.note();
        if self.record.beginning.is_some()
            && let Err(error) = give_up(self.connector.bucket(), &self.record, &Cancel::default())
        {
            let place = self.record.place();
            tracing::warn!(place, %error, "an upload that was begun twice could not be given up; the next run tries again");
            return note.remove_file();
        }
        note.remove()?;
        note.remove_file()
    }
}

impl Drop for PendingUpload {
    fn drop(&mut self) {
        if self.is_committed {
            return;
        }
        match give_up(self.connector.bucket(), &self.record, &Cancel::default()) {
            Ok(()) => self.staged.note().remove().unwrap_or_else(|error| tracing::debug!(%error, "a note stays")),
            Err(error) => {
                let place = self.record.place();
                tracing::warn!(place, %error, "an upload could not be given up; the next run tries again");
            }
        }
    }
}

/// Sends a file in parts. Where the server forgets the upload meanwhile, as it does when somebody gives it up who took it
/// for one that was cut off, another is begun, once.
pub(super) fn send(
    connector: &ObjectConnector,
    record: UploadRecord,
    staged: &StagedObject,
    cancel: &Cancel,
) -> Result<PendingUpload, ConnectorError> {
    match send_once(connector, record.clone(), staged, cancel) {
        Err(ConnectorError::Remote(error)) if error.kind == RemoteFailure::NoSuchUpload => {
            tracing::warn!(place = record.place(), %error, "an upload is gone before it was complete; another is begun");
            send_once(connector, record, staged, cancel)
        }
        outcome => outcome,
    }
}

fn send_once(
    connector: &ObjectConnector,
    record: UploadRecord,
    staged: &StagedObject,
    cancel: &Cancel,
) -> Result<PendingUpload, ConnectorError> {
    let bucket = connector.bucket();
    let path = path_of(&record)?;
    let file = staged.open()?;
    let size = file.metadata().map_err(|source| ConnectorError::io(&record.place(), source))?.len();
    reach(Point::UploadBeforeBegin)?;
    let record = UploadRecord { upload_id: String::new(), beginning: None, parts: Vec::new(), ..record };
    let mut pending =
        PendingUpload { connector: connector.clone(), record, staged: staged.clone(), is_committed: false };
    let note = staged.note();
    pending.record.upload_id = bucket.wait(begun::begin(bucket, &mut pending.record, &note, &path, cancel))?;
    reach(Point::UploadBegun)?;
    // Before there is anything to lose: what is noted can be given up by the next run, should this one be killed.
    note.write(&pending.record)?;
    reach(Point::UploadNoted)?;
    if pending.record.beginning.is_some() {
        match bucket.wait(begun::give_up(bucket, &pending.record, &path, cancel)) {
            Ok(()) => pending.record.beginning = None,
            Err(error) => tracing::debug!(%error, "an upload that was begun twice is looked for later"),
        }
    }
    let parts = Parts { part_bytes: bucket.settings().part_bytes.max(size.div_ceil(MOST_PARTS)), left: size, file };
    let (id, key) = (pending.record.upload_id.clone(), pending.record.key.clone());
    let tags = bucket.wait(async {
        let sent = stream::iter(parts.enumerate()).map(|(number, bytes)| {
            let (path, id, key) = (&path, &id, &key);
            async move {
                let payload = PutPayload::from(bytes.map_err(|source| ConnectorError::io(key, source))?);
                reach(Point::UploadBeforePart)?;
                let part = bucket.call(key, cancel, || bucket.store().put_part(path, id, number, payload.clone()));
                let part = part.await?;
                reach(Point::UploadPartSent)?;
                Ok::<_, ConnectorError>(part.content_id)
            }
        });
        sent.buffered(bucket.settings().workers).try_collect::<Vec<_>>().await
    })?;
    pending.record.parts = tags;
    reach(Point::UploadSent)?;
    Ok(pending)
}

/// Lets the object of an upload appear. Where the server has forgotten the upload, the file that it was made of is sent
/// again.
pub(super) fn complete_or_send_again(
    connector: &ObjectConnector,
    record: &UploadRecord,
    staged: &StagedObject,
    cancel: &Cancel,
) -> Result<(), ConnectorError> {
    match complete(connector.bucket(), record, cancel) {
        Err(ConnectorError::Remote(error)) if error.kind == RemoteFailure::NoSuchUpload && staged.is_there() => {
            let mut again = send(connector, record.clone(), staged, cancel)?;
            complete(connector.bucket(), again.record(), cancel)?;
            again.commit();
            again.forget()
        }
        outcome => outcome,
    }
}

/// The bytes of a file, part by part; one without bytes is one part.
struct Parts {
    part_bytes: u64,
    left: u64,
    file: File,
}

impl Parts {
    fn enumerate(self) -> impl Iterator<Item = (usize, std::io::Result<Vec<u8>>)> {
        let count = self.left.div_ceil(self.part_bytes).max(1);
        let Self { part_bytes, mut left, mut file } = self;
        (0..count as usize).map(move |number| {
            let length = left.min(part_bytes);
            left -= length;
            let mut bytes = vec![0; length as usize];
            (number, file.read_exact(&mut bytes).map(|()| bytes))
        })
    }
}

/// Lets the object of an upload appear. Doing it again changes nothing: an upload that is gone and has left its object was
/// completed before, and the answer was lost.
pub(super) fn complete(bucket: &Bucket, record: &UploadRecord, cancel: &Cancel) -> Result<(), ConnectorError> {
    reach(Point::UploadBeforeComplete)?;
    let path = path_of(record)?;
    bucket.wait(async {
        let outcome = bucket.call(&record.key, cancel, || {
            let parts = record.parts.iter().map(|tag| PartId { content_id: tag.clone() }).collect();
            bucket.store().complete_multipart(&path, &record.upload_id, parts)
        });
        match outcome.await {
            Err(ConnectorError::Remote(error))
                if matches!(error.kind, RemoteFailure::NoSuchUpload | RemoteFailure::NoSuchObject) =>
            {
                if is_there(bucket, record, &path, cancel).await? {
                    return Ok(());
                }
                let message = format!("the upload of `{}` is gone: {}", record.key, error.message);
                Err(failure(bucket.place(), RemoteFailure::NoSuchUpload, message).into())
            }
            outcome => outcome.map(|_| ()),
        }
    })?;
    reach(Point::UploadCompleted)?;
    Ok(())
}

/// Whether the object of a place is the one that an upload was to become.
async fn is_there(
    bucket: &Bucket,
    record: &UploadRecord,
    path: &Path,
    cancel: &Cancel,
) -> Result<bool, ConnectorError> {
    let found = bucket.call(&record.key, cancel, || {
        bucket.store().get_opts(path, GetOptions { head: true, ..GetOptions::default() })
    });
    match found.await {
        Ok(found) => {
            let mark = found.attributes.get(&Attribute::Metadata(MARK.into()));
            Ok(mark.is_some_and(|mark| mark.as_ref() == record.mark))
        }
        Err(ConnectorError::Remote(error)) if error.kind == RemoteFailure::NoSuchObject => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives an upload up, and what may have been begun beside it. One that is gone is given up.
pub(super) fn give_up(bucket: &Bucket, record: &UploadRecord, cancel: &Cancel) -> Result<(), ConnectorError> {
    let path = path_of(record)?;
    bucket.wait(async {
        if !record.upload_id.is_empty() {
            abort(bucket, &record.key, &path, &record.upload_id, cancel).await?;
        }
        begun::give_up(bucket, record, &path, cancel).await
    })
}

/// Gives up the upload of a name.
pub(super) async fn abort(
    bucket: &Bucket,
    key: &str,
    path: &Path,
    id: &str,
    cancel: &Cancel,
) -> Result<(), ConnectorError> {
    reach(Point::UploadBeforeAbort)?;
    let id = id.to_owned();
    match bucket.call(key, cancel, || bucket.store().abort_multipart(path, &id)).await {
        Err(ConnectorError::Remote(error))
            if matches!(error.kind, RemoteFailure::NoSuchUpload | RemoteFailure::NoSuchObject) => {}
        outcome => outcome?,
    }
    reach(Point::UploadAborted)?;
    Ok(())
}

fn path_of(record: &UploadRecord) -> Result<Path, ConnectorError> {
    Path::parse(&record.key).map_err(|error| ConnectorError::Host(format!("{}: {error}", record.place())))
}

/// The record of an upload that is not begun.
pub(super) fn record(
    bucket: &Arc<Bucket>,
    key: &str,
    (pipeline, step): (&str, &str),
    connector: Option<&str>,
    mark: String,
) -> UploadRecord {
    let settings = bucket.settings();
    UploadRecord {
        pipeline: pipeline.to_owned(),
        step: step.to_owned(),
        connector: connector.map(str::to_owned),
        bucket: bucket.name().to_owned(),
        key: key.to_owned(),
        endpoint_url: settings.endpoint.as_ref().map(ToString::to_string),
        region: settings.region.clone(),
        addressing_style: if settings.is_path_style { "path" } else { "virtual" }.to_owned(),
        upload_id: String::new(),
        beginning: None,
        mark,
        parts: Vec::new(),
    }
}
