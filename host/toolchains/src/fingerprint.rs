//! Whether what was built is still what would be built.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::ToolchainError;

/// Folders of a function that are no sources.
pub(crate) const LEFT_OUT: [&str; 3] = ["target", "node_modules", "__pycache__"];

/// A digest of names and contents.
#[derive(Default)]
pub(crate) struct Fingerprint(Sha256);

impl Fingerprint {
    /// Takes a text in, under a name.
    pub(crate) fn include(&mut self, name: &str, content: &[u8]) {
        for part in [name.as_bytes(), content] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    /// Takes the files of a folder in, those apart whose name begins with a dot.
    pub(crate) fn include_folder(&mut self, folder: &Path) -> Result<(), ToolchainError> {
        let entries = fs::read_dir(folder).map_err(|error| ToolchainError::io("list", folder, error))?;
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') || LEFT_OUT.contains(&&*name) {
                continue;
            }
            if path.is_dir() {
                self.include(&name, &[]);
                self.include_folder(&path)?;
            } else {
                let content = fs::read(&path).map_err(|error| ToolchainError::io("read", &path, error))?;
                self.include(&name, &content);
            }
        }
        Ok(())
    }

    /// In hexadecimal.
    pub(crate) fn finish(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The digest of one content.
pub(crate) fn of(content: &[u8]) -> String {
    let mut fingerprint = Fingerprint::default();
    fingerprint.include("", content);
    fingerprint.finish()
}
