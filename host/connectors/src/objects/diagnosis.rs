use std::error::Error;

use super::answer::Told;
use crate::{ConnectorError, RemoteError, RemoteFailure};

/// What an error of the library means. `what` is the object or the bucket that the request was about.
pub(super) fn explain(place: &str, what: &str, error: &(dyn Error + 'static)) -> ConnectorError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(found) = cause {
        match found.downcast_ref::<Told>() {
            Some(Told::Network(refusal)) => return refusal.clone().into(),
            Some(Told::Remote(error)) => return error.clone().into(),
            Some(Told::Refused(refusal)) => {
                let message = match refusal.kind() {
                    RemoteFailure::NoSuchBucket => format!("there is no bucket: {refusal}"),
                    RemoteFailure::NoSuchObject => format!("there is no object `{what}`: {refusal}"),
                    RemoteFailure::Changed => format!("the object `{what}` changed while it was read: {refusal}"),
                    _ => format!("`{what}`: {refusal}"),
                };
                return failure(place, refusal.kind(), message).into();
            }
            None => {}
        }
        cause = found.source();
    }
    let words = words(error);
    // An upload may be refused in the body of an answer that says that all is well.
    let is_busy = words.contains("InternalError") || words.contains("SlowDown");
    let kind = if is_busy { RemoteFailure::Busy } else { RemoteFailure::Unexpected };
    failure(place, kind, format!("`{what}`: {words}")).into()
}

/// A failure of an object store, with what its reader can do.
pub(super) fn failure(place: &str, kind: RemoteFailure, message: impl Into<String>) -> RemoteError {
    let hint = match kind {
        RemoteFailure::NameResolution | RemoteFailure::Refused | RemoteFailure::Unreachable => {
            "look at `endpoint_url` and `region`, and whether the server runs and listens there"
        }
        RemoteFailure::Tls => {
            "the server has to show a certificate of a public authority, or of one of the file that `[network] ca_file` in \
             duckpen.toml names; `endpoint_url` with http:// asks it without"
        }
        RemoteFailure::Credentials => {
            "look at `access_key_id`, `secret_access_key`, `session_token` and `region`, and at the variables they come from"
        }
        RemoteFailure::Permission => "the owner of the bucket can grant it to these credentials",
        RemoteFailure::NoSuchBucket => "look at `bucket` or `uri`, and at `region` and `endpoint_url`",
        RemoteFailure::NoSuchObject => {
            "look at `key` or `uri`: names have letters in the case in which they are written"
        }
        RemoteFailure::Changed => "run again when nobody writes it",
        RemoteFailure::Timeout => "raise `timeout_seconds`, in seconds, if it is only slow",
        RemoteFailure::Lost => "run again: nothing of the step was kept",
        RemoteFailure::Busy => "run again later, or ask it less often with `rate_limit_per_minute`",
        RemoteFailure::Rejected => {
            "where it speaks of another region, set `region`; where of small parts, raise `part_size_mb`"
        }
        _ => {
            return RemoteError {
                place: place.to_owned(),
                kind,
                message: message.into(),
                hint: None,
                retry_after: None,
            };
        }
    };
    let (place, hint) = (place.to_owned(), Some(hint.to_owned()));
    RemoteError { place, kind, message: message.into(), hint, retry_after: None }
}

/// No answer, or not all of it.
pub(super) fn unanswered(place: &str, kind: RemoteFailure, error: &(dyn Error + 'static)) -> RemoteError {
    failure(place, kind, words(error))
}

/// An error and what caused it, each once.
fn words(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(found) = cause {
        let more = found.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = found.source();
    }
    text.chars().filter(|c| !c.is_control()).take(500).collect()
}
