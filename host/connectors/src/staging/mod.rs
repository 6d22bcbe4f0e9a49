//! Where files wait until their step is complete, and what is fetched for a step.

mod folders;
mod inbox;
mod parts;
mod uploads;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use duckpen_faults::{Point, reach};

use crate::{ConnectorError, ProjectFiles, UploadRecord};

pub use inbox::Inbox;
pub use parts::{Scattered, StagedParts};
pub use uploads::StagedObject;
pub(crate) use uploads::UploadNote;
use uploads::{notes_in, read_note};

/// Where files wait until their step is complete: a folder of the run, on the same disk as the project.
pub struct Staging {
    files: Arc<ProjectFiles>,
    folder: PathBuf,
    /// The lock goes with the process, however it ends.
    _in_use: Option<File>,
}

/// A file that is written and waits to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// Where it lies, relative to the project.
    pub from: PathBuf,
    /// Where it will appear, relative to the project.
    pub to: PathBuf,
}

/// The folder of all runs' staging folders, in the project's folder for what the host makes.
const STAGING: &str = "staging";

/// The folder of runs whose databases are gone with their processes: each has a file that its process keeps locked.
const IN_MEMORY: &str = "staging_in_memory";

/// A folder without a lock that is older belongs to nobody who is still about to lock it.
const LEAST_AGE: Duration = Duration::from_secs(600);

/// The file.
const LOCK: &str = "in_use";

impl Staging {
    /// Makes the folder of a run.
    ///
    /// # Errors
    /// Those of the system.
    pub fn create(files: Arc<ProjectFiles>, run: &str) -> Result<Self, ConnectorError> {
        let folder = Path::new(files.target()).join(STAGING).join(run);
        reach(Point::StagingBeforeCreate)?;
        files.dir().create_dir_all(&folder).map_err(|source| ConnectorError::io(STAGING, source))?;
        reach(Point::StagingCreated)?;
        Ok(Self { files, folder, _in_use: None })
    }

    /// Makes the folder of a run that nothing will continue, as its database is in memory. It is in use for as long as this
    /// process lives; what others have left that were killed [`sweep_in_memory`](Self::sweep_in_memory) removes.
    ///
    /// # Errors
    /// Those of the system.
    pub fn create_in_memory(files: Arc<ProjectFiles>, run: &str) -> Result<Self, ConnectorError> {
        let failed = |source| ConnectorError::io(IN_MEMORY, source);
        let all = Path::new(files.target()).join(IN_MEMORY);
        let folder = all.join(run);
        reach(Point::StagingBeforeCreate)?;
        files.dir().create_dir_all(&folder).map_err(failed)?;
        // It has its name only when it is locked, so that nobody finds it unlocked.
        let aside = folder.join(format!("{LOCK}.new"));
        let file = files.dir().create(&aside).map_err(failed)?.into_std();
        // Where a file system has no locks, the folder stays if the process is killed.
        let in_use = file.try_lock().is_ok().then_some(file);
        if in_use.is_some() {
            files.dir().rename(&aside, files.dir(), folder.join(LOCK)).map_err(failed)?;
        }
        reach(Point::StagingCreated)?;
        Ok(Self { files, folder, _in_use: in_use })
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
        self.check_disk(&to, place)?;
        Ok(Staged { from: self.folder.join(file_name(step)), to })
    }

    /// A place for the folder of files that `step` will publish at `place`, in place of a folder that an export has written.
    ///
    /// # Errors
    /// When the place is outside of the project, a file, or a folder with what no export has written.
    pub fn stage_folder(&self, step: &str, place: &str) -> Result<Staged, ConnectorError> {
        let to = self.files.relative(place)?;
        folders::check(&self.files, &to, place)?;
        self.check_folders(&to, place)?;
        Ok(Staged { from: self.folder.join(folders::name(&file_name(step))), to })
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

    /// Makes sure that a file can be renamed from the staging folder to a place: from one disk to another it cannot appear
    /// whole.
    fn check_disk(&self, to: &Path, place: &str) -> Result<(), ConnectorError> {
        let disk = |path: &Path| {
            let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
            self.files.dir().metadata(path).ok().map(|found| disk_of(&found))
        };
        let there = to.ancestors().skip(1).find_map(disk);
        match (disk(&self.folder), there) {
            (Some(staged), Some(there)) if staged != there => {
                Err(ConnectorError::OtherDisk { place: place.to_owned(), target: self.files.target().to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// The absolute path of a staged file, for the writer.
    pub fn absolute(&self, staged: &Staged) -> PathBuf {
        self.files.root().join(&staged.from)
    }

    /// Makes sure that a staged file, or each of a staged folder, is on the disk, and not only in the system's memory.
    ///
    /// # Errors
    /// Those of the system.
    pub fn sync(&self, staged: &Staged) -> Result<(), ConnectorError> {
        if folders::is_meant_by(staged) {
            return folders::seal(&self.files, staged);
        }
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
        if folders::is_meant_by(staged) {
            folders::publish(files, staged).map_err(failed)?;
        } else {
            match dir.rename(&staged.from, dir, &staged.to) {
                // Published before.
                Err(error) if error.kind() == io::ErrorKind::NotFound && dir.exists(&staged.to) => {}
                outcome => outcome.map_err(failed)?,
            }
        }
        reach(Point::PublishRenamed)?;
        Ok(())
    }

    /// A place for the file that `step` will send to an object store.
    pub fn stage_object(&self, step: &str) -> StagedObject {
        StagedObject::new(Arc::clone(&self.files), self.folder.join(file_name(step)))
    }

    /// A place for the files that `step` will send to an object store, parted by the values of columns.
    pub fn stage_parts(&self, step: &str) -> StagedParts {
        StagedParts::new(Arc::clone(&self.files), self.folder.clone(), &file_name(step))
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
        let all = Path::new(files.target()).join(STAGING);
        for entry in files.entries(&all).map_err(|source| ConnectorError::io(STAGING, source))? {
            let name = entry.file_name();
            if name.to_str().is_some_and(&is_over) {
                clear(files, &all.join(name), &mut give_up)?;
            }
        }
        Ok(())
    }

    /// Removes the folders of runs in memory that no process has locked any more. Uploads that were under way in them are
    /// given to `give_up` first; where it does not do it, the folder stays.
    ///
    /// # Errors
    /// Those of the system.
    pub fn sweep_in_memory(
        files: &ProjectFiles,
        mut give_up: impl FnMut(&UploadRecord) -> bool,
    ) -> Result<(), ConnectorError> {
        let all = Path::new(files.target()).join(IN_MEMORY);
        for entry in files.entries(&all).map_err(|source| ConnectorError::io(IN_MEMORY, source))? {
            let folder = all.join(entry.file_name());
            // It is kept while the folder is cleared, so that two who sweep are not in each other's way.
            let lock = files.dir().open(folder.join(LOCK)).map(cap_std::fs::File::into_std);
            let is_used = match &lock {
                Ok(lock) => lock.try_lock().is_err(),
                // A process that has just made its folder is about to lock it.
                Err(_) => !is_old(files, &folder),
            };
            if !is_used {
                clear(files, &folder, &mut give_up)?;
            }
        }
        Ok(())
    }
}

/// Removes the folder of a run that is over, unless an upload that was under way in it cannot be given up.
fn clear(
    files: &ProjectFiles,
    folder: &Path,
    give_up: &mut impl FnMut(&UploadRecord) -> bool,
) -> Result<(), ConnectorError> {
    let gone = |outcome: io::Result<()>| match outcome {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ConnectorError::io(STAGING, error)),
        _ => Ok(()),
    };
    let mut is_empty = true;
    for note in notes_in(files, folder)? {
        match read_note(files, &note)? {
            Some(record) if !give_up(&record) => is_empty = false,
            _ => gone(files.dir().remove_file(&note))?,
        }
    }
    if is_empty { gone(files.dir().remove_dir_all(folder)) } else { Ok(()) }
}

fn is_old(files: &ProjectFiles, folder: &Path) -> bool {
    let modified = files.dir().metadata(folder).and_then(|found| found.modified());
    modified.is_ok_and(|at| at.into_std().elapsed().is_ok_and(|age| age > LEAST_AGE))
}

/// The number of a disk.
#[cfg(unix)]
fn disk_of(found: &cap_std::fs::Metadata) -> u64 {
    cap_std::fs::MetadataExt::dev(found)
}

/// Without such numbers renaming itself tells.
#[cfg(not(unix))]
fn disk_of(_: &cap_std::fs::Metadata) -> u64 {
    0
}

/// A step's name as the name of a file.
fn file_name(step: &str) -> String {
    step.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' }).collect()
}
