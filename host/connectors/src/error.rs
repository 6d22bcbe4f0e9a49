use std::io;
use std::time::Duration;

use duckpen_faults::Injected;

use crate::network::NetworkRefusal;

/// A place or a format that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    /// The place leads out of the project.
    #[error("'{place}' is outside of the project")]
    Escapes {
        /// The place as it was written.
        place: String,
    },
    /// There is no such file.
    #[error("no such file: '{place}'")]
    NotFound {
        /// The place as it was written.
        place: String,
    },
    /// No file matches a pattern.
    #[error("no file matches '{place}'")]
    NoMatch {
        /// The pattern as it was written.
        place: String,
    },
    /// The file has no bytes, so it has no columns either.
    #[error("the file '{place}' is empty: it has no columns")]
    Empty {
        /// The place as it was written.
        place: String,
    },
    /// The place is a folder.
    #[error("'{place}' is a folder, not a file")]
    IsFolder {
        /// The place as it was written.
        place: String,
    },
    /// A file stands where a folder would have to be.
    #[error("'{place}' cannot be written: a file stands in the place of one of its folders")]
    NoFolder {
        /// The place as it was written.
        place: String,
    },
    /// A folder that would be replaced holds what no export has written.
    #[error("the folder '{place}' holds what no export has written, and is not replaced")]
    Occupied {
        /// The place as it was written.
        place: String,
    },
    /// A file is written aside and renamed, and cannot be renamed from one disk to another.
    #[error("'{place}' is on another disk than `{target}/`, where files wait until their step is complete")]
    OtherDisk {
        /// The place as it was written.
        place: String,
        /// The project's folder for what the host makes.
        target: String,
    },
    /// A link took the place of a file, or of a folder on the way to it.
    #[error("'{place}' has become a link since it was looked at")]
    Swapped {
        /// The place as it was written.
        place: String,
    },
    /// A file is not what its format says.
    #[error("'{place}' is no file of {format}: {reason}")]
    BrokenFile {
        /// Its place as it was written.
        place: String,
        /// The format.
        format: &'static str,
        /// What is wrong, in half a sentence.
        reason: String,
    },
    /// What reads a file cannot.
    #[error("'{place}' cannot be read: {reason}")]
    Unreadable {
        /// Its place as it was written.
        place: String,
        /// Why, in a sentence.
        reason: String,
        /// What can be done.
        hint: Option<String>,
    },
    /// There are more rows than a file of the format holds.
    #[error("a file of {format} holds {most} rows, and there are more")]
    TooManyRows {
        /// The format.
        format: &'static str,
        /// How many it holds.
        most: u64,
    },
    /// Nothing is there that reads the format.
    #[error("there is no reader for files of {format}")]
    NotReadable {
        /// The format.
        format: &'static str,
    },
    /// The host has no reader or writer of this name.
    #[error("unknown format `{format}`; formats are csv, json, parquet, arrow, excel")]
    UnknownFormat {
        /// The name.
        format: String,
    },
    /// The format has no such setting.
    #[error("a {format} file has no setting `{setting}` for {purpose}")]
    UnknownSetting {
        /// The format.
        format: String,
        /// The setting.
        setting: String,
        /// `reading` or `writing`.
        purpose: &'static str,
    },
    /// The setting has a value of another kind.
    #[error("the setting `{setting}` has an unusable value: expected {expected}")]
    BadSetting {
        /// The setting.
        setting: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The system refused.
    #[error("'{place}': {source}")]
    Io {
        /// The place as it was written.
        place: String,
        /// The system's words.
        source: io::Error,
    },
    /// A test lets a call fail.
    #[error(transparent)]
    Injected(#[from] Injected),
    /// A system beyond this process failed, or refused.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// A file of authorities that has none.
    #[error("'{place}' is no file of certificates as PEM, as `[network] ca_file` in duckpen.toml names it")]
    BadAuthorities {
        /// The file.
        place: String,
    },
    /// A host that may not be asked.
    #[error(transparent)]
    Network(#[from] NetworkRefusal),
    /// A request that is not one, or not one that may be made.
    #[error("a request that is not made: {reason}")]
    BadRequest {
        /// What is wrong with it.
        reason: String,
    },
    /// A parameter of a connector is missing, or has an unusable value. The value is not told: it may be secret.
    #[error("the parameter `{parameter}` of a {connector} connector is unusable: expected {expected}")]
    BadParameter {
        /// The type of the connector.
        connector: String,
        /// The parameter.
        parameter: String,
        /// What it takes.
        expected: &'static str,
    },
    /// A component that speaks for a system was stopped, or broke its contract.
    #[error("{message}")]
    Component {
        /// Which one, and what happened.
        message: String,
        /// What can be done.
        hint: Option<String>,
    },
    /// There is no connector of this type that carries rows.
    #[error("no connector of type `{connector}` carries rows; those that do are postgres, sqlite, duckdb")]
    UnknownConnector {
        /// The type.
        connector: String,
    },
    /// What a source names is more than it may be.
    #[error("'{place}': {what}")]
    TooMuch {
        /// The place.
        place: String,
        /// How much.
        what: String,
        /// What can be done.
        hint: &'static str,
    },
    /// A place that is written names more or less than one object.
    #[error("'{place}' is not the place of one object")]
    NotOneObject {
        /// The place.
        place: String,
    },
    /// The connector only reads.
    #[error("a {connector} connector is read and not written")]
    NotWritable {
        /// The type of the connector.
        connector: String,
    },
    /// A value or a column that has no place in the database, or in the system it is written to.
    #[error("column `{column}`: {reason}")]
    Unfit {
        /// The column.
        column: String,
        /// Why, in half a sentence.
        reason: String,
        /// What its author can do.
        hint: Option<&'static str>,
    },
    /// The work was told to stop.
    #[error("stopped")]
    Cancelled,
    /// The host has no means for it: a runtime that does not start.
    #[error("fault of the host: {0}")]
    Host(String),
    /// The database refused to read it.
    #[error(transparent)]
    Database(#[from] duckpen_database::Error),
}

/// What went wrong with a system beyond this process.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{place}: {message}")]
pub struct RemoteError {
    /// Which system, without credentials: `postgres shop at db.example:5432`.
    pub place: String,
    /// The kind of failure.
    pub kind: RemoteFailure,
    /// In words; the system's own where it has any.
    pub message: String,
    /// What can be done; the system's own hint goes before ours.
    pub hint: Option<String>,
    /// For how long it asks to be left alone.
    pub retry_after: Option<Duration>,
}

/// The kinds of failure of a system beyond this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteFailure {
    /// No address has this name.
    NameResolution,
    /// Nothing listens there.
    Refused,
    /// The network leads nowhere.
    Unreachable,
    /// No encrypted connection came about.
    Tls,
    /// The credentials are not accepted.
    Credentials,
    /// There is no such database.
    NoSuchDatabase,
    /// There is no such table or column.
    NoSuchRelation,
    /// There is no such bucket.
    NoSuchBucket,
    /// There is no such object.
    NoSuchObject,
    /// There is no such upload: it was completed, given up, or forgotten.
    NoSuchUpload,
    /// What was read is not any more what it was when it was looked at.
    Changed,
    /// The credentials are not enough.
    Permission,
    /// No answer within the time.
    Timeout,
    /// The connection broke.
    Lost,
    /// It has no connection left, or is starting or stopping.
    Busy,
    /// It failed so often that it is left alone for a while.
    CircuitOpen,
    /// It refused a statement or a row.
    Rejected,
    /// It answered in a way its protocol excludes.
    Unexpected,
}

impl RemoteFailure {
    /// Whether another attempt may go better.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Refused | Self::Unreachable | Self::Timeout | Self::Lost | Self::Busy)
    }

    fn hint(self) -> Option<&'static str> {
        Some(match self {
            Self::NameResolution => "look at the spelling of `host`, and whether this machine's name server knows it",
            Self::Refused => "look at `host` and `port`, and whether the server runs and listens there",
            Self::Unreachable => "look at `host`, and at firewalls between this machine and it",
            Self::Tls => {
                "`sslmode` is disable, prefer, require, verify-ca or verify-full; `sslrootcert` names the file of a \
                 private authority"
            }
            Self::Credentials => "look at `user` and `password`, and at the variables they come from",
            Self::NoSuchDatabase => "look at `database`",
            Self::NoSuchRelation => "look at `schema` and `table`, or at the names in `query`",
            Self::Permission => "the server's administrator can grant it",
            Self::Timeout => "raise `connect_timeout` or `timeout_seconds`, in seconds, if it is only slow",
            Self::Lost => "run again: nothing of the step was kept",
            Self::Busy => "wait until it is ready, or allow fewer connections with `pool_size`",
            Self::CircuitOpen => "look at the failures before this one, then run again",
            Self::NoSuchBucket
            | Self::NoSuchObject
            | Self::NoSuchUpload
            | Self::Changed
            | Self::Rejected
            | Self::Unexpected => return None,
        })
    }
}

impl RemoteError {
    /// A failure of a system, with the hint that belongs to its kind.
    pub fn new(place: &str, kind: RemoteFailure, message: impl Into<String>) -> Self {
        let hint = kind.hint().map(str::to_owned);
        Self { place: place.to_owned(), kind, message: message.into(), hint, retry_after: None }
    }
}

impl ConnectorError {
    /// Whether another attempt may go better.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Remote(error) => error.kind.is_transient(),
            // A file may appear, a disk be freed.
            Self::NotFound { .. } | Self::NoMatch { .. } | Self::Io { .. } => true,
            _ => false,
        }
    }

    /// For how long the system asks to be left alone.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Remote(error) => error.retry_after,
            _ => None,
        }
    }

    /// What its reader can do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Escapes { .. } => Some("places are relative to the project's folder".to_owned()),
            Self::OtherDisk { .. } => Some(
                "[paths] target of duckpen.toml names a folder of the project on the disk of its outputs".to_owned(),
            ),
            Self::Remote(error) => error.hint.clone(),
            Self::Network(refusal) => refusal.hint(),
            Self::Unfit { hint, .. } => hint.map(str::to_owned),
            Self::Component { hint, .. } | Self::Unreadable { hint, .. } => hint.clone(),
            Self::TooMuch { hint, .. } => Some((*hint).to_owned()),
            Self::Occupied { .. } => Some("name another folder, or empty this one".to_owned()),
            Self::NotOneObject { .. } => Some("name one object to write: s3://bucket/folder/name.parquet".to_owned()),
            _ => None,
        }
    }

    pub(crate) fn unfit(column: &str, reason: impl Into<String>, hint: &'static str) -> Self {
        Self::Unfit { column: column.to_owned(), reason: reason.into(), hint: Some(hint) }
    }

    /// The system's answer about a place.
    pub fn io(place: &str, source: io::Error) -> Self {
        let place = place.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { place },
            // What cap-std answers to a path that leads out.
            io::ErrorKind::PermissionDenied if source.raw_os_error().is_none() => Self::Escapes { place },
            _ => Self::Io { place, source },
        }
    }
}
