//! Why a call of a function did not give a result, in words for whoever wrote the query.

use std::fmt::Write as _;

use duckpen_database::{CallbackError, VectorError};
use duckpen_sandbox::Stopped;

use crate::bindings::duckpen::columns::failures::Failure;
use crate::declaration::limited;

/// Why a call did not give a result.
pub(crate) enum CallError {
    /// The guest's own error.
    Failure(Failure),
    /// The guest's own error, and the row that it names.
    AtRow(Failure, Place),
    /// Arguments that cannot be passed.
    Arguments(VectorError),
    Stopped(Stopped),
    /// Stopped in a call for one row.
    StoppedAt(Stopped, Place),
}

/// A row that a guest has an error about, or was stopped in. Rows are counted from 0.
pub(crate) enum Place {
    /// Among the rows that one thread has computed at one call site.
    Called {
        row: u64,
        /// Its arguments, shortened.
        arguments: String,
    },
    /// Among the rows that a table function makes of one partition.
    Made { row: u64, partition: u32 },
}

impl Place {
    fn line(&self, function: &str) -> String {
        match self {
            Self::Called { row, arguments } => format!("\n  in row {row} of this thread: {function}({arguments})"),
            Self::Made { row, partition } => format!("\n  in row {row} of partition {partition} of its result"),
        }
    }
}

impl From<Stopped> for CallError {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

/// What the host cannot pass on to a guest.
impl From<VectorError> for CallError {
    fn from(error: VectorError) -> Self {
        Self::Stopped(Stopped::HostFault(error.to_string()))
    }
}

impl CallError {
    /// The error of the query: which function of which component, what happened after how many rows, and what can be done
    /// about it.
    pub(crate) fn message(&self, function: &str, component: &str, rows: u64) -> CallbackError {
        self.text(function, component, &format!("after {rows} rows"))
    }

    /// The error of a query that does not tell which rows were its own: in which call it happened instead.
    pub(crate) fn message_in(&self, function: &str, component: &str, call: &str) -> CallbackError {
        self.text(function, component, &format!("in `{call}`"))
    }

    fn text(&self, function: &str, component: &str, progress: &str) -> CallbackError {
        let mut text = format!("function `{function}` of component `{component}`: ");
        match self {
            Self::Failure(failure) => write_failure(&mut text, failure, ""),
            Self::AtRow(failure, place) => write_failure(&mut text, failure, &place.line(function)),
            Self::Arguments(error) => {
                let _ = write!(text, "its arguments cannot be passed: {error}");
            }
            Self::Stopped(stopped) => {
                let _ = write!(text, "{stopped}, {progress}");
                text.push_str(&hint(stopped, component));
            }
            Self::StoppedAt(stopped, place) => {
                let _ = write!(text, "{stopped}, {progress}{}", place.line(function));
                text.push_str(&hint(stopped, component));
            }
        }
        CallbackError(text)
    }
}

/// What can be done about it, on a line of its own.
fn hint(stopped: &Stopped, component: &str) -> String {
    match stopped {
        Stopped::Limit(exceeded) if exceeded.kind.is_adjustable() => {
            let name = exceeded.kind.name();
            format!(
                "\nhint: raise it with `limits.{name}` for `{component}` in duckpen.toml, or with `--limits {name}=...`"
            )
        }
        Stopped::Denied(_) => "\nhint: the component breaks its contract; tell its author".to_owned(),
        _ => String::new(),
    }
}

fn write_failure(text: &mut String, failure: &Failure, place: &str) {
    let _ = write!(text, "{}{place}", limited(&failure.message));
    if let Some(hint) = &failure.hint {
        let _ = write!(text, "\nhint: {}", limited(hint));
    }
}
