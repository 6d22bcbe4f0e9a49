use std::sync::Arc;

use anyhow::Context;
use duckpen_connectors::{Cancel, Reader, Relation, RowConnector, Staging};
use duckpen_database::{Database, Options, Session};
use duckpen_observe::numbers::counted;
use duckpen_pipeline::{Connector, StepKind};
use duckpen_steps::{Catalogue, ExecutorParts, Ledger, RunId, StepExecutor, Stop};

use super::test::{Failure, Tried};
use crate::abort::Abort;
use crate::means::Means;
use crate::project::Pipeline;
use crate::workbench::{Approved, Workbench};

/// Tries a connector of files as a pipeline would use it: its SOURCE step is checked and run in a database of its own, and
/// the first row is read.
pub fn test(workbench: &Workbench, name: &str, connector: &Connector) -> Result<Tried, Abort> {
    if !connector.redacted().contains_key("path") {
        let hint = "a SOURCE that uses it gives a path in its OPTIONS; give one here to have it tried";
        return Ok(Tried::failed("it has no `path`".to_owned(), Some(hint.to_owned())));
    }
    let text = format!("SOURCE tried FROM \"{}\" OPTIONS {{}};", name.replace('"', "\"\""));
    let pipeline = Pipeline { name: "connect".to_owned(), path: "connect.sf".to_owned(), text };
    let checked = workbench.check(&pipeline, &[])?;
    let approved = match checked.outcome {
        Ok(approved) => approved,
        Err(exit) => {
            let error = checked.findings.iter().find(|finding| finding.is_error());
            let message = error.map_or("it is refused", |finding| finding.message());
            // The step is made up here; its name says nothing to anybody.
            let message = message.split_once("`: ").map_or(message, |(_, message)| message).to_owned();
            let hint = error.and_then(|finding| finding.hint()).map(str::to_owned);
            return Ok(Tried { passed: Vec::new(), failure: Some(Failure { message, hint, exit }) });
        }
    };
    let mut tried = Tried { passed: vec!["parameters".to_owned()], failure: None };
    let files = approved_files(&approved);
    match read(workbench, approved)? {
        Ok(columns) => {
            tried.passed.push(counted(files, "file"));
            tried.passed.push(format!("{} ({})", counted(columns.len() as u64, "column"), columns.join(", ")));
            Ok(tried)
        }
        Err((message, hint)) => Ok(tried.and_failed(message, hint)),
    }
}

/// How many files the source was granted.
fn approved_files(approved: &Approved) -> u64 {
    approved.grants.lock_down(None).files.len() as u64
}

type Read = Result<Vec<String>, (String, Option<String>)>;

/// The columns, after a first row was read.
fn read(workbench: &Workbench, approved: Approved) -> Result<Read, Abort> {
    let Approved { plan, params, grants, analyses } = approved;
    let Some((step, source)) = plan.steps.iter().find_map(|step| match &step.kind {
        StepKind::Source(source) => Some((step.id.clone(), source.name.clone())),
        _ => None,
    }) else {
        return Err(Abort::from(anyhow::anyhow!("a source has no step")));
    };
    let database = Database::open(Options::in_memory()).context("no database in memory")?;
    let session = database.connect().context("no connection to the database")?;
    let ledger = Ledger::open(&session).context("the database takes no ledger")?;
    let run_id = RunId::new();
    let files = Arc::clone(&workbench.project.files);
    // A folder with an upload that was cut off waits for a run: credentials to give it up may be a pipeline's.
    Staging::sweep_in_memory(&files, |_| false).context("what an earlier run has left cannot be removed")?;
    let staging = Staging::create_in_memory(Arc::clone(&files), run_id.as_str()).context("nothing can be staged")?;
    database.lock_down(&grants.lock_down(None)).context("the database cannot be locked down")?;
    let executor = StepExecutor::new(ExecutorParts {
        database,
        table_functions: Arc::new([]),
        files,
        staging,
        connectors: Arc::new(Means::of(&workbench.project, &workbench.kinds).connectors(Arc::new(()))),
        python: Catalogue::of(&[]),
        handlers: Arc::clone(&workbench.handlers),
        ledger,
        run_id,
        plan: Arc::new(plan),
        analyses,
        params,
    });
    let outcome = match executor.run(step.as_str(), 1, &Stop::default()) {
        Ok(_) => match (executor.reader(&source), executor.row_files(&source)) {
            (Some(reader), _) => first_row(&reader, &session),
            (None, Some(files)) => columns(&*files),
            (None, None) => Ok(Vec::new()),
        },
        Err(fault) => Err((fault.to_string(), fault.hint())),
    };
    executor.close().context("what was written aside cannot be removed")?;
    Ok(outcome)
}

fn columns(files: &dyn RowConnector) -> Read {
    let source = files.source(&Relation::Whole, &Cancel::default());
    let source = source.map_err(|error| (error.to_string(), error.hint()))?;
    Ok(source.columns().iter().map(|column| format!("{} {}", column.name, column.logical_type)).collect())
}

fn first_row(reader: &Reader, session: &Session) -> Read {
    let columns = || {
        let query = reader.query(session)?;
        let columns = session.columns_of(&query)?;
        session.query(&format!("SELECT * FROM ({query}) LIMIT 1"))?;
        Ok::<_, duckpen_connectors::ConnectorError>(columns)
    };
    match columns() {
        Ok(columns) => Ok(columns.into_iter().map(|(name, kind)| format!("{name} {kind}")).collect()),
        // What DuckDB says further is about a query that nobody wrote.
        Err(error) => Err((error.to_string().lines().next().unwrap_or_default().to_owned(), None)),
    }
}
