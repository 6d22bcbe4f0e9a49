//! Compiled code is taken from the cache where it is whole and ours, and compiled anew where it is not.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use duckpen_sandbox::{Cache, Component, Engine, EngineOptions};

/// The smallest component: an empty one.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

fn load(folder: &Path) {
    let cache = Cache::open(folder).unwrap();
    // An engine of its own each time, as another process would have.
    let engine = Engine::new(EngineOptions { cache: Some(cache), ..EngineOptions::default() }).unwrap();
    Component::load(&engine, "empty", EMPTY).unwrap();
}

fn entry(folder: &Path) -> PathBuf {
    let mut entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.find(|path| path.extension().is_some_and(|extension| extension == "cwasm")).expect("an entry")
}

/// An entry that is written again is another file.
fn file_number(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

#[test]
fn an_entry_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path());
    let entry = entry(folder.path());
    let number = file_number(&entry);
    load(folder.path());
    assert_eq!(file_number(&entry), number);
}

#[test]
fn an_entry_that_is_damaged_or_foreign_is_written_anew() {
    let (folder, foreign) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    load(folder.path());
    load(foreign.path());
    let entry = entry(folder.path());
    let whole = fs::read(&entry).unwrap();
    let foreign = fs::read(foreign.path().join(entry.file_name().unwrap())).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 0x10;
    let mut unmarked = whole.clone();
    *unmarked.last_mut().unwrap() ^= 1;
    for (what, content) in [
        ("a byte of code is flipped", &flipped[..]),
        ("a byte of its mark is flipped", &unmarked),
        ("it is cut", &whole[..whole.len() - 100]),
        ("it is empty", &[]),
        ("it was written with another key", &foreign),
    ] {
        assert_ne!(content, whole, "{what}");
        fs::write(&entry, content).unwrap();
        load(folder.path());
        assert_eq!(fs::read(&entry).unwrap(), whole, "{what}");
    }
}

#[test]
fn a_cache_without_its_key_is_worthless_and_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path());
    let entry = entry(folder.path());
    let number = file_number(&entry);
    fs::remove_file(folder.path().join("key")).unwrap();
    load(folder.path());
    assert_ne!(file_number(&entry), number);
}
