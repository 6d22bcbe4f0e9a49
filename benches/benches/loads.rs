//! A LOAD of a large file through the host, and the same SQL sent straight to DuckDB.
//!
//! `DUCKPEN_BENCH_ROWS` says how many rows the files have: 5,000,000 unless it is set. They are made once and kept.

use std::path::{Path, PathBuf};

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use duckpen_benches::{row_files, seconds_long, step_executor, wanted_rows};
use duckpen_database::{Database, Options};
use duckpen_steps::{StepExecutor, Stop};

/// Bytes that DuckDB may hold: far less than the files and the tables take.
const MEMORY: u64 = 1 << 30;

/// The folder of a project with `data/rows.csv` and `data/rows.parquet`, below `target`.
fn project() -> PathBuf {
    let rows = wanted_rows(5_000_000);
    row_files(
        &Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("loads_{rows}")),
        &[("rows.csv", rows, "FORMAT csv, HEADER"), ("rows.parquet", rows, "FORMAT parquet")],
    )
}

/// An executor that has run the SOURCE step.
fn executor(project: &Path, database: &Database, kind: &str) -> StepExecutor {
    let pipeline = format!("SOURCE s TYPE {kind} PARAMS {{\"path\": \"data/rows.{kind}\"}};\nLOAD t FROM s;");
    let executor = step_executor(project, database, &pipeline);
    executor.run("source_s", 1, &Stop::default()).expect("the step runs");
    executor
}

fn load(criterion: &mut Criterion) {
    let project = project();
    for (kind, reader) in [
        ("csv", "read_csv(['{}'], header = true, delim = ',', quote = '\"', escape = '\"')"),
        ("parquet", "read_parquet(['{}'])"),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = |name: &str| Options {
            memory_limit: Some(MEMORY),
            temp_directory: Some(folder.path().join("spill")),
            ..Options::file(folder.path().join(name))
        };
        let mut group = criterion.benchmark_group(format!("load_{kind}"));
        group.sampling_mode(SamplingMode::Flat);
        let database = Database::open(options("host.duckdb")).expect("DuckDB opens");
        let executor = executor(&project, &database, kind);
        group.bench_function("host", |bencher| {
            bencher.iter(|| executor.run("load_t_replace_1", 1, &Stop::default()).expect("the step runs"));
        });
        executor.close().expect("the folder is removed");
        drop(database);
        let direct = Database::open(options("direct.duckdb")).expect("DuckDB opens");
        let path = project.join("data").join(format!("rows.{kind}"));
        let query = format!("SELECT * FROM {}", reader.replace("{}", &path.display().to_string()));
        group.bench_function("direct", |bencher| {
            bencher.iter(|| {
                let session = direct.connect().expect("DuckDB connects");
                session.execute(&format!("CREATE OR REPLACE TABLE t AS {query}")).expect("the statement runs");
            });
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = seconds_long();
    targets = load
}
criterion_main!(benches);
