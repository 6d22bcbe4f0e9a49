use duckpen_database::{Database, Error, Options, Session};
use duckpen_pipeline::{SqlAnalyzer, SqlError, SqlFacts, TableName};

/// Looks into SQL with DuckDB's own parser, in an empty database of its own.
pub struct DatabaseAnalyzer {
    session: Session,
}

impl DatabaseAnalyzer {
    /// Opens the empty database.
    ///
    /// # Errors
    /// Those of the database.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { session: Database::open(Options::in_memory())?.connect()? })
    }
}

impl SqlAnalyzer for DatabaseAnalyzer {
    fn analyze(&self, sql: &str) -> Result<SqlFacts, SqlError> {
        let analysis = self.session.analyze(sql).map_err(|error| {
            let message = error.to_string();
            SqlError { offset: None, message }
        })?;
        let tables =
            analysis.tables.into_iter().map(|table| TableName { schema: table.schema, name: table.name }).collect();
        let mut functions = analysis.functions;
        functions.extend(analysis.table_functions);
        functions.sort();
        functions.dedup();
        Ok(SqlFacts { tables, functions })
    }
}
