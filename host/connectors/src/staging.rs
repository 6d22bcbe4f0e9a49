use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::fs::File;

use duckpen_faults::{Point, reach};

use crate::{ConnectorError, ProjectFiles, UploadRecord};

/// Where files wait until their step is complete: a folder of the run, on the same disk as the project.
pub struct Staging {
    files: Arc<ProjectFiles>,
    folder: PathBuf,
}

/// A file that is written and waits to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// Where it lies, relative to the project.
    pub from: PathBuf,
    /// Where it will appear, relative to the project.
    pub to: PathBuf,
}

/// A file that is written and waits to be sent to an object store.
#[derive(Clone)]
pub struct StagedObject {
    files: Arc<ProjectFiles>,
    from: PathBuf,
}

/// What is known of an upload, beside its file, from before its first part is sent until its object is there: whoever finds
/// it after a kill gives the upload up.
pub struct UploadNote {
    files: Arc<ProjectFiles>,
    path: PathBuf,
}

/// A folder of the run for what a step fetches; removed with this.
pub struct Inbox {
    files: Arc<ProjectFiles>,
    folder: PathBuf,
}

/// The ending of the names of notes of uploads.
const NOTE: &str = "upload";

/// The folder of all runs' staging folders, relative to the project.
const STAGING: &str = "target/staging";

impl Staging {
    /// Makes the folder of a run.
    ///
    /// # Errors
    /// Those of the system.
    pub fn create(files: Arc<ProjectFiles>, run: &str) -> Result<Self, ConnectorError> {
        let folder = Path::new(STAGING).join(run);
        reach(Point::StagingBeforeCreate)?;
        files.dir().create_dir_all(&folder).map_err(|source| ConnectorError::io(STAGING, source))?;
        reach(Point::StagingCreated)?;
        Ok(Self { files, folder })
    }

    /// The folder, absolute.
    pub fn path(&self) -> PathBuf {
        self.files.root().join(&self.folder)
    }

    /// A place for the file that `step` will publish at `place`.
    ///
    /// # Errors
    /// When the place is outside of the project, or a folder.
    pub fn stage(&self, step: &str, place: &str) -> Result<Staged, ConnectorError> {
        let to = self.files.relative(place)?;
        if to.as_os_str().is_empty() || self.files.dir().metadata(&to).is_ok_and(|found| found.is_dir()) {
            return Err(ConnectorError::IsFolder { place: place.to_owned() });
        }
        self.check_folders(&to, place)?;
        Ok(Staged { from: self.folder.join(file_name(step)), to })
    }

    /// Makes sure that the folders on the way to a place, as far as they are there, are folders of the project: a file that
    /// cannot be published is better refused before its step is complete.
    fn check_folders(&self, to: &Path, place: &str) -> Result<(), ConnectorError> {
        let folders = to.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()).collect::<Vec<_>>();
        for folder in folders.into_iter().rev() {
            match self.files.dir().metadata(folder) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => return Err(ConnectorError::NoFolder { place: place.to_owned() }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(source) => return Err(ConnectorError::io(place, source)),
            }
        }
        Ok(())
    }

    /// The absolute path of a staged file, for the writer.
    pub fn absolute(&self, staged: &Staged) -> PathBuf {
        self.files.root().join(&staged.from)
    }

    /// Makes sure that a staged file is on the disk, and not only in the system's memory.
    ///
    /// # Errors
    /// Those of the system.
    pub fn sync(&self, staged: &Staged) -> Result<(), ConnectorError> {
        self.files
            .dir()
            .open(&staged.from)
            .and_then(|file| file.sync_all())
            .map_err(|source| ConnectorError::io(&staged.to.display().to_string(), source))
    }

    /// Lets a staged file appear at its place, whole, in place of an older one. Calling it again changes nothing.
    ///
    /// # Errors
    /// Those of the system; the staged file stays.
    pub fn publish(files: &ProjectFiles, staged: &Staged) -> Result<(), ConnectorError> {
        let failed = |source| ConnectorError::io(&staged.to.display().to_string(), source);
        let dir = files.dir();
        reach(Point::PublishBeforeFolder)?;
        if let Some(parent) = staged.to.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            dir.create_dir_all(parent).map_err(failed)?;
        }
        reach(Point::PublishBeforeRename)?;
        match dir.rename(&staged.from, dir, &staged.to) {
            // Published before.
            Err(error) if error.kind() == io::ErrorKind::NotFound && dir.exists(&staged.to) => {}
            outcome => outcome.map_err(failed)?,
        }
        reach(Point::PublishRenamed)?;
        Ok(())
    }

    /// A place for the file that `step` will send to an object store.
    pub fn stage_object(&self, step: &str) -> StagedObject {
        StagedObject::new(Arc::clone(&self.files), self.folder.join(file_name(step)))
    }

    /// A folder for what `step` fetches of `source`.
    ///
    /// # Errors
    /// Those of the system.
    pub fn inbox(&self, step: &str, source: &str) -> Result<Inbox, ConnectorError> {
        let folder = self.folder.join(format!("{}.{}.fetched", file_name(step), file_name(source)));
        let failed = |error| ConnectorError::io(STAGING, error);
        match self.files.dir().remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => self.files.dir().create_dir_all(&folder).map_err(failed)?,
        }
        Ok(Inbox { files: Arc::clone(&self.files), folder })
    }

    /// Removes the folder with whatever was never published. It stays where there are uploads in it that could not be given
    /// up: a later run does it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn remove(self) -> Result<(), ConnectorError> {
        reach(Point::StagingBeforeRemove)?;
        if !notes_in(&self.files, &self.folder)?.is_empty() {
            return Ok(());
        }
        self.files.dir().remove_dir_all(&self.folder).map_err(|source| ConnectorError::io(STAGING, source))?;
        reach(Point::StagingRemoved)?;
        Ok(())
    }

    /// Removes the staging folders of the runs that `is_over` says so of. Uploads that were under way in them are given to
    /// `give_up` first; where it does not do it, the folder stays.
    ///
    /// # Errors
    /// Those of the system.
    pub fn sweep(
        files: &ProjectFiles,
        is_over: impl Fn(&str) -> bool,
        mut give_up: impl FnMut(&UploadRecord) -> bool,
    ) -> Result<(), ConnectorError> {
        let failed = |source| ConnectorError::io(STAGING, source);
        let entries = match files.dir().read_dir(STAGING) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            if name.to_str().is_some_and(&is_over) {
                let folder = Path::new(STAGING).join(name);
                let mut is_empty = true;
                for note in notes_in(files, &folder)? {
                    match read_note(files, &note)? {
                        Some(record) if !give_up(&record) => is_empty = false,
                        _ => files.dir().remove_file(&note).map_err(failed)?,
                    }
                }
                if is_empty {
                    files.dir().remove_dir_all(&folder).map_err(failed)?;
                }
            }
        }
        Ok(())
    }
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

    pub(crate) fn remove(&self) -> Result<(), ConnectorError> {
        match self.files.dir().remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ConnectorError::io(STAGING, error)),
            _ => Ok(()),
        }
    }
}

impl Inbox {
    /// A new file of this name, which may have folders in it, and where it lies.
    pub(crate) fn create(&self, name: &Path) -> Result<(File, PathBuf), ConnectorError> {
        let path = self.folder.join(name);
        let failed = |source| ConnectorError::io(&path.display().to_string(), source);
        if let Some(folder) = path.parent() {
            self.files.dir().create_dir_all(folder).map_err(failed)?;
        }
        let file = self.files.dir().create(&path).map_err(failed)?;
        Ok((file, self.files.root().join(&path)))
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        if let Err(error) = self.files.dir().remove_dir_all(&self.folder) {
            // The folder that it is in is removed after the run.
            tracing::debug!(%error, "what a step fetched cannot be removed yet");
        }
    }
}

/// Notes of uploads in the folder of a run.
fn notes_in(files: &ProjectFiles, folder: &Path) -> Result<Vec<PathBuf>, ConnectorError> {
    let failed = |source| ConnectorError::io(STAGING, source);
    let entries = match files.dir().read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let paths = entries.map(|entry| entry.map(|entry| folder.join(entry.file_name())).map_err(failed));
    let mut notes = paths.collect::<Result<Vec<_>, _>>()?;
    notes.retain(|path| path.extension().is_some_and(|ending| ending == NOTE));
    notes.sort();
    Ok(notes)
}

/// What a note says; none where it is no note.
fn read_note(files: &ProjectFiles, path: &Path) -> Result<Option<UploadRecord>, ConnectorError> {
    let text = files.dir().read(path).map_err(|source| ConnectorError::io(STAGING, source))?;
    Ok(serde_json::from_slice(&text).ok())
}

/// A step's name as the name of a file.
fn file_name(step: &str) -> String {
    step.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' }).collect()
}
