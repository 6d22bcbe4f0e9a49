//! Files that wait to be sent to an object store, one for each combination of values by which rows are parted.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::StagedObject;
use crate::{ConnectorError, ProjectFiles};

/// What the file of a combination is called, so that a later export of the same combination takes its place.
const NAME: &str = "data_0.parquet";

/// Most combinations: each is an object.
const MOST: usize = 10_000;

/// A folder with files in folders of their own: `day=2026-01-31/data_0.parquet`.
#[derive(Clone)]
pub struct StagedParts {
    files: Arc<ProjectFiles>,
    /// The run's folder.
    run: PathBuf,
    /// The name of the folder in it, which no other has.
    name: String,
}

/// The files of one combination of values where there are several.
pub struct Scattered {
    folder: PathBuf,
    /// The files, absolute.
    pub files: Vec<PathBuf>,
    /// Where a file with the rows of all of them is to be written, absolute.
    pub into: PathBuf,
}

impl StagedParts {
    pub(super) fn new(files: Arc<ProjectFiles>, run: PathBuf, step: &str) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { files, run, name: format!("{step}-{:x}", now.as_nanos()) }
    }

    fn folder(&self) -> PathBuf {
        self.run.join(format!("{}.parts", self.name))
    }

    /// Where it lies, absolute, for the writer.
    pub fn absolute(&self) -> PathBuf {
        self.files.root().join(self.folder())
    }

    /// Combinations whose rows are in several files.
    ///
    /// # Errors
    /// Those of the system, and when there are too many combinations.
    pub fn scattered(&self) -> Result<Vec<Scattered>, ConnectorError> {
        let root = self.files.root();
        let several = self.all()?.into_iter().filter(|(_, files)| files.len() > 1);
        let scattered = several.map(|(folder, files)| Scattered {
            files: files.iter().map(|file| root.join(file)).collect(),
            into: root.join(folder.join("gathered")),
            folder,
        });
        Ok(scattered.collect())
    }

    /// Leaves of the files of one combination the one that they were gathered into.
    ///
    /// # Errors
    /// Those of the system.
    pub fn gathered(&self, scattered: &Scattered) -> Result<(), ConnectorError> {
        let dir = self.files.dir();
        let gather = || {
            for file in scattered.files.iter().filter_map(|file| file.file_name()) {
                dir.remove_file(scattered.folder.join(file))?;
            }
            dir.rename(scattered.folder.join("gathered"), dir, scattered.folder.join(NAME))
        };
        gather().map_err(|source| self.failed(source))
    }

    /// Each file as one to be sent, and the name of its object below the folder of the export. They lie beside the other
    /// files of the run then, where the notes of their uploads are found.
    ///
    /// # Errors
    /// Those of the system, and a combination with several files.
    pub fn objects(&self) -> Result<Vec<(String, StagedObject)>, ConnectorError> {
        let top = self.folder();
        let mut objects = Vec::new();
        for (number, (folder, files)) in self.all()?.into_iter().enumerate() {
            let below = folder.strip_prefix(&top).ok().and_then(Path::to_str);
            let ([file], Some(below)) = (files.as_slice(), below) else {
                return Err(ConnectorError::Host(format!("{}: not one file with a name", folder.display())));
            };
            let from = self.run.join(format!("{}-{number}", self.name));
            self.files.dir().rename(file, self.files.dir(), &from).map_err(|source| self.failed(source))?;
            let key = below.split(std::path::MAIN_SEPARATOR).chain([NAME]).collect::<Vec<_>>().join("/");
            objects.push((key, StagedObject::new(Arc::clone(&self.files), from)));
        }
        Ok(objects)
    }

    /// The folders that have files, and these, sorted.
    fn all(&self) -> Result<Vec<(PathBuf, Vec<PathBuf>)>, ConnectorError> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder()];
        while let Some(folder) = folders.pop() {
            let mut files = Vec::new();
            // Without rows nothing was written.
            for entry in self.files.entries(&folder).map_err(|source| self.failed(source))? {
                let path = folder.join(entry.file_name());
                match entry.file_type().map_err(|source| self.failed(source))?.is_dir() {
                    true => folders.push(path),
                    false => files.push(path),
                }
            }
            files.sort();
            if !files.is_empty() {
                found.push((folder, files));
            }
            if found.len() > MOST {
                return Err(ConnectorError::TooMuch {
                    place: self.name.clone(),
                    what: format!("`partition_by` makes more than {MOST} objects"),
                    hint: "part the rows by columns of fewer values",
                });
            }
        }
        found.sort();
        Ok(found)
    }

    fn failed(&self, source: io::Error) -> ConnectorError {
        ConnectorError::io(&self.name, source)
    }
}
