//! A step through its WebAssembly handler, transaction and ledger, and the same SQL sent straight to DuckDB.

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use duckpen_benches::step_executor;
use duckpen_database::{Database, Options};
use duckpen_steps::Stop;

fn step(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = Database::open(Options::file(folder.path().join("bench.duckdb"))).expect("DuckDB opens");
    let executor = step_executor(folder.path(), &database, "CREATE TABLE t AS SELECT 1 AS x;");
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
