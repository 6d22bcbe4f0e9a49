//! What the tests of this folder share.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::num::NonZeroUsize;
use std::path::Path;

use duckpen_database::{Database, Options, Session};
use duckpen_functions::{FunctionStatistics, Library};
use duckpen_sandbox::{Cache, Engine, EngineOptions, Limits};

/// A compiled guest of this repository.
pub fn guest(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/guests/{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask setup` builds it", path.display()))
}

/// An engine that compiles what no test before it has compiled.
pub fn engine() -> Engine {
    let cache = Cache::open(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")).unwrap();
    Engine::new(EngineOptions { cache: Some(cache), ..EngineOptions::default() }).unwrap()
}

/// A session of a database in memory whose queries use so many threads.
pub fn session(threads: usize) -> Session {
    let options = Options { threads: NonZeroUsize::new(threads), ..Options::in_memory() };
    Database::open(options).unwrap().connect().unwrap()
}

/// The functions of a guest, known to a session.
pub fn register(session: &Session, engine: &Engine, guest_name: &str, name: &str, limits: &Limits) -> Library {
    let library = Library::load(engine, name, &guest(guest_name), limits).unwrap();
    library.register(session).unwrap();
    library
}

/// What the first overload of a function has cost.
pub fn statistics(library: &Library, function: &str) -> FunctionStatistics {
    library.statistics().find(|(declared, _)| declared.name == function).unwrap().1
}

/// The first value of a query, as text.
#[track_caller]
pub fn value(session: &Session, sql: &str) -> String {
    let rows = session.query(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.first().unwrap_or_else(|| panic!("{sql}: no row")).to_string()
}

/// Forgets the most memory this process has held, where the system lets it.
pub fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory this process has held since then, in bytes; 0 where the system does not tell.
pub fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() << 10
}

/// The component that declares and does what its script says (`handlers/evil/puppet`).
pub fn puppet(script: &str) -> Vec<u8> {
    const MARK: &[u8] = b"SCRIPT OF THE PUPPET\n";
    let mut bytes = guest("evil_puppet");
    let mark = bytes.windows(MARK.len()).position(|part| part == MARK).expect("the place of the script");
    let at = mark + MARK.len();
    assert!(script.len() <= 4096 - MARK.len(), "the script is too long");
    bytes[at..at + script.len()].copy_from_slice(script.as_bytes());
    bytes
}
