//! What an error of the client library means.

use std::error::Error as _;
use std::io;

use deadpool_postgres::{HookError, PoolError};
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::{ConnectorError, RemoteError, RemoteFailure};

/// An error of a call, told of a place.
pub(super) fn explain(place: &str, error: &Error) -> ConnectorError {
    if let Some(refusal) = error.as_db_error() {
        return refused(place, refusal).into();
    }
    let mut cause = error.source();
    while let Some(found) = cause {
        if let Some(io) = found.downcast_ref::<io::Error>() {
            return RemoteError::new(place, io_failure(io, error), words(error)).into();
        }
        cause = found.source();
    }
    let text = words(error);
    let kind = if error.is_closed() {
        RemoteFailure::Lost
    } else if text.contains("password") || text.contains("authentication") {
        RemoteFailure::Credentials
    } else if text.to_lowercase().contains("tls") {
        RemoteFailure::Tls
    } else {
        RemoteFailure::Unexpected
    };
    RemoteError::new(place, kind, text).into()
}

/// An error of the pool, told of a place.
pub(super) fn explain_pool(place: &str, error: &PoolError) -> ConnectorError {
    match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => explain(place, error),
        PoolError::Timeout(_) => {
            RemoteError::new(place, RemoteFailure::Busy, "all connections of the pool are in use").into()
        }
        other => RemoteError::new(place, RemoteFailure::Unexpected, other.to_string()).into(),
    }
}

/// No answer within the time.
pub(super) fn timed_out(place: &str, seconds: f64) -> ConnectorError {
    RemoteError::new(place, RemoteFailure::Timeout, format!("no answer within {seconds} s")).into()
}

fn refused(place: &str, refusal: &DbError) -> RemoteError {
    let code = refusal.code();
    let kind = match code.code() {
        _ if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            RemoteFailure::Credentials
        }
        _ if *code == SqlState::INVALID_CATALOG_NAME => RemoteFailure::NoSuchDatabase,
        _ if *code == SqlState::INSUFFICIENT_PRIVILEGE => RemoteFailure::Permission,
        _ if [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN, SqlState::INVALID_SCHEMA_NAME].contains(code) => {
            RemoteFailure::NoSuchRelation
        }
        // Of an administrator, and of a server that was restarted after a crash.
        "57P01" | "57P02" => RemoteFailure::Lost,
        // Starting or stopping; no connection left; somebody holds what is needed.
        "57P03" | "53300" | "55P03" | "40001" | "40P01" => RemoteFailure::Busy,
        "57014" => RemoteFailure::Timeout,
        other if other.starts_with("08") => RemoteFailure::Lost,
        _ => RemoteFailure::Rejected,
    };
    let message = match refusal.detail() {
        Some(detail) => format!("{} ({detail})", refusal.message()),
        None => refusal.message().to_owned(),
    };
    let mut told = RemoteError::new(place, kind, message);
    if let Some(hint) = refusal.hint() {
        told.hint = Some(hint.to_owned());
    }
    told
}

fn io_failure(error: &io::Error, whole: &Error) -> RemoteFailure {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => RemoteFailure::Refused,
        io::ErrorKind::TimedOut => RemoteFailure::Timeout,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => RemoteFailure::Unreachable,
        // A socket in a folder where no server has one.
        io::ErrorKind::NotFound => RemoteFailure::Refused,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => RemoteFailure::Tls,
        _ if error.to_string().contains("lookup address") => RemoteFailure::NameResolution,
        _ if whole.to_string().contains("TLS") => RemoteFailure::Tls,
        _ => RemoteFailure::Lost,
    }
}

/// An error and what caused it, each once.
fn words(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(found) = cause {
        let more = found.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = found.source();
    }
    text
}
