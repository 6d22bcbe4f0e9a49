//! The rows of a resource.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use duckpen::connectors::{Cursor, Field, Host, JsonColumn, JsonPath, JsonRows, Level, Progress, Reader, Relation};
use duckpen::{Batch, Error, ErrorKind};
use serde_json::Value;

use crate::configuration::Configuration;
use crate::pages::{Pages, Resource};
use crate::parameters::SourceSelection;
use crate::sample::Sample;
use crate::{columns, misconfigured};

/// Rows in which columns and types are found.
const SAMPLE_ROWS: usize = 1_000;
/// Fields that are named when they come too late.
const MOST_LATE: usize = 20;

/// The rows of a resource, with columns that are known.
#[derive(Debug)]
pub struct Rows {
    host: Host,
    resource: Resource,
    columns: Vec<JsonColumn>,
    /// Where the value stands by which a read goes on.
    cursor: Option<JsonPath>,
    since_param: Option<String>,
    /// Present where the columns were found in it.
    sample: Option<Rc<Found>>,
    /// What was read to find them, for the first read.
    begun: RefCell<Option<Begun>>,
    estimated: Option<u64>,
}

#[derive(Debug)]
struct Found {
    sample: Sample,
    flatten: bool,
}

#[derive(Debug)]
struct Begun {
    pages: Pages,
    rows: Vec<Value>,
}

impl Rows {
    /// Finds the columns, unless they are given.
    pub fn open(configuration: &Configuration, selection: SourceSelection, host: &Host) -> Result<Self, Error> {
        let resource = Resource::new(configuration, &selection)?;
        if selection.since_param.is_some() && selection.cursor_field.is_none() {
            let hint = "`cursor_field` is the field whose greatest value is sent";
            return Err(misconfigured("`since_param` needs a `cursor_field`").with_hint(hint));
        }
        let mut rows = Self {
            host: host.clone(),
            resource,
            columns: Vec::new(),
            cursor: None,
            since_param: selection.since_param,
            sample: None,
            begun: RefCell::new(None),
            estimated: None,
        };
        match &selection.columns {
            Some(_) if !selection.types.is_empty() => {
                let hint = "`columns` names all columns with their types, `types` some of those that are found";
                return Err(misconfigured("`columns` and `types` cannot be used together").with_hint(hint));
            }
            Some(columns) => rows.columns = columns::given(columns)?,
            None => {
                let most = selection.sample_rows.unwrap_or(SAMPLE_ROWS).max(1);
                rows.take_sample(most, selection.flatten_response.unwrap_or(true), &selection.types)?;
            }
        }
        let cursor = selection.cursor_field.as_deref();
        rows.cursor = cursor.map(|field| cursor_path(&rows.columns, field)).transpose()?;
        Ok(rows)
    }

    fn take_sample(&mut self, most: usize, flatten: bool, types: &serde_json::Map<String, Value>) -> Result<(), Error> {
        let mut begun = Begun { pages: Pages::new(self.host.clone(), self.resource.clone()), rows: Vec::new() };
        let mut sample = Sample::default();
        while begun.rows.len() < most {
            let Some(rows) = begun.pages.next_page()? else { break };
            // Whole pages, since they are here.
            rows.iter().for_each(|row| sample.add(row));
            begun.rows.extend(rows);
        }
        self.columns = columns::found(&sample, types, flatten)?;
        self.estimated = begun.pages.is_at_end().then_some(begun.rows.len() as u64);
        self.begun.replace(Some(begun));
        self.sample = Some(Rc::new(Found { sample, flatten }));
        Ok(())
    }
}

/// Where the values of the cursor stand: in a column of this name, or at this path.
fn cursor_path(columns: &[JsonColumn], field: &str) -> Result<JsonPath, Error> {
    match columns.iter().find(|column| column.name().eq_ignore_ascii_case(field)) {
        Some(column) => Ok(column.path().clone()),
        None => field.parse(),
    }
}

impl Relation for Rows {
    type State = Progress;
    type Reader = RowsReader;

    fn fields(&self) -> Vec<Field> {
        self.columns.iter().map(JsonColumn::field).collect()
    }

    fn estimated_rows(&self) -> Option<u64> {
        self.estimated
    }

    fn read(&self, projection: &[usize], since: Option<Progress>) -> Result<RowsReader, Error> {
        let cursor = match (&self.cursor, since) {
            (Some(path), since) => Some((path.clone(), Cursor::new(since)?)),
            (None, None) => None,
            (None, Some(_)) => {
                let message = "a read cannot go on where another ended without a `cursor_field`";
                return Err(Error::new(ErrorKind::InvalidConfiguration, message));
            }
        };
        let newest = cursor.as_ref().and_then(|(_, cursor)| cursor.since()).map(Progress::newest_text);
        // What was read for the sample is the beginning of everything, and not of what is new.
        let begun = self.begun.take().filter(|_| newest.is_none());
        let begun = begun.unwrap_or_else(|| {
            let resource = self.resource.clone();
            let resource = match (&self.since_param, newest) {
                (Some(param), Some(newest)) => resource.with_param(param, newest),
                _ => resource,
            };
            Begun { pages: Pages::new(self.host.clone(), resource), rows: Vec::new() }
        });
        let mut reader = RowsReader {
            host: self.host.clone(),
            pages: begun.pages,
            rows: JsonRows::new(&self.columns, projection),
            cursor,
            seen: 0,
            sample: self.sample.clone(),
            late: BTreeSet::new(),
        };
        reader.take(begun.rows)?;
        Ok(reader)
    }
}

/// One read.
#[derive(Debug)]
pub struct RowsReader {
    host: Host,
    pages: Pages,
    rows: JsonRows,
    cursor: Option<(JsonPath, Cursor)>,
    /// Rows of the pages so far, those that are left out included.
    seen: u64,
    sample: Option<Rc<Found>>,
    /// Fields that the sample had not.
    late: BTreeSet<String>,
}

impl RowsReader {
    /// Takes the new ones of a page's rows.
    fn take(&mut self, page: Vec<Value>) -> Result<(), Error> {
        for row in page {
            self.seen += 1;
            self.look_for_late_fields(&row);
            if self.is_new(&row)? {
                self.rows.extend([row]);
            }
        }
        Ok(())
    }

    fn is_new(&mut self, row: &Value) -> Result<bool, Error> {
        let Some((path, cursor)) = &mut self.cursor else { return Ok(true) };
        let seen = self.seen;
        cursor.is_new(path.find(row), row).map_err(|error| {
            let message = format!("row {seen}: `{path}`: {}", error.message);
            Error { message, ..error }
        })
    }

    /// A field that comes behind the sample is no column: nobody should have to find that out.
    fn look_for_late_fields(&mut self, row: &Value) {
        let Some(found) = &self.sample else { return };
        if self.late.len() >= MOST_LATE {
            return;
        }
        let Some(field) = found.sample.unknown_field(row, found.flatten) else { return };
        if !self.late.contains(&field) {
            let message = format!(
                "row {}: the field `{field}` is in none of the rows in which columns were found, and is left out; \
                 `types` can name it, `sample_rows` look further",
                self.seen
            );
            self.host.log(Level::Warn, &message);
            self.late.insert(field);
        }
    }
}

impl Reader for RowsReader {
    type State = Progress;

    fn next(&mut self, batch: &mut Batch) -> Result<(), Error> {
        while self.rows.is_empty() {
            let Some(page) = self.pages.next_page()? else { break };
            self.take(page)?;
        }
        self.rows.fill(batch)
    }

    fn state(&self) -> Option<Progress> {
        self.cursor.as_ref()?.1.progress()
    }
}
