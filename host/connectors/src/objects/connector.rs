use std::sync::Arc;

use object_store::list::{PaginatedListOptions, PaginatedListStore};

use super::bucket::Bucket;
use super::fetch::fetch;
use super::{FetchedObjects, ObjectPlace, PendingUpload, UploadRecord, upload};
use crate::ConnectorError;
use crate::rows::Cancel;
use crate::staging::{Inbox, StagedObject};

/// A bucket with its credentials, and which of its objects are meant. Cheap to clone.
#[derive(Clone)]
pub struct ObjectConnector {
    bucket: Arc<Bucket>,
    place: ObjectPlace,
}

impl ObjectConnector {
    pub(crate) fn new(bucket: Arc<Bucket>, place: ObjectPlace) -> Self {
        Self { bucket, place }
    }

    pub(super) fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// The objects that are meant.
    pub fn place(&self) -> &ObjectPlace {
        &self.place
    }

    /// Copies the objects that are meant into a folder of the run.
    ///
    /// # Errors
    /// When there is none, there are too many, or the server fails or refuses.
    pub fn fetch(&self, inbox: Inbox, cancel: &Cancel) -> Result<FetchedObjects, ConnectorError> {
        fetch(&self.bucket, &self.place, inbox, cancel)
    }

    /// Sends a file that was written aside, as an upload that nobody sees yet, to be the object of `key`. `origin` is the
    /// pipeline and the step that it belongs to, `connector` the profile's through which it goes, `mark` a text that no other
    /// upload has.
    ///
    /// # Errors
    /// When the server fails or refuses.
    pub fn send(
        &self,
        staged: &StagedObject,
        key: &str,
        origin: (&str, &str),
        connector: Option<&str>,
        mark: String,
        cancel: &Cancel,
    ) -> Result<PendingUpload, ConnectorError> {
        upload::send(self, upload::record(&self.bucket, key, origin, connector, mark), staged, cancel)
    }

    /// Makes sure that exactly one object is meant, as for writing.
    ///
    /// # Errors
    /// [`ConnectorError::NotOneObject`].
    pub fn one_key(&self) -> Result<&str, ConnectorError> {
        self.place.key().ok_or_else(|| ConnectorError::NotOneObject { place: self.place.to_string() })
    }

    /// The folder below which the objects of rows that are parted go.
    ///
    /// # Errors
    /// [`ConnectorError::NotOneObject`], where it is a pattern.
    pub fn folder(&self) -> Result<String, ConnectorError> {
        self.place.folder().ok_or_else(|| ConnectorError::NotOneObject { place: self.place.to_string() })
    }

    /// How many objects may be on their way at once.
    pub fn workers(&self) -> usize {
        self.bucket.settings().workers
    }

    /// Completes an upload of an earlier run. Where the server has forgotten it, the file that it was made of is sent again.
    ///
    /// # Errors
    /// When the server fails or refuses, or neither upload nor file is left.
    pub fn recover(&self, record: &UploadRecord, staged: &StagedObject, cancel: &Cancel) -> Result<(), ConnectorError> {
        upload::complete_or_send_again(self, record, staged, cancel)
    }

    /// Gives up an upload of an earlier run, and what was begun for it and has no name that anybody knows.
    ///
    /// # Errors
    /// When the server fails or refuses.
    pub fn give_up(&self, record: &UploadRecord, cancel: &Cancel) -> Result<(), ConnectorError> {
        upload::give_up(&self.bucket, record, cancel)
    }

    /// Whether the bucket can be reached and looked into, and what answered.
    ///
    /// # Errors
    /// What failed, with a hint.
    pub fn test(&self, cancel: &Cancel) -> Result<String, ConnectorError> {
        let prefix = self.place.prefix();
        let page = self.bucket.wait(self.bucket.call(prefix, cancel, || {
            let options = PaginatedListOptions { max_keys: Some(1_000), ..Default::default() };
            self.bucket.store().list_paginated(Some(prefix).filter(|prefix| !prefix.is_empty()), options)
        }))?;
        let is_meant = self.place.selector();
        let objects = &page.result.objects;
        let found = objects.iter().filter(|object| is_meant(object.location.as_ref(), object.size)).count();
        let more = if page.page_token.is_some() { " or more" } else { "" };
        let objects = if found == 1 { "object" } else { "objects" };
        Ok(format!("{}, {found}{more} {objects} of {}", self.bucket.place(), self.place))
    }
}
