//! Queries that read files by their names: the host reads each in a view of the session, which the query then reads. So the
//! files are resolved inside of the project, as those of a SOURCE are, and a handler sees no path.

use duckpen_connectors::{ConnectorError, ProjectFiles, SourceFiles};
use duckpen_database::{Session, quote_identifier, quote_literal};
use duckpen_pipeline::{FileRead, rewrite_file_reads};

use crate::fault::StepFault;
use crate::query_check::is_forbidden;

/// A read of files, taken out of a query.
pub(crate) struct FileJob(FileRead);

/// The query with relations in the place of the files that it reads, and these reads.
pub(crate) fn without_files(query: &str) -> (String, Vec<FileJob>) {
    let mut jobs = Vec::new();
    let query = rewrite_file_reads(query, |read| {
        let relation = quote_identifier(&read.relation);
        jobs.push(FileJob(read));
        relation
    });
    (query, jobs)
}

impl FileJob {
    /// The relation that the query reads instead. Its name is the place, so that errors name that.
    pub(crate) fn relation(&self) -> &str {
        &self.0.relation
    }

    /// Its files.
    pub(crate) fn files(&self, files: &ProjectFiles) -> Result<Vec<SourceFiles>, ConnectorError> {
        self.0.places.iter().map(|place| files.source(place)).collect()
    }

    /// The query that reads `found`, which are its files.
    pub(crate) fn query(
        &self,
        session: &Session,
        files: &ProjectFiles,
        found: &[SourceFiles],
    ) -> Result<String, StepFault> {
        let paths = found.iter().flat_map(|files| &files.paths);
        let paths: Vec<String> = paths.map(|path| quote_literal(&path.display().to_string())).collect();
        let options = &self.0.options;
        let options = if options.is_empty() { String::new() } else { format!(", {options}\n") };
        let query = format!("SELECT * FROM {}([{}]{options})", self.0.function, paths.join(", "));
        self.check(session, &query)?;
        if !options.to_lowercase().contains("filename") {
            return Ok(query);
        }
        // A column of the files' names has them as they are called in the project.
        let columns = session.columns_of(&query)?;
        let root = quote_literal(&format!("{}/", files.root().display()));
        Ok(match columns.iter().any(|(name, kind)| name == "filename" && kind == "VARCHAR") {
            true => format!("SELECT * REPLACE (replace(filename, {root}, '') AS filename) FROM ({query})"),
            false => query,
        })
    }

    /// The options are text of the pipeline: they may not reach for anything else.
    fn check(&self, session: &Session, query: &str) -> Result<(), StepFault> {
        let analysis = session.analyze(query)?;
        let calls = analysis.functions.iter().chain(&analysis.table_functions);
        let mut others = calls.filter(|name| *name != self.0.function && is_forbidden(name));
        match (others.next(), analysis.tables.first()) {
            (Some(function), _) => Err(StepFault::Forbidden { what: format!("the function `{function}`") }),
            (None, Some(table)) => Err(StepFault::Ungranted { table: table.name.clone() }),
            (None, None) => Ok(()),
        }
    }
}
