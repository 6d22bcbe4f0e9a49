//! The records of a stream.

use std::collections::HashSet;

use duckpen::connectors::{Cursor, Field, Host, JsonColumn, JsonRows, Progress, Relation, url};
use duckpen::{Batch, Error};
use serde_json::Value;

use crate::streams::Stream;
use crate::{Selection, get, items};

/// Records of a page: as many as Shopify gives.
const PAGE_SIZE: &str = "250";
/// Pages of a read; five million records.
const MOST_PAGES: usize = 20_000;

/// The records of a stream.
#[derive(Debug)]
pub struct Records {
    host: Host,
    stream: Stream,
    columns: Vec<JsonColumn>,
    address: String,
    selection: Selection,
}

impl Records {
    pub(crate) fn new(stream: Stream, selection: &Selection, address: String, host: &Host) -> Result<Self, Error> {
        Ok(Self {
            host: host.clone(),
            stream,
            columns: stream.columns(selection)?,
            address,
            selection: selection.clone(),
        })
    }
}

impl Relation for Records {
    type State = Progress;
    type Reader = Reader;

    fn fields(&self) -> Vec<Field> {
        self.columns.iter().map(JsonColumn::field).collect()
    }

    fn read(&self, projection: &[usize], since: Option<Progress>) -> Result<Reader, Error> {
        let cursor = Cursor::new(since)?;
        let mut params = vec![("limit", PAGE_SIZE)];
        if self.stream == Stream::Orders {
            // Else Shopify gives open ones only.
            params.push(("status", "any"));
            // The API takes one of each. Of several all orders are asked for, and left out here.
            let Selection { financial_status_filter, fulfillment_status_filter, .. } = &self.selection;
            if let [status] = financial_status_filter.as_slice() {
                params.push(("financial_status", status));
            }
            if let [status] = fulfillment_status_filter.as_slice() {
                params.push(("fulfillment_status", if status == "fulfilled" { "shipped" } else { status }));
            }
        }
        let newest = cursor.since().map(Progress::newest_text).or_else(|| self.selection.start_date.clone());
        if let Some(newest) = &newest {
            params.push(("updated_at_min", newest.as_str()));
        }
        Ok(Reader {
            host: self.host.clone(),
            stream: self.stream,
            next: Some(url::with_query(&self.address, params)),
            asked: HashSet::new(),
            cursor,
            rows: JsonRows::new(&self.columns, projection),
            selection: self.selection.clone(),
        })
    }
}

/// One read.
#[derive(Debug)]
pub struct Reader {
    host: Host,
    stream: Stream,
    /// The page to be asked for.
    next: Option<String>,
    asked: HashSet<String>,
    cursor: Cursor,
    rows: JsonRows,
    selection: Selection,
}

impl Reader {
    fn take_page(&mut self, address: &str) -> Result<(), Error> {
        if !self.asked.insert(address.to_owned()) {
            return Err("the same page came twice, so that the pages would never end".into());
        }
        if self.asked.len() > MOST_PAGES {
            let message = format!("there are more than {MOST_PAGES} pages");
            return Err(Error::from(message).with_hint("`start_date` leaves out what was not updated since"));
        }
        let response = get(&self.host, address)?;
        let next = response.link("next").map(|link| url::next_page(address, &link)).transpose()?;
        let mut answer: Value = response.json()?;
        let name = self.stream.name();
        let Some(Value::Array(records)) = answer.get_mut(name).map(Value::take) else {
            return Err(format!("the answer has no list `{name}`").into());
        };
        for record in records {
            if self.cursor.is_new(record.get("updated_at"), &record)? && self.is_wanted(&record) {
                self.take_record(record);
            }
        }
        self.next = next;
        Ok(())
    }

    /// Whether a record has one of the statuses that are asked for.
    fn is_wanted(&self, record: &Value) -> bool {
        let has = |name: &str, wanted: &[String]| {
            // What nothing was sent of has none.
            let status = record.get(name).and_then(Value::as_str).unwrap_or("unfulfilled");
            wanted.is_empty() || wanted.iter().any(|wanted| wanted == "any" || wanted.eq_ignore_ascii_case(status))
        };
        has("financial_status", &self.selection.financial_status_filter)
            && has("fulfillment_status", &self.selection.fulfillment_status_filter)
    }

    fn take_record(&mut self, record: Value) {
        match self.stream == Stream::Orders && self.selection.is_flattened() {
            true => self.rows.extend(items::rows(record)),
            false => self.rows.extend([record]),
        }
    }
}

impl duckpen::connectors::Reader for Reader {
    type State = Progress;

    fn next(&mut self, batch: &mut Batch) -> Result<(), Error> {
        while self.rows.is_empty() {
            let Some(address) = self.next.take() else { break };
            self.take_page(&address)?;
        }
        self.rows.fill(batch)
    }

    fn state(&self) -> Option<Progress> {
        self.cursor.progress()
    }
}
