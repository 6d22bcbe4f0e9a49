//! An API of HTTP and JSON with every kind of pages, on loopback; it takes rows, too.
//!
//! | address | pages |
//! |---|---|
//! | `/list` | one, a list |
//! | `/page?page=1&page_size=10` | counted, rows at `data.items` |
//! | `/offset?offset=0&limit=10` | by offset, rows at `data.items` |
//! | `/cursor?cursor=...` | a cursor at `meta.next_cursor`, rows at `data.items` |
//! | `/next` | an address at `links.next`, rows at `data.items` |
//! | `/link` | the header `Link`, a list |
//! | `/since?updated_since=...` | one, rows whose `updated` is that or later |
//! | `/items` (POST, PUT) | takes rows: a list, an object, or a list at `records` |
//! | `/token` (POST) | gives a token for client credentials |

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::http_server::{HttpServer, Received, Reply};

/// Rows of a page, unless the request says otherwise.
pub const PAGE: usize = 10;
/// What `/token` gives.
pub const OAUTH_TOKEN: &str = "token-for-the-client";

/// What a request has to show.
#[derive(Debug, Clone)]
pub enum Credential {
    None,
    /// A header with this value.
    Header(&'static str, String),
    /// A parameter of the query with this value.
    Param(&'static str, String),
}

pub struct RestApi {
    pub server: HttpServer,
    state: Arc<Mutex<State>>,
}

struct State {
    rows: Vec<Value>,
    credential: Credential,
    taken: Vec<Value>,
    keys: HashSet<String>,
}

impl RestApi {
    pub fn start(rows: Vec<Value>) -> Self {
        Self::requiring(Credential::None, rows)
    }

    pub fn requiring(credential: Credential, rows: Vec<Value>) -> Self {
        let state = State { rows, credential, taken: Vec::new(), keys: HashSet::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        Self { server: HttpServer::start(move |request| shared.lock().unwrap().answer(request)), state }
    }

    pub fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    pub fn set_rows(&self, rows: Vec<Value>) {
        self.state.lock().unwrap().rows = rows;
    }

    /// The rows that were sent, each batch once by its key.
    pub fn taken(&self) -> Vec<Value> {
        self.state.lock().unwrap().taken.clone()
    }
}

/// `count` rows, `{"id": 1, "name": "row 1", "amount": 1.5}` the first.
pub fn rows(count: usize) -> Vec<Value> {
    (1..=count).map(|id| json!({"id": id, "name": format!("row {id}"), "amount": id as f64 * 1.5})).collect()
}

impl State {
    fn answer(&mut self, request: &Received) -> Reply {
        if request.path == "/token" {
            return Reply::json(200, &json!({"access_token": OAUTH_TOKEN, "token_type": "Bearer", "expires_in": 3600}));
        }
        let is_known = match &self.credential {
            Credential::None => true,
            Credential::Header(name, value) => request.header(name) == Some(value),
            Credential::Param(name, value) => request.param(name).as_ref() == Some(value),
        };
        if !is_known {
            return Reply::json(401, &json!({"error": "who are you?"}));
        }
        let page = |rows: &[Value]| json!({"data": {"items": rows}, "meta": {}, "links": {}});
        match (request.method.as_str(), request.path.as_str()) {
            ("GET" | "POST", "/list") => Reply::json(200, &json!(self.rows)),
            ("GET" | "POST", "/page") => {
                let size = request.number("page_size").unwrap_or(PAGE);
                let first = request.number("page").map_or(0, |page| page.saturating_sub(1)) * size;
                Reply::json(200, &page(self.part(first, size)))
            }
            ("GET", "/offset") => {
                let size = request.number("limit").unwrap_or(PAGE);
                Reply::json(200, &page(self.part(request.number("offset").unwrap_or(0), size)))
            }
            ("GET", "/cursor") => {
                let first = request.param("cursor").and_then(|cursor| cursor.strip_prefix("from-")?.parse().ok()).unwrap_or(0);
                let mut document = page(self.part(first, PAGE));
                document["meta"]["next_cursor"] = self.after(first).map(|next| format!("from-{next}")).into();
                Reply::json(200, &document)
            }
            ("GET", "/next") => {
                let first = request.number("from").unwrap_or(0);
                let mut document = page(self.part(first, PAGE));
                document["links"]["next"] = self.after(first).map(|next| format!("/next?from={next}")).into();
                Reply::json(200, &document)
            }
            ("GET", "/link") => {
                let first = request.number("from").unwrap_or(0);
                let reply = Reply::json(200, &json!(self.part(first, PAGE)));
                match self.after(first) {
                    Some(next) => reply.with_header("link", format!("</link?from={next}>; rel=\"next\"")),
                    None => reply,
                }
            }
            ("GET", "/since") => {
                let since = request.param("updated_since").unwrap_or_default();
                let is_new = |row: &&Value| row["updated"].as_str().is_some_and(|updated| updated >= since.as_str());
                Reply::json(200, &json!(self.rows.iter().filter(is_new).collect::<Vec<_>>()))
            }
            ("POST" | "PUT" | "PATCH", "/items") => self.take(request),
            (_, path) => Reply::json(404, &json!({"error": format!("there is no {path}")})),
        }
    }

    fn part(&self, first: usize, size: usize) -> &[Value] {
        let first = first.min(self.rows.len());
        &self.rows[first..self.rows.len().min(first + size)]
    }

    fn after(&self, first: usize) -> Option<usize> {
        Some(first + PAGE).filter(|next| *next < self.rows.len())
    }

    fn take(&mut self, request: &Received) -> Reply {
        if request.header("idempotency-key").is_some_and(|key| !self.keys.insert(key.to_owned())) {
            return Reply::json(200, &json!({"taken": 0, "note": "this key was here before"}));
        }
        let rows = match request.json() {
            Value::Array(rows) => rows,
            Value::Object(mut document) => match document.remove("records") {
                Some(Value::Array(rows)) => rows,
                _ => vec![Value::Object(document)],
            },
            _ => return Reply::json(400, &json!({"error": "rows are wanted"})),
        };
        if let Some(row) = rows.iter().find(|row| row["id"].is_null()) {
            return Reply::json(422, &json!({"error": "a row has no id", "row": row}));
        }
        self.taken.extend(rows.iter().cloned());
        Reply::json(201, &json!({"taken": rows.len()}))
    }
}
