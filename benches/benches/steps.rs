//! A step through its WebAssembly handler, transaction and ledger, and the same SQL sent straight to DuckDB.

use std::collections::HashMap;
use std::sync::Arc;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use duckpen_benches::metered_engine;
use duckpen_connectors::{Connectors, ProjectFiles, Staging};
use duckpen_database::{Database, Options};
use duckpen_pipeline::{CompileRequest, Plan, SourceError, Sources, Variables, compile};
use duckpen_sandbox::Limits;
use duckpen_steps::{Catalogue, DatabaseAnalyzer, ExecutorParts, Handlers, Ledger, RunId, StepExecutor, Stop};

struct NoFiles;

impl Sources for NoFiles {
    fn read(&self, _: &str) -> Result<String, SourceError> {
        Err(SourceError::NotFound)
    }
}

fn plan(text: &str) -> Plan {
    let analyzer = DatabaseAnalyzer::new().expect("DuckDB opens");
    let request = CompileRequest {
        pipeline: "bench",
        path: "pipelines/bench.sf",
        text,
        sources: &NoFiles,
        analyzer: &analyzer,
        variables: &Variables::new(),
        profile: None,
        existing_tables: &[],
    };
    compile(request).plan.expect("the pipeline has no mistake")
}

/// An executor over a database in a file, as a run that can be resumed has it.
fn executor(folder: &std::path::Path) -> (StepExecutor, Database) {
    let database = Database::open(Options::file(folder.join("bench.duckdb"))).expect("DuckDB opens");
    let session = database.connect().expect("DuckDB connects");
    let files = Arc::new(ProjectFiles::open(folder).expect("the folder is there"));
    let run_id = RunId::new();
    let ledger = Ledger::open(&session).expect("the ledger is made");
    ledger.begin(&session, &run_id, "bench", "digest").expect("the run begins");
    let parts = ExecutorParts {
        database: database.clone(),
        table_functions: Arc::default(),
        staging: Staging::create(Arc::clone(&files), run_id.as_str()).expect("the folder can be written"),
        connectors: Arc::new(Connectors::new(Arc::clone(&files), Arc::new(()))),
        python: Catalogue::of(&[]),
        files,
        handlers: Arc::new(Handlers::load(&metered_engine(), &Limits::steps()).expect("the handlers are loaded")),
        ledger,
        run_id,
        plan: Arc::new(plan("CREATE TABLE t AS SELECT 1 AS x;")),
        params: HashMap::new(),
    };
    (StepExecutor::new(parts), database)
}

fn step(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (executor, database) = executor(folder.path());
    let session = database.connect().expect("DuckDB connects");
    let mut group = criterion.benchmark_group("step");
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("handler", |bencher| {
        bencher.iter(|| executor.run("transform_t_0", 1, &Stop::default()).expect("the step runs"));
    });
    // The same statement, in a transaction with a row for a ledger: what is left is what the handler costs.
    session.execute("CREATE TABLE marks (step VARCHAR, completed_at TIMESTAMP)").expect("the table is made");
    group.bench_function("direct", |bencher| {
        bencher.iter(|| {
            let session = database.connect().expect("DuckDB connects");
            let transaction = session.transaction().expect("it begins");
            session.execute("CREATE OR REPLACE TABLE u AS SELECT 1 AS x").expect("the statement runs");
            session.execute("INSERT INTO marks VALUES ('u', now()::TIMESTAMP)").expect("the statement runs");
            transaction.commit().expect("it commits");
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).without_plots();
    targets = step
}
criterion_main!(benches);
