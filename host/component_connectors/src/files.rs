//! The files of a reader of files: by their numbers, and nothing that the component says of them is a path.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use duckpen_connectors::ConnectorError;
use duckpen_sandbox::{Guest, Refusal};

use crate::bindings::duckpen::columns::failures::Failure;
use crate::bindings::duckpen::connectors::files;
use crate::host::{ConnectorHost, failure};
use crate::reach::Reach;

/// Bytes that are handed over at once.
const MOST_BYTES: u32 = 1 << 20;

impl files::Host for Guest<ConnectorHost> {
    fn all(&mut self) -> wasmtime::Result<Vec<files::File>> {
        self.count_host_call()?;
        let Reach::Files(files) = &self.embedder.reach else { return Ok(Vec::new()) };
        let listed = files.paths.iter().map(|path| {
            // One that cannot be looked at cannot be read either, which says why.
            let size = path.metadata().map_or(0, |metadata| metadata.len());
            files::File { name: files.name_of(path), size }
        });
        Ok(listed.collect())
    }

    fn read(&mut self, file: u32, offset: u64, most: u32) -> wasmtime::Result<Result<Vec<u8>, Failure>> {
        self.count_host_call()?;
        let watch = self.stopwatch();
        let read = self.embedder.read(file, offset, most.min(MOST_BYTES));
        self.add_host_time(watch.elapsed());
        match read? {
            Ok(bytes) => {
                self.embedder.fault = None;
                Ok(Ok(bytes))
            }
            Err(error) => {
                let failure = failure(&error);
                self.embedder.fault = Some(error);
                Ok(Err(failure))
            }
        }
    }
}

impl ConnectorHost {
    fn read(&mut self, number: u32, offset: u64, most: u32) -> Result<Result<Vec<u8>, ConnectorError>, Refusal> {
        let Reach::Files(files) = &self.reach else {
            return Err(Refusal::Denied("a file was read by a component that is only asked what it is".into()));
        };
        let files = Arc::clone(files);
        let denied = || Refusal::Denied(format!("file {number} was read, where there are {}", files.paths.len()));
        let path = files.paths.get(number as usize).ok_or_else(denied)?;
        let failed = |source| ConnectorError::io(&files.place_of(path), source);
        let file = match self.opened.take().filter(|(opened, _)| *opened == number) {
            Some((_, file)) => Ok(file),
            None => File::open(path),
        };
        Ok(file.map_err(failed).and_then(|file| {
            let bytes = read_at(&file, offset, most).map_err(failed);
            self.opened = Some((number, file));
            bytes
        }))
    }
}

fn read_at(file: &File, offset: u64, most: u32) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; most as usize];
    let mut count = 0;
    while count < bytes.len() {
        match file.read_at(&mut bytes[count..], offset.saturating_add(count as u64)) {
            Ok(0) => break,
            Ok(read) => count += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(count);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use duckpen_connectors::{Cancel, ProjectFiles};

    use super::*;

    #[test]
    fn a_component_reads_its_files_and_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("a.txt", "0123456789"), ("b.txt", "b"), ("c.csv", "secret")] {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let files = ProjectFiles::open(folder.path()).and_then(|files| files.source("*.txt")).expect("two files");
        let mut host = ConnectorHost::new("test".into(), Reach::Files(Arc::new(files)), Cancel::default());
        for (file, offset, most, expected) in [
            (0, 0, 4, "0123"),
            (0, 8, 4, "89"),
            (0, 10, 4, ""),
            (0, u64::from(u32::MAX), 4, ""),
            (1, 0, 4, "b"),
            (0, 2, 0, ""),
        ] {
            let read = host.read(file, offset, most).expect("it may").expect("it can be read");
            assert_eq!(read, expected.as_bytes(), "{file} from {offset}");
        }
        // No system counts so far.
        assert!(host.read(0, u64::MAX, 4).expect("it may").is_err());
        assert!(matches!(host.read(2, 0, 4), Err(Refusal::Denied(_))));
        // The one that was read last is still open.
        assert!(host.read(1, 0, 1).expect("it may").is_ok());
        std::fs::remove_file(folder.path().join("a.txt")).expect("it goes");
        let gone = host.read(0, 0, 1).expect("it may").expect_err("it is not there");
        assert_eq!(gone.to_string(), "no such file: '*.txt: a.txt'");
        let mut idle = ConnectorHost::idle("test");
        assert!(matches!(idle.read(0, 0, 4), Err(Refusal::Denied(_))));
    }
}
