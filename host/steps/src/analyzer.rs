use std::num::NonZeroUsize;

use duckpen_database::{Analysis, Database, Error, Options, Session};
use duckpen_pipeline::{SqlAnalyzer, SqlError, SqlFacts, TableName};

use crate::Analyses;

/// Fewer queries than this are not worth a thread.
const LEAST_SHARE: usize = 50;

/// Looks into SQL with DuckDB's own parser, in an empty database of its own.
pub struct DatabaseAnalyzer {
    database: Database,
    session: Session,
    analyses: Analyses,
}

impl DatabaseAnalyzer {
    /// Opens the empty database.
    ///
    /// # Errors
    /// Those of the database.
    pub fn new() -> Result<Self, Error> {
        // Parsing needs no threads of the database's own.
        let database = Database::open(Options { threads: Some(NonZeroUsize::MIN), ..Options::in_memory() })?;
        Ok(Self { session: database.connect()?, database, analyses: Analyses::default() })
    }

    /// What it has found out so far, and will: for the executor of the plan.
    pub fn analyses(&self) -> Analyses {
        self.analyses.clone()
    }

    fn facts(&self, query: &str, analysis: Result<Analysis, Error>) -> Result<SqlFacts, SqlError> {
        if let Ok(analysis) = &analysis {
            self.analyses.remember(query, analysis);
        }
        facts(analysis)
    }

    /// Looks at queries on as many threads as there are cores.
    fn analyze_apart(&self, queries: &[&str]) -> Result<Vec<Result<Analysis, Error>>, Error> {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let share = queries.len().div_ceil(cores).max(LEAST_SHARE);
        let (first, others) = queries.split_at(share.min(queries.len()));
        std::thread::scope(|scope| {
            let others = others
                .chunks(share)
                .map(|part| scope.spawn(move || self.database.connect().and_then(|session| session.analyze_all(part))));
            let others = others.collect::<Vec<_>>();
            let mut all = self.session.analyze_all(first)?;
            for other in others {
                let part = other.join().map_err(|_| Error::Unexpected("a thread has panicked".into()))?;
                all.extend(part?);
            }
            Ok(all)
        })
    }
}

impl SqlAnalyzer for DatabaseAnalyzer {
    fn analyze(&self, sql: &str) -> Result<SqlFacts, SqlError> {
        self.facts(sql, self.session.analyze(sql))
    }

    fn analyze_all(&self, queries: &[&str]) -> Vec<Result<SqlFacts, SqlError>> {
        match self.analyze_apart(queries) {
            Ok(all) => all.into_iter().zip(queries).map(|(analysis, query)| self.facts(query, analysis)).collect(),
            // One of them is not even a text to DuckDB: which one, it says of each by itself.
            Err(_) => queries.iter().map(|sql| self.analyze(sql)).collect(),
        }
    }
}

fn facts(analysis: Result<Analysis, Error>) -> Result<SqlFacts, SqlError> {
    let analysis = analysis.map_err(|error| match error {
        Error::Syntax { message, offset } => SqlError { message, offset },
        Error::Forbidden { what } => SqlError { message: format!("it is {what}"), offset: None },
        error => SqlError { message: error.to_string(), offset: None },
    })?;
    let tables =
        analysis.tables.into_iter().map(|table| TableName { schema: table.schema, name: table.name }).collect();
    let mut functions = analysis.functions;
    functions.extend(analysis.table_functions);
    functions.sort();
    functions.dedup();
    Ok(SqlFacts { tables, functions })
}
