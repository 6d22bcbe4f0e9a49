//! Why a step failed.

use duckpen_connectors::ConnectorError;
use duckpen_faults::Injected;
use duckpen_sandbox::{Exceeded, Stopped};

use crate::output::FailedTest;
use crate::udf::UdfError;

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum StepFault {
    /// The database refused a statement.
    #[error("{0}")]
    Database(duckpen_database::Error),
    /// A function of a component failed, or was stopped. That another attempt would go better is unlikely.
    #[error("{message}")]
    Function {
        /// Which function of which component, and what happened.
        message: String,
        /// What can be done.
        hint: Option<String>,
    },
    /// A place or a file cannot be used.
    #[error(transparent)]
    Connector(ConnectorError),
    /// The handler refused the step.
    #[error("{message}")]
    Handler {
        /// Its words.
        message: String,
        /// What can be done.
        hint: Option<String>,
    },
    /// The handler was stopped.
    #[error("the step's handler {stopped}")]
    Stopped {
        /// Why.
        stopped: Stopped,
    },
    /// A key stands in the rows of an upsert more than once.
    #[error("the rows have the key {key} more than once: which of them is right?")]
    RepeatedKey {
        /// The first such key.
        key: String,
    },
    /// A test found rows that must not be.
    #[error("{}", .0.what)]
    Test(FailedTest),
    /// A test names a column that its table does not have.
    #[error("the table `{table}` has no column `{column}`")]
    NoColumn {
        /// The column.
        column: String,
        /// The table.
        table: String,
        /// The columns it has.
        columns: Vec<String>,
    },
    /// A test of the host lets a call fail.
    #[error(transparent)]
    Injected(#[from] Injected),
    /// The step wants what no step gets.
    #[error("{what} is not allowed in a pipeline")]
    Forbidden {
        /// What.
        what: String,
    },
    /// The step reads what its plan does not say.
    #[error("the table `{table}` is not among those that the step was granted")]
    Ungranted {
        /// The table.
        table: String,
    },
    /// A call of a Python function cannot be made.
    #[error(transparent)]
    Udf(UdfError),
    /// The step was told to stop.
    #[error("stopped")]
    Cancelled,
    /// The plan is not what the executor was made for.
    #[error("fault of the host: {0}")]
    Host(String),
}

impl From<duckpen_database::Error> for StepFault {
    fn from(error: duckpen_database::Error) -> Self {
        match error {
            duckpen_database::Error::Interrupted => Self::Cancelled,
            duckpen_database::Error::Forbidden { what } => Self::Forbidden { what },
            duckpen_database::Error::Query { message } => match message.strip_prefix("Invalid Input Error: ") {
                Some(message) if message.starts_with("function `") => {
                    let (message, hint) = message.split_once("\nhint: ").map_or((message, None), |(m, h)| (m, Some(h)));
                    Self::Function { message: message.to_owned(), hint: hint.map(str::to_owned) }
                }
                _ => Self::Database(duckpen_database::Error::Query { message }),
            },
            error => Self::Database(error),
        }
    }
}

impl From<ConnectorError> for StepFault {
    fn from(error: ConnectorError) -> Self {
        match error {
            ConnectorError::Database(error) => error.into(),
            ConnectorError::Cancelled => Self::Cancelled,
            error => Self::Connector(error),
        }
    }
}

impl StepFault {
    /// What its reader can do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Handler { hint, .. } | Self::Function { hint, .. } => hint.clone(),
            Self::Udf(error) => error.hint(),
            Self::Stopped { stopped: Stopped::Limit(Exceeded { kind, .. }) } if kind.is_adjustable() => {
                Some(format!("raise it with `step_limits.{}` in duckpen.toml", kind.name()))
            }
            Self::RepeatedKey { .. } => {
                Some("make the key unique first, for example with a CREATE TABLE that keeps one row of each".into())
            }
            Self::NoColumn { columns, .. } => Some(format!("its columns are {}", columns.join(", "))),
            Self::Connector(error) => error.hint(),
            _ => None,
        }
    }

    /// What belongs to the message and not into its line: some of the rows that a test found.
    pub fn notes(&self) -> &[String] {
        match self {
            Self::Test(failed) => &failed.sample,
            _ => &[],
        }
    }

    /// Whether policy refused it, and not the data or the machine.
    pub fn is_policy(&self) -> bool {
        matches!(
            self,
            Self::Forbidden { .. }
                | Self::Ungranted { .. }
                | Self::Connector(ConnectorError::Escapes { .. } | ConnectorError::Network(_))
        )
    }

    /// The same in words that `hide` has gone through, of what others than this host have said: the database and systems quote
    /// what they were sent.
    #[must_use]
    pub fn in_words(self, hide: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Database(duckpen_database::Error::Query { message }) => {
                Self::Database(duckpen_database::Error::Query { message: hide(&message) })
            }
            Self::Function { message, hint } => {
                Self::Function { message: hide(&message), hint: hint.map(|hint| hide(&hint)) }
            }
            Self::Handler { message, hint } => {
                Self::Handler { message: hide(&message), hint: hint.map(|hint| hide(&hint)) }
            }
            Self::RepeatedKey { key } => Self::RepeatedKey { key: hide(&key) },
            Self::Test(FailedTest { what, found, sample }) => Self::Test(FailedTest {
                what: hide(&what),
                found,
                sample: sample.iter().map(|row| hide(row)).collect(),
            }),
            Self::Connector(error) => {
                let (said, hint) = (error.to_string(), error.hint());
                let message = hide(&said);
                if message == said { Self::Connector(error) } else { Self::Handler { message, hint } }
            }
            fault => fault,
        }
    }

    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_conflict())
    }

    /// Whether a more thorough look at a CSV file may help.
    pub(crate) fn is_about_csv(&self) -> bool {
        matches!(self, Self::Database(error) if {
            let text = error.to_string();
            text.contains("CSV Error") || text.contains("Error when sniffing file") || text.starts_with("Conversion Error")
        })
    }
}
