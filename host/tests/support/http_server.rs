//! A small HTTP server on loopback: it answers as a function says, keeps what it received, and fails when told to.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// A request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub method: String,
    pub path: String,
    /// The query, as it came.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query.
    pub fn param(&self, name: &str) -> Option<String> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .map(|(name, value)| (decoded(name), decoded(value)))
            .find(|(found, _)| found == name)
            .map(|(_, value)| value)
    }

    pub fn number(&self, name: &str) -> Option<usize> {
        self.param(name)?.parse().ok()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status, headers, body: body.to_string().into_bytes() }
    }

    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// This status, and the request has no effect.
    Status(u16),
    /// This status with a header `Retry-After`.
    RetryAfter(u16, &'static str),
    /// The connection is cut, and the request has no effect.
    Cut,
    /// The request has its effect, and the connection is cut before the answer.
    AnswerLost,
    /// Half of the answer's body arrives.
    HalfAnAnswer,
}

type Answer = dyn Fn(&Received) -> Reply + Send + Sync;

/// It ends with the test.
pub struct HttpServer {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    received: Mutex<Vec<Received>>,
    failures: Mutex<VecDeque<Failure>>,
}

impl HttpServer {
    pub fn start(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let (shared, answer): (_, Arc<Answer>) = (Arc::clone(&state), Arc::new(answer));
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (state, answer) = (Arc::clone(&shared), Arc::clone(&answer));
                thread::spawn(move || serve(&connection, &state, &*answer));
            }
        });
        Self { address, state }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Host and port, as `[network] private` grants them.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Everything that arrived so far, what failed included.
    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// What arrived so far, and no longer.
    pub fn take_received(&self) -> Vec<Received> {
        std::mem::take(&mut *self.state.received.lock().unwrap())
    }

    /// The next requests go wrong, each in its way.
    pub fn fail_next(&self, failures: impl IntoIterator<Item = Failure>) {
        self.state.failures.lock().unwrap().extend(failures);
    }
}

/// One request after the other, until the connection ends.
fn serve(connection: &TcpStream, state: &State, answer: &Answer) {
    let Ok(reading) = connection.try_clone() else { return };
    let mut reader = BufReader::new(reading);
    let mut connection = connection;
    while let Some(request) = receive(&mut reader) {
        state.received.lock().unwrap().push(request.clone());
        let failure = state.failures.lock().unwrap().pop_front();
        let error = |status| Reply::json(status, &serde_json::json!({"error": "as it was ordered"}));
        let reply = match &failure {
            Some(Failure::Cut) => break,
            Some(Failure::Status(status)) => error(*status),
            Some(Failure::RetryAfter(status, pause)) => error(*status).with_header("retry-after", *pause),
            Some(Failure::AnswerLost | Failure::HalfAnAnswer) | None => answer(&request),
        };
        if failure == Some(Failure::AnswerLost) {
            break;
        }
        let mut head = format!("HTTP/1.1 {} Mock\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
        for (name, value) in &reply.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        let is_half = failure == Some(Failure::HalfAnAnswer);
        let body = if request.method == "HEAD" { &[][..] } else { &reply.body[..] };
        let body = if is_half { &body[..body.len() / 2] } else { body };
        if connection.write_all(head.as_bytes()).and_then(|()| connection.write_all(body)).is_err() || is_half {
            break;
        }
    }
    let _ = connection.shutdown(Shutdown::Both);
}

fn receive(reader: &mut impl BufRead) -> Option<Received> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let header = |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let body = if header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        chunks(reader)?
    } else {
        let mut body = vec![0; header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
        reader.read_exact(&mut body).ok()?;
        body
    };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Received { method, path: path.to_owned(), query: query.to_owned(), headers, body })
}

fn chunks(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let size = usize::from_str_radix(line.trim(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}

/// `%20` and `+` as what they stand for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| char::from(byte.unwrap_or_default()).to_digit(16).unwrap_or_default() as u8;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next()) << 4 | hex(rest.next()),
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}
