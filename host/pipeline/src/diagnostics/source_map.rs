use serde::{Deserialize, Serialize};

/// A file of a [`SourceMap`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A byte range of a file, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Which file.
    pub file: FileId,
    /// First byte.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
}

impl Span {
    pub(crate) fn new(file: FileId, start: usize, end: usize) -> Self {
        Self { file, start, end }
    }

    /// From the start of `self` to the end of `other`, which is in the same file and not before it.
    pub(crate) fn to(self, other: Span) -> Span {
        Span { end: other.end.max(self.end), ..self }
    }
}

/// A place as people and editors name it: lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Path of the file, relative to the project.
    pub file: String,
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column after the last character.
    pub end_column: usize,
}

#[derive(Debug)]
struct SourceFile {
    path: String,
    text: String,
    /// Byte offsets at which lines start; the first is 0.
    line_starts: Vec<usize>,
    /// Every character is one byte: columns need no counting.
    is_ascii: bool,
}

/// The texts that spans refer to: the pipeline and what it includes.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// No files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let is_ascii = text.is_ascii();
        self.files.push(SourceFile { path: path.into(), text, line_starts, is_ascii });
        id
    }

    /// The path a file was added under; empty for a file of another map.
    #[must_use]
    pub fn path(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.path)
    }

    /// The text of a file; empty for a file of another map.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.text)
    }

    /// The text a span covers; empty for a span of another map.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.start..span.end).unwrap_or("")
    }

    /// Lines and columns of a span.
    #[must_use]
    pub fn location(&self, span: Span) -> Location {
        let (line, column) = self.line_column(span.file, span.start);
        let (end_line, end_column) = self.line_column(span.file, span.end);
        Location { file: self.path(span.file).to_owned(), line, column, end_line, end_column }
    }

    /// Line (from 1) of a byte offset.
    pub(crate) fn line(&self, file: FileId, offset: usize) -> usize {
        self.file(file).map_or(1, |file| file.line_starts.partition_point(|start| *start <= offset))
    }

    /// Byte range of the lines from `first` to `last` (from 1, inclusive), the last line end left out.
    pub(crate) fn lines(&self, file: FileId, first: usize, last: usize) -> std::ops::Range<usize> {
        let Some(file) = self.file(file) else { return 0..0 };
        let start = file.line_starts.get(first.saturating_sub(1)).copied().unwrap_or(file.text.len());
        let end = file.line_starts.get(last).map_or(file.text.len(), |next| next - 1);
        start..end.max(start)
    }

    fn line_column(&self, file: FileId, offset: usize) -> (usize, usize) {
        let line = self.line(file, offset);
        let Some(file) = self.file(file) else { return (1, 1) };
        let start = file.line_starts.get(line - 1).copied().unwrap_or(0);
        let before = match file.text.get(start..offset) {
            Some(before) if file.is_ascii => before.len(),
            Some(before) => before.chars().count(),
            None => 0,
        };
        (line, before + 1)
    }

    fn file(&self, file: FileId) -> Option<&SourceFile> {
        self.files.get(file.0 as usize)
    }
}
