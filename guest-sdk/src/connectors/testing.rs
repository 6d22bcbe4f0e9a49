//! Doubles of the host and of a server, so that a connector is tested natively, without a network.
//!
//! ```
//! # use duckpen_guest as duckpen;
//! use duckpen::connectors::testing::TestServer;
//! use duckpen::connectors::{Request, Response};
//! use serde_json::json;
//!
//! let server = TestServer::new(|request: &Request| match request.url.as_str() {
//!     "https://shop.example/orders" => Response::json_of(200, &json!([{"id": 1}])),
//!     _ => Response::json_of(404, &json!({"error": "there is no such page"})),
//! });
//! let answer = server.host().get("https://shop.example/orders").send()?;
//! assert_eq!(answer.status, 200);
//! assert_eq!(server.requests()[0].url, "https://shop.example/orders");
//! # Ok::<(), duckpen::Error>(())
//! ```

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::files::{Bytes, SourceFile};
use super::host::{Backend, Host, Level};
use super::http::{Request, Response};
use super::json_rows::{JsonColumn, JsonRows};
use super::rows::{Rows, logical_types};
use super::sink::{Writer, Written};
use super::source::{Field, Reader, Relation};
use crate::functions::contract::Argument;
use crate::{Batch, Error, ErrorKind};

/// Rows that a batch of a test may have.
const MOST: usize = 2_048;

/// A server that answers as a function says, and keeps what it was asked.
#[derive(Clone)]
pub struct TestServer(Rc<State>);

type Answer = dyn Fn(&Request) -> Result<Response, Error>;

struct State {
    answer: Box<Answer>,
    requests: RefCell<Vec<Request>>,
    log: RefCell<Vec<(Level, String)>>,
    is_cancelled: Cell<bool>,
    now: Cell<u64>,
}

impl fmt::Debug for TestServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TestServer").field("requests", &self.0.requests).finish_non_exhaustive()
    }
}

impl TestServer {
    /// One that answers each request.
    pub fn new(answer: impl Fn(&Request) -> Response + 'static) -> Self {
        Self::failing(move |request| Ok(answer(request)))
    }

    /// One that may fail, as the host does when no response has come.
    pub fn failing(answer: impl Fn(&Request) -> Result<Response, Error> + 'static) -> Self {
        Self(Rc::new(State {
            answer: Box::new(answer),
            requests: RefCell::default(),
            log: RefCell::default(),
            is_cancelled: Cell::new(false),
            now: Cell::new(0),
        }))
    }

    /// A host whose requests all go to this server.
    pub fn host(&self) -> Host {
        Host::new(self.clone())
    }

    /// What it was asked, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.0.requests.borrow().clone()
    }

    /// The lines of the log.
    pub fn log(&self) -> Vec<(Level, String)> {
        self.0.log.borrow().clone()
    }

    /// Says that the work is to stop.
    pub fn cancel(&self) {
        self.0.is_cancelled.set(true);
    }

    /// Sets the clock, to milliseconds since 1970.
    pub fn set_now(&self, milliseconds: u64) {
        self.0.now.set(milliseconds);
    }
}

impl Backend for TestServer {
    fn send(&self, request: &Request) -> Result<Response, Error> {
        self.0.requests.borrow_mut().push(request.clone());
        (self.0.answer)(request)
    }

    fn log(&self, level: Level, message: &str) {
        self.0.log.borrow_mut().push((level, message.to_owned()));
    }

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.get()
    }

    fn now(&self) -> u64 {
        self.0.now.get()
    }
}

/// Rows that were read, each as an object of JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadRows<S> {
    /// All of them.
    pub rows: Vec<Value>,
    /// How many each batch had.
    pub batches: Vec<usize>,
    /// Where the read ended.
    pub state: Option<S>,
}

/// Reads everything there is, all columns.
///
/// # Errors
/// Those of the connector.
pub fn read<R: Relation>(relation: &R, since: Option<R::State>) -> Result<ReadRows<R::State>, Error> {
    let projection: Vec<usize> = (0..relation.fields().len()).collect();
    read_columns(relation, &projection, since, MOST)
}

/// Reads some columns, in batches of at most `most` rows.
///
/// # Errors
/// Those of the connector, and where what it gives is not of the shape that it told.
pub fn read_columns<R: Relation>(
    relation: &R,
    projection: &[usize],
    since: Option<R::State>,
    most: usize,
) -> Result<ReadRows<R::State>, Error> {
    let all = relation.fields();
    let wrong = || Error::new(ErrorKind::Internal, "the projection names a field that there is not");
    let fields: Option<Vec<Field>> = projection.iter().map(|number| all.get(*number).cloned()).collect();
    let fields = fields.ok_or_else(wrong)?;
    let logical = logical_types(&fields)?;
    let mut reader = relation.read(projection, since)?;
    let mut batch = Batch::new(projection.to_vec());
    let mut found = ReadRows { rows: Vec::new(), batches: Vec::new(), state: None };
    loop {
        batch.begin(most);
        reader.next(&mut batch)?;
        let mut emitted = None;
        batch.emit(|count, columns| emitted = Some((count as usize, columns.to_vec())))?;
        let Some((count, columns)) = emitted else { break };
        let columns: Vec<Argument> = columns.into_iter().map(Argument::Vector).collect();
        let rows = Rows::new(&fields, &logical, &columns, count);
        for row in 0..count {
            found.rows.push(Value::Object(rows.object(row)?));
        }
        found.batches.push(count);
    }
    found.state = reader.state();
    Ok(found)
}

/// Writes rows, given as objects of JSON, in batches of `most`, and finishes.
///
/// # Errors
/// Those of the connector, and where a row does not fit the fields.
pub fn write<W: Writer>(mut writer: W, fields: &[Field], rows: &[Value], most: usize) -> Result<Written, Error> {
    let logical = logical_types(fields)?;
    let columns = fields.iter().map(|field| JsonColumn::of_key(&field.name, &field.logical_type));
    let columns: Vec<JsonColumn> = columns.collect::<Result<_, _>>()?;
    let projection: Vec<usize> = (0..columns.len()).collect();
    let mut waiting = JsonRows::new(&columns, &projection);
    waiting.extend(rows.iter().cloned());
    let mut batch = Batch::new(projection);
    while !waiting.is_empty() {
        batch.begin(most);
        waiting.fill(&mut batch)?;
        let mut emitted = Ok(());
        batch.emit(|count, columns| {
            let columns: Vec<Argument> = columns.iter().cloned().map(Argument::Vector).collect();
            emitted = writer.write(&Rows::new(fields, &logical, &columns, count as usize));
        })?;
        emitted?;
    }
    writer.finish()
}

/// The fields of rows by their names and types: `fields(&[("id", "BIGINT")])`.
pub fn fields(fields: &[(&str, &str)]) -> Vec<Field> {
    fields.iter().map(|(name, logical_type)| Field::new(*name, *logical_type)).collect()
}

/// A file of these bytes.
pub fn file(name: &str, bytes: Vec<u8>) -> SourceFile {
    SourceFile::new(name, bytes.len() as u64, InMemory(bytes))
}

struct InMemory(Vec<u8>);

impl Bytes for InMemory {
    fn read(&self, offset: u64, most: u32) -> Result<Vec<u8>, Error> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        let rest = &self.0[start..];
        Ok(rest[..rest.len().min(most as usize)].to_vec())
    }
}

/// A configuration or a selection, read as the host's is.
///
/// # Errors
/// When it has not the shape of the connector's type.
pub fn parameters<T: serde::de::DeserializeOwned>(values: Value) -> Result<T, Error> {
    let values = if values.is_null() { Value::Object(Map::new()) } else { values };
    serde_json::from_value(values).map_err(|error| Error::new(ErrorKind::InvalidConfiguration, error.to_string()))
}
