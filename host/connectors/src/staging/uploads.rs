use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::fs::File;

use super::STAGING;
use crate::{ConnectorError, ProjectFiles, UploadRecord};

/// The ending of the names of notes of uploads.
const NOTE: &str = "upload";

/// A file that is written and waits to be sent to an object store.
#[derive(Clone)]
pub struct StagedObject {
    files: Arc<ProjectFiles>,
    from: PathBuf,
}

/// What is known of an upload, beside its file, from before it is begun until its object is there: whoever finds it after a
/// kill gives the upload up.
pub struct UploadNote {
    files: Arc<ProjectFiles>,
    path: PathBuf,
}

impl StagedObject {
    /// The file at a place relative to the project.
    pub fn new(files: Arc<ProjectFiles>, from: PathBuf) -> Self {
        Self { files, from }
    }

    /// Where it lies, relative to the project.
    pub fn from(&self) -> &Path {
        &self.from
    }

    /// Where it lies, absolute, for the writer.
    pub fn absolute(&self) -> PathBuf {
        self.files.root().join(&self.from)
    }

    pub(crate) fn is_there(&self) -> bool {
        self.files.dir().is_file(&self.from)
    }

    pub(crate) fn open(&self) -> Result<File, ConnectorError> {
        self.files.dir().open(&self.from).map_err(|source| ConnectorError::io(&self.from.display().to_string(), source))
    }

    pub(crate) fn note(&self) -> UploadNote {
        UploadNote { files: Arc::clone(&self.files), path: self.from.with_extension(NOTE) }
    }
}

impl UploadNote {
    /// Writes it down, wholly or not at all.
    pub(crate) fn write(&self, record: &UploadRecord) -> Result<(), ConnectorError> {
        let failed = |source| ConnectorError::io(STAGING, source);
        let text = serde_json::to_vec(record).map_err(|error| ConnectorError::Host(error.to_string()))?;
        let (dir, aside) = (self.files.dir(), self.path.with_extension("noting"));
        dir.write(&aside, text).map_err(failed)?;
        dir.open(&aside).and_then(|file| file.sync_all()).map_err(failed)?;
        dir.rename(&aside, dir, &self.path).map_err(failed)
    }

    /// Removes the file that was sent.
    pub(crate) fn remove_file(&self) -> Result<(), ConnectorError> {
        match self.files.dir().remove_file(self.path.with_extension("")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ConnectorError::io(STAGING, error)),
            _ => Ok(()),
        }
    }

    pub(crate) fn remove(&self) -> Result<(), ConnectorError> {
        match self.files.dir().remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ConnectorError::io(STAGING, error)),
            _ => Ok(()),
        }
    }
}

/// Notes of uploads in the folder of a run.
pub(super) fn notes_in(files: &ProjectFiles, folder: &Path) -> Result<Vec<PathBuf>, ConnectorError> {
    let failed = |source| ConnectorError::io(STAGING, source);
    let entries = files.entries(folder).map_err(failed)?;
    let mut notes: Vec<PathBuf> = entries.iter().map(|entry| folder.join(entry.file_name())).collect();
    notes.retain(|path| path.extension().is_some_and(|ending| ending == NOTE));
    notes.sort();
    Ok(notes)
}

/// What a note says; none where it is no note.
pub(super) fn read_note(files: &ProjectFiles, path: &Path) -> Result<Option<UploadRecord>, ConnectorError> {
    let text = files.dir().read(path).map_err(|source| ConnectorError::io(STAGING, source))?;
    Ok(serde_json::from_slice(&text).ok())
}
