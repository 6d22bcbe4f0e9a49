use std::io;
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirEntry};
use glob::{MatchOptions, Pattern};

use crate::ConnectorError;

/// The files of a project. Every path is resolved through a handle of the project's folder: nothing outside of it can be
/// named, by whatever detour.
pub struct ProjectFiles {
    root: PathBuf,
    dir: Dir,
    target: String,
}

/// The folder for what the host makes beside the results, unless the project says otherwise.
pub const TARGET: &str = "target";

/// The files a place of a source stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFiles {
    /// The place as it was written.
    pub place: String,
    /// Absolute and without symbolic links, sorted. One, unless the place is a pattern.
    pub paths: Vec<PathBuf>,
}

impl SourceFiles {
    /// One of the files in a message: as the place was written, with the file's name where there are several.
    pub fn place_of(&self, path: &Path) -> String {
        match self.paths.as_slice() {
            [_] => self.place.clone(),
            _ => format!("{}: {}", self.place, self.name_of(path)),
        }
    }

    /// What one of the files is called.
    pub fn name_of(&self, path: &Path) -> String {
        path.file_name().map_or_else(|| self.place.clone(), |name| name.to_string_lossy().into_owned())
    }
}

/// Files that one pattern may stand for.
const MOST_MATCHES: usize = 100_000;

impl ProjectFiles {
    /// Opens the folder of a project.
    ///
    /// # Errors
    /// When it is not there or no folder.
    pub fn open(root: &Path) -> Result<Self, ConnectorError> {
        let failed = |source| ConnectorError::io(&root.display().to_string(), source);
        let root = root.canonicalize().map_err(failed)?;
        let dir = Dir::open_ambient_dir(&root, ambient_authority()).map_err(failed)?;
        Ok(Self { root, dir, target: TARGET.to_owned() })
    }

    /// With another folder for what the host makes beside the results: staged files, results of runs, what was built.
    ///
    /// # Errors
    /// [`ConnectorError::Escapes`] where it is no folder within the project.
    pub fn with_target(self, target: &str) -> Result<Self, ConnectorError> {
        let relative = self.relative(target)?;
        match relative.to_str() {
            Some(target) if !target.is_empty() => Ok(Self { target: target.to_owned(), ..self }),
            _ => Err(ConnectorError::Escapes { place: target.to_owned() }),
        }
    }

    /// The folder for what the host makes beside the results, relative to the project.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Makes that folder where it is missing.
    ///
    /// # Errors
    /// Those of the system, or that it would be outside.
    pub fn make_target(&self) -> Result<(), ConnectorError> {
        self.dir.create_dir_all(&self.target).map_err(|source| ConnectorError::io(&self.target, source))
    }

    /// Something in that folder, absolute.
    pub fn in_target(&self, name: &str) -> PathBuf {
        self.root.join(&self.target).join(name)
    }

    /// The project's folder, absolute and without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn dir(&self) -> &Dir {
        &self.dir
    }

    /// The path within the project that a place names, without looking at the disk.
    ///
    /// # Errors
    /// [`ConnectorError::Escapes`].
    pub fn relative(&self, place: &str) -> Result<PathBuf, ConnectorError> {
        let path = Path::new(place);
        let path = if path.is_absolute() { path.strip_prefix(&self.root).unwrap_or(path) } else { path };
        let mut relative = PathBuf::new();
        for part in path.components() {
            match part {
                Component::Normal(name) => relative.push(name),
                Component::CurDir => {}
                Component::ParentDir if relative.pop() => {}
                _ => return Err(ConnectorError::Escapes { place: place.to_owned() }),
            }
        }
        Ok(relative)
    }

    /// Where a source's file lies or would lie: what is granted before it is known whether it is there.
    ///
    /// # Errors
    /// [`ConnectorError::Escapes`].
    pub fn grantable(&self, place: &str) -> Result<Vec<PathBuf>, ConnectorError> {
        match self.source(place) {
            Ok(files) => Ok(files.paths),
            Err(ConnectorError::NotFound { .. }) => Ok(vec![self.root.join(self.relative(place)?)]),
            Err(escapes @ ConnectorError::Escapes { .. }) => Err(escapes),
            // Whatever else is wrong is told when the source is read.
            Err(_) => Ok(Vec::new()),
        }
    }

    /// The text of a file of the project.
    ///
    /// # Errors
    /// When it is not there, not text, or outside.
    pub fn read_text(&self, place: &str) -> Result<String, ConnectorError> {
        let relative = self.relative(place)?;
        self.dir.read_to_string(relative).map_err(|source| ConnectorError::io(place, source))
    }

    /// The bytes of a file of the project.
    ///
    /// # Errors
    /// When it is not there, or outside.
    pub fn read(&self, place: &str) -> Result<Vec<u8>, ConnectorError> {
        let relative = self.relative(place)?;
        self.dir.read(relative).map_err(|source| ConnectorError::io(place, source))
    }

    /// Writes a file of the project, in folders that are made where they are missing.
    ///
    /// # Errors
    /// Those of the system, or that it is outside.
    pub fn write(&self, place: &str, bytes: &[u8]) -> Result<(), ConnectorError> {
        let relative = self.relative(place)?;
        let failed = |source| ConnectorError::io(place, source);
        if let Some(folder) = relative.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            self.dir.create_dir_all(folder).map_err(failed)?;
        }
        self.dir.write(relative, bytes).map_err(failed)
    }

    /// Names of what is in a folder of the project, sorted. One that is not there is empty.
    ///
    /// # Errors
    /// Those of the system, or that it is outside.
    pub fn names(&self, folder: &str) -> Result<Vec<String>, ConnectorError> {
        let entries = self.entries(&self.relative(folder)?).map_err(|source| ConnectorError::io(folder, source))?;
        let mut names: Vec<String> =
            entries.iter().filter_map(|entry| entry.file_name().to_str().map(str::to_owned)).collect();
        names.sort();
        Ok(names)
    }

    /// What is in a folder, relative to the project; nothing where there is no folder.
    pub(crate) fn entries(&self, folder: &Path) -> io::Result<Vec<DirEntry>> {
        match self.dir.read_dir(folder) {
            Ok(entries) => entries.collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The files a source reads: one, or those that match a pattern (`*`, `?`, `[...]`, `**`).
    ///
    /// # Errors
    /// When there is none, or it is outside or a folder.
    pub fn source(&self, place: &str) -> Result<SourceFiles, ConnectorError> {
        let relative = self.relative(place)?;
        let exact = self.dir.canonicalize(&relative);
        let paths = match exact {
            Ok(found) => {
                if self.dir.metadata(&found).map_err(|source| ConnectorError::io(place, source))?.is_dir() {
                    return Err(ConnectorError::IsFolder { place: place.to_owned() });
                }
                vec![self.root.join(found)]
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_pattern(place) => {
                self.matches(place, &relative)?
            }
            Err(error) => return Err(ConnectorError::io(place, error)),
        };
        Ok(SourceFiles { place: place.to_owned(), paths })
    }

    /// Makes sure that the paths of a source still lead where they led when they were resolved: DuckDB opens them by name.
    ///
    /// # Errors
    /// [`ConnectorError::Escapes`] or [`ConnectorError::Swapped`] where a link has been put on the way.
    pub fn confirm(&self, files: &SourceFiles) -> Result<(), ConnectorError> {
        for path in &files.paths {
            let relative = path.strip_prefix(&self.root).unwrap_or(path);
            match self.dir.canonicalize(relative) {
                Ok(found) if found == relative => {}
                Ok(_) => return Err(ConnectorError::Swapped { place: files.place.clone() }),
                Err(source) => return Err(ConnectorError::io(&files.place, source)),
            }
        }
        Ok(())
    }

    fn matches(&self, place: &str, pattern: &Path) -> Result<Vec<PathBuf>, ConnectorError> {
        let text = pattern.to_string_lossy();
        let no_match = || ConnectorError::NoMatch { place: place.to_owned() };
        let compiled = Pattern::new(&text).map_err(|_| no_match())?;
        let base: PathBuf =
            pattern.components().take_while(|part| !is_pattern(&part.as_os_str().to_string_lossy())).collect();
        let mut found = Vec::new();
        self.walk(&base, &compiled, &mut found).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => no_match(),
            _ => ConnectorError::io(place, source),
        })?;
        if found.is_empty() {
            return Err(no_match());
        }
        found.sort();
        found.into_iter().map(|path| Ok(self.root.join(path))).collect()
    }

    fn walk(&self, folder: &Path, pattern: &Pattern, found: &mut Vec<PathBuf>) -> io::Result<()> {
        // `*` does not reach into folders, `**` does.
        const OPTIONS: MatchOptions =
            MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
        let entries = if folder.as_os_str().is_empty() { self.dir.entries()? } else { self.dir.read_dir(folder)? };
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.walk(&path, pattern, found)?;
            } else if pattern.matches_path_with(&path, OPTIONS) {
                // A link is followed, but not out of the project.
                found.push(self.dir.canonicalize(&path)?);
            }
            if found.len() > MOST_MATCHES {
                return Err(io::Error::other(format!("more than {MOST_MATCHES} files match")));
            }
        }
        Ok(())
    }
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}
