//! A source ten times as large as the memory that DuckDB may hold is loaded all the same.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use duckpen_database::{Database, Options};
use support::Project;

/// The least that DuckDB loads a Parquet file with, on one thread.
const PROFILE: &str =
    "engines:\n  duckdb:\n    mode: persistent\n    path: target/p.duckdb\n    memory_limit: 12MB\n    threads: 1\n";
const LIMIT: u64 = 12_000_000;
const ROWS: u64 = 3_200_000;

#[test]
fn a_source_ten_times_the_memory_limit_is_loaded() {
    let project = Project::new(
        "SOURCE s TYPE PARQUET PARAMS {\"path\": \"data/s.parquet\"};\nLOAD t FROM s;\n\
         CREATE TABLE sums AS SELECT count(*) AS n, sum(id) AS ids FROM t;\nEXPORT sums TO \"out/sums.csv\" TYPE CSV;",
    )
    .file("profiles/dev.yml", PROFILE)
    .file("data/about.txt", "");
    let file = project.path().join("data/s.parquet");
    // Random numbers, which no encoding makes smaller.
    let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
    session
        .execute(&format!(
            "COPY (SELECT i AS id, hash(i) AS a, hash(i + 1) AS b, hash(i + 2) AS c, hash(i + 3) AS d \
             FROM range({ROWS}) t(i)) TO '{}' (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 20480)",
            file.display()
        ))
        .unwrap();
    drop(session);
    let size = std::fs::metadata(&file).unwrap().len();
    assert!(size >= 10 * LIMIT, "{size} bytes");
    let said = project.duckpen(&["run", "p"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    let sums = std::fs::read_to_string(project.path().join("out/sums.csv")).unwrap();
    assert_eq!(sums, format!("n,ids\n{ROWS},{}\n", ROWS * (ROWS - 1) / 2));
}
