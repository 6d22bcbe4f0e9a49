//! Uploads that the server has begun and whose names nobody has noted.
//!
//! A host may be killed between the server's work and its answer, or the answer may be lost. What is left then is an upload
//! without parts. The server tells neither who wanted it nor what its object would be marked with, so it is known by what
//! was noted before it was asked for: which uploads of this key were there already, and between which moments of the
//! server's clock it can have been begun.

use std::cell::Cell;
use std::time::{Duration, Instant};

use duckpen_faults::{Point, reach};
use http::header::DATE;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{Attribute, Attributes, PutMultipartOptions};
use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
use super::diagnosis::failure;
use super::names::unescaped;
use super::upload::{self, MARK};
use super::xml::{element, elements, is_document};
use crate::rows::Cancel;
use crate::staging::UploadNote;
use crate::{ConnectorError, RemoteFailure, UploadRecord};

/// Pages of a listing that are looked at; each has up to 1,000 uploads.
const MOST_PAGES: usize = 10;
/// What clocks of one store may differ by, in seconds.
const SKEW: i64 = 60;

/// What is known of an upload before it is begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning {
    /// When it was noted, by the server's clock, in seconds since 1970.
    pub since: i64,
    /// When the last request to begin it can have arrived at the latest.
    pub until: i64,
    /// The server's names of the uploads of the same key that were there before.
    pub others: Vec<String>,
}

impl Beginning {
    /// Looks at the uploads of a key that are there. None where the server does not list them, or not for these credentials:
    /// then it does not later either, and nothing could be told apart.
    async fn of(bucket: &Bucket, key: &str, cancel: &Cancel) -> Result<Option<Self>, ConnectorError> {
        match begun(bucket, key, cancel).await {
            Ok(Listing { now, uploads }) => {
                let others = uploads.into_iter().map(|upload| upload.id).collect();
                Ok(Some(Self { since: now, until: now, others }))
            }
            Err(ConnectorError::Remote(error)) if is_refusal(error.kind) => {
                tracing::debug!(%error, key, "uploads that are begun are not listed");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether an upload of the key may be the one that was meant.
    fn may_be(&self, upload: &Begun) -> bool {
        let when = self.since.saturating_sub(SKEW)..=self.until.saturating_add(SKEW);
        when.contains(&upload.at) && !self.others.contains(&upload.id)
    }
}

/// Begins an upload, and returns the server's name of it. Before each attempt it is noted what is about to happen. What is
/// noted in `record` stays there where an attempt may have left an upload that nobody knows.
pub(super) async fn begin(
    bucket: &Bucket,
    record: &mut UploadRecord,
    note: &UploadNote,
    path: &Path,
    cancel: &Cancel,
) -> Result<String, ConnectorError> {
    record.beginning = Beginning::of(bucket, &record.key, cancel).await?;
    let settings = bucket.settings();
    let longest = settings.connect_timeout + settings.timeout;
    let started = Instant::now();
    let attributes = Attributes::from_iter([(Attribute::Metadata(MARK.into()), record.mark.clone())]);
    let is_unsure = Cell::new(false);
    let outcome = bucket
        .guarded(cancel, || {
            if let Some(beginning) = &mut record.beginning {
                beginning.until = beginning.since.saturating_add(seconds(started.elapsed() + longest));
            }
            let noted = note.write(record);
            let options = PutMultipartOptions { attributes: attributes.clone(), ..Default::default() };
            let is_unsure = &is_unsure;
            async move {
                noted?;
                reach(Point::UploadIntended)?;
                // Should this not be gone on with, it is not known what becomes of it.
                let was_unsure = is_unsure.replace(true);
                let begun = bucket.store().create_multipart_opts(path, options).await;
                let begun = begun.map_err(|error| bucket.explained(path.as_ref(), &error));
                is_unsure.set(was_unsure || begun.as_ref().is_err_and(ConnectorError::is_transient));
                begun
            }
        })
        .await;
    if !is_unsure.get() {
        record.beginning = None;
    }
    outcome
}

/// Gives up the uploads that may be the one that was meant by `beginning`, but for the one that is known. Only those go that
/// have no part: others are somebody's who knows their names.
pub(super) async fn give_up(
    bucket: &Bucket,
    record: &UploadRecord,
    path: &Path,
    cancel: &Cancel,
) -> Result<(), ConnectorError> {
    let Some(beginning) = &record.beginning else { return Ok(()) };
    let found = begun(bucket, &record.key, cancel).await?;
    let meant = found.uploads.iter().filter(|begun| beginning.may_be(begun) && begun.id != record.upload_id);
    for Begun { id, .. } in meant {
        if !has_parts(bucket, path, id, cancel).await? {
            upload::abort(bucket, &record.key, path, id, cancel).await?;
        }
    }
    Ok(())
}

/// An upload that is neither completed nor given up.
#[derive(Debug, PartialEq, Eq)]
struct Begun {
    id: String,
    /// In seconds since 1970.
    at: i64,
}

/// The uploads of one key, and when they were looked at, by the server's clock.
struct Listing {
    now: i64,
    uploads: Vec<Begun>,
}

/// The uploads of a key that are begun.
async fn begun(bucket: &Bucket, key: &str, cancel: &Cancel) -> Result<Listing, ConnectorError> {
    let mut listing: Option<Listing> = None;
    let mut marker: Option<(String, String)> = None;
    for _ in 0..MOST_PAGES {
        let mut query = vec![("encoding-type", "url"), ("prefix", key), ("uploads", "")];
        if let Some((key, id)) = &marker {
            query.extend([("key-marker", key.as_str()), ("upload-id-marker", id.as_str())]);
        }
        let answer = bucket.guarded(cancel, || bucket.ask(key, None, &query)).await?;
        let odd = |what| failure(bucket.place(), RemoteFailure::Unexpected, format!("`{key}`: {what}"));
        let page = String::from_utf8_lossy(answer.body());
        if !is_document(&page, "ListMultipartUploadsResult") {
            return Err(odd("the answer is no list of uploads").into());
        }
        let listing = listing.get_or_insert_with(|| Listing { now: now(answer.headers()), uploads: Vec::new() });
        let mut is_past = false;
        for upload in elements(&page, "Upload") {
            let named = element(upload, "Key").map(|name| unescaped(&name));
            let (Some(named), Some(id)) = (named, element(upload, "UploadId")) else {
                return Err(odd("an upload without a name is listed").into());
            };
            let at = element(upload, "Initiated").and_then(|text| text.parse::<Timestamp>().ok());
            let at = at.ok_or_else(|| odd("an upload is listed that was begun at no time"))?.as_second();
            // Keys come in order, and begin with this one.
            is_past |= named != key;
            if named == key {
                listing.uploads.push(Begun { id, at });
            }
        }
        let next =
            element(&page, "NextKeyMarker").map(|name| unescaped(&name)).zip(element(&page, "NextUploadIdMarker"));
        let is_last = element(&page, "IsTruncated").is_none_or(|text| text != "true");
        if is_last || is_past || next.is_none() || next == marker {
            break;
        }
        marker = next;
    }
    listing.ok_or_else(|| ConnectorError::Host("no page of a listing was asked for".to_owned()))
}

/// Whether an upload has parts; one that is gone has none.
async fn has_parts(bucket: &Bucket, path: &Path, id: &str, cancel: &Cancel) -> Result<bool, ConnectorError> {
    let query = [("max-parts", "1"), ("uploadId", id)];
    let answer = bucket.guarded(cancel, || bucket.ask(path.as_ref(), Some(path), &query)).await;
    match answer {
        Ok(answer) => {
            let parts = String::from_utf8_lossy(answer.body());
            // What is not understood is left alone.
            Ok(!is_document(&parts, "ListPartsResult") || elements(&parts, "Part").next().is_some())
        }
        Err(ConnectorError::Remote(error))
            if matches!(error.kind, RemoteFailure::NoSuchUpload | RemoteFailure::NoSuchObject) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// The server is there, and does not do this.
fn is_refusal(kind: RemoteFailure) -> bool {
    use RemoteFailure::{NoSuchObject, NoSuchUpload, Permission, Rejected, Unexpected};
    matches!(kind, Permission | Rejected | Unexpected | NoSuchObject | NoSuchUpload)
}

/// The server's clock, or ours where it does not tell.
fn now(headers: &http::HeaderMap) -> i64 {
    let told = headers.get(DATE).and_then(|date| date.to_str().ok()).and_then(|date| rfc2822::parse(date).ok());
    told.map_or_else(Timestamp::now, |date| date.timestamp()).as_second()
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_is_known_by_its_time_and_by_not_having_been_there() {
        let beginning = Beginning { since: 1_000, until: 1_310, others: vec!["old".to_owned()] };
        for (id, at, expected) in [
            ("new", 1_000, true),
            ("new", 1_000 - SKEW, true),
            ("new", 999 - SKEW, false),
            ("new", 1_310 + SKEW, true),
            ("new", 1_311 + SKEW, false),
            ("old", 1_000, false),
        ] {
            let upload = Begun { id: id.to_owned(), at };
            assert_eq!(beginning.may_be(&upload), expected, "{upload:?}");
        }
    }
}
