//! The host's half of the contract: requests, rows, the log.

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use duckpen_connectors::{Cancel, ConnectorError, HttpMethod, HttpRequest};
use duckpen_functions::exchange::RowsSink;
use duckpen_sandbox::{Embedder, Guest, LogLevel, Refusal};
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::duckpen::columns::failures::{Failure, Kind};
use crate::bindings::duckpen::connectors::{context, files, http};
use crate::reach::Reach;

/// The interfaces that a connector to a system may import.
pub const GRANTED_INTERFACES: &[&str] = &[CONTEXT, HTTP, ROWS];

/// The interfaces that a reader of files may import: what it reads it can tell nobody but the host.
pub const GRANTED_TO_FILE_READERS: &[&str] = &[CONTEXT, FILES, ROWS];

const CONTEXT: &str = "duckpen:connectors/context@0.1.0";
/// The interface through which files are read.
pub const FILES: &str = "duckpen:connectors/files@0.1.0";
const HTTP: &str = "duckpen:connectors/http@0.1.0";
const ROWS: &str = "duckpen:connectors/rows@0.1.0";

/// What the host keeps beside a connector.
pub(crate) struct ConnectorHost {
    connector: Arc<str>,
    pub(crate) reach: Reach,
    /// The file that was read last, by its number.
    pub(crate) opened: Option<(u32, File)>,
    cancel: Cancel,
    pub(crate) rows: RowsSink,
    /// What went wrong last beyond the host, in full: the connector may make something else of it.
    pub(crate) fault: Option<ConnectorError>,
}

impl ConnectorHost {
    pub(crate) fn new(connector: Arc<str>, reach: Reach, cancel: Cancel) -> Self {
        Self { connector, reach, opened: None, cancel, rows: RowsSink::default(), fault: None }
    }

    /// Beside a component that is only asked what it is: it can do nothing.
    pub(crate) fn idle(connector: &str) -> Self {
        Self::new(connector.into(), Reach::Nothing, Cancel::default())
    }

    /// From now on it is this flag that stops the connector.
    pub(crate) fn watch(&mut self, cancel: Cancel) {
        self.cancel = cancel;
    }

    /// What went wrong last with a request or a file, unless one has gone well since.
    pub(crate) fn take_fault(&mut self) -> Option<ConnectorError> {
        self.fault.take()
    }
}

impl Embedder for ConnectorHost {
    fn is_cancelled(&self) -> bool {
        self.cancel.is_raised()
    }

    fn log(&mut self, level: LogLevel, message: &str) {
        let message = self.reach.redacted(message);
        let (connector, message) = (&*self.connector, message.escape_debug());
        match level {
            LogLevel::Trace => tracing::trace!(connector, "{message}"),
            LogLevel::Debug => tracing::debug!(connector, "{message}"),
            LogLevel::Info => tracing::info!(connector, "{message}"),
            LogLevel::Warn => tracing::warn!(connector, "{message}"),
            LogLevel::Error => tracing::error!(connector, "{message}"),
        }
    }
}

/// Links [`GRANTED_INTERFACES`].
pub(crate) fn add_to_linker(linker: &mut Linker<Guest<ConnectorHost>>) -> wasmtime::Result<()> {
    http::add_to_linker::<_, HasSelf<Guest<ConnectorHost>>>(linker, |guest| guest)?;
    add_common_to_linker(linker)
}

/// Links [`GRANTED_TO_FILE_READERS`].
pub(crate) fn add_files_to_linker(linker: &mut Linker<Guest<ConnectorHost>>) -> wasmtime::Result<()> {
    files::add_to_linker::<_, HasSelf<Guest<ConnectorHost>>>(linker, |guest| guest)?;
    add_common_to_linker(linker)
}

fn add_common_to_linker(linker: &mut Linker<Guest<ConnectorHost>>) -> wasmtime::Result<()> {
    context::add_to_linker::<_, HasSelf<Guest<ConnectorHost>>>(linker, |guest| guest)?;
    RowsSink::add_to_linker(&mut linker.instance(ROWS)?, |host: &mut ConnectorHost| &mut host.rows)
}

impl context::Host for Guest<ConnectorHost> {
    fn log(&mut self, level: context::Level, message: String) -> wasmtime::Result<()> {
        self.count_host_call()?;
        let level = match level {
            context::Level::Trace => LogLevel::Trace,
            context::Level::Debug => LogLevel::Debug,
            context::Level::Info => LogLevel::Info,
            context::Level::Warn => LogLevel::Warn,
            context::Level::Error => LogLevel::Error,
        };
        Guest::log(self, level, &message);
        Ok(())
    }

    fn is_cancelled(&mut self) -> wasmtime::Result<bool> {
        self.count_host_call()?;
        Ok(self.embedder.cancel.is_raised())
    }

    fn now(&mut self) -> wasmtime::Result<u64> {
        self.count_host_call()?;
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

impl http::Host for Guest<ConnectorHost> {
    fn send(&mut self, request: http::Request) -> wasmtime::Result<Result<http::Response, Failure>> {
        self.count_host_call()?;
        let denied = || Refusal::Denied("a request was made by a component that is only asked what it is".into());
        let Reach::Network(client) = &self.embedder.reach else { return Err(denied().into()) };
        let client = Arc::clone(client);
        if self.embedder.cancel.is_raised() {
            return Err(Refusal::Cancelled.into());
        }
        let request = HttpRequest {
            method: method(request.method),
            url: request.url,
            headers: request.headers.into_iter().map(|header| (header.name, header.value)).collect(),
            body: request.body,
            is_repeatable: request.is_repeatable,
        };
        let watch = self.stopwatch();
        // Nothing stops a guest while the host works for it, but the host itself.
        let left = self.limits().time.saturating_sub(self.call_started().elapsed()).max(Duration::from_millis(1));
        let outcome = client.send(&request, &self.embedder.cancel, left);
        self.add_host_time(watch.elapsed());
        match outcome {
            Ok(response) => {
                self.embedder.fault = None;
                let header = |(name, value)| http::Header { name, value };
                Ok(Ok(http::Response {
                    status: response.status,
                    headers: response.headers.into_iter().map(header).collect(),
                    body: response.body,
                }))
            }
            Err(ConnectorError::Cancelled) => Err(Refusal::Cancelled.into()),
            Err(ConnectorError::Host(message)) => Err(Refusal::Fault(message).into()),
            Err(error) => {
                let failure = failure(&error);
                self.embedder.fault = Some(error);
                Ok(Err(failure))
            }
        }
    }
}

/// What a connector may know of what went wrong.
pub(crate) fn failure(error: &ConnectorError) -> Failure {
    let kind = match error {
        ConnectorError::BadRequest { .. } => Kind::InvalidInput,
        ConnectorError::Network(_) => Kind::InvalidConfiguration,
        error if error.is_transient() => Kind::Retryable,
        _ => Kind::InvalidInput,
    };
    Failure { kind, message: error.to_string(), hint: error.hint(), row: None }
}

fn method(method: http::Method) -> HttpMethod {
    match method {
        http::Method::Get => HttpMethod::Get,
        http::Method::Head => HttpMethod::Head,
        http::Method::Post => HttpMethod::Post,
        http::Method::Put => HttpMethod::Put,
        http::Method::Patch => HttpMethod::Patch,
        http::Method::Delete => HttpMethod::Delete,
    }
}
