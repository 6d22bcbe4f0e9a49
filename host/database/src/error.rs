use std::path::PathBuf;

/// What the database can refuse.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database could not be opened, for another reason than a lock.
    #[error("cannot open the database {}: {message}", path.display())]
    Open {
        /// The file, or `:memory:`.
        path: PathBuf,
        /// DuckDB's words.
        message: String,
    },
    /// Another process holds the database file.
    #[error("the database {} is in use by another process{}", path.display(), holder(message))]
    Locked {
        /// The file.
        path: PathBuf,
        /// DuckDB's words, which name the process where it is known.
        message: String,
    },
    /// A statement failed.
    #[error("{message}")]
    Query {
        /// DuckDB's words, beginning with the kind of error (`Binder Error: ...`).
        message: String,
    },
    /// A query could not be parsed.
    #[error("{message}")]
    Syntax {
        /// The parser's words, beginning with `Parser Error: `.
        message: String,
        /// Byte offset in the query, where the parser tells one.
        offset: Option<usize>,
    },
    /// The statement was stopped by [`Interrupt`](crate::Interrupt).
    #[error("the statement was interrupted")]
    Interrupted,
    /// The statement is of a kind that this session does not run.
    #[error("{what} is not allowed here")]
    Forbidden {
        /// The kind of statement or the function.
        what: String,
    },
    /// A statement has a frame of a window that excludes rows, and an aggregate whose states DuckDB would not destroy there.
    #[error(
        "`{function}` cannot stand in one statement with EXCLUDE in the frame of a window, where DuckDB never frees the \
         states of such functions; leave rows out with FILTER, or compute it in a statement of its own"
    )]
    Exclusion {
        /// The function, in lower case.
        function: String,
    },
    /// A statement names a view or macro that is like that.
    #[error(
        "`{definition}` has the aggregate `{function}` beside EXCLUDE in the frame of a window, where DuckDB never frees the \
         states of such functions; drop it, or make it anew with FILTER in the place of EXCLUDE"
    )]
    ExclusionInDefinition {
        /// The function, in lower case.
        function: String,
        /// The view or macro, in lower case.
        definition: String,
    },
    /// A text for the database contains a NUL character.
    #[error("the text contains a NUL character")]
    NulCharacter,
    /// A function could not be registered.
    #[error("cannot register the function `{name}`: {reason}")]
    Register {
        /// Name of the function.
        name: String,
        /// Why not.
        reason: String,
    },
    /// DuckDB answered in a way that its documentation excludes.
    #[error("unexpected answer of the database: {0}")]
    Unexpected(String),
}

/// The process that holds a lock, from DuckDB's words: `... lock is held in /usr/bin/duckpen (PID 12). See also ...`.
fn holder(message: &str) -> String {
    let holder = || message.split_once("lock is held in ")?.1.split_once("). ");
    holder().map_or_else(String::new, |(process, _)| format!(": {process})"))
}

impl Error {
    /// Whether trying again later may help.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Error::Query { message } if message.starts_with("TransactionContext Error")
            || message.contains("write-write conflict"))
    }
}
