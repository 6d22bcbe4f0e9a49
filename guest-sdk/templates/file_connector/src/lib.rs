//! The connector `__NAME__`: lines of logs such as `2026-01-31T12:00:00Z ERROR shop: no ducks left`, from files.

use std::io::{BufRead, BufReader, Lines};
use std::vec::IntoIter;

use duckpen::connectors::{
    Field, FileConnector, FileReader, JsonColumn, JsonRows, Kind, Parameter, Reader, Relation, SourceFile,
};
use duckpen::{Batch, Error};
use serde::Deserialize;
use serde_json::{Value, json};

/// The columns: the name of each, and its type in SQL.
const COLUMNS: [(&str, &str); 4] =
    [("logged_at", "TIMESTAMPTZ"), ("level", "VARCHAR"), ("service", "VARCHAR"), ("message", "VARCHAR")];

/// Lines that are handed over at once.
const LINES: usize = 2_048;

/// The connector.
pub struct Logs;

/// What is read of the files: what stands in a SOURCE step.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Selection {
    pub level: Option<String>,
}

impl FileConnector for Logs {
    type Selection = Selection;
    type Relation = Entries;

    const NAME: &'static str = "__NAME__";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOC: &'static str = "Lines of logs.";

    fn parameters() -> Vec<Parameter> {
        vec![Parameter::optional("level", Kind::Text, "Entries of this level only").one_of(&["INFO", "WARN", "ERROR"])]
    }

    fn open(files: Vec<SourceFile>, selection: Selection) -> Result<Entries, Error> {
        let columns = COLUMNS.iter().map(|(name, logical_type)| JsonColumn::of_key(name, logical_type));
        Ok(Entries { files, columns: columns.collect::<Result<_, _>>()?, level: selection.level })
    }
}

/// The entries of all files, with columns that are known. A format whose columns are not would look into the files in `open`.
pub struct Entries {
    files: Vec<SourceFile>,
    columns: Vec<JsonColumn>,
    level: Option<String>,
}

impl Relation for Entries {
    type State = ();
    type Reader = Reading;

    fn fields(&self) -> Vec<Field> {
        self.columns.iter().map(JsonColumn::field).collect()
    }

    fn read(&self, projection: &[usize], _since: Option<()>) -> Result<Reading, Error> {
        let rows = JsonRows::new(&self.columns, projection);
        Ok(Reading { files: self.files.clone().into_iter(), level: self.level.clone(), open: None, rows })
    }
}

/// One read.
pub struct Reading {
    files: IntoIter<SourceFile>,
    level: Option<String>,
    open: Option<OpenFile>,
    rows: JsonRows,
}

/// The file that is being read.
struct OpenFile {
    name: String,
    lines: Lines<BufReader<FileReader>>,
    /// Lines of it so far.
    number: usize,
}

impl Reading {
    /// The next entry of any file; none at the end.
    fn entry(&mut self) -> Result<Option<Value>, Error> {
        loop {
            let Some(OpenFile { name, lines, number }) = &mut self.open else {
                let Some(file) = self.files.next() else { return Ok(None) };
                let lines = BufReader::new(file.reader()).lines();
                self.open = Some(OpenFile { name: file.name().to_owned(), lines, number: 0 });
                continue;
            };
            let Some(line) = lines.next() else {
                self.open = None;
                continue;
            };
            *number += 1;
            let wrong = |what: &str| Error::from(format!("{name}, line {number}: {what}"));
            let line = line.map_err(|error| wrong(&error.to_string()))?;
            let entry =
                parse(&line).ok_or_else(|| wrong("it is no entry: a time, a level, a service and a message"))?;
            if self.level.as_deref().is_none_or(|level| entry["level"] == level) {
                return Ok(Some(entry));
            }
        }
    }
}

fn parse(line: &str) -> Option<Value> {
    let (logged_at, rest) = line.split_once(' ')?;
    let (level, rest) = rest.split_once(' ')?;
    let (service, message) = rest.split_once(": ")?;
    Some(json!({ "logged_at": logged_at, "level": level, "service": service, "message": message }))
}

impl Reader for Reading {
    type State = ();

    fn next(&mut self, batch: &mut Batch) -> Result<(), Error> {
        for _ in 0..batch.most().min(LINES) {
            let Some(entry) = self.entry()? else { break };
            self.rows.extend([entry]);
        }
        self.rows.fill(batch)
    }
}

duckpen::connector!(Logs: files);

#[cfg(test)]
mod tests {
    use duckpen::connectors::testing;

    use super::*;

    fn open(files: &[(&str, &str)], level: Option<&str>) -> Entries {
        let files = files.iter().map(|(name, text)| testing::file(name, text.as_bytes().to_vec())).collect();
        Logs::open(files, Selection { level: level.map(str::to_owned) }).expect("it opens")
    }

    #[test]
    fn entries_of_all_files_come_in_order() {
        let one = "2026-01-31T12:00:00Z ERROR shop: no ducks: none left\n2026-01-31T12:00:01Z INFO shop: closed\n";
        let files = [("1.log", one), ("2.log", "2026-02-01T08:00:00Z ERROR pond: frozen")];
        assert_eq!(testing::read(&open(&files, None), None).expect("it reads").rows.len(), 3);
        let failures = testing::read(&open(&files, Some("ERROR")), None).expect("it reads").rows;
        let of = |key: &str| failures.iter().map(|row| row[key].clone()).collect::<Vec<_>>();
        assert_eq!(of("message"), ["no ducks: none left", "frozen"]);
        assert_eq!(of("logged_at"), ["2026-01-31T12:00:00Z", "2026-02-01T08:00:00Z"]);
    }

    #[test]
    fn a_line_that_is_no_entry_is_named() {
        let refused = testing::read(&open(&[("1.log", "\n")], None), None).expect_err("it is none");
        assert_eq!(refused.message, "1.log, line 1: it is no entry: a time, a level, a service and a message");
    }
}
