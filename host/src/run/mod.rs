//! One run of a plan, from the ledger's last word on it to the results on disk.

mod connections;
mod display;
mod failures;
mod functions;
mod interrupt;
mod resume;
mod runner;
mod settled;
mod uploads;
mod watch;

use std::collections::HashSet;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use duckpen_connectors::{ConnectorError, ProjectFiles, Staging};
use duckpen_database::{Database, Session};
use duckpen_faults::{Point, reach};
use duckpen_functions::Library;
use duckpen_observe::events::{RunFinished, RunStarted};
use duckpen_observe::{Event, Metrics, RunResults, RunStatus, function_costs, step_costs, tally_line};
use duckpen_pipeline::{Plan, Profile, StepKind, Variables};
use duckpen_scheduler::{
    CancelToken, Graph, Node, OnFailure, Policy, RetryPolicy, RunOutcome, RunReport, Scheduler, StepId, SystemClock,
};
use duckpen_steps::{Catalogue, ExecutorParts, Handlers, Ledger, RunId, StepExecutor, StepOutput};
use jiff::Timestamp;

use crate::abort::Abort;
use crate::arguments::{Format, RunOptions};
use crate::components;
use crate::connectors::ComponentConnectors;
use crate::exit::Exit;
use crate::means::Means;
use crate::output::{Code, Printer, Report};
use crate::workbench::{Approved, Texts};

use connections::ConnectionEvents;
use display::Display;
use resume::Beginning;
use runner::Steps;
use uploads::Uploads;
use watch::Watch;

/// Most steps that run at once unless the command line says otherwise: each of them is spread over all cores by DuckDB.
const MOST_THREADS: usize = 4;

/// Bytes of stack of the threads that steps run on: DuckDB goes a thousand levels deep into a query.
const STACK: usize = 8 << 20;

const NO_LEDGER: &str = "the database takes no ledger";

/// Where the results of runs are kept, in the project's folder for what is made.
pub const RUNS: &str = "runs";

/// The document of one run.
pub const RESULTS: &str = "run_results.json";

/// Everything a run needs, checked.
pub struct Run<'a> {
    pub means: Means,
    pub profile: Profile,
    pub variables: Variables,
    pub files: Arc<ProjectFiles>,
    pub handlers: Arc<Handlers>,
    pub database: Database,
    /// The database outlives the command, so a later run can continue this one.
    pub is_durable: bool,
    pub libraries: Vec<Library>,
    pub python: Catalogue,
    /// Connectors that are components.
    pub connectors: ComponentConnectors,
    pub approved: Approved,
    pub texts: Texts,
    pub options: &'a RunOptions,
    pub printer: &'a Printer,
}

impl Run<'_> {
    /// Runs the plan and tells what came of it.
    pub fn execute(self) -> Result<Exit, Abort> {
        self.files.make_target().map_err(|error| unusable(&self.files, &error))?;
        let session = self.database.connect().context("no connection to the database")?;
        components::register(&self.libraries, &session)?;
        components::register_python(&self.python, &session)?;
        reach(Point::LedgerBeforeOpen).context(NO_LEDGER)?;
        let ledger = Ledger::open(&session).context(NO_LEDGER)?;
        reach(Point::LedgerOpened).context(NO_LEDGER)?;
        let unended = "an earlier run cannot be brought to its end";
        let metrics = Arc::new(Metrics::default());
        let connectors = Arc::new(self.means.connectors(Arc::new(ConnectionEvents(Arc::clone(&metrics)))));
        let Self { approved: Approved { plan, params, grants, analyses }, profile, variables, .. } = self;
        let uploads =
            Uploads { connectors: &connectors, profile: &profile, variables: &variables, plan: &plan, params: &params };
        ledger.recover(&session, &self.files, &|upload| uploads.connector(upload)).context(unended)?;
        ledger.sweep(&session, &self.files, &|upload| uploads.connector(upload)).context(unended)?;
        let plan = Arc::new(plan);
        let beginning = Beginning::decide(&ledger, &session, &plan, self.options)?;
        if let Some(line) = beginning.line(self.options) {
            self.printer.say(&line);
        }
        let changed = beginning.changed(&ledger, &session, &plan, &self.libraries)?;
        self.printer.findings(&changed.into_iter().map(Into::into).collect::<Vec<_>>());
        let run_id = beginning.write(&ledger, &session, &self.files, &plan, &self.libraries)?;
        let make = if self.is_durable { Staging::create } else { Staging::create_in_memory };
        let staging = make(Arc::clone(&self.files), run_id.as_str()).map_err(|error| unusable(&self.files, &error))?;
        self.database
            .lock_down(&grants.lock_down(Some(&staging.path())))
            .context("the database cannot be locked down")?;
        reach(Point::LockedDown).context("the database cannot be locked down")?;

        let executor = StepExecutor::new(ExecutorParts {
            database: self.database,
            table_functions: components::table_functions(&self.libraries),
            python: self.python,
            files: Arc::clone(&self.files),
            staging,
            connectors,
            handlers: Arc::clone(&self.handlers),
            ledger: Ledger::open(&session).context(NO_LEDGER)?,
            run_id: run_id.clone(),
            plan: Arc::clone(&plan),
            analyses,
            params,
        });
        let steps = Arc::new(Steps::new(executor, variables.secret_values()));
        functions::watch(&self.libraries, &metrics);
        let watch =
            Arc::new(Watch::new(&plan, &self.handlers, Arc::clone(&metrics), Display::new(self.printer, &plan)));
        let started_at = Timestamp::now();
        RunStarted { run_id: run_id.as_str(), pipeline: &plan.pipeline, steps: plan.steps.len() }.emit(&metrics);
        let report = schedule(&plan, &steps, &watch, beginning.completed(&plan), self.options)?;
        let elapsed = report.ended.since(report.started);

        let status = match report.outcome() {
            RunOutcome::Succeeded => RunStatus::Success,
            RunOutcome::Failed => RunStatus::Failed,
            RunOutcome::Cancelled => RunStatus::Cancelled,
        };
        let results = RunResults {
            run_id: run_id.as_str().to_owned(),
            pipeline: plan.pipeline.clone(),
            status,
            started_at,
            finished_at: Timestamp::now(),
            seconds: elapsed.as_secs_f64(),
            steps: watch.finish(&plan),
            functions: functions::results(&self.libraries, &self.connectors, &plan, &report),
            error: None,
        };
        functions::emit(&results.functions, &metrics);
        RunFinished { run_id: run_id.as_str(), status, elapsed }.emit(&metrics);
        finish(&ledger, &session, &run_id, status, steps, self.printer)?;
        keep(&self.files, &results, self.printer);
        print(&results, self.printer)?;

        let failures = failures::of(&report, &plan, &self.texts);
        if !failures.findings.is_empty() {
            self.printer.say("");
        }
        self.printer.findings(&failures.findings);
        if status != RunStatus::Success && self.is_durable {
            self.printer.say(&format!("to continue where it stopped: {}", resume::command(std::env::args())));
        }
        Ok(match status {
            RunStatus::Success => Exit::Done,
            RunStatus::Cancelled => Exit::Interrupted,
            RunStatus::Failed => failures.exit,
        })
    }
}

/// The folder for what a run leaves beside its results cannot be written in.
fn unusable(files: &ProjectFiles, error: &ConnectorError) -> Abort {
    let message = format!("nothing can be written in {}/ of the project: {error}", files.target());
    Abort::rejected(Report::error(Code::Configuration, message).hint("another folder is named by paths.target"))
}

fn schedule(
    plan: &Plan,
    steps: &Arc<Steps>,
    watch: &Arc<Watch>,
    completed: HashSet<StepId>,
    options: &RunOptions,
) -> Result<RunReport<StepOutput>, Abort> {
    let nodes = plan.steps.iter().map(|step| Node {
        id: StepId::from(step.id.as_str()),
        depends_on: step.depends_on.iter().map(|id| StepId::from(id.as_str())).collect(),
    });
    let graph = Graph::new(nodes.collect()).context("the plan has no order")?;
    let scheduler = Scheduler {
        runner: Arc::clone(steps),
        policy: policy(options),
        clock: Arc::new(SystemClock::default()),
        observer: Arc::<Watch>::clone(watch),
    };
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().thread_stack_size(STACK).build().context("no threads for the run")?;
    let report = runtime.block_on(async {
        let cancel = CancelToken::default();
        let listener = tokio::spawn(interrupt::listen(cancel.clone()));
        let report = scheduler.run(&graph, &completed, &cancel).await;
        listener.abort();
        report
    });
    Ok(report)
}

fn policy(options: &RunOptions) -> Policy {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    Policy {
        threads: options.threads.or(NonZeroUsize::new(cores.min(MOST_THREADS))).unwrap_or(NonZeroUsize::MIN),
        on_failure: if options.keep_going { OnFailure::KeepGoing } else { OnFailure::FailFast },
        retry: RetryPolicy {
            max_attempts: NonZeroU32::MIN.saturating_add(options.retries),
            initial_delay: Duration::from_secs(1),
            ..RetryPolicy::default()
        },
        step_timeout: options.step_timeout,
    }
}

/// Removes what was written aside and never published, and writes down how the run ended: in this order, as nobody cleans up
/// behind a run that is over.
fn finish(
    ledger: &Ledger,
    session: &Session,
    run_id: &RunId,
    status: RunStatus,
    steps: Arc<Steps>,
    printer: &Printer,
) -> Result<(), Abort> {
    let unwritten = "the end of the run cannot be written down";
    reach(Point::RunBeforeFinish).context(unwritten)?;
    // Files that are complete and could not be put in their places wait for the next run, which does it.
    if !ledger.has_files(session, run_id).context(unwritten)? {
        let executor = Arc::into_inner(steps).and_then(Steps::into_executor);
        if let Some(Err(error)) = executor.map(StepExecutor::close) {
            let message = format!("what the run wrote aside cannot be removed: {error}");
            printer.findings(&[Report::warning(Code::HostFault, message).into()]);
        }
    }
    ledger.finish(session, run_id, status.as_str()).context(unwritten)?;
    reach(Point::RunFinished).context(unwritten)?;
    Ok(())
}

/// Writes the results to `runs/<run id>/run_results.json` in the project's folder for what is made. The run is done all the
/// same if that does not work.
fn keep(files: &ProjectFiles, results: &RunResults, printer: &Printer) {
    let place = format!("{}/{RUNS}/{}/{RESULTS}", files.target(), results.run_id);
    let write = || -> anyhow::Result<()> {
        let document = serde_json::to_string_pretty(results)?;
        reach(Point::ResultsBeforeWrite)?;
        files.write(&place, document.as_bytes())?;
        reach(Point::ResultsWritten)?;
        Ok(())
    };
    if let Err(error) = write() {
        let message = format!("the results cannot be written to {place}: {error}");
        printer.findings(&[Report::warning(Code::HostFault, message).into()]);
    }
}

fn print(results: &RunResults, printer: &Printer) -> Result<(), Abort> {
    match printer.format {
        Format::Json => printer.document(&serde_json::to_value(results).context("the results are no JSON")?),
        Format::Text => {
            let tables = [step_costs(results), function_costs(results)];
            let tables = tables.into_iter().filter(|table| !table.is_empty()).collect::<Vec<_>>();
            printer.data(&tables.join("\n\n"));
        }
    }
    if printer.has_settled_lines() {
        printer.say(&tally_line(results));
    }
    Ok(())
}

/// The word for a kind of step.
pub fn kind_name(kind: &StepKind) -> &'static str {
    match kind {
        StepKind::Source(_) => "source",
        StepKind::Load(_) => "load",
        StepKind::Transform(_) => "transform",
        StepKind::Export(_) => "export",
        StepKind::Test(_) => "test",
    }
}
