//! Formats of files: what reads them, and the files themselves.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use serde::de::DeserializeOwned;

use super::connector::Parameter;
use super::contract;
use super::source::Relation;
use crate::Error;

/// Bytes that a [`FileReader`] asks for at once.
const CHUNK: u32 = 128 << 10;

/// A format of files. It sees the files of one source, and reaches nothing else.
///
/// ```
/// # extern crate duckpen_guest as duckpen;
/// use duckpen::connectors::{Field, FileConnector, Parameter, Reader, Relation, SourceFile};
/// use duckpen::{Batch, Error};
/// use std::io::{BufRead, BufReader, Lines};
///
/// /// Texts, of which each line is a row.
/// struct Plain;
///
/// #[derive(serde::Deserialize)]
/// struct Selection {}
///
/// impl FileConnector for Plain {
///     type Selection = Selection;
///     type Relation = AllLines;
///
///     const NAME: &'static str = "lines";
///     const VERSION: &'static str = "1.0.0";
///     const DOC: &'static str = "Lines of texts.";
///
///     fn parameters() -> Vec<Parameter> {
///         Vec::new()
///     }
///
///     fn open(files: Vec<SourceFile>, _: Selection) -> Result<AllLines, Error> {
///         Ok(AllLines(files))
///     }
/// }
///
/// struct AllLines(Vec<SourceFile>);
///
/// impl Relation for AllLines {
///     type State = ();
///     type Reader = NextLines;
///
///     fn fields(&self) -> Vec<Field> {
///         vec![Field::new("line", "VARCHAR")]
///     }
///
///     fn read(&self, _: &[usize], _: Option<()>) -> Result<NextLines, Error> {
///         Ok(NextLines { files: self.0.clone().into_iter(), lines: None })
///     }
/// }
///
/// struct NextLines {
///     files: std::vec::IntoIter<SourceFile>,
///     lines: Option<Lines<BufReader<duckpen::connectors::FileReader>>>,
/// }
///
/// impl Reader for NextLines {
///     type State = ();
///
///     fn next(&mut self, batch: &mut Batch) -> Result<(), Error> {
///         let mut rows = Vec::new();
///         while rows.len() < batch.most() {
///             match self.lines.as_mut().and_then(Iterator::next) {
///                 Some(line) => rows.push(line.map_err(|error| error.to_string())?),
///                 None => match self.files.next() {
///                     Some(file) => self.lines = Some(BufReader::new(file.reader()).lines()),
///                     None => break,
///                 },
///             }
///         }
///         batch.set_rows(rows.len());
///         // Where rows are only counted, no column is wanted.
///         for place in 0..batch.projection().len() {
///             batch.column::<str>(place).push_all(rows.iter().map(String::as_str));
///         }
///         Ok(())
///     }
/// }
///
/// duckpen::connector!(Plain: files);
///
/// # fn main() -> Result<(), Error> {
/// use duckpen::connectors::testing;
/// let files = vec![testing::file("a.txt", b"one\ntwo\n".to_vec()), testing::file("b.txt", b"three".to_vec())];
/// let rows = testing::read(&Plain::open(files, Selection {})?, None)?.rows;
/// assert_eq!(rows[2], serde_json::json!({"line": "three"}));
/// # Ok(())
/// # }
/// ```
pub trait FileConnector: Sized + 'static {
    /// How the files are read: the values of [`parameters`](Self::parameters).
    type Selection: DeserializeOwned;

    /// Rows of one shape.
    type Relation: Relation;

    /// The type by which pipelines name it, in lower case: `excel`.
    const NAME: &'static str;

    /// For people: usually `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;

    /// For people: which files it reads, in a sentence.
    const DOC: &'static str;

    /// How the files are read; the place is not among them.
    fn parameters() -> Vec<Parameter>;

    /// The rows of the files together, with their shape.
    ///
    /// # Errors
    /// When a file is none of the format, or the files do not fit together.
    fn open(files: Vec<SourceFile>, selection: Self::Selection) -> Result<Self::Relation, Error>;
}

/// Who reads bytes: the host, or a double in a test.
pub(super) trait Bytes {
    /// See [`SourceFile::read_at`].
    fn read(&self, offset: u64, most: u32) -> Result<Vec<u8>, Error>;
}

/// A file of a source. A clone is the same.
#[derive(Clone)]
pub struct SourceFile {
    name: Rc<str>,
    size: u64,
    bytes: Rc<dyn Bytes>,
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SourceFile").field("name", &self.name).field("size", &self.size).finish()
    }
}

impl SourceFile {
    pub(super) fn new(name: &str, size: u64, bytes: impl Bytes + 'static) -> Self {
        Self { name: name.into(), size, bytes: Rc::new(bytes) }
    }

    /// The files that the host has for the component.
    pub(super) fn all() -> Vec<Self> {
        let files = contract::files::all().into_iter().enumerate();
        files.map(|(number, file)| Self::new(&file.name, file.size, Import { number: number as u32 })).collect()
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// At most `most` bytes from `offset` on; fewer at the end, and none behind it. At most 1 MiB comes at once.
    ///
    /// # Errors
    /// When the host cannot read it.
    pub fn read_at(&self, offset: u64, most: u32) -> Result<Vec<u8>, Error> {
        self.bytes.read(offset, most)
    }

    /// Its bytes from the beginning on.
    pub fn reader(&self) -> FileReader {
        FileReader { file: self.clone(), position: 0, chunk: Vec::new(), chunk_start: 0 }
    }
}

/// A file of the host.
struct Import {
    /// Its place among all files.
    number: u32,
}

impl Bytes for Import {
    fn read(&self, offset: u64, most: u32) -> Result<Vec<u8>, Error> {
        Ok(contract::files::read(self.number, offset, most)?)
    }
}

/// The bytes of a file, read through a buffer.
#[derive(Debug)]
pub struct FileReader {
    file: SourceFile,
    position: u64,
    /// Bytes that were read already, and where they stand.
    chunk: Vec<u8>,
    chunk_start: u64,
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let is_in_chunk = |offset: u64, chunk: &[u8]| offset < chunk.len() as u64;
        let mut offset = self.position.wrapping_sub(self.chunk_start);
        if !is_in_chunk(offset, &self.chunk) {
            self.chunk =
                self.file.read_at(self.position, CHUNK).map_err(|error| io::Error::other(error.to_string()))?;
            self.chunk_start = self.position;
            offset = 0;
        }
        let rest = &self.chunk[offset as usize..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for FileReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.file.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        let outside = || io::Error::new(io::ErrorKind::InvalidInput, "a place before the beginning of the file");
        self.position = position.ok_or_else(outside)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::testing;

    #[test]
    fn a_reader_goes_where_it_is_sent() {
        let bytes: Vec<u8> = (0..300_000u32).map(|number| (number % 251) as u8).collect();
        let mut reader = testing::file("a.bin", bytes.clone()).reader();
        let mut all = Vec::new();
        assert_eq!((reader.read_to_end(&mut all).unwrap(), all == bytes), (300_000, true));
        for (to, expected) in [
            (SeekFrom::Start(0), &bytes[..10]),
            (SeekFrom::End(-5), &bytes[299_995..]),
            (SeekFrom::Start(131_070), &bytes[131_070..131_080]),
            (SeekFrom::Current(-20), &bytes[131_060..131_070]),
            (SeekFrom::Start(400_000), &[]),
        ] {
            reader.seek(to).unwrap();
            let mut found = Vec::new();
            reader.by_ref().take(10).read_to_end(&mut found).unwrap();
            assert_eq!(found, expected, "{to:?}");
        }
        assert!(reader.seek(SeekFrom::End(-300_001)).is_err());
    }
}
