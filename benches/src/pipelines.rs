use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use duckpen_connectors::{Connectors, ProjectFiles, Staging};
use duckpen_database::Database;
use duckpen_pipeline::{CompileRequest, Plan, SourceError, Sources, Variables, compile};
use duckpen_sandbox::Limits;
use duckpen_steps::{Catalogue, DatabaseAnalyzer, ExecutorParts, Handlers, Ledger, RunId, StepExecutor};

use crate::metered_engine;

struct NoFiles;

impl Sources for NoFiles {
    fn read(&self, _: &str) -> Result<String, SourceError> {
        Err(SourceError::NotFound)
    }
}

fn plan(text: &str, analyzer: &DatabaseAnalyzer) -> Plan {
    let request = CompileRequest {
        pipeline: "bench",
        path: "pipelines/bench.sf",
        text,
        sources: &NoFiles,
        analyzer,
        variables: &Variables::new(),
        profile: None,
        existing_tables: &[],
    };
    compile(request).plan.expect("the pipeline has no mistake")
}

/// An executor of a pipeline's steps, whose files are in a folder, over a database in a file: as a run that can be resumed
/// has it.
///
/// # Panics
/// Where the pipeline has a mistake, or a part cannot be made.
pub fn step_executor(project: &Path, database: &Database, pipeline: &str) -> StepExecutor {
    let files = Arc::new(ProjectFiles::open(project).expect("the folder is there"));
    step_executor_with(project, database, pipeline, Connectors::new(files, Arc::new(())))
}

/// The ids of a pipeline's steps.
///
/// # Panics
/// Where the pipeline has a mistake.
pub fn step_ids(pipeline: &str) -> Vec<String> {
    let analyzer = DatabaseAnalyzer::new().expect("DuckDB opens");
    plan(pipeline, &analyzer).steps.iter().map(|step| step.id.as_str().to_owned()).collect()
}

/// As [`step_executor`], with these connectors.
///
/// # Panics
/// Where the pipeline has a mistake, or a part cannot be made.
pub fn step_executor_with(project: &Path, database: &Database, pipeline: &str, connectors: Connectors) -> StepExecutor {
    let session = database.connect().expect("DuckDB connects");
    let files = Arc::new(ProjectFiles::open(project).expect("the folder is there"));
    let run_id = RunId::new();
    let analyzer = DatabaseAnalyzer::new().expect("DuckDB opens");
    let ledger = Ledger::open(&session).expect("the ledger is made");
    ledger.begin(&session, &run_id, "bench", "digest").expect("the run begins");
    StepExecutor::new(ExecutorParts {
        database: database.clone(),
        table_functions: Arc::default(),
        staging: Staging::create(Arc::clone(&files), run_id.as_str()).expect("the folder can be written"),
        connectors: Arc::new(connectors),
        python: Catalogue::of(&[]),
        files,
        handlers: Arc::new(Handlers::load(&metered_engine(), &Limits::steps()).expect("the handlers are loaded")),
        ledger,
        run_id,
        plan: Arc::new(plan(pipeline, &analyzer)),
        analyses: analyzer.analyses(),
        params: HashMap::new(),
    })
}
