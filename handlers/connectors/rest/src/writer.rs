//! Rows that are sent in batches.

use duckpen::connectors::{Delivery, Host, JsonPath, Method, Request, Rows, Writer, Written, digest_of, url};
use duckpen::{Error, ErrorKind};
use serde_json::{Map, Value};

use crate::configuration::{Configuration, query};
use crate::misconfigured;
use crate::parameters::SinkSelection;

const BATCH_SIZE: usize = 100;
const REQUEST_BYTES: usize = 4 << 20;
const IDEMPOTENCY_HEADER: &str = "Idempotency-Key";

/// Collects rows and sends them.
#[derive(Debug)]
pub struct Batches {
    host: Host,
    method: Method,
    address: String,
    headers: Vec<(String, String)>,
    shape: Shape,
    batch_size: usize,
    request_bytes: usize,
    /// The header of the key, and the key of the step.
    idempotency: Option<(String, String)>,
    /// The rows of the next request, with commas between them.
    waiting: String,
    count: usize,
    /// Requests that were sent.
    sent: u64,
    accepted: u64,
}

/// What stands around the rows of a request.
#[derive(Debug)]
enum Shape {
    /// One row is the whole of it.
    Object,
    /// A list of rows between these texts.
    List(String, String),
}

impl Batches {
    /// Begins to write to a resource: `path`, or what EXPORT TO names, behind the url, or an address of its own.
    pub fn open(
        configuration: &Configuration,
        selection: SinkSelection,
        delivery: Delivery,
        host: &Host,
    ) -> Result<Self, Error> {
        configuration.check()?;
        let method = match selection.method.as_deref() {
            None => Method::Post,
            Some(name) => Method::named(name)
                .filter(|method| matches!(method, Method::Post | Method::Put | Method::Patch))
                .ok_or_else(|| misconfigured(format!("`method` is POST, PUT or PATCH, not `{name}`")))?,
        };
        let path = match (selection.path.trim(), delivery.destination.trim()) {
            ("", destination) => destination,
            (path, "") => path,
            (path, destination) => {
                let message = format!("the resource is `{destination}` behind EXPORT TO, and `{path}` in `path`");
                return Err(misconfigured(message).with_hint("say it in one of them"));
            }
        };
        let address = configuration.address(path)?;
        let params = query(&selection.params)?;
        let params = params.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut headers = configuration.headers()?;
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let shape = shape(&selection)?;
        let batch_size = match (&shape, selection.batch_size) {
            (Shape::Object, None | Some(1)) => 1,
            (Shape::Object, Some(_)) => {
                return Err(misconfigured("`format` object sends one row a request, and has no other `batch_size`"));
            }
            (Shape::List(..), size) => size.unwrap_or(BATCH_SIZE).max(1),
        };
        let header = selection.idempotency_header.unwrap_or_else(|| IDEMPOTENCY_HEADER.to_owned());
        Ok(Self {
            host: host.clone(),
            method,
            address: url::with_query(&address, params),
            headers,
            shape,
            batch_size,
            request_bytes: selection.max_request_bytes.unwrap_or(REQUEST_BYTES),
            idempotency: (!header.is_empty()).then_some((header, delivery.idempotency_key)),
            waiting: String::new(),
            count: 0,
            sent: 0,
            accepted: 0,
        })
    }

    fn send(&mut self) -> Result<(), Error> {
        if self.count == 0 {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        let count = std::mem::take(&mut self.count) as u64;
        let body = match &self.shape {
            Shape::Object => rows,
            Shape::List(before, after) => format!("{before}{rows}{after}"),
        };
        let mut request = Request::new(self.method, &self.address);
        request.headers.clone_from(&self.headers);
        // PUT says what a resource is to be: twice is no more than once.
        request.is_repeatable = self.method == Method::Put;
        self.sent += 1;
        if let Some((header, key)) = &self.idempotency {
            // With what is sent in it: rows that come in another order when the step is tried again are other batches, and
            // a system that takes each key once would leave some of them out.
            let key = format!("{key}-{}-{:016x}", self.sent, digest_of(body.as_bytes()));
            request.headers.push((header.clone(), key));
            request.is_repeatable = true;
        }
        request.body = Some(body.into_bytes());
        let what = format!("{} {}", self.method.as_str(), url::without_query(&self.address));
        let response = self.host.send(&request).and_then(|response| response.success(&what));
        response.map_err(|error| {
            let (first, last) = (self.accepted + 1, self.accepted + count);
            let message = match self.accepted {
                0 => format!("rows {first} to {last} were not taken: {}", error.message),
                before => {
                    format!("rows {first} to {last} were not taken, the {before} before them were: {}", error.message)
                }
            };
            Error { message, ..error }
        })?;
        self.accepted += count;
        Ok(())
    }
}

impl Writer for Batches {
    fn write(&mut self, rows: &Rows<'_>) -> Result<(), Error> {
        for row in 0..rows.count() {
            let text = rows.json(row)?;
            if self.count > 0 && self.waiting.len() + text.len() > self.request_bytes {
                self.send()?;
            }
            if self.count > 0 {
                self.waiting.push(',');
            }
            self.waiting.push_str(&text);
            self.count += 1;
            if self.count >= self.batch_size {
                self.send()?;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Written, Error> {
        self.send()?;
        Ok(Written { inserted: self.accepted, updated: 0 })
    }
}

/// What stands around the rows.
fn shape(selection: &SinkSelection) -> Result<Shape, Error> {
    let is_object = match selection.format.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("array") => false,
        Some("object") => true,
        Some(other) => return Err(misconfigured(format!("`format` is array or object, not `{other}`"))),
    };
    let path = selection.rows_path.as_deref().map(str::trim).filter(|path| !path.is_empty());
    let around = match (&selection.body, path) {
        _ if is_object && (selection.body.is_some() || path.is_some()) => {
            return Err(misconfigured("`format` object has no `rows_path` and no `body`"));
        }
        _ if is_object => return Ok(Shape::Object),
        (None, None) => return Ok(Shape::List("[".to_owned(), "]".to_owned())),
        (Some(_), None) => return Err(misconfigured("`body` needs a `rows_path`, where the rows stand in it")),
        (body, Some(path)) => {
            let mut body = body.clone().unwrap_or_else(|| Value::Object(Map::new()));
            let mark = mark(&body);
            put(&mut body, path, &mark)?;
            (body.to_string(), Value::String(mark).to_string())
        }
    };
    let (body, mark) = around;
    let (before, after) =
        body.split_once(&mark).ok_or_else(|| Error::new(ErrorKind::Internal, "the rows have no place"))?;
    Ok(Shape::List(format!("{before}["), format!("]{after}")))
}

/// A text that is nowhere in a document.
fn mark(body: &Value) -> String {
    let text = body.to_string();
    let mut marks = (0u32..).map(|number| format!("rows {number}"));
    marks.find(|mark| !text.contains(mark)).unwrap_or_default()
}

/// Puts a text at a path of keys, and makes the objects on the way.
fn put(body: &mut Value, path: &str, text: &str) -> Result<(), Error> {
    // What is no path is said.
    path.parse::<JsonPath>()?;
    let wrong =
        || misconfigured(format!("there is no place for rows at `{path}` of `body`: `rows_path` is keys with dots"));
    let mut place = body;
    for key in path.split('.') {
        if key.is_empty() || key.contains(['[', '"']) {
            return Err(wrong());
        }
        let Value::Object(object) = place else { return Err(wrong()) };
        place = object.entry(key).or_insert_with(|| Value::Object(Map::new()));
    }
    *place = Value::String(text.to_owned());
    Ok(())
}

#[cfg(test)]
mod tests {
    use duckpen::connectors::testing::{self, TestServer};
    use duckpen::connectors::{Field, Response};
    use serde_json::json;

    use super::*;

    fn fields() -> Vec<Field> {
        testing::fields(&[("id", "BIGINT"), ("paid", "DECIMAL(18,2)")])
    }

    fn rows(count: i64) -> Vec<Value> {
        (1..=count).map(|id| json!({"id": id, "paid": format!("{id}.50")})).collect()
    }

    fn open(server: &TestServer, selection: Value) -> Result<Batches, Error> {
        let configuration = serde_json::from_value(json!({"url": "https://a.example/v1"})).unwrap();
        let delivery =
            Delivery { destination: "orders".to_owned(), fields: fields(), idempotency_key: "run-step".to_owned() };
        Batches::open(&configuration, serde_json::from_value(selection).unwrap(), delivery, &server.host())
    }

    fn write(server: &TestServer, selection: Value, count: i64) -> Result<Written, Error> {
        testing::write(open(server, selection)?, &fields(), &rows(count), 2)
    }

    fn taking() -> TestServer {
        TestServer::new(|_| Response { status: 204, headers: Vec::new(), body: Vec::new() })
    }

    fn bodies(server: &TestServer) -> Vec<String> {
        server.requests().iter().map(|request| String::from_utf8(request.body.clone().unwrap()).unwrap()).collect()
    }

    #[test]
    fn rows_are_sent_in_the_shape_that_is_wanted() {
        for (selection, expected) in [
            (
                json!({"batch_size": 2}),
                &[r#"[{"id":1,"paid":1.50},{"id":2,"paid":2.50}]"#, r#"[{"id":3,"paid":3.50}]"#][..],
            ),
            (
                json!({"format": "object"}),
                &[r#"{"id":1,"paid":1.50}"#, r#"{"id":2,"paid":2.50}"#, r#"{"id":3,"paid":3.50}"#],
            ),
            (
                json!({"rows_path": "data.records", "body": {"from": "rows 0", "data": {"a": 1}}}),
                &[
                    r#"{"from":"rows 0","data":{"a":1,"records":[{"id":1,"paid":1.50},{"id":2,"paid":2.50},{"id":3,"paid":3.50}]}}"#,
                ],
            ),
            (
                json!({"max_request_bytes": 50}),
                &[r#"[{"id":1,"paid":1.50},{"id":2,"paid":2.50}]"#, r#"[{"id":3,"paid":3.50}]"#],
            ),
        ] {
            let server = taking();
            assert_eq!(write(&server, selection.clone(), 3).unwrap(), Written { inserted: 3, updated: 0 });
            assert_eq!(bodies(&server), expected, "{selection}");
        }
        let server = taking();
        assert_eq!(write(&server, json!({}), 0).unwrap().inserted, 0);
        assert!(server.requests().is_empty(), "no rows are no request");
    }

    #[test]
    fn a_batch_has_a_key_that_is_the_same_when_it_comes_again_and_only_then() {
        let keys = |selection: Value, count| {
            let server = taking();
            write(&server, selection, count).unwrap();
            let key = |request: Request| (request.header("Idempotency-Key").map(str::to_owned), request.is_repeatable);
            server.requests().into_iter().map(key).collect::<Vec<_>>()
        };
        let first = keys(json!({"batch_size": 1}), 3);
        assert_eq!(first, keys(json!({"batch_size": 1}), 3));
        assert!(
            first
                .iter()
                .all(|(key, repeatable)| key.as_ref().is_some_and(|key| key.starts_with("run-step-")) && *repeatable)
        );
        assert!(first[0] != first[1] && first[1] != first[2]);
        assert_eq!(keys(json!({"idempotency_header": ""}), 1), [(None, false)]);
        assert_eq!(keys(json!({"idempotency_header": "", "method": "put"}), 1), [(None, true)]);
    }

    #[test]
    fn a_refusal_says_which_rows_and_what_was_answered() {
        let server = TestServer::new(|request| {
            let is_bad = request.json().is_some_and(|rows| rows[0]["id"] == 3);
            if is_bad {
                Response::json_of(422, &json!({"error": "id 3 is taken"}))
            } else {
                Response::json_of(200, &json!({}))
            }
        });
        let error = write(&server, json!({"batch_size": 2}), 4).unwrap_err();
        assert_eq!(
            error.message,
            "rows 3 to 4 were not taken, the 2 before them were: POST https://a.example/v1/orders was answered with status \
             422: {\"error\":\"id 3 is taken\"}"
        );
    }

    #[test]
    fn what_does_not_go_together_is_said() {
        for (selection, expected) in [
            (json!({"path": "x"}), "the resource is `orders` behind EXPORT TO, and `x` in `path`"),
            (json!({"method": "DELETE"}), "`method` is POST, PUT or PATCH, not `DELETE`"),
            (
                json!({"format": "object", "batch_size": 5}),
                "`format` object sends one row a request, and has no other `batch_size`",
            ),
            (json!({"format": "object", "rows_path": "x"}), "`format` object has no `rows_path` and no `body`"),
            (json!({"format": "csv"}), "`format` is array or object, not `csv`"),
            (json!({"body": {}}), "`body` needs a `rows_path`, where the rows stand in it"),
            (
                json!({"body": [], "rows_path": "x"}),
                "there is no place for rows at `x` of `body`: `rows_path` is keys with dots",
            ),
            (
                json!({"rows_path": "x[0]"}),
                "there is no place for rows at `x[0]` of `body`: `rows_path` is keys with dots",
            ),
        ] {
            assert_eq!(open(&taking(), selection).unwrap_err().message, expected);
        }
    }
}
