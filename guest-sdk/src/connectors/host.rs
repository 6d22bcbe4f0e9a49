//! What the host does for a connector: requests, the log, the time.

use std::fmt;
use std::rc::Rc;

use super::contract::{context, http};
use super::http::{Method, Request, RequestBuilder, Response};
use crate::{Error, ErrorKind};

/// How grave a line of the log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// Who does it: the host, or a double in a test.
pub trait Backend {
    /// Makes one request. A response of any status is one.
    ///
    /// # Errors
    /// When there was no response, or the request was refused.
    fn send(&self, request: &Request) -> Result<Response, Error>;

    /// Writes a line to the log of the run.
    fn log(&self, level: Level, message: &str);

    /// Whether the work is to stop.
    fn is_cancelled(&self) -> bool;

    /// Milliseconds since 1970-01-01 00:00 UTC.
    fn now(&self) -> u64;
}

/// What the host does for a connector. A clone is the same.
#[derive(Clone)]
pub struct Host(Rc<dyn Backend>);

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Host")
    }
}

impl Host {
    /// One that works as `backend` does.
    pub fn new(backend: impl Backend + 'static) -> Self {
        Self(Rc::new(backend))
    }

    /// The real one.
    pub(super) fn real() -> Self {
        Self::new(Imports)
    }

    /// A request that reads. It may be repeated.
    pub fn get(&self, url: impl Into<String>) -> RequestBuilder<'_> {
        self.request(Method::Get, url)
    }

    /// A request that sends something. It is not repeated unless it is said to be
    /// [`repeatable`](RequestBuilder::repeatable).
    pub fn post(&self, url: impl Into<String>) -> RequestBuilder<'_> {
        self.request(Method::Post, url)
    }

    /// A request of any method.
    pub fn request(&self, method: Method, url: impl Into<String>) -> RequestBuilder<'_> {
        RequestBuilder::new(self, Request::new(method, url))
    }

    /// Sends a request that is complete.
    ///
    /// # Errors
    /// When there was no response, it was refused, or the work is to stop.
    pub fn send(&self, request: &Request) -> Result<Response, Error> {
        if self.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "the run is being stopped"));
        }
        self.0.send(request)
    }

    /// Writes a line to the log of the run.
    pub fn log(&self, level: Level, message: &str) {
        self.0.log(level, message);
    }

    /// Whether the work is to stop. The host stops a connector that does not ask, too; requests ask by themselves.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Milliseconds since 1970-01-01 00:00 UTC.
    pub fn now(&self) -> u64 {
        self.0.now()
    }
}

/// What the component imports.
struct Imports;

impl Backend for Imports {
    fn send(&self, request: &Request) -> Result<Response, Error> {
        let header = |(name, value): &(String, String)| http::Header { name: name.clone(), value: value.clone() };
        let response = http::send(&http::Request {
            method: request.method.into(),
            url: request.url.clone(),
            headers: request.headers.iter().map(header).collect(),
            body: request.body.clone(),
            is_repeatable: request.is_repeatable,
        })?;
        let headers = response.headers.into_iter().map(|header| (header.name, header.value)).collect();
        Ok(Response { status: response.status, headers, body: response.body })
    }

    fn log(&self, level: Level, message: &str) {
        let level = match level {
            Level::Trace => context::Level::Trace,
            Level::Debug => context::Level::Debug,
            Level::Info => context::Level::Info,
            Level::Warn => context::Level::Warn,
            Level::Error => context::Level::Error,
        };
        context::log(level, message);
    }

    fn is_cancelled(&self) -> bool {
        context::is_cancelled()
    }

    fn now(&self) -> u64 {
        context::now()
    }
}
