//! What the compiler needs from outside: files of the project, and DuckDB's own view of SQL.

use crate::plan::TableName;

/// Reads files of the project for INCLUDE.
pub trait Sources {
    /// The text of the file at `path`, which is relative to the project, has `/` between its parts and no `..` left in it.
    fn read(&self, path: &str) -> Result<String, SourceError>;
}

/// A file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// There is none.
    #[error("there is no such file")]
    NotFound,
    /// It is there and cannot be read.
    #[error("{0}")]
    Unreadable(String),
}

/// Says what a query reads and calls, by DuckDB's own parser.
pub trait SqlAnalyzer {
    /// Looks at one query without running it.
    fn analyze(&self, sql: &str) -> Result<SqlFacts, SqlError>;

    /// Looks at several queries, each by itself. The answers are in the order of the queries.
    fn analyze_all(&self, queries: &[&str]) -> Vec<Result<SqlFacts, SqlError>> {
        queries.iter().map(|sql| self.analyze(sql)).collect()
    }
}

/// What a query reads and calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SqlFacts {
    /// Tables read, names without quotes and in the case they are written in. Neither CTEs nor aliases.
    pub tables: Vec<TableName>,
    /// Functions called (scalar, aggregate, table), in lower case.
    pub functions: Vec<String>,
}

/// A query that DuckDB cannot parse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SqlError {
    /// What DuckDB says.
    pub message: String,
    /// Byte offset in the query.
    pub offset: Option<usize>,
}
