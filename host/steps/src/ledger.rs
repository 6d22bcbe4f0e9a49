//! Which steps are complete: tables beside the data, written in the same transaction as the data.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use duckpen_connectors::{
    Cancel, ConnectorError, ObjectConnector, ProjectFiles, Staged, StagedObject, Staging, UploadRecord,
};
use duckpen_database::{Error, Session, Value, quote_literal};
use duckpen_faults::{Injected, Point, reach};

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Name of a run: unique, and in the order of time as text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RunId(String);

impl RunId {
    /// A new one.
    #[expect(clippy::new_without_default, reason = "every call gives another")]
    pub fn new() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        Self(format!("{:012x}-{:x}-{count:x}", now.as_millis(), std::process::id()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for RunId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// The ledger cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the ledger of completed steps cannot be {what}: {source}")]
pub struct LedgerError {
    what: &'static str,
    source: Error,
}

fn failed(what: &'static str) -> impl Fn(Error) -> LedgerError {
    move |source| LedgerError { what, source }
}

/// A run that did not reach its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRun {
    /// Its name.
    pub run_id: RunId,
    /// The digest of its plan.
    pub plan_digest: String,
    /// `failed` or `cancelled`; none when the host was killed.
    pub ended: Option<String>,
    /// The steps that are complete. SOURCE steps are not among them: they leave nothing behind.
    pub completed: Vec<String>,
}

/// A step that was completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Its pipeline.
    pub pipeline: String,
    /// Its name.
    pub step: String,
    /// The run.
    pub run_id: RunId,
    /// When, in UTC: `2026-11-01 12:30:00.25`.
    pub completed_at: String,
}

/// How far a source has been read into a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watermark {
    /// The pipeline that loads it.
    pub pipeline: String,
    /// The source.
    pub source: String,
    /// The column that tells what is new.
    pub cursor: String,
    /// Its highest value so far.
    pub value: String,
    /// The type of the value, in DuckDB's spelling.
    pub logical_type: String,
    /// When it moved there, in UTC.
    pub moved_at: String,
}

/// The tables of the schema `duckpen`.
#[derive(Debug)]
pub struct Ledger(());

impl Ledger {
    /// Makes the tables where they are missing.
    ///
    /// # Errors
    /// Those of the database.
    pub fn open(session: &Session) -> Result<Self, LedgerError> {
        session
            .execute(
                "CREATE SCHEMA IF NOT EXISTS duckpen;
                 CREATE TABLE IF NOT EXISTS duckpen.runs (run_id VARCHAR, pipeline VARCHAR, plan_digest VARCHAR,
                     started_at TIMESTAMP, finished_at TIMESTAMP, status VARCHAR);
                 CREATE TABLE IF NOT EXISTS duckpen.steps (run_id VARCHAR, step_id VARCHAR, completed_at TIMESTAMP);
                 CREATE TABLE IF NOT EXISTS duckpen.outbox (run_id VARCHAR, step_id VARCHAR, staged VARCHAR,
                     destination VARCHAR, upload VARCHAR);
                 ALTER TABLE duckpen.outbox ADD COLUMN IF NOT EXISTS upload VARCHAR;
                 CREATE TABLE IF NOT EXISTS duckpen.components (run_id VARCHAR, component VARCHAR, digest VARCHAR);
                 CREATE TABLE IF NOT EXISTS duckpen.watermarks (pipeline VARCHAR, source VARCHAR, target VARCHAR,
                     cursor VARCHAR, value VARCHAR, type VARCHAR, moved_at TIMESTAMP);",
            )
            .map_err(failed("made"))?;
        Ok(Self(()))
    }

    /// The ledger of a database that is only read; none where no run has made one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn find(session: &Session) -> Result<Option<Self>, LedgerError> {
        let found = session
            .query(
                "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'duckpen' \
                 AND table_name = 'runs'",
            )
            .map_err(failed("read"))?;
        Ok((!found.is_empty()).then_some(Self(())))
    }

    /// When steps were last completed, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn completions(&self, session: &Session) -> Result<Vec<Completion>, LedgerError> {
        let rows = session
            .query(
                "SELECT r.pipeline, s.step_id, r.run_id, max(s.completed_at) AS completed_at \
                 FROM duckpen.steps s JOIN duckpen.runs r USING (run_id) \
                 GROUP BY ALL ORDER BY completed_at DESC, s.step_id",
            )
            .map_err(failed("read"))?;
        let completion = |row: &[duckpen_database::Value]| match row {
            [pipeline, step, run_id, completed_at] => Some(Completion {
                pipeline: pipeline.to_string(),
                step: step.to_string(),
                run_id: RunId(run_id.to_string()),
                completed_at: completed_at.to_string(),
            }),
            _ => None,
        };
        Ok(rows.iter().filter_map(completion).collect())
    }

    /// The watermarks of loads into a table, by its name as pipelines write it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn watermarks(&self, session: &Session, table: &str) -> Result<Vec<Watermark>, LedgerError> {
        let rows = session
            .query(&format!(
                "SELECT pipeline, source, cursor, value, type, moved_at FROM duckpen.watermarks \
                 WHERE lower(target) = lower({}) ORDER BY pipeline, source, cursor",
                quote_literal(table)
            ))
            .map_err(failed("read"))?;
        let watermark = |row: &[duckpen_database::Value]| match row {
            [pipeline, source, cursor, value, logical_type, moved_at] => Some(Watermark {
                pipeline: pipeline.to_string(),
                source: source.to_string(),
                cursor: cursor.to_string(),
                value: value.to_string(),
                logical_type: logical_type.to_string(),
                moved_at: moved_at.to_string(),
            }),
            _ => None,
        };
        Ok(rows.iter().filter_map(watermark).collect())
    }

    /// The last run of a pipeline, unless it reached its end with success.
    ///
    /// # Errors
    /// Those of the database.
    pub fn unfinished(&self, session: &Session, pipeline: &str) -> Result<Option<OpenRun>, LedgerError> {
        let read = failed("read");
        let runs = session
            .query(&format!(
                "SELECT run_id, plan_digest, status FROM duckpen.runs WHERE pipeline = {} ORDER BY run_id DESC LIMIT 1",
                quote_literal(pipeline)
            ))
            .map_err(&read)?;
        let Some([run_id, plan_digest, status]) = runs.iter().next() else { return Ok(None) };
        let ended = match status {
            duckpen_database::Value::Null => None,
            status => Some(status.to_string()),
        };
        if ended.as_deref() == Some("success") {
            return Ok(None);
        }
        let run_id = RunId(run_id.to_string());
        let steps = session
            .query(&format!("SELECT step_id FROM duckpen.steps WHERE run_id = {}", quote_literal(run_id.as_str())))
            .map_err(&read)?;
        let completed = steps.iter().map(|row| row[0].to_string()).collect();
        Ok(Some(OpenRun { run_id, plan_digest: plan_digest.to_string(), ended, completed }))
    }

    /// The components that a run was begun or continued with, and their digests; one that was changed in between is there
    /// with several.
    ///
    /// # Errors
    /// Those of the database.
    pub fn components(&self, session: &Session, run: &RunId) -> Result<Vec<(String, String)>, LedgerError> {
        let run = quote_literal(run.as_str());
        let rows = session
            .query(&format!("SELECT component, digest FROM duckpen.components WHERE run_id = {run} ORDER BY ALL"))
            .map_err(failed("read"))?;
        Ok(rows.iter().map(|row| (row[0].to_string(), row[1].to_string())).collect())
    }

    /// Writes down the components that a run is begun or continued with, and their digests: in one statement, since each one
    /// is a commit.
    ///
    /// # Errors
    /// Those of the database.
    pub fn uses<'a>(
        &self,
        session: &Session,
        run: &RunId,
        components: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), LedgerError> {
        let run = quote_literal(run.as_str());
        let row = |(name, digest): (&str, &str)| format!("({run}, {}, {})", quote_literal(name), quote_literal(digest));
        let rows: Vec<String> = components.map(row).collect();
        if rows.is_empty() {
            return Ok(());
        }
        session
            .execute(&format!(
                "INSERT INTO duckpen.components \
                 SELECT * FROM (VALUES {}) EXCEPT SELECT * FROM duckpen.components",
                rows.join(", ")
            ))
            .map_err(failed("written"))?;
        Ok(())
    }

    /// Writes down that a run begins. Runs of the pipeline that were never ended are given up.
    ///
    /// # Errors
    /// Those of the database.
    pub fn begin(&self, session: &Session, run: &RunId, pipeline: &str, plan_digest: &str) -> Result<(), LedgerError> {
        let (run, pipeline, digest) =
            (quote_literal(run.as_str()), quote_literal(pipeline), quote_literal(plan_digest));
        session
            .execute(&format!(
                "BEGIN;
                 UPDATE duckpen.runs SET status = 'abandoned', finished_at = now()::TIMESTAMP
                     WHERE pipeline = {pipeline} AND status IS NULL;
                 INSERT INTO duckpen.runs VALUES ({run}, {pipeline}, {digest}, now()::TIMESTAMP, NULL, NULL);
                 COMMIT;"
            ))
            .map_err(failed("written"))?;
        Ok(())
    }

    /// Writes down that a run goes on which had ended, or was cut off.
    ///
    /// # Errors
    /// Those of the database.
    pub fn reopen(&self, session: &Session, run: &RunId) -> Result<(), LedgerError> {
        session
            .execute(&format!(
                "UPDATE duckpen.runs SET status = NULL, finished_at = NULL WHERE run_id = {}",
                quote_literal(run.as_str())
            ))
            .map_err(failed("written"))?;
        Ok(())
    }

    /// Writes down how a run ended: `success`, `failed` or `cancelled`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn finish(&self, session: &Session, run: &RunId, status: &str) -> Result<(), LedgerError> {
        session
            .execute(&format!(
                "UPDATE duckpen.runs SET status = {}, finished_at = now()::TIMESTAMP WHERE run_id = {}",
                quote_literal(status),
                quote_literal(run.as_str())
            ))
            .map_err(failed("written"))?;
        Ok(())
    }

    /// Marks a step complete, in the transaction of its data.
    pub(crate) fn complete(&self, session: &Session, run: &RunId, step: &str) -> Result<(), Error> {
        let (run, step) = (quote_literal(run.as_str()), quote_literal(step));
        session.execute(&format!("INSERT INTO duckpen.steps VALUES ({run}, {step}, now()::TIMESTAMP)"))?;
        Ok(())
    }

    /// Notes a file that a step has written aside, in the transaction of its mark: it is published when that is durable.
    pub(crate) fn note_file(&self, session: &Session, run: &RunId, step: &str, staged: &Staged) -> Result<(), Error> {
        let (run, step) = (quote_literal(run.as_str()), quote_literal(step));
        let from = quote_literal(&staged.from.display().to_string());
        let to = quote_literal(&staged.to.display().to_string());
        session.execute(&format!("INSERT INTO duckpen.outbox VALUES ({run}, {step}, {from}, {to}, NULL)"))?;
        Ok(())
    }

    /// Notes an upload whose parts are sent, in the transaction of its step's mark: it is completed when that is durable.
    pub(crate) fn note_upload(
        &self,
        session: &Session,
        run: &RunId,
        step: &str,
        staged: &StagedObject,
        record: &UploadRecord,
    ) -> Result<(), Error> {
        let text = serde_json::to_string(record).map_err(|error| Error::Query { message: error.to_string() })?;
        let row = [run.as_str(), step, &staged.from().display().to_string(), &record.place(), &text];
        session.execute(&format!("INSERT INTO duckpen.outbox VALUES ({})", row.map(quote_literal).join(", ")))?;
        Ok(())
    }

    /// Notes that a file of a step is published, which waited at `from`.
    pub(crate) fn published(&self, session: &Session, run: &RunId, step: &str, from: &Path) -> Result<(), Error> {
        session.execute(&format!(
            "DELETE FROM duckpen.outbox WHERE run_id = {} AND step_id = {} AND staged = {}",
            quote_literal(run.as_str()),
            quote_literal(step),
            quote_literal(&from.display().to_string())
        ))?;
        Ok(())
    }

    /// Publishes the files of steps whose transaction was durable when the host was killed, and completes their uploads.
    ///
    /// # Errors
    /// Those of the database, of the system and of the stores; what was not published stays noted.
    pub fn recover(
        &self,
        session: &Session,
        files: &Arc<ProjectFiles>,
        access: UploadAccess<'_>,
    ) -> Result<(), RecoverError> {
        let waiting = session
            .query("SELECT run_id, step_id, staged, destination, upload FROM duckpen.outbox ORDER BY rowid")
            .map_err(failed("read"))?;
        for row in waiting.iter() {
            reach(Point::RecoveryBeforeFile)?;
            let from = PathBuf::from(row[2].to_string());
            match &row[4] {
                Value::Null => {
                    let staged = Staged { from: from.clone(), to: row[3].to_string().into() };
                    Staging::publish(files, &staged)?;
                }
                upload => {
                    let unfinished = |source| RecoverError::upload(&row[3].to_string(), &row[1].to_string(), source);
                    let record: UploadRecord = serde_json::from_str(&upload.to_string())
                        .map_err(|error| unfinished(ConnectorError::Host(error.to_string())))?;
                    let staged = StagedObject::new(Arc::clone(files), from.clone());
                    let connector = access(&record).map_err(unfinished)?;
                    connector.recover(&record, &staged, &Cancel::default()).map_err(unfinished)?;
                }
            }
            reach(Point::RecoveryPublished)?;
            let run = RunId(row[0].to_string());
            self.published(session, &run, &row[1].to_string(), &from).map_err(failed("written"))?;
            reach(Point::RecoveryCleared)?;
        }
        Ok(())
    }

    /// Removes what earlier runs of this database have left aside. Only one process at a time has the database, so none of
    /// them is still going; what a step had written before it was complete it writes again. Files of other databases' runs
    /// are theirs; those of runs in memory are nobody's any more once their processes are gone. Uploads that were begun are
    /// given up; where that does not work, it is told, and tried again by the next run.
    ///
    /// # Errors
    /// Those of the database and of the system.
    pub fn sweep(&self, session: &Session, files: &ProjectFiles, access: UploadAccess<'_>) -> Result<(), RecoverError> {
        let over = session
            .query("SELECT run_id FROM duckpen.runs WHERE run_id NOT IN (SELECT run_id FROM duckpen.outbox)")
            .map_err(failed("read"))?;
        let over: Vec<String> = over.iter().map(|row| row[0].to_string()).collect();
        reach(Point::RecoveryBeforeSweep)?;
        let mut injected = None;
        let mut give_up = |record: &UploadRecord| {
            let given_up = access(record).and_then(|connector| connector.give_up(record, &Cancel::default()));
            match given_up {
                Ok(()) => true,
                Err(ConnectorError::Injected(fault)) => {
                    injected = Some(fault);
                    false
                }
                Err(error) => {
                    let (place, pipeline) = (record.place(), record.pipeline.as_str());
                    tracing::warn!(place, pipeline, %error, "an upload that was cut off cannot be given up yet");
                    false
                }
            }
        };
        Staging::sweep(files, |run| over.iter().any(|known| known == run), &mut give_up)?;
        Staging::sweep_in_memory(files, &mut give_up)?;
        if let Some(fault) = injected {
            return Err(fault.into());
        }
        reach(Point::RecoverySwept)?;
        Ok(())
    }

    /// Whether files of a run wait in the outbox.
    ///
    /// # Errors
    /// Those of the database.
    pub fn has_files(&self, session: &Session, run: &RunId) -> Result<bool, LedgerError> {
        let run = quote_literal(run.as_str());
        let found = session.query(&format!("SELECT 1 FROM duckpen.outbox WHERE run_id = {run} LIMIT 1"));
        Ok(!found.map_err(failed("read"))?.is_empty())
    }
}

/// What an earlier run left cannot be brought to its end.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the variants say it")]
pub enum RecoverError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("a file of an earlier run cannot be put in its place: {0}")]
    File(#[from] ConnectorError),
    #[error(
        "the export of step `{step}` of an earlier run is committed, and cannot be completed at {place}: {source}{hint} \
         (credentials are not kept: they are looked for in the connector of the profile, in the step of that name, and in \
         the environment)"
    )]
    Upload { place: String, step: String, source: Box<ConnectorError>, hint: String },
    #[error(transparent)]
    Injected(#[from] Injected),
}

impl RecoverError {
    fn upload(place: &str, step: &str, source: ConnectorError) -> Self {
        let hint = source.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
        Self::Upload { place: place.to_owned(), step: step.to_owned(), source: Box::new(source), hint }
    }
}

/// How the store of an upload of an earlier run is reached: its credentials are not kept.
pub type UploadAccess<'a> = &'a dyn Fn(&UploadRecord) -> Result<ObjectConnector, ConnectorError>;
