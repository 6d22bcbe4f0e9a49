//! Files that a query reads by their names: `read_csv_auto('data/users.csv')` and `FROM 'data/users.csv'`. Projects that
//! SQLFlow's `init` writes begin with such queries. Only names that stand there as texts are found, so that it is known before
//! anything runs which files a query wants.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use crate::syntax::lexer::{self, Escapes, Token, TokenKind};
use crate::variables::PositionReader;

/// Functions whose first argument is a file, a list of files or a pattern, and whose rows are what is in them.
const READERS: [&str; 11] = [
    "parquet_scan",
    "read_csv",
    "read_csv_auto",
    "read_json",
    "read_json_auto",
    "read_json_objects",
    "read_json_objects_auto",
    "read_ndjson",
    "read_ndjson_auto",
    "read_ndjson_objects",
    "read_parquet",
];

/// The function that reads a file which stands in the place of a table, by the end of its name.
const BY_EXTENSION: [(&str, &str); 6] = [
    (".csv", "read_csv_auto"),
    (".tsv", "read_csv_auto"),
    (".parquet", "read_parquet"),
    (".json", "read_json_auto"),
    (".jsonl", "read_json_auto"),
    (".ndjson", "read_json_auto"),
];

/// A read of files in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRead {
    /// The function that reads them, in lower case.
    pub function: &'static str,
    /// The places, as they are written. Each may be a pattern.
    pub places: Vec<String>,
    /// The other arguments, as they are written; empty where there are none.
    pub options: String,
    /// A name for what is read, which no other read of the query has: the places, and a number where they are read twice.
    pub relation: String,
    /// The read in the text that was given, from its first character to its last.
    pub span: Range<usize>,
}

impl FileRead {
    fn new(function: &'static str, places: Vec<String>, options: String, span: Range<usize>) -> Self {
        Self { function, places, options, relation: String::new(), span }
    }

    /// Whether `name` stands in `sql` as a file in the place of a table, which is no table.
    pub(crate) fn is_for(&self, name: &str, sql: &str) -> bool {
        self.places == [name] && sql[self.span.start..].starts_with('\'')
    }
}

/// What a query reads of files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileReads {
    /// The reads, in the order of the text.
    pub reads: Vec<FileRead>,
    /// Functions that read files, in lower case, in calls of which it cannot be told which.
    pub unclear: BTreeSet<&'static str>,
}

/// The files that a query reads by their names.
#[must_use]
pub fn file_reads(sql: &str) -> FileReads {
    let tokens = lexer::significant(sql);
    let finder = Finder { sql, tokens: &tokens };
    let mut position = PositionReader::default();
    let mut found = FileReads::default();
    let mut names = HashSet::new();
    let mut behind = 0;
    for (at, token) in tokens.iter().enumerate() {
        let expects_table = position.expects_table();
        position.read(*token, finder.text(at));
        // What stands in the arguments of a read is no place of a table.
        if let Some((mut read, next)) = finder.read_at(at, expects_table && at >= behind) {
            let place = read.places.join(", ");
            read.relation.clone_from(&place);
            let mut number = 2;
            while !names.insert(read.relation.to_lowercase()) {
                read.relation = format!("{place} ({number})");
                number += 1;
            }
            found.reads.push(read);
            behind = next;
        } else if let Some(reader) = finder.reader_at(at) {
            found.unclear.insert(reader);
        }
    }
    found
}

/// Replaces each read of files in a query by what `replace` makes of it. The rest of the text stays.
pub fn rewrite_file_reads(sql: &str, mut replace: impl FnMut(FileRead) -> String) -> String {
    let mut output = String::with_capacity(sql.len());
    let mut from = 0;
    for read in file_reads(sql).reads {
        let span = read.span.clone();
        output.push_str(&sql[from..span.start]);
        output.push_str(&replace(read));
        from = span.end;
    }
    output.push_str(&sql[from..]);
    output
}

struct Finder<'a> {
    sql: &'a str,
    tokens: &'a [Token],
}

impl Finder<'_> {
    /// The read that begins with a token, and the token behind it.
    fn read_at(&self, at: usize, expects_table: bool) -> Option<(FileRead, usize)> {
        if !expects_table {
            return None;
        }
        if let Some(place) = self.place(at) {
            let function = function_for(&place)?;
            let token = self.tokens.get(at)?;
            return Some((FileRead::new(function, vec![place], String::new(), token.start..token.end), at + 1));
        }
        // A name in quotes, or behind a dot, is left to those who refuse it.
        let token = self.tokens.get(at).filter(|token| token.kind == TokenKind::Word)?;
        let function = self.reader_at(at)?;
        let close = self.close(at + 1)?;
        let (places, behind) = self.places(at + 2)?;
        let end = self.tokens.get(close)?;
        let options = match self.tokens.get(behind)? {
            comma if comma.is(b',') && behind < close => self.sql[comma.end..end.start].trim().to_owned(),
            _ if behind == close => String::new(),
            // The text is a part of an expression.
            _ => return None,
        };
        Some((FileRead::new(function, places, options, token.start..end.end), close + 1))
    }

    /// The function that reads files, if a call of one begins here.
    fn reader_at(&self, at: usize) -> Option<&'static str> {
        self.tokens.get(at + 1).filter(|open| open.is(b'('))?;
        let name = match self.tokens.get(at)?.kind {
            TokenKind::Word => self.text(at),
            TokenKind::QuotedName => self.text(at).trim_matches('"'),
            _ => return None,
        };
        READERS.into_iter().find(|reader| reader.eq_ignore_ascii_case(name))
    }

    /// A text, or a list of texts, from a token on; and the token behind.
    fn places(&self, at: usize) -> Option<(Vec<String>, usize)> {
        if let Some(place) = self.place(at) {
            return Some((vec![place], at + 1));
        }
        self.tokens.get(at).filter(|open| open.is(b'['))?;
        let mut places = Vec::new();
        let mut at = at + 1;
        loop {
            places.push(self.place(at)?);
            match self.tokens.get(at + 1)? {
                comma if comma.is(b',') => at += 2,
                close if close.is(b']') => return Some((places, at + 2)),
                _ => return None,
            }
        }
    }

    /// The place that a text names. One in another system is none: a SOURCE reads it.
    fn place(&self, at: usize) -> Option<String> {
        self.tokens.get(at).filter(|token| token.kind == TokenKind::Text(Escapes::None))?;
        // x'..' and the like are no texts.
        let text = self.text(at).strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
        Some(text).filter(|text| !text.is_empty() && !text.contains("://"))
    }

    /// The parenthesis that closes the one at `open`.
    fn close(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token.kind {
                TokenKind::Symbol(b'(' | b'[' | b'{') => depth += 1,
                TokenKind::Symbol(b')' | b']' | b'}') => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &self.sql[token.start..token.end])
    }
}

fn function_for(place: &str) -> Option<&'static str> {
    let place = place.to_lowercase();
    let unpacked = [".gz", ".zst"].iter().find_map(|packed| place.strip_suffix(packed)).unwrap_or(&place);
    BY_EXTENSION.into_iter().find(|(extension, _)| unpacked.ends_with(extension)).map(|(_, function)| function)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The query with what was found in it, short enough to compare.
    fn rewritten(sql: &str) -> String {
        rewrite_file_reads(sql, |read| {
            let options = if read.options.is_empty() { String::new() } else { format!(" | {}", read.options) };
            format!("<{} {}{options}>", read.function, read.places.join(" "))
        })
    }

    #[test]
    fn reads_are_found_where_tables_stand() {
        for (sql, expected) in [
            ("SELECT * FROM read_csv_auto('data/a.csv')", "SELECT * FROM <read_csv_auto data/a.csv>"),
            (
                "FROM Read_CSV ( 'a.csv' , header = true, delim := ';' ) AS t",
                "FROM <read_csv a.csv | header = true, delim := ';'> AS t",
            ),
            (
                "SELECT * FROM read_parquet(['a.parquet', 'b/*.parquet'])",
                "SELECT * FROM <read_parquet a.parquet b/*.parquet>",
            ),
            (
                "SELECT * FROM t JOIN read_json('it''s.json', columns = {a: 'INT'}) j USING (a), 'b.csv.gz' b",
                "SELECT * FROM t JOIN <read_json it's.json | columns = {a: 'INT'}> j USING (a), <read_csv_auto b.csv.gz> b",
            ),
            (
                "SELECT (SELECT max(x) FROM 'a.parquet') FROM 'ö.tsv'",
                "SELECT (SELECT max(x) FROM <read_parquet a.parquet>) FROM <read_csv_auto ö.tsv>",
            ),
            (
                "WITH a AS (SELECT * FROM 'a.json') SELECT * FROM a",
                "WITH a AS (SELECT * FROM <read_json_auto a.json>) SELECT * FROM a",
            ),
        ] {
            assert_eq!(rewritten(sql), expected, "{sql}");
            assert!(file_reads(sql).unclear.is_empty(), "{sql}");
        }
    }

    #[test]
    fn each_read_has_a_name_of_its_own() {
        let found = file_reads("SELECT * FROM 'a.csv' x, read_csv('A.csv') y, read_csv(['a.csv', 'b.csv']) z");
        let names: Vec<&str> = found.reads.iter().map(|read| read.relation.as_str()).collect();
        assert_eq!(names, ["a.csv", "A.csv (2)", "a.csv, b.csv"]);
    }

    #[test]
    fn what_names_no_file_stays() {
        for (sql, unclear) in [
            ("SELECT 'FROM read_csv(''a.csv'')', 'a.csv' -- FROM 'a.csv'", &[][..]),
            ("SELECT read_csv FROM read_csv", &[]),
            ("SELECT * FROM 'users'", &[]),
            ("SELECT * FROM \"a.csv\"", &[]),
            ("SELECT * FROM 'https://example.org/a.csv'", &[]),
            ("SELECT * FROM read_text('a.csv')", &[]),
            ("SELECT * FROM read_csv('s3://bucket/a.csv')", &["read_csv"]),
            ("SELECT * FROM read_csv('a' || '.csv')", &["read_csv"]),
            ("SELECT * FROM read_csv(x)", &["read_csv"]),
            ("SELECT * FROM read_csv()", &["read_csv"]),
            ("SELECT * FROM read_csv(['a.csv', x])", &["read_csv"]),
            ("SELECT * FROM read_csv(E'a.csv')", &["read_csv"]),
            ("SELECT * FROM \"read_parquet\"('a.parquet')", &["read_parquet"]),
            ("SELECT * FROM system.main.read_parquet('a.parquet')", &["read_parquet"]),
            ("SELECT read_csv('a.csv')", &["read_csv"]),
            ("SELECT * FROM read_csv('a.csv'", &["read_csv"]),
        ] {
            assert_eq!(rewritten(sql), sql);
            assert_eq!(file_reads(sql).unclear.into_iter().collect::<Vec<_>>(), unclear, "{sql}");
        }
        // One that is clear does not cover for another.
        let both = file_reads("SELECT * FROM read_csv('a.csv'), read_csv(getenv('X'))");
        assert_eq!((both.reads.len(), both.unclear.len()), (1, 1));
        let nested = file_reads("SELECT * FROM read_csv('a.csv', x = (SELECT 1 FROM read_csv('b.csv')))");
        assert_eq!((nested.reads.len(), nested.unclear.len()), (1, 1));
    }
}
