//! One step: what it is granted, its handler, its transaction and its mark in the ledger.

mod granting;
mod reading;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use duckpen_connectors::{
    ConnectorError, Connectors, ProjectFiles, Reader, RowConnector, ScanBinding, Scans, SourceFiles, Staging,
};
use duckpen_database::{Database, Session, quote_identifier};
use duckpen_faults::{Point, reach};
use duckpen_functions::RelationCall;
use duckpen_pipeline::{Plan, Refresh, Step, StepKind, TableName};
use duckpen_sandbox::{Measurement, Meter, Stopped};
use serde_json::{Map, Value};

use self::reading::Opened;
use crate::Analyses;
use crate::capabilities::{Capabilities, DefinedSource, Fetched, Stop};
use crate::data_tests;
use crate::declaration::declaration;
use crate::fault::StepFault;
use crate::file_reads::{FileJob, without_files};
use crate::handlers::Handlers;
use crate::host::{Effects, StepHost};
use crate::ledger::{Ledger, RunId};
use crate::outbound::Origin;
use crate::output::StepOutput;
use crate::query_check::check;
use crate::udf::{Catalogue, RelationJob, expand};

/// How often a step is tried that another one got in the way of.
const CONFLICT_ATTEMPTS: u32 = 5;

/// What an executor is made of.
pub struct ExecutorParts {
    /// Locked down, with all functions registered.
    pub database: Database,
    /// The project's own table functions, in lower case.
    pub table_functions: Arc<[String]>,
    /// The project's Python functions.
    pub python: Catalogue,
    /// The project's files.
    pub files: Arc<ProjectFiles>,
    /// Where exports of this run wait.
    pub staging: Staging,
    /// The systems beyond the project that steps read and write.
    pub connectors: Arc<Connectors>,
    /// The handlers.
    pub handlers: Arc<Handlers>,
    /// The ledger of the database.
    pub ledger: Ledger,
    /// The run.
    pub run_id: RunId,
    /// What is run.
    pub plan: Arc<Plan>,
    /// What is known of the plan's queries.
    pub analyses: Analyses,
    /// The parameters of SOURCE and EXPORT steps whose connector is in the profile, merged, by step.
    pub params: HashMap<String, Map<String, Value>>,
}

/// Runs steps of one plan. Steps may run at once, each on a thread of its own.
pub struct StepExecutor {
    parts: ExecutorParts,
    /// How the sources defined so far are read, by lower-case name.
    sources: Mutex<HashMap<String, DefinedSource>>,
    scans: Scans,
    /// Sources that were read into tables of a session.
    reads: AtomicU64,
}

impl StepExecutor {
    /// An executor.
    pub fn new(parts: ExecutorParts) -> Self {
        Self { parts, sources: Mutex::default(), scans: Scans::default(), reads: AtomicU64::new(0) }
    }

    /// How the files of a source are read whose step has run; none of one whose rows the host carries.
    pub fn reader(&self, source: &str) -> Option<Reader> {
        match self.sources().get(&source.to_lowercase()) {
            Some(DefinedSource::Files(reader)) => Some(reader.clone()),
            Some(DefinedSource::Objects(_) | DefinedSource::Rows(..) | DefinedSource::RowFiles(..)) | None => None,
        }
    }

    /// What reads the files of a source whose rows the host carries, once its step has run.
    pub fn row_files(&self, source: &str) -> Option<Arc<dyn RowConnector>> {
        match self.sources().get(&source.to_lowercase()) {
            Some(DefinedSource::RowFiles(connector, _)) => Some(Arc::clone(connector)),
            _ => None,
        }
    }

    /// Removes what the run has written aside and not published.
    ///
    /// # Errors
    /// Those of the system.
    pub fn close(self) -> Result<(), ConnectorError> {
        self.parts.staging.remove()
    }

    /// Runs a step, wholly or not at all, on the calling thread.
    ///
    /// # Errors
    /// Why nothing of it was done.
    pub fn run(&self, step: &str, attempt: u32, stop: &Stop) -> Result<StepOutput, StepFault> {
        let step = self
            .parts
            .plan
            .steps
            .iter()
            .find(|candidate| candidate.id.as_str() == step)
            .ok_or_else(|| StepFault::Host(format!("the plan has no step `{step}`")))?;
        let mut conflicts = 0;
        // What is copied once is read by every further attempt.
        let fetched = Fetched::default();
        loop {
            let outcome = self.run_once(step, attempt, stop, &fetched);
            match &outcome {
                Err(fault) if fault.is_conflict() && conflicts + 1 < CONFLICT_ATTEMPTS => conflicts += 1,
                Err(fault) if fault.is_about_csv() && self.read_thoroughly(step) => {
                    tracing::debug!(step = %step.id, %fault, "reading the whole file before its types are decided");
                }
                _ => return outcome,
            }
        }
    }

    fn run_once(&self, step: &Step, attempt: u32, stop: &Stop, fetched: &Fetched) -> Result<StepOutput, StepFault> {
        let session = Arc::new(self.parts.database.connect()?);
        stop.watch(session.interrupt());
        if stop.is_raised() {
            return Err(StepFault::Cancelled);
        }
        let params = self.parts.params.get(step.id.as_str());
        let Expansion { kind, files, relations } = self.expanded(&step.kind)?;
        let mut capabilities = Capabilities {
            step: step.id.to_string(),
            run_id: self.parts.run_id.as_str().to_owned(),
            attempt,
            declaration: declaration(&kind, params, self.parts.connectors.kinds()).to_string(),
            stop: stop.clone(),
            kinds: self.parts.connectors.kinds().clone(),
            table_functions: Arc::clone(&self.parts.table_functions),
            analyses: self.parts.analyses.clone(),
            fetched: Arc::clone(fetched),
            ..Capabilities::default()
        };
        let mut outbound = None;
        let mut opened = Opened::default();
        match &step.kind {
            StepKind::Source(source) => self.grant_source(source, params, &mut capabilities)?,
            StepKind::Load(load) => opened = self.grant_load(load, step.refresh, &session, &mut capabilities)?,
            StepKind::Transform(transform) => self.grant_transform(transform, &session, &mut capabilities)?,
            StepKind::Export(export) => {
                outbound = self.grant_export(step, export, params, &session, &mut capabilities)?;
            }
            StepKind::Test(test) => self.grant_reads(&test.reads, &session, &mut capabilities)?,
        }
        if let StepKind::Source(source) = &step.kind {
            let (effects, output) = self.call_handler(step, capabilities, &session)?;
            let defined = effects.source.ok_or_else(|| missing("define its source"))?;
            self.sources().insert(source.name.to_lowercase(), defined);
            return Ok(output);
        }
        let (run, id) = (&self.parts.run_id, step.id.as_str());
        let origin = Origin { parts: &self.parts, step: id, attempt };
        let transaction = session.transaction()?;
        reach(Point::TransactionBegun)?;
        if let (Refresh::Table, Some(table)) = (step.refresh, step.kind.writes()) {
            session.execute(&format!("DROP TABLE IF EXISTS {}", table.to_sql()))?;
        }
        let files = self.open_files(&files, &session, &mut capabilities)?;
        self.run_relations(&relations, &session, &mut capabilities)?;
        if let StepKind::Test(test) = &kind {
            let output = data_tests::run(test, &capabilities, &session)?;
            self.confirm(&files)?;
            self.parts.ledger.complete(&session, run, id)?;
            transaction.commit()?;
            return Ok(output);
        }
        let (effects, mut output) = self.call_handler(step, capabilities, &session)?;
        if matches!(step.kind, StepKind::Export(_)) && !effects.exported {
            return Err(missing("write its rows"));
        }
        self.confirm(&files)?;
        self.confirm(opened.files.as_slice())?;
        if let Some(rejects) = &opened.rejects {
            let rejected = rejects.keep(&session, run, id)?;
            output.rejected = Some(rejected);
            output.rows_in = output.rows_in.map(|rows| rows + rejected);
        }
        if let Some(outbound) = &mut outbound {
            outbound.settle(origin, stop)?;
        }
        if let Some((incremental, window)) = &opened.news {
            reach(Point::WatermarkBeforeMove)?;
            incremental.advance(&session, window)?;
            reach(Point::WatermarkMoved)?;
        }
        if let Some((resumption, state)) = &opened.resumed {
            reach(Point::WatermarkBeforeMove)?;
            resumption.keep(&session, state)?;
            reach(Point::WatermarkMoved)?;
        }
        reach(Point::MarkBeforeWrite)?;
        self.parts.ledger.complete(&session, run, id)?;
        reach(Point::MarkWritten)?;
        if let Some(outbound) = &outbound {
            outbound.note(origin, &session)?;
        }
        if let Some(sink) = effects.sink {
            // Should the host die between this commit and the next, the step is run again, and the sink knows it.
            let written = sink.commit()?;
            output.rows = Some(written.rows());
            output.inserted = Some(written.inserted);
            output.updated = Some(written.updated);
        }
        reach(Point::CommitBefore)?;
        transaction.commit()?;
        if let Some(outbound) = &mut outbound {
            outbound.committed();
        }
        reach(Point::CommitAfter)?;
        if let Some(outbound) = outbound {
            outbound.publish(origin, &session)?;
        }
        Ok(output)
    }

    /// The step with the query that DuckDB understands, and what has to be run before it.
    fn expanded(&self, kind: &StepKind) -> Result<Expansion, StepFault> {
        let mut kind = kind.clone();
        let query = match &mut kind {
            StepKind::Transform(transform) => &mut transform.query,
            StepKind::Export(export) => &mut export.query,
            StepKind::Test(test) => &mut test.query,
            StepKind::Source(_) | StepKind::Load(_) => {
                return Ok(Expansion { kind, files: Vec::new(), relations: Vec::new() });
            }
        };
        let (text, files) = without_files(query);
        let expanded = expand(&self.parts.python, &text).map_err(StepFault::Udf)?;
        *query = expanded.query;
        Ok(Expansion { kind, files, relations: expanded.relations })
    }

    /// Lets a session read the files that a step's query names, each under the name that stands in the query now.
    fn open_files(
        &self,
        jobs: &[FileJob],
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<Vec<SourceFiles>, StepFault> {
        let mut opened = Vec::new();
        for job in jobs {
            let found = job.files(&self.parts.files)?;
            let query = job.query(session, &self.parts.files, &found)?;
            session.execute(&format!("CREATE OR REPLACE TEMP VIEW {} AS {query}", quote_identifier(job.relation())))?;
            capabilities.granted.push(TableName::new(job.relation()));
            opened.extend(found);
        }
        Ok(opened)
    }

    /// Makes sure that what was read is what was resolved: no link has taken a file's place meanwhile.
    fn confirm(&self, files: &[SourceFiles]) -> Result<(), StepFault> {
        files.iter().try_for_each(|files| self.parts.files.confirm(files)).map_err(StepFault::from)
    }

    /// Runs functions of tables, whose results the step's query then reads.
    fn run_relations(
        &self,
        relations: &[RelationJob],
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<(), StepFault> {
        for RelationJob { function, name, input, arguments, table } in relations {
            let Some(function) = function else {
                return Err(StepFault::Host(format!("the Python function `{name}` is not built")));
            };
            check(&capabilities.analyses, session, input, &capabilities.granted, &capabilities.table_functions)?;
            for (_, expression) in arguments {
                check(&capabilities.analyses, session, &format!("SELECT ({expression}\n)"), &[], &[])?;
            }
            let stop = capabilities.stop.clone();
            let call = RelationCall {
                input,
                arguments,
                table: &format!("temp.main.{}", quote_identifier(table)),
                cancelled: Arc::new(move || stop.is_raised()),
            };
            let rows = function.run(session, self.parts.python.handover(), &call)?;
            tracing::debug!(
                step = capabilities.step,
                function = function.name(),
                rows,
                "a function of a table was run"
            );
            capabilities.granted.push(TableName::new(table.clone()));
        }
        Ok(())
    }

    fn call_handler(
        &self,
        step: &Step,
        capabilities: Capabilities,
        session: &Arc<Session>,
    ) -> Result<(Effects, StepOutput), StepFault> {
        let meter = Arc::new(StepMeter::default());
        let stopped = |stopped| match stopped {
            Stopped::Cancelled => StepFault::Cancelled,
            stopped => StepFault::Stopped { stopped },
        };
        let host = StepHost { capabilities, session: Some(Arc::clone(session)), effects: Effects::default() };
        let (mut instance, exports) =
            self.parts.handlers.instance(&step.kind, host, Arc::<StepMeter>::clone(&meter)).map_err(stopped)?;
        let returned = instance.call("run", Result::is_err, |store, _| exports.call_run(store));
        let embedder = instance.embedder();
        let mut effects = std::mem::take(&mut embedder.effects);
        if let Some(fault) = effects.fault.take() {
            // What the database says of rows that the host carries is what the host told it, in fewer words.
            let cause = embedder.capabilities.scans.iter().find_map(ScanBinding::take_fault);
            return Err(match (fault, cause) {
                (StepFault::Database(_), Some(cause)) => cause.into(),
                (fault, _) => fault,
            });
        }
        let outcome = returned
            .map_err(stopped)?
            .map_err(|failure| StepFault::Handler { message: failure.message, hint: failure.hint })?;
        let limits = self.parts.handlers.limits();
        let output = StepOutput {
            rows: effects.rows,
            inserted: effects.inserted,
            updated: effects.updated,
            deleted: effects.deleted,
            rows_in: effects.rows_in,
            rejected: None,
            warning: None,
            fuel: meter.fuel.load(Ordering::Relaxed),
            fuel_limit: limits.fuel,
            peak_memory: meter.peak_memory.load(Ordering::Relaxed),
            memory_limit: limits.memory,
            note: outcome.note,
        };
        Ok((effects, output))
    }

    fn sources(&self) -> std::sync::MutexGuard<'_, HashMap<String, DefinedSource>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A step with a query that DuckDB understands.
struct Expansion {
    kind: StepKind,
    /// The files that the query reads.
    files: Vec<FileJob>,
    /// What has to be run before it.
    relations: Vec<RelationJob>,
}

fn missing(what: &str) -> StepFault {
    StepFault::Handler { message: format!("the handler returned and did not {what}"), hint: None }
}

/// Adds up what the calls of one step cost.
#[derive(Default)]
struct StepMeter {
    fuel: AtomicU64,
    peak_memory: AtomicU64,
}

impl Meter for StepMeter {
    fn record(&self, measurement: Measurement) {
        self.fuel.fetch_add(measurement.fuel, Ordering::Relaxed);
        self.peak_memory.fetch_max(measurement.peak_memory, Ordering::Relaxed);
    }
}
