//! Files with rows, made once and kept.

use std::path::{Path, PathBuf};

use duckpen_database::{Database, Options};

const ROW: &str = "i AS id, i % 1000 AS shop, 'customer number ' || (i * 7919 % 1000003) AS customer, \
                   (i % 100000) / 100.0 AS total, DATE '2020-01-01' + (i % 1500)::INTEGER AS day";

/// How many rows the files of a benchmark have: `DUCKPEN_BENCH_ROWS`, which may have `_` between its digits, or `usual`.
pub fn wanted_rows(usual: u64) -> u64 {
    let rows = std::env::var("DUCKPEN_BENCH_ROWS").ok();
    rows.and_then(|rows| rows.replace('_', "").parse().ok()).unwrap_or(usual)
}

/// Makes the files that are missing in the folder `data` of a project: their names, how many rows each has, and DuckDB's
/// options for writing it.
///
/// # Panics
/// Where they cannot be written.
pub fn row_files(project: &Path, files: &[(&str, u64, &str)]) -> PathBuf {
    let data = project.join("data");
    std::fs::create_dir_all(&data).expect("the folder can be written");
    let session = Database::open(Options::in_memory()).expect("DuckDB opens").connect().expect("DuckDB connects");
    for (file, rows, options) in files {
        let path = data.join(file);
        if !path.exists() {
            let made = path.with_extension("part");
            let statement = format!("COPY (SELECT {ROW} FROM range({rows}) t(i)) TO '{}' ({options})", made.display());
            session.execute(&statement).expect("the file is written");
            std::fs::rename(made, path).expect("the file is renamed");
        }
    }
    project.to_owned()
}
