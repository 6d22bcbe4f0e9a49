//! What comes over a network, from servers of this process on loopback, and the same rows from and to files.
//!
//! Objects are read and written by steps, and so are the files beside them. Pages of JSON are read by the connector `rest`,
//! and the same rows by DuckDB from a file. `DUCKPEN_BENCH_ROWS` says how many rows the objects have: 2,000,000 unless it is
//! set; of JSON there are a tenth.
//!
//! ```sh
//! cargo test --workspace --bench transfers -- --bench
//! ```
//!
//! Medians of ten on two cores that others used, too, so that only the ratios tell something. The servers' own work is in them.
//!
//! | 2,000,000 rows (JSON: 200,000) | network | file | ratio |
//! |---|---|---|---|
//! | LOAD of a CSV object | 2.22 s | 2.17 s | 1.03 |
//! | LOAD of a Parquet object | 1.33 s | 1.35 s | 0.99 |
//! | EXPORT to a CSV object | 1.79 s | 1.49 s | 1.20 |
//! | EXPORT to a Parquet object | 0.87 s | 0.62 s | 1.40 |
//! | LOAD of 200 pages of JSON | 0.79 s (253,000 rows/s) | 0.52 s (388,000 rows/s) | 1.53 |

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use duckpen_benches::{
    metered_engine, row_files, seconds_long, step_executor, step_executor_with, step_ids, wanted_rows,
};
use duckpen_component_connectors::{BUILT_IN, ComponentKind};
use duckpen_connectors::{ConnectorKinds, Connectors, NetworkPolicy, ProjectFiles};
use duckpen_database::{Database, Options};
use duckpen_object_server::Server;
use duckpen_steps::{StepExecutor, Stop};

const ID: &str = "bench-id";
const SECRET: &str = "bench-secret";
/// Rows of a page of JSON.
const PAGE: u64 = 1_000;

fn rows() -> u64 {
    wanted_rows(2_000_000)
}

/// The folder of a project with the same rows in files of several formats, below `target`.
fn project() -> PathBuf {
    let rows = rows();
    row_files(
        &Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("transfers_{rows}")),
        &[
            ("rows.csv", rows, "FORMAT csv, HEADER"),
            ("rows.parquet", rows, "FORMAT parquet"),
            ("rows.json", rows / 10, "FORMAT json"),
        ],
    )
}

/// Connectors that may ask these servers, `rest` among them.
fn connectors(project: &Path, servers: &[&str]) -> Connectors {
    let policy = servers
        .iter()
        .fold(NetworkPolicy::default(), |policy, server| policy.with_private(server).expect("an address"));
    let (name, bytes) = BUILT_IN.iter().find(|(name, _)| *name == "rest").expect("it is built in");
    let kind = ComponentKind::load(&metered_engine(), name, bytes, &ComponentKind::limits()).expect("it is loaded");
    let files = Arc::new(ProjectFiles::open(project).expect("the folder is there"));
    Connectors::new(files, Arc::new(())).with_network(policy).with_kinds(ConnectorKinds::new(vec![Arc::new(kind)]))
}

/// A server of pages of JSON, and its address. It listens until the process ends.
fn pages(file: &Path) -> String {
    let text = std::fs::read_to_string(file).expect("the file is there");
    let lines: Vec<&str> = text.lines().collect();
    let pages = lines.chunks(PAGE as usize).map(|lines| format!("{{\"data\":[{}]}}", lines.join(",")));
    let pages: Arc<Vec<String>> = Arc::new(pages.collect());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let pages = Arc::clone(&pages);
            std::thread::spawn(move || serve(stream, &pages));
        }
    });
    address
}

/// Answers requests for `?page=1` and so on, until the connection is closed.
fn serve(mut stream: TcpStream, pages: &[String]) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut asked = String::new();
        let mut line = String::new();
        while reader.read_line(&mut line).ok()? > 2 {
            if asked.is_empty() {
                asked.clone_from(&line);
            }
            line.clear();
        }
        let (_, number) = asked.split_once("page=")?;
        let number: usize = number.split(['&', ' ']).next()?.parse().ok()?;
        let page = pages.get(number - 1).map_or("{\"data\":[]}", String::as_str);
        let length = page.len();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(page.as_bytes()).ok()?;
    }
}

/// Runs all steps of a pipeline but `step`, and measures that.
fn measure(criterion: &mut Criterion, group: &str, name: &str, rows: u64, executor: &StepExecutor, step: &str) {
    let mut group = criterion.benchmark_group(group);
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(rows));
    group.bench_function(name, |bencher| {
        bencher.iter(|| executor.run(step, 1, &Stop::default()).expect("the step runs"));
    });
    group.finish();
}

fn transfers(criterion: &mut Criterion) {
    let project = project();
    let server = Server::with_keys(ID, SECRET).expect("a port is free");
    for kind in ["csv", "parquet"] {
        let bytes = std::fs::read(project.join(format!("data/rows.{kind}"))).expect("the file is there");
        server.put("shop", &format!("rows.{kind}"), bytes);
    }
    let reach = format!(
        "\"endpoint_url\": \"{}\", \"access_key_id\": \"{ID}\", \"secret_access_key\": \"{SECRET}\"",
        server.endpoint()
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = |name: &str| Database::open(Options::file(folder.path().join(name))).expect("DuckDB opens");
    for kind in ["csv", "parquet"] {
        let group = format!("load_{kind}_object");
        let place = format!("\"uri\": \"s3://shop/rows.{kind}\", {reach}");
        for (name, source) in [
            ("object", format!("SOURCE s TYPE S3 PARAMS {{{place}}};")),
            ("file", format!("SOURCE s TYPE {kind} PARAMS {{\"path\": \"data/rows.{kind}\"}};")),
        ] {
            let database = database(&format!("{group}_{name}.duckdb"));
            let asked = connectors(&project, &[&server.address()]);
            let executor = step_executor_with(&project, &database, &format!("{source}\nLOAD t FROM s;"), asked);
            executor.run("source_s", 1, &Stop::default()).expect("the step runs");
            measure(criterion, &group, name, rows(), &executor, "load_t_replace_1");
            executor.close().expect("the folder is removed");
        }
        let group = format!("export_{kind}_object");
        for (name, destination) in [
            ("object", format!("\"s3://shop/out.{kind}\" TYPE {kind} OPTIONS {{{reach}}}")),
            ("file", format!("\"out/out.{kind}\" TYPE {kind}")),
        ] {
            let database = database(&format!("{group}_{name}.duckdb"));
            let session = database.connect().expect("DuckDB connects");
            let file = project.join("data/rows.parquet");
            session.execute(&format!("CREATE TABLE t AS FROM '{}'", file.display())).expect("the table is made");
            drop(session);
            let asked = connectors(&project, &[&server.address()]);
            let pipeline = format!("EXPORT SELECT * FROM t TO {destination};");
            let executor = step_executor_with(&project, &database, &pipeline, asked);
            let steps = step_ids(&pipeline);
            measure(criterion, &group, name, rows(), &executor, steps.last().expect("it has one"));
            executor.close().expect("the folder is removed");
        }
    }
    rest(criterion, &project, &database);
}

/// The connector `rest`, and DuckDB's reader of JSON.
fn rest(criterion: &mut Criterion, project: &Path, database: &dyn Fn(&str) -> Database) {
    let file = project.join("data/rows.json");
    let address = pages(&file);
    let pipeline = format!(
        "SOURCE s TYPE REST PARAMS {{\"url\": \"http://{address}/rows\", \"data_path\": \"data\", \
         \"pagination\": {{\"type\": \"page\", \"page_param\": \"page\", \"size_param\": \"size\", \"page_size\": {PAGE}}}}};\n\
         LOAD t FROM s;"
    );
    let served = database("rest.duckdb");
    let executor = step_executor_with(project, &served, &pipeline, connectors(project, &[&address]));
    executor.run("source_s", 1, &Stop::default()).expect("the step runs");
    measure(criterion, "load_json_pages", "rest", rows() / 10, &executor, "load_t_replace_1");
    executor.close().expect("the folder is removed");
    let read = database("json.duckdb");
    let pipeline = "SOURCE s TYPE JSON PARAMS {\"path\": \"data/rows.json\"};\nLOAD t FROM s;";
    let executor = step_executor(project, &read, pipeline);
    executor.run("source_s", 1, &Stop::default()).expect("the step runs");
    measure(criterion, "load_json_pages", "file", rows() / 10, &executor, "load_t_replace_1");
    executor.close().expect("the folder is removed");
}

criterion_group! {
    name = benches;
    config = seconds_long();
    targets = transfers
}
criterion_main!(benches);
