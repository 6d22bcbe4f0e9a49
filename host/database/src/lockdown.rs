use std::path::PathBuf;

use duckdb::ffi;

use crate::{Error, Session, quote_literal};

/// What remains reachable once a database is locked down: these files and folders, and nothing else. No extension can be
/// installed or loaded, no other database attached, no setting changed.
///
/// Paths must be absolute and already resolved: DuckDB compares them as text.
#[derive(Debug, Clone, Default)]
pub struct LockDown {
    /// Single files.
    pub files: Vec<PathBuf>,
    /// Folders with all that is below them.
    pub folders: Vec<PathBuf>,
}

impl LockDown {
    pub(crate) fn apply(&self, session: &Session) -> Result<(), Error> {
        let list = |paths: &[PathBuf]| {
            paths.iter().map(|path| quote_literal(&path.display().to_string())).collect::<Vec<_>>().join(", ")
        };
        session.execute(&format!("SET allowed_paths = [{}]", list(&self.files)))?;
        session.execute(&format!("SET allowed_directories = [{}]", list(&self.folders)))?;
        session.execute("SET enable_external_access = false")?;
        session.execute("SET lock_configuration = true")?;
        Ok(())
    }
}

/// The kinds of statement that leave the database or look behind it. DuckDB itself refuses most of them once it is
/// locked down; an in-memory ATTACH, a checkpoint and reading pragmas it does not.
pub(crate) fn forbidden_kind(kind: ffi::duckdb_statement_type) -> Option<&'static str> {
    Some(match kind {
        ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_ATTACH => "ATTACH",
        ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_DETACH => "DETACH",
        ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_COPY => "COPY",
        ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_COPY_DATABASE => "COPY DATABASE",
        ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_EXPORT => "EXPORT DATABASE",
        ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_LOAD => "LOAD or INSTALL",
        ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_PRAGMA => "PRAGMA",
        ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_SET
        | ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_VARIABLE_SET => "SET",
        ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_VACUUM => "VACUUM or CHECKPOINT",
        ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_CALL => "CALL",
        ffi::duckdb_statement_type_DUCKDB_STATEMENT_TYPE_EXTENSION => "a statement of an extension",
        _ => return None,
    })
}
