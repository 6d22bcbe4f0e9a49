//! What an error of a request, or a response, means.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::redaction::Redaction;
use crate::network::NetworkRefusal;
use crate::{ConnectorError, RemoteError, RemoteFailure};

/// Characters of a response's body that stand in a message.
const EXCERPT: usize = 200;

/// A failed attempt.
pub(super) struct Failed {
    pub(super) error: ConnectorError,
    /// Whether the server may have seen something of the request.
    pub(super) has_arrived: bool,
}

/// An error of the client library.
pub(super) fn explain(place: &str, error: &reqwest::Error, redaction: &Redaction) -> Failed {
    let mut cause = error.source();
    let mut io_kind = None;
    let mut words = String::new();
    while let Some(found) = cause {
        if let Some(refusal) = found.downcast_ref::<NetworkRefusal>() {
            return Failed { error: refusal.clone().into(), has_arrived: false };
        }
        if let Some(found) = found.downcast_ref::<io::Error>() {
            io_kind = io_kind.or(Some(found.kind()));
        }
        let more = found.to_string();
        if !words.contains(&more) {
            words = if words.is_empty() { more } else { format!("{words}: {more}") };
        }
        cause = found.source();
    }
    let is_about = |word: &str| words.to_lowercase().contains(word);
    let kind = match io_kind {
        _ if error.is_timeout() => RemoteFailure::Timeout,
        Some(io::ErrorKind::ConnectionRefused) => RemoteFailure::Refused,
        Some(io::ErrorKind::TimedOut) => RemoteFailure::Timeout,
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => RemoteFailure::Unreachable,
        _ if is_about("lookup address") || is_about("has no address") => RemoteFailure::NameResolution,
        _ if error.is_connect() && (is_about("certificate") || is_about("tls") || is_about("handshake")) => {
            RemoteFailure::Tls
        }
        _ if error.is_connect() => RemoteFailure::Lost,
        // A length that is not the announced one, a connection that is cut, an answer that is not of this protocol.
        _ if is_about("invalid http") || is_about("parse") => RemoteFailure::Unexpected,
        _ => RemoteFailure::Lost,
    };
    // Without the address, in which a secret may stand.
    let message = if words.is_empty() {
        error.to_string().split(" for url").next().unwrap_or_default().to_owned()
    } else {
        words
    };
    let has_arrived = !error.is_connect();
    Failed { error: hinted(RemoteError::new(place, kind, redaction.text(&message))).into(), has_arrived }
}

/// No answer within the time.
pub(super) fn timed_out(place: &str, timeout: Duration) -> ConnectorError {
    let message = format!("no answer within {} s", timeout.as_secs_f64());
    hinted(RemoteError::new(place, RemoteFailure::Timeout, message)).into()
}

/// A response that says that another attempt may go better.
pub(super) fn busy(place: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> ConnectorError {
    let mut message = status.to_string();
    let excerpt = excerpt(body);
    if !excerpt.is_empty() {
        message = format!("{message}: {excerpt}");
    }
    let mut error = RemoteError::new(place, RemoteFailure::Busy, message);
    error.retry_after = retry_after(headers);
    error.hint = Some(
        "try again later, or let it be tried more often with `max_retries`; `rate_limit_per_minute` keeps below a limit"
            .to_owned(),
    );
    error.into()
}

/// An answer that cannot be used.
pub(super) fn unusable(place: &str, message: impl Into<String>, hint: Option<&str>) -> ConnectorError {
    let mut error = RemoteError::new(place, RemoteFailure::Unexpected, message);
    error.hint = hint.map(str::to_owned);
    error.into()
}

/// The credentials are not accepted.
pub(super) fn no_token(place: &str, status: u16, body: &[u8]) -> ConnectorError {
    let excerpt = excerpt(body);
    let separator = if excerpt.is_empty() { "" } else { ": " };
    let message = format!("no token was given: status {status}{separator}{excerpt}");
    let mut error = RemoteError::new(place, RemoteFailure::Credentials, message);
    error.hint =
        Some("look at the parameters of the client's credentials, and at the variables they come from".to_owned());
    error.into()
}

/// Hints are a database's by default.
fn hinted(mut error: RemoteError) -> RemoteError {
    error.hint = match error.kind {
        RemoteFailure::NameResolution | RemoteFailure::Refused | RemoteFailure::Unreachable => {
            Some("look at the address, and whether the server runs and can be reached from here")
        }
        RemoteFailure::Tls => Some(
            "look at the address; the server's certificate has to be of a public authority, or of one \
             of the file that `[network] ca_file` in duckpen.toml names",
        ),
        RemoteFailure::Timeout => Some("raise `timeout_seconds`, in seconds, if it is only slow"),
        RemoteFailure::Lost => Some("run again: nothing of the step was kept"),
        _ => None,
    }
    .map(str::to_owned);
    error
}

/// How long a server asks to be left alone: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    static DATES: DateTimeParser = DateTimeParser::new();
    let until = DATES.parse_timestamp(text).ok()?;
    Duration::try_from(until.duration_since(Timestamp::now())).ok()
}

/// The beginning of a body, on one line.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * EXCERPT)]);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|character| !character.is_control()).take(EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_until_a_date() {
        let asked = |text: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, text.parse().expect("a value"))]));
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked(" 0.5 "), Some(Duration::from_millis(500)));
        for text in ["-1", "soon", "", "1e400"] {
            assert_eq!(asked(text), None, "{text}");
        }
        let later = Timestamp::now() + Duration::from_secs(60);
        let printed = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&later).expect("a date");
        let pause = asked(&printed).expect("a date").as_secs_f64();
        assert!((58.0..=60.0).contains(&pause), "{printed}: {pause}");
        assert_eq!(asked("Wed, 21 Oct 2015 07:28:00 GMT"), None, "what is past is no pause");
    }
}
