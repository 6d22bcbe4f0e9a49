use std::io;

use duckpen_faults::Injected;

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
    /// A link took the place of a file, or of a folder on the way to it.
    #[error("'{place}' has become a link since it was looked at")]
    Swapped {
        /// The place as it was written.
        place: String,
    },
    /// The host has no reader or writer of this name.
    #[error("unknown format `{format}`; formats are csv, json, parquet")]
    UnknownFormat {
        /// The name.
        format: String,
    },
    /// The format has no such setting.
    #[error("a {format} file has no setting `{setting}` for {purpose}")]
    UnknownSetting {
        /// The format.
        format: &'static str,
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
    /// The database refused to read it.
    #[error(transparent)]
    Database(#[from] duckpen_database::Error),
}

impl ConnectorError {
    pub(crate) fn io(place: &str, source: io::Error) -> Self {
        let place = place.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { place },
            // What cap-std answers to a path that leads out.
            io::ErrorKind::PermissionDenied if source.raw_os_error().is_none() => Self::Escapes { place },
            _ => Self::Io { place, source },
        }
    }
}
