//! Why a connector did not do what it was asked, in words for whoever wrote the pipeline.

use duckpen_connectors::{ConnectorError, RemoteError, RemoteFailure};
use duckpen_functions::exchange::shown;
use duckpen_sandbox::Stopped;

use crate::bindings::duckpen::columns::failures::{Failure, Kind};

/// What a component says, as an error of its system. `fault` is what went wrong with its last request: that is told as it
/// was, with what the component says around it. `redacted` takes secrets out of a text.
pub(crate) fn told(
    place: &str,
    failure: &Failure,
    fault: Option<ConnectorError>,
    redacted: impl Fn(&str) -> String,
) -> ConnectorError {
    match fault {
        Some(ConnectorError::Remote(error)) if failure.message.contains(&error.to_string()) => {
            let message = failure.message.replace(&error.to_string(), &error.message);
            return RemoteError { message: redacted(&shown(&message)), ..error }.into();
        }
        Some(fault) => return fault,
        None => {}
    }
    let kind = match failure.kind {
        Kind::Cancelled => return ConnectorError::Cancelled,
        Kind::Retryable => RemoteFailure::Busy,
        Kind::Internal => RemoteFailure::Unexpected,
        Kind::InvalidInput | Kind::InvalidConfiguration | Kind::Unsupported => RemoteFailure::Rejected,
    };
    let mut message = redacted(&shown(&failure.message));
    if let Some(row) = failure.row {
        message = format!("{message}\n  in row {row} of its batch");
    }
    let mut error = RemoteError::new(place, kind, message);
    error.hint = failure.hint.as_deref().map(|hint| redacted(&shown(hint)));
    error.into()
}

/// What a reader of files says. `fault` is what went wrong with its last look at a file, which is told as it was.
pub(crate) fn of_files(place: &str, failure: &Failure, fault: Option<ConnectorError>) -> ConnectorError {
    match (fault, failure.kind) {
        (Some(fault), _) => fault,
        (None, Kind::Cancelled) => ConnectorError::Cancelled,
        (None, _) => ConnectorError::Unreadable {
            place: place.to_owned(),
            reason: shown(&failure.message),
            hint: failure.hint.as_deref().map(shown),
        },
    }
}

/// How a component's call was stopped.
pub(crate) fn stopped(connector: &str, call: &str, stopped: &Stopped) -> ConnectorError {
    let hint = match stopped {
        Stopped::Cancelled => return ConnectorError::Cancelled,
        Stopped::Limit(exceeded) if exceeded.kind.is_adjustable() => {
            let name = exceeded.kind.name();
            Some(format!("raise it with `connector_limits.{name}` in duckpen.toml"))
        }
        Stopped::Denied(_) | Stopped::Trap(_) => Some("the component breaks its contract; tell its author".to_owned()),
        Stopped::Limit(_) | Stopped::HostFault(_) => None,
    };
    ConnectorError::Component { message: format!("the connector `{connector}`: {stopped}, in `{call}`"), hint }
}
