use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use duckpen_connectors::{
    ConnectorError, Connectors, Delivery, Format, ProjectFiles, Reader, Relation as RowRelation, RowConnector,
    RowFormat, ScanBinding, Scans, SourceFiles, Staging,
};
use duckpen_database::{Database, Session, quote_identifier};
use duckpen_faults::{Injected, Point, reach};
use duckpen_functions::RelationCall;
use duckpen_pipeline::{
    ExportStep, LoadMode, LoadStep, Plan, Refresh, Relation, SourceStep, Step, StepKind, TableName, TransformStep,
};
use duckpen_sandbox::{Exceeded, Measurement, Meter, Stopped};
use serde_json::{Map, Value};

use crate::Analyses;
use crate::capabilities::{
    Capabilities, DefinedSource, Destination, Fetched, Input, ObjectSource, SourcePlace, Stop, Target,
};
use crate::data_tests;
use crate::declaration::declaration;
use crate::grants::{is_object_export, is_object_source, place_of};
use crate::handlers::Handlers;
use crate::host::{Effects, StepHost};
use crate::ledger::{Ledger, RunId};
use crate::outbound::{ObjectExport, Origin, Outbound};
use crate::output::{FailedTest, StepOutput};
use crate::query_check::check;
use crate::rejects::Rejects;
use crate::udf::{Catalogue, RelationJob, UdfError, expand};
use crate::watermark::{Incremental, Resumption, Window};

/// How often a step is tried that another one got in the way of.
const CONFLICT_ATTEMPTS: u32 = 5;

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

    fn is_conflict(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_conflict())
    }

    /// Whether a more thorough look at a CSV file may help.
    fn is_about_csv(&self) -> bool {
        matches!(self, Self::Database(error) if {
            let text = error.to_string();
            text.contains("CSV Error") || text.contains("Error when sniffing file") || text.starts_with("Conversion Error")
        })
    }
}

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
        let (kind, relations) = self.expanded(&step.kind)?;
        let mut capabilities = Capabilities {
            step: step.id.to_string(),
            run_id: self.parts.run_id.as_str().to_owned(),
            attempt,
            declaration: declaration(&kind, params, self.parts.connectors.kinds()).to_string(),
            stop: stop.clone(),
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
        self.run_relations(&relations, &session, &mut capabilities)?;
        if let StepKind::Test(test) = &kind {
            let output = data_tests::run(test, &capabilities, &session)?;
            self.parts.ledger.complete(&session, run, id)?;
            transaction.commit()?;
            return Ok(output);
        }
        let (effects, mut output) = self.call_handler(step, capabilities, &session)?;
        if matches!(step.kind, StepKind::Export(_)) && !effects.exported {
            return Err(missing("write its rows"));
        }
        if let Some(files) = &opened.files {
            self.parts.files.confirm(files)?;
        }
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
    fn expanded(&self, kind: &StepKind) -> Result<(StepKind, Vec<RelationJob>), StepFault> {
        let mut kind = kind.clone();
        let query = match &mut kind {
            StepKind::Transform(transform) => &mut transform.query,
            StepKind::Export(export) => &mut export.query,
            StepKind::Test(test) => &mut test.query,
            StepKind::Source(_) | StepKind::Load(_) => return Ok((kind, Vec::new())),
        };
        let expanded = expand(&self.parts.python, query).map_err(StepFault::Udf)?;
        *query = expanded.query;
        Ok((kind, expanded.relations))
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

    fn grant_source(
        &self,
        source: &SourceStep,
        params: Option<&Map<String, Value>>,
        capabilities: &mut Capabilities,
    ) -> Result<(), StepFault> {
        let params = params.unwrap_or(&source.params);
        if let Some(format) = self.parts.connectors.kinds().row_format(&source.connector_type) {
            let connector = self.parts.connectors.connector(format.name(), params)?;
            capabilities.source = Some(match format {
                RowFormat::Brought(name) => {
                    SourcePlace::Selection(name, connector, RowRelation::Selection(params.clone()))
                }
                format => SourcePlace::Rows(format, connector),
            });
        } else if is_object_source(source) {
            capabilities.source = Some(SourcePlace::Objects(self.parts.connectors.objects(params, None)?));
        } else if let Some(place) = place_of(params) {
            capabilities.source = Some(SourcePlace::Files(self.parts.files.source(place)?));
        }
        Ok(())
    }

    fn grant_load(
        &self,
        load: &LoadStep,
        refresh: Refresh,
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<Opened, StepFault> {
        let source = Input::loaded_into(&load.table, &load.source);
        let opened = self.open_source(&source, session, Some((load, refresh)), capabilities)?;
        capabilities.granted =
            vec![TableName::new(source.relation.clone()), main_table(&load.table), load.table.clone()];
        capabilities.inputs.push(source);
        capabilities.target = Some(Target { table: load.table.clone(), relation: Relation::Table });
        Ok(opened)
    }

    fn grant_transform(
        &self,
        transform: &TransformStep,
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<(), StepFault> {
        self.grant_reads(&transform.reads, session, capabilities)?;
        capabilities.granted.extend([main_table(&transform.table), transform.table.clone()]);
        capabilities.target = Some(Target { table: transform.table.clone(), relation: transform.relation });
        Ok(())
    }

    fn grant_export(
        &self,
        step: &Step,
        export: &ExportStep,
        params: Option<&Map<String, Value>>,
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<Option<Outbound>, StepFault> {
        self.grant_reads(&export.reads, session, capabilities)?;
        if let Some(format) = self.parts.connectors.kinds().row_format(&export.connector_type) {
            let params = match format {
                RowFormat::Brought(_) => params.unwrap_or(&export.options).clone(),
                _ => connection_params(export, params),
            };
            let connector = self.parts.connectors.connector(format.name(), &params)?;
            capabilities.destination = Some(match format {
                RowFormat::Brought(name) => {
                    let delivery = Delivery {
                        selection: params,
                        destination: export.destination.clone(),
                        run: self.parts.run_id.as_str().to_owned(),
                        step: step.id.to_string(),
                    };
                    Destination::Delivery(name, connector, delivery)
                }
                format => Destination::Rows(format, connector),
            });
            return Ok(None);
        }
        let options = params.unwrap_or(&export.options);
        if is_object_export(export, options, self.parts.connectors.kinds()) {
            let connector = self.parts.connectors.objects(options, Some(&export.destination))?;
            connector.one_key()?;
            let staged = self.parts.staging.stage_object(step.id.as_str());
            capabilities.destination = Some(Destination::File(staged.absolute()));
            let profile = export.from_profile.clone();
            return Ok(Some(Outbound::Object(Box::new(ObjectExport { connector, profile, staged, pending: None }))));
        }
        let (staging, id) = (&self.parts.staging, step.id.as_str());
        // Rows that are parted by their values are a folder of files.
        let is_folder = options.get("partition_by").is_some_and(|columns| !columns.is_null());
        let staged = match is_folder {
            true => staging.stage_folder(id, &export.destination)?,
            false => staging.stage(id, &export.destination)?,
        };
        capabilities.destination = Some(Destination::File(self.parts.staging.absolute(&staged)));
        Ok(Some(Outbound::File(staged)))
    }

    /// Tables a query reads, and sources where no table of the plan has their name.
    fn grant_reads(
        &self,
        reads: &[TableName],
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<(), StepFault> {
        let written = |table: &TableName| {
            self.parts.plan.steps.iter().any(|step| step.kind.all_writes().any(|found| found.key() == table.key()))
        };
        for table in reads {
            // The ledger is the host's own.
            if table.schema.as_deref().is_some_and(|schema| schema.eq_ignore_ascii_case("duckpen")) {
                return Err(StepFault::Ungranted { table: table.to_string() });
            }
            let input = Input::named(&table.name);
            if table.schema.is_none() && !written(table) && self.sources().contains_key(&table.name.to_lowercase()) {
                self.open_source(&input, session, None, capabilities)?;
            }
            capabilities.inputs.push(input);
            capabilities.granted.push(table.clone());
        }
        Ok(())
    }

    /// Lets a session read a source: all of it, or what is new of it for a load that asks for that.
    fn open_source(
        &self,
        Input { name, relation: view }: &Input,
        session: &Session,
        load: Option<(&LoadStep, Refresh)>,
        capabilities: &mut Capabilities,
    ) -> Result<Opened, StepFault> {
        let defined = self.sources().get(&name.to_lowercase()).cloned();
        let defined = defined.ok_or_else(|| StepFault::Host(format!("the source `{name}` is not defined")))?;
        let defined = match defined {
            DefinedSource::Objects(objects) => self.fetched(name, &objects, capabilities)?,
            defined => defined,
        };
        let rejecting = load.and_then(|(load, _)| Some((load, load.rejects.as_ref()?)));
        let target = match rejecting {
            Some((load, _)) => session.columns_of_table(load.table.schema.as_deref(), &load.table.name)?,
            None => None,
        };
        // A table that is replaced imposes nothing on its new rows, nor does one that is begun anew.
        let keeps = |(load, refresh): (&LoadStep, Refresh)| load.mode != LoadMode::Replace && refresh != Refresh::Table;
        let target = target.filter(|_| load.is_some_and(keeps)).unwrap_or_default();
        let incremental = load.and_then(|(load, refresh)| Some((self.incremental(load)?, refresh)));
        let resumption = load.and_then(|(load, refresh)| Some((self.resumption(load)?, refresh)));
        let mut opened = Opened::default();
        let mut query = match defined {
            DefinedSource::Files(reader) => {
                // Between the SOURCE step and now a link may have taken the place of a file.
                self.parts.files.confirm(reader.files())?;
                opened.files = Some(reader.files().clone());
                let query = match rejecting {
                    Some((load, table)) if reader.format() == Format::Csv => {
                        opened.rejects = Some(Rejects::by_reader(table, load));
                        reader.rejecting_query(session, &target)?
                    }
                    _ => reader.query(session)?,
                };
                match incremental {
                    Some((incremental, refresh)) => {
                        let window = incremental.window(session, &query, refresh)?;
                        let narrowed = incremental.narrowed(&query, &window);
                        opened.news = Some((incremental, window));
                        narrowed
                    }
                    None => query,
                }
            }
            DefinedSource::Objects(_) => return Err(StepFault::Host("objects were not copied".to_owned())),
            DefinedSource::Rows(connector, relation @ RowRelation::Selection(_)) => {
                let (rows, resumed) = self.read_once(&*connector, &relation, session, resumption, capabilities)?;
                opened.resumed = resumed;
                rows
            }
            DefinedSource::RowFiles(connector, files) => {
                self.parts.files.confirm(&files)?;
                opened.files = Some(files);
                let (scan, news) =
                    self.open_rows(&*connector, &RowRelation::Whole, session, incremental, capabilities)?;
                opened.news = news;
                scan
            }
            DefinedSource::Rows(connector, relation) => {
                let (scan, news) = self.open_rows(&*connector, &relation, session, incremental, capabilities)?;
                opened.news = news;
                scan
            }
        };
        if let (None, Some((load, table))) = (&opened.rejects, rejecting) {
            let (rejects, fitting) = Rejects::by_conversion(table, load, session, &query, &target)?;
            query = fitting;
            opened.rejects = Some(rejects);
        }
        session.execute(&format!("CREATE OR REPLACE TEMP VIEW {} AS {query}", quote_identifier(view)))?;
        Ok(opened)
    }

    /// The files of a source in an object store: its objects are copied into the folder of the run, once for a step.
    fn fetched(
        &self,
        name: &str,
        objects: &ObjectSource,
        capabilities: &Capabilities,
    ) -> Result<DefinedSource, StepFault> {
        let mut fetched = capabilities.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        let copies = match fetched.entry(name.to_lowercase()) {
            Entry::Occupied(copied) => copied.get().files().clone(),
            Entry::Vacant(missing) => {
                let inbox = self.parts.staging.inbox(&capabilities.step, name)?;
                missing.insert(objects.connector.fetch(inbox, &capabilities.stop.cancel())?).files().clone()
            }
        };
        Ok(objects.read(copies)?)
    }

    /// Lets a session read a source whose rows the host carries, and which narrows them itself.
    fn open_rows(
        &self,
        connector: &dyn RowConnector,
        relation: &RowRelation,
        session: &Session,
        incremental: Option<(Incremental, Refresh)>,
        capabilities: &mut Capabilities,
    ) -> Result<(String, Option<(Incremental, Window)>), StepFault> {
        let cancel = capabilities.stop.cancel();
        let source = connector.source(relation, &cancel)?;
        if !source.is_narrowing() {
            let binding = self.scans.bind(&self.parts.database.connect()?, source, None, None, cancel)?;
            let mut query = binding.query();
            capabilities.scans.push(binding);
            let mut news = None;
            if let Some((incremental, refresh)) = incremental {
                let window = incremental.window(session, &query, refresh)?;
                query = incremental.narrowed(&query, &window);
                news = Some((incremental, window));
            }
            return Ok((query, news));
        }
        let news = match incremental {
            None => None,
            Some((incremental, refresh)) => {
                let window = incremental.window_of_rows(session, &*source, refresh, &cancel)?;
                Some((incremental, window))
            }
        };
        let range = news.as_ref().and_then(|(incremental, window)| incremental.range(window));
        let binding = self.scans.bind(&self.parts.database.connect()?, source, range, None, cancel)?;
        let mut query = binding.query();
        if news.as_ref().is_some_and(|(_, window)| window.is_empty()) {
            query.push_str(" WHERE false");
        }
        capabilities.scans.push(binding);
        Ok((query, news))
    }

    /// Reads a source whose rows the host carries into a table of the session, once: another read would be other rows, and
    /// ask its system again. Gives the query that reads the table, and the state in which the read ended.
    fn read_once(
        &self,
        connector: &dyn RowConnector,
        relation: &RowRelation,
        session: &Session,
        resumption: Option<(Resumption, Refresh)>,
        capabilities: &Capabilities,
    ) -> Result<(String, Option<(Resumption, String)>), StepFault> {
        let cancel = capabilities.stop.cancel();
        let since = match &resumption {
            Some((resumption, refresh)) => resumption.since(session, *refresh)?,
            None => None,
        };
        let source = connector.source(relation, &cancel)?;
        let binding = self.scans.bind(&self.parts.database.connect()?, source, None, since, cancel)?;
        let number = self.reads.fetch_add(1, Ordering::Relaxed);
        let table = format!("temp.main.{}", quote_identifier(&format!("duckpen_read_{number}")));
        if let Err(error) = session.execute(&format!("CREATE TEMP TABLE {table} AS {}", binding.query())) {
            // What the database says of it is what the source told it, in fewer words.
            return Err(binding.take_fault().map_or_else(|| error.into(), StepFault::from));
        }
        let resumed = match resumption {
            None => None,
            Some((resumption, _)) => Some((
                resumption,
                binding.take_state().ok_or_else(|| StepFault::Handler {
                    message: "the source cannot be read incrementally: it tells no state to go on from".to_owned(),
                    hint: Some("leave sync_mode out, or read what the connector can go on with".to_owned()),
                })?,
            )),
        };
        Ok((format!("SELECT * FROM {table}"), resumed))
    }

    fn source_of(&self, load: &LoadStep) -> Option<(&SourceStep, Option<&Map<String, Value>>)> {
        self.parts.plan.steps.iter().find_map(|step| match &step.kind {
            StepKind::Source(source) if source.name.eq_ignore_ascii_case(&load.source) => {
                Some((source, self.parts.params.get(step.id.as_str())))
            }
            _ => None,
        })
    }

    fn incremental(&self, load: &LoadStep) -> Option<Incremental> {
        let (source, params) = self.source_of(load)?;
        Incremental::of(&self.parts.plan.pipeline, source, params, load)
    }

    fn resumption(&self, load: &LoadStep) -> Option<Resumption> {
        let (source, params) = self.source_of(load)?;
        Resumption::of(&self.parts.plan.pipeline, source, params, load)
    }

    /// Switches the step's source to the thorough reader; false where that is the one in use.
    fn read_thoroughly(&self, step: &Step) -> bool {
        let StepKind::Load(load) = &step.kind else { return false };
        if load.rejects.is_some() {
            return false;
        }
        match self.sources().get_mut(&load.source.to_lowercase()) {
            Some(DefinedSource::Files(reader)) => match reader.thorough() {
                Some(thorough) => {
                    *reader = thorough;
                    true
                }
                None => false,
            },
            Some(DefinedSource::Objects(objects)) => {
                let is_news = objects.format == Format::Csv && !objects.is_thorough;
                objects.is_thorough = true;
                is_news
            }
            Some(DefinedSource::Rows(..) | DefinedSource::RowFiles(..)) | None => false,
        }
    }

    fn sources(&self) -> std::sync::MutexGuard<'_, HashMap<String, DefinedSource>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A source that a step reads.
#[derive(Default)]
struct Opened {
    /// Its files.
    files: Option<SourceFiles>,
    /// The part of it that a load takes, where it is read incrementally.
    news: Option<(Incremental, Window)>,
    /// The state in which the read of it ended, where it goes on from one.
    resumed: Option<(Resumption, String)>,
    /// What becomes of rows that do not fit.
    rejects: Option<Rejects>,
}

fn main_table(table: &TableName) -> TableName {
    TableName { schema: Some(table.schema.clone().unwrap_or_else(|| "main".into())), name: table.name.clone() }
}

/// How the system is reached that an EXPORT step writes to. Its destination may say it all.
fn connection_params(export: &ExportStep, params: Option<&Map<String, Value>>) -> Map<String, Value> {
    let mut params = params.unwrap_or(&export.options).clone();
    if export.destination.contains("://") {
        params.insert("connection_string".to_owned(), export.destination.clone().into());
    }
    params
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
