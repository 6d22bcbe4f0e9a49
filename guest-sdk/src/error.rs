//! What went wrong, as the host reports it.

/// Who can mend an [`Error`], and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ErrorKind {
    /// The data or the call is wrong, and its author can mend it.
    #[default]
    InvalidInput,
    /// An option or a setting is wrong or missing.
    InvalidConfiguration,
    /// The guest cannot do what was asked.
    Unsupported,
    /// It may work if tried again.
    Retryable,
    /// The host asked to stop.
    Cancelled,
    /// The guest's own fault.
    Internal,
}

/// Why a function or a handler could not do its work.
///
/// A text becomes an error of kind [`ErrorKind::InvalidInput`], so that `?` and `.into()` do for most functions:
///
/// ```
/// # use duckpen_guest::Error;
/// fn half(x: i64) -> Result<i64, Error> {
///     if x % 2 == 1 {
///         return Err(Error::from(format!("{x} is odd")).with_hint("filter odd numbers out first"));
///     }
///     Ok(x / 2)
/// }
/// assert_eq!(half(3).unwrap_err().message, "3 is odd");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Error {
    /// Who can mend it.
    pub kind: ErrorKind,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What the reader can do about it.
    pub hint: Option<String>,
    /// The row of the batch at fault, counted from 0. A function that is called row by row need not set it.
    pub row: Option<u32>,
}

impl Error {
    /// An error of the given kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, row: None }
    }

    /// The same error with advice for its reader.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error with the row at fault, unless it names one already.
    #[must_use]
    pub fn at_row(mut self, row: usize) -> Self {
        self.row = self.row.or(u32::try_from(row).ok());
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<&str> for Error {
    fn from(message: &str) -> Self {
        Self::new(ErrorKind::default(), message)
    }
}

impl From<String> for Error {
    fn from(message: String) -> Self {
        Self::new(ErrorKind::default(), message)
    }
}

macro_rules! conversions {
    ($bindings:ident) => {
        const _: () = {
            use crate::bindings::$bindings::duckpen::columns::failures::{Failure, Kind};

            impl From<Error> for Failure {
                fn from(error: Error) -> Self {
                    let kind = match error.kind {
                        ErrorKind::InvalidInput => Kind::InvalidInput,
                        ErrorKind::InvalidConfiguration => Kind::InvalidConfiguration,
                        ErrorKind::Unsupported => Kind::Unsupported,
                        ErrorKind::Retryable => Kind::Retryable,
                        ErrorKind::Cancelled => Kind::Cancelled,
                        ErrorKind::Internal => Kind::Internal,
                    };
                    Self { kind, message: error.message, hint: error.hint, row: error.row }
                }
            }

            impl From<Failure> for Error {
                fn from(failure: Failure) -> Self {
                    let kind = match failure.kind {
                        Kind::InvalidInput => ErrorKind::InvalidInput,
                        Kind::InvalidConfiguration => ErrorKind::InvalidConfiguration,
                        Kind::Unsupported => ErrorKind::Unsupported,
                        Kind::Retryable => ErrorKind::Retryable,
                        Kind::Cancelled => ErrorKind::Cancelled,
                        Kind::Internal => ErrorKind::Internal,
                    };
                    Self { kind, message: failure.message, hint: failure.hint, row: failure.row }
                }
            }
        };
    };
}

#[cfg(feature = "functions")]
conversions!(functions);
#[cfg(feature = "handlers")]
conversions!(handlers);
