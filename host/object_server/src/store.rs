use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::signature::hex;

/// What the server keeps: buckets by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    pub(crate) buckets: BTreeMap<String, Bucket>,
    uploads_begun: u64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Bucket {
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) uploads: BTreeMap<String, Upload>,
    /// Whether anybody may only read.
    pub(crate) is_closed: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) bytes: Vec<u8>,
    pub(crate) etag: String,
    /// Headers that begin with `x-amz-meta-`.
    pub(crate) metadata: Vec<(String, String)>,
}

/// Parts of an object that is not there yet.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) begun_at: Timestamp,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) parts: BTreeMap<usize, (String, Vec<u8>)>,
}

impl Object {
    pub(crate) fn new(bytes: Vec<u8>, metadata: Vec<(String, String)>) -> Self {
        let etag = etag(&bytes);
        Self { bytes, etag, metadata }
    }
}

impl Store {
    /// A name that no upload has had.
    pub(crate) fn upload_id(&mut self) -> String {
        self.uploads_begun += 1;
        format!("upload-{}", self.uploads_begun)
    }
}

/// An opaque mark of what bytes are: other bytes, other mark.
pub(crate) fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", &hex(&Sha256::digest(bytes))[..32])
}
