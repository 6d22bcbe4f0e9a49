//! Folders that appear whole: what an export writes that parts its rows by the values of columns.
//!
//! Such a folder has a mark in it, so that it can be told whether it is in its place, and whether the one that is there may
//! be replaced: a folder with what no export has written is left alone.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use cap_std::fs::Dir;

use super::Staged;
use crate::{ConnectorError, ProjectFiles};

/// The file with the mark. Readers of such folders leave names with this beginning out.
const MARK: &str = "_duckpen_export";

/// The ending of the names of folders that wait.
const ENDING: &str = "folder";

/// The name that a step's folder waits under, which no other has; it is the mark as well.
pub(super) fn name(step: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{step}-{:x}.{ENDING}", now.as_nanos())
}

pub(super) fn is_meant_by(staged: &Staged) -> bool {
    staged.from.extension().is_some_and(|ending| ending == ENDING)
}

/// Makes sure that a folder can be put in this place.
pub(super) fn check(files: &ProjectFiles, to: &Path, place: &str) -> Result<(), ConnectorError> {
    let occupied = || ConnectorError::Occupied { place: place.to_owned() };
    if to.as_os_str().is_empty() {
        return Err(occupied());
    }
    match files.dir().metadata(to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(ConnectorError::io(place, error)),
        Ok(found) if !found.is_dir() => Err(ConnectorError::NoFolder { place: place.to_owned() }),
        Ok(_) if files.dir().is_file(to.join(MARK)) => Ok(()),
        Ok(_) => {
            let mut entries = files.dir().read_dir(to).map_err(|error| ConnectorError::io(place, error))?;
            entries.next().map_or(Ok(()), |_| Err(occupied()))
        }
    }
}

/// Marks a folder that is written, and makes sure that all of it is on the disk.
pub(super) fn seal(files: &ProjectFiles, staged: &Staged) -> Result<(), ConnectorError> {
    let seal = || {
        let dir = files.dir();
        // Without rows nothing was written.
        dir.create_dir_all(&staged.from)?;
        dir.write(staged.from.join(MARK), mark(staged))?;
        sync(&dir.open_dir(&staged.from)?)
    };
    seal().map_err(|source| ConnectorError::io(&staged.to.display().to_string(), source))
}

fn sync(folder: &Dir) -> io::Result<()> {
    for entry in folder.entries()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync(&entry.open_dir()?)?;
        } else {
            entry.open()?.sync_all()?;
        }
    }
    sync_names(folder)
}

/// Makes sure that the names in a folder are on the disk; where a folder is no file, the system does it in its own time.
fn sync_names(folder: &Dir) -> io::Result<()> {
    if cfg!(unix) { folder.open(".")?.sync_all() } else { Ok(()) }
}

/// Lets a folder appear in its place, which has folders on the way to it. What was there lies where the folder waited, and
/// goes with the run. Calling it again changes nothing.
pub(super) fn publish(files: &ProjectFiles, staged: &Staged) -> io::Result<()> {
    let dir = files.dir();
    let there = dir.read_to_string(staged.to.join(MARK));
    if there.is_ok_and(|there| there == mark(staged)) {
        return Ok(());
    }
    if dir.exists(&staged.to) {
        if exchange(dir, &staged.from, &staged.to)? {
            return Ok(());
        }
        // Between these two nothing is there. Whoever comes after a kill finds it so, and goes on.
        dir.rename(&staged.to, dir, staged.from.with_extension("replaced"))?;
    }
    dir.rename(&staged.from, dir, &staged.to)
}

fn mark(staged: &Staged) -> String {
    staged.from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Lets two folders change places, at one moment; false where the system cannot.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(dir: &Dir, a: &Path, b: &Path) -> io::Result<bool> {
    use rustix::fs::{RenameFlags, renameat_with};
    use rustix::io::Errno;

    let ((a_parent, a), (b_parent, b)) = (opened(dir, a)?, opened(dir, b)?);
    match renameat_with(&a_parent, &a, &b_parent, &b, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_: &Dir, _: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// The folder that something is in, and its name there.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn opened(dir: &Dir, path: &Path) -> io::Result<(Dir, PathBuf)> {
    let parent = match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => dir.open_dir(parent)?,
        None => dir.try_clone()?,
    };
    Ok((parent, path.file_name().map(PathBuf::from).unwrap_or_default()))
}
