use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use duckpen_connectors::{ConnectorError, ProjectFiles, Reader, Staged, Staging};
use duckpen_database::{Database, Session, quote_identifier};
use duckpen_functions::RelationCall;
use duckpen_pipeline::{ExportStep, LoadStep, Plan, Relation, SourceStep, Step, StepKind, TableName, TransformStep};
use duckpen_sandbox::{Exceeded, Measurement, Meter, Stopped};
use serde_json::{Map, Value};

use crate::capabilities::{Capabilities, Stop, Target};
use crate::declaration::declaration;
use crate::grants::place_of;
use crate::handlers::Handlers;
use crate::host::{Effects, StepHost};
use crate::ledger::{Ledger, RunId};
use crate::output::StepOutput;
use crate::query_check::check;
use crate::udf::{Catalogue, RelationJob, UdfError, expand};
use crate::watermark::{Incremental, Window};

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
            Self::Connector(ConnectorError::Escapes { .. }) => {
                Some("places are relative to the project's folder".into())
            }
            _ => None,
        }
    }

    /// Whether policy refused it, and not the data or the machine.
    pub fn is_policy(&self) -> bool {
        matches!(
            self,
            Self::Forbidden { .. } | Self::Ungranted { .. } | Self::Connector(ConnectorError::Escapes { .. })
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
    /// The handlers.
    pub handlers: Arc<Handlers>,
    /// The ledger of the database.
    pub ledger: Ledger,
    /// The run.
    pub run_id: RunId,
    /// What is run.
    pub plan: Arc<Plan>,
    /// The parameters of SOURCE steps whose connector is in the profile, merged, by step.
    pub params: HashMap<String, Map<String, Value>>,
}

/// Runs steps of one plan. Steps may run at once, each on a thread of its own.
pub struct StepExecutor {
    parts: ExecutorParts,
    /// How the sources defined so far are read, by lower-case name.
    readers: Mutex<HashMap<String, Reader>>,
}

impl StepExecutor {
    /// An executor.
    pub fn new(parts: ExecutorParts) -> Self {
        Self { parts, readers: Mutex::default() }
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
        loop {
            let outcome = self.run_once(step, attempt, stop);
            match &outcome {
                Err(fault) if fault.is_conflict() && conflicts + 1 < CONFLICT_ATTEMPTS => conflicts += 1,
                Err(fault) if fault.is_about_csv() && self.read_thoroughly(step) => {
                    tracing::debug!(step = %step.id, %fault, "reading the whole file before its types are decided");
                }
                _ => return outcome,
            }
        }
    }

    fn run_once(&self, step: &Step, attempt: u32, stop: &Stop) -> Result<StepOutput, StepFault> {
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
            declaration: declaration(&kind, params).to_string(),
            stop: stop.clone(),
            table_functions: Arc::clone(&self.parts.table_functions),
            ..Capabilities::default()
        };
        let mut staged = None;
        let mut news = None;
        match &step.kind {
            StepKind::Source(source) => self.grant_source(source, params, &mut capabilities)?,
            StepKind::Load(load) => news = self.grant_load(load, &session, &mut capabilities)?,
            StepKind::Transform(transform) => self.grant_transform(transform, &session, &mut capabilities)?,
            StepKind::Export(export) => {
                staged = Some(self.grant_export(step, export, &session, &mut capabilities)?);
            }
        }
        if let StepKind::Source(source) = &step.kind {
            let (effects, output) = self.call_handler(step, capabilities, &session)?;
            let reader = effects.reader.ok_or_else(|| missing("define its source"))?;
            self.readers().insert(source.name.to_lowercase(), reader);
            return Ok(output);
        }
        let transaction = session.transaction()?;
        self.run_relations(&relations, &session, &mut capabilities)?;
        let (effects, output) = self.call_handler(step, capabilities, &session)?;
        if let Some(staged) = &staged {
            if !effects.exported {
                return Err(missing("write its file"));
            }
            self.parts.staging.sync(staged)?;
        }
        if let Some((incremental, window)) = &news {
            incremental.advance(&session, window)?;
        }
        self.parts.ledger.complete(&session, &self.parts.run_id, step.id.as_str(), staged.as_ref())?;
        transaction.commit()?;
        if let Some(staged) = &staged {
            // The step is complete from here on: should the host die now, the next run publishes the file.
            Staging::publish(&self.parts.files, staged)?;
            self.parts.ledger.published(&session, &self.parts.run_id, step.id.as_str())?;
        }
        Ok(output)
    }

    /// The step with the query that DuckDB understands, and what has to be run before it.
    fn expanded(&self, kind: &StepKind) -> Result<(StepKind, Vec<RelationJob>), StepFault> {
        let mut kind = kind.clone();
        let query = match &mut kind {
            StepKind::Transform(transform) => &mut transform.query,
            StepKind::Export(export) => &mut export.query,
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
        for RelationJob { function, input, arguments, table } in relations {
            check(session, input, &capabilities.granted, &capabilities.table_functions)?;
            for (_, expression) in arguments {
                check(session, &format!("SELECT ({expression}\n)"), &[], &[])?;
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
        let mut effects = std::mem::take(&mut instance.embedder().effects);
        if let Some(fault) = effects.fault.take() {
            return Err(fault);
        }
        let outcome = returned
            .map_err(stopped)?
            .map_err(|failure| StepFault::Handler { message: failure.message, hint: failure.hint })?;
        let limits = self.parts.handlers.limits();
        let output = StepOutput {
            rows: effects.rows,
            inserted: effects.inserted,
            updated: effects.updated,
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
        if let Some(place) = place_of(params.unwrap_or(&source.params)) {
            capabilities.source = Some(self.parts.files.source(place)?);
        }
        Ok(())
    }

    fn grant_load(
        &self,
        load: &LoadStep,
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<Option<(Incremental, Window)>, StepFault> {
        let news = self.open_source(&load.source, session, Some(load))?;
        capabilities.inputs.push(load.source.clone());
        // The source stands before a table of its name.
        capabilities.granted = vec![TableName::new(load.source.clone()), main_table(&load.table), load.table.clone()];
        capabilities.target = Some(Target { table: load.table.clone(), relation: Relation::Table });
        Ok(news)
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
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<Staged, StepFault> {
        self.grant_reads(&export.reads, session, capabilities)?;
        let staged = self.parts.staging.stage(step.id.as_str(), &export.destination)?;
        capabilities.destination = Some(self.parts.staging.absolute(&staged));
        Ok(staged)
    }

    /// Tables a query reads, and sources where no table of the plan has their name.
    fn grant_reads(
        &self,
        reads: &[TableName],
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<(), StepFault> {
        let written = |table: &TableName| {
            self.parts.plan.steps.iter().any(|step| step.kind.writes().is_some_and(|found| found.key() == table.key()))
        };
        for table in reads {
            // The ledger is the host's own.
            if table.schema.as_deref().is_some_and(|schema| schema.eq_ignore_ascii_case("duckpen")) {
                return Err(StepFault::Ungranted { table: table.to_string() });
            }
            if table.schema.is_none() && !written(table) && self.readers().contains_key(&table.name.to_lowercase()) {
                self.open_source(&table.name, session, None)?;
            }
            capabilities.inputs.push(table.name.clone());
            capabilities.granted.push(table.clone());
        }
        Ok(())
    }

    /// Lets a session read a source under its name: all of it, or what is new of it for a load that asks for that.
    fn open_source(
        &self,
        name: &str,
        session: &Session,
        load: Option<&LoadStep>,
    ) -> Result<Option<(Incremental, Window)>, StepFault> {
        let reader = self.readers().get(&name.to_lowercase()).cloned();
        let reader = reader.ok_or_else(|| StepFault::Host(format!("the source `{name}` is not defined")))?;
        let mut query = reader.query(session)?;
        let mut news = None;
        if let Some(incremental) = load.and_then(|load| self.incremental(load)) {
            let window = incremental.window(session, &query)?;
            query = incremental.narrowed(&query, &window);
            news = Some((incremental, window));
        }
        session.execute(&format!("CREATE OR REPLACE TEMP VIEW {} AS {query}", quote_identifier(name)))?;
        Ok(news)
    }

    fn incremental(&self, load: &LoadStep) -> Option<Incremental> {
        let plan = &self.parts.plan;
        plan.steps.iter().find_map(|step| match &step.kind {
            StepKind::Source(source) if source.name.eq_ignore_ascii_case(&load.source) => {
                Incremental::of(&plan.pipeline, source, self.parts.params.get(step.id.as_str()), load)
            }
            _ => None,
        })
    }

    /// Switches the step's source to the thorough reader; false where that is the one in use.
    fn read_thoroughly(&self, step: &Step) -> bool {
        let StepKind::Load(load) = &step.kind else { return false };
        let mut readers = self.readers();
        match readers.get_mut(&load.source.to_lowercase()) {
            Some(reader) => match reader.thorough() {
                Some(thorough) => {
                    *reader = thorough;
                    true
                }
                None => false,
            },
            None => false,
        }
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, HashMap<String, Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn main_table(table: &TableName) -> TableName {
    TableName { schema: Some(table.schema.clone().unwrap_or_else(|| "main".into())), name: table.name.clone() }
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
