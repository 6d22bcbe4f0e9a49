use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::Duration;

use duckdb::ffi;

use crate::aggregate::Exclusions;
use crate::strings::{c_string, owned};
use crate::{Error, LockDown, Session};

/// Where the data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// In memory, gone when the database is closed.
    Memory,
    /// In this file, made where it does not exist.
    File(PathBuf),
}

/// What may be done with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Everything.
    #[default]
    ReadWrite,
    /// Reading, by several processes at once; none of them may be writing. Nothing is changed, not even the file's log; the
    /// file has to be there.
    ReadOnly,
}

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the data lies.
    pub storage: Storage,
    /// What may be done with it.
    pub access: Access,
    /// DuckDB's own worker threads; by default one a core.
    pub threads: Option<NonZeroUsize>,
    /// Bytes DuckDB may hold before it spills or refuses; DuckDB's default is 80 % of the machine.
    pub memory_limit: Option<u64>,
    /// Where DuckDB spills to; without it nothing is spilled.
    pub temp_directory: Option<PathBuf>,
    /// Bytes that may be spilled.
    pub temp_limit: Option<u64>,
}

impl Options {
    /// A database in memory, with DuckDB's defaults.
    pub fn in_memory() -> Self {
        Self {
            storage: Storage::Memory,
            access: Access::default(),
            threads: None,
            memory_limit: None,
            temp_directory: None,
            temp_limit: None,
        }
    }

    /// A database in a file, with DuckDB's defaults.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { storage: Storage::File(path.into()), ..Self::in_memory() }
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            // Nothing is fetched or loaded behind anybody's back.
            ("autoinstall_known_extensions", "false".to_owned()),
            ("autoload_known_extensions", "false".to_owned()),
            ("allow_community_extensions", "false".to_owned()),
            // A result must not depend on which thread is quicker.
            ("preserve_insertion_order", "true".to_owned()),
        ];
        if self.access == Access::ReadOnly {
            settings.push(("access_mode", "READ_ONLY".to_owned()));
        }
        if let Some(threads) = self.threads {
            settings.push(("threads", threads.to_string()));
        }
        if let Some(bytes) = self.memory_limit {
            settings.push(("memory_limit", format!("{bytes}B")));
        }
        if let Some(folder) = &self.temp_directory {
            settings.push(("temp_directory", folder.display().to_string()));
        }
        if let Some(bytes) = self.temp_limit {
            settings.push(("max_temp_directory_size", format!("{bytes}B")));
        }
        settings
    }
}

/// An open DuckDB instance. Cheap to clone; closed when the last clone and the last session are gone.
#[derive(Clone)]
pub struct Database {
    handle: Arc<Handle>,
}

pub(crate) struct Handle {
    raw: ffi::duckdb_database,
    /// What statements are looked at for, so that no state is lost that keeps memory of its own.
    pub(crate) exclusions: RwLock<Exclusions>,
}

// SAFETY: a DuckDB database handle may be used from several threads at once (its documentation says so of connections
// made from it, which is all that it is used for).
#[expect(unsafe_code)]
unsafe impl Send for Handle {}
// SAFETY: as above.
#[expect(unsafe_code)]
unsafe impl Sync for Handle {}

impl Drop for Handle {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: opened by us and closed once.
        unsafe { ffi::duckdb_close(&mut self.raw) }
    }
}

struct Config(ffi::duckdb_config);

impl Drop for Config {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once.
        unsafe { ffi::duckdb_destroy_config(&mut self.0) }
    }
}

impl Config {
    #[expect(unsafe_code)]
    fn new() -> Result<Self, Error> {
        let mut raw = ptr::null_mut();
        // SAFETY: the out pointer is valid.
        let state = unsafe { ffi::duckdb_create_config(&mut raw) };
        let config = Self(raw);
        if state == ffi::DuckDBSuccess { Ok(config) } else { Err(Error::Unexpected("no configuration".into())) }
    }

    #[expect(unsafe_code)]
    fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let (c_name, c_value) = (c_string(name)?, c_string(value)?);
        // SAFETY: the configuration is live and both strings are NUL-terminated.
        let state = unsafe { ffi::duckdb_set_config(self.0, c_name.as_ptr(), c_value.as_ptr()) };
        if state == ffi::DuckDBSuccess {
            Ok(())
        } else {
            Err(Error::Query { message: format!("the setting {name} = {value} is not accepted") })
        }
    }
}

/// Of a file that another process has made and not yet begun to write: it holds no lock of it for a moment.
const ATTEMPTS: u32 = 10;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// Bytes that every database begins with.
const HEADER: u64 = 3 * 4_096;

/// How far a file of a database is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Missing,
    /// Somebody is about to make it.
    Beginning,
    Whole,
}

fn stage(path: &Path) -> Stage {
    match std::fs::metadata(path) {
        Ok(file) if file.is_file() && file.len() < HEADER => Stage::Beginning,
        Ok(_) => Stage::Whole,
        Err(_) => Stage::Missing,
    }
}

impl Database {
    /// Opens a database.
    ///
    /// # Errors
    /// [`Error::Locked`] where another process holds the file, otherwise [`Error::Open`].
    pub fn open(options: Options) -> Result<Self, Error> {
        let file = match &options.storage {
            Storage::Memory => None,
            Storage::File(path) => Some(path),
        };
        let stage_now = || file.map_or(Stage::Missing, |path| stage(path));
        for _ in 1..ATTEMPTS {
            let before = stage_now();
            match Self::open_once(&options) {
                // It may have become whole since it was looked at.
                Err(Error::Open { .. }) if before != Stage::Whole && stage_now() != Stage::Missing => {
                    thread::sleep(PAUSE);
                }
                outcome => return outcome,
            }
        }
        Self::open_once(&options)
    }

    #[expect(unsafe_code)]
    fn open_once(options: &Options) -> Result<Self, Error> {
        let path = match &options.storage {
            Storage::Memory => Path::new(":memory:"),
            Storage::File(path) => path,
        };
        let mut config = Config::new()?;
        for (name, value) in options.settings() {
            config.set(name, &value)?;
        }
        let c_path = c_string(&path.display().to_string())?;
        let mut raw = ptr::null_mut();
        let mut message = ptr::null_mut();
        // SAFETY: all pointers are valid; the error text is ours to free.
        let (state, message) = unsafe {
            let state = ffi::duckdb_open_ext(c_path.as_ptr(), &mut raw, config.0, &mut message);
            (state, owned(message))
        };
        if state == ffi::DuckDBSuccess {
            return Ok(Self { handle: Arc::new(Handle { raw, exclusions: RwLock::default() }) });
        }
        let path = path.to_path_buf();
        if message.contains("Could not set lock") || message.contains("Conflicting lock") {
            Err(Error::Locked { path, message })
        } else {
            Err(Error::Open { path, message })
        }
    }

    /// A new connection.
    ///
    /// # Errors
    /// [`Error::Unexpected`] when DuckDB refuses.
    #[expect(unsafe_code)]
    pub fn connect(&self) -> Result<Session, Error> {
        let mut raw = ptr::null_mut();
        // SAFETY: the database is open and the out pointer valid.
        let state = unsafe { ffi::duckdb_connect(self.handle.raw, &mut raw) };
        if state == ffi::DuckDBSuccess {
            Ok(Session::new(raw, Arc::clone(&self.handle)))
        } else {
            Err(Error::Unexpected("no connection".into()))
        }
    }

    /// Shuts every way out of the database but the granted ones, for good. See [`LockDown`].
    ///
    /// # Errors
    /// Those of the statements.
    pub fn lock_down(&self, lock_down: &LockDown) -> Result<(), Error> {
        lock_down.apply(&self.connect()?)
    }
}
