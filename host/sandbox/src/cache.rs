//! Compiled code on disk. Loading compiled code means running it, so an entry is used only if it carries the mark of a
//! key that nobody else has.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Folder, key and entries.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    key: Key,
}

#[derive(Clone)]
struct Key([u8; 64]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// The cache cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the cache of compiled components in {} cannot be used: {source}", folder.display())]
pub struct CacheError {
    folder: PathBuf,
    source: io::Error,
}

/// What was found.
pub(crate) enum Lookup {
    Hit(Vec<u8>),
    Miss,
    /// An entry that is damaged or was not written with this key.
    Corrupted,
}

type Mark = Hmac<Sha256>;
const MARK_BYTES: usize = 32;

impl Cache {
    /// Opens the cache in a folder, which is made where it does not exist, readable by its owner only.
    ///
    /// # Errors
    /// When folder or key cannot be read or written.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, CacheError> {
        let folder = folder.into();
        let opened = make_private_folder(&folder).and_then(|()| read_or_make_key(&folder.join("key")));
        match opened {
            Ok(key) => Ok(Self { folder, key }),
            Err(source) => Err(CacheError { folder, source }),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.cwasm"))
    }

    /// The mark covers the name too: an entry cannot stand in for another.
    fn mark(&self, name: &str, code: &[u8]) -> Mark {
        let mut mark = <Mark as Mac>::new((&self.key.0).into());
        mark.update(name.as_bytes());
        mark.update(&[0]);
        mark.update(code);
        mark
    }

    pub(crate) fn get(&self, name: &str) -> Lookup {
        let mut entry = match fs::read(self.path(name)) {
            Ok(entry) => entry,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Lookup::Miss,
            Err(_) => return Lookup::Corrupted,
        };
        let Some(length) = entry.len().checked_sub(MARK_BYTES) else {
            return Lookup::Corrupted;
        };
        let (code, mark) = entry.split_at(length);
        if self.mark(name, code).verify_slice(mark).is_err() {
            return Lookup::Corrupted;
        }
        entry.truncate(length);
        Lookup::Hit(entry)
    }

    /// Writes an entry aside and renames it, so that no reader sees half of one.
    pub(crate) fn put(&self, name: &str, code: &[u8]) -> io::Result<()> {
        let mark = self.mark(name, code).finalize().into_bytes();
        let aside = aside(&self.folder, name);
        let mut file = private_file(&aside, OpenOptions::new().create(true).truncate(true))?;
        file.write_all(code)?;
        file.write_all(&mark)?;
        fs::rename(&aside, self.path(name))
    }
}

/// Where a file is written before it gets its name: at no time do two writers, of whatever process, share one.
fn aside(folder: &Path, name: &str) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    folder.join(format!("{name}.{}.{}.new", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)))
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn private_file(path: &Path, options: &mut OpenOptions) -> io::Result<fs::File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.write(true).open(path)
}

fn read_or_make_key(path: &Path) -> io::Result<Key> {
    // A key is made aside and linked into place: of several processes that start at once, one wins and all use its key.
    if !path.exists() {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        let aside = aside(path.parent().unwrap_or(Path::new(".")), "key");
        private_file(&aside, OpenOptions::new().create(true).truncate(true))?.write_all(&bytes)?;
        let linked = fs::hard_link(&aside, path);
        fs::remove_file(&aside)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let bytes = fs::read(path)?;
    bytes.try_into().map(Key).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the key has not 64 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_used_only_whole_unchanged_and_under_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        cache.put("a", b"code").unwrap();
        assert!(matches!(Cache::open(folder.path()).unwrap().get("a"), Lookup::Hit(code) if code == b"code"));
        assert!(matches!(cache.get("b"), Lookup::Miss));
        let whole = fs::read(cache.path("a")).unwrap();
        let mut changed = whole.clone();
        changed[0] ^= 1;
        for (name, entry) in [("a", &changed[..]), ("a", &whole[..20]), ("a", &[]), ("b", &whole[..])] {
            fs::write(cache.path(name), entry).unwrap();
            assert!(matches!(cache.get(name), Lookup::Corrupted), "{name} with {} bytes", entry.len());
        }
    }

    #[test]
    fn the_entry_of_another_key_is_not_used() {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (ours, theirs) = (Cache::open(ours.path()).unwrap(), Cache::open(theirs.path()).unwrap());
        theirs.put("a", b"code").unwrap();
        fs::copy(theirs.path("a"), ours.path("a")).unwrap();
        assert!(matches!(ours.get("a"), Lookup::Corrupted));
    }
}
