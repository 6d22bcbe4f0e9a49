//! A number that changes when any of a set of files does.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use crate::failure::{Failure, Result};

/// Names and contents of files. Not their times: those change with every checkout.
#[derive(Default)]
pub struct Fingerprint(DefaultHasher);

impl Fingerprint {
    /// Takes something other than a file in.
    pub fn include(&mut self, text: &str) {
        text.hash(&mut self.0);
    }

    /// Takes a file in, or everything in a folder apart from build folders and what was built.
    pub fn include_path(&mut self, path: &Path) -> Result<()> {
        if path.is_dir() {
            let entries = fs::read_dir(path).map_err(|error| Failure::io("list", path, &error))?;
            let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
            paths.sort_unstable();
            let is_source = |path: &&std::path::PathBuf| {
                path.extension().is_none_or(|extension| extension != "wasm") && !path.ends_with("target")
            };
            return paths.iter().filter(is_source).try_for_each(|path| self.include_path(path));
        }
        path.hash(&mut self.0);
        fs::read(path).map_err(|error| Failure::io("read", path, &error))?.hash(&mut self.0);
        Ok(())
    }

    pub fn finish(self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path, process};

    use super::Fingerprint;

    fn of(folder: &Path) -> String {
        let mut fingerprint = Fingerprint::default();
        fingerprint.include_path(folder).expect("readable");
        fingerprint.finish()
    }

    #[test]
    fn content_and_names_count_and_what_was_built_does_not() {
        let folder = env::temp_dir().join(format!("xtask-fingerprint-{}", process::id()));
        let write = |name: &str, content: &str| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("within the folder")).expect("writable");
            fs::write(path, content).expect("writable");
        };
        write("src/lib.rs", "one");
        let first = of(&folder);
        write("target/debris", "");
        write("functions.wasm", "");
        write("src/lib.rs", "one");
        assert_eq!(of(&folder), first);
        write("src/lib.rs", "two");
        let second = of(&folder);
        assert_ne!(second, first);
        write("src/other.rs", "");
        assert_ne!(of(&folder), second);
        fs::remove_dir_all(folder).expect("ours");
    }
}
