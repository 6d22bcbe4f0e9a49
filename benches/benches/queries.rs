//! Functions in queries: in WebAssembly, native, built into DuckDB, and none at all.

use std::time::Duration;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use duckpen_benches::{
    NUMBERS, PLAIN_ROWS, TEN_FUNCTIONS, guest, measure_pair, metered_engine, numbers, numbers_below, register_native,
    register_series, register_weighted_mean, samples, set_threads, texts, unmeasured_engine, unmetered_engine,
};
use duckpen_database::{Database, Options, Session};
use duckpen_functions::Library;
use duckpen_sandbox::{Engine, Limits};

/// The ten functions of a component, known to a session.
fn register(session: &Session, engine: &Engine) -> Library {
    let library =
        Library::load(engine, "bench", &guest("bench_functions"), &Limits::functions()).expect("it is loaded");
    library.register(session).expect("the names are free");
    library
}

/// Measures queries, each under a name of its own, in one group.
fn measure(criterion: &mut Criterion, group: &str, queries: &[(&str, &Session, &str)]) {
    let mut group = criterion.benchmark_group(group);
    group.sampling_mode(SamplingMode::Flat);
    for (name, session, sql) in queries {
        group.bench_function(*name, |bencher| bencher.iter(|| session.query(sql).expect("the query runs")));
    }
    group.finish();
}

fn i64_function(criterion: &mut Criterion) {
    let (session, unmetered) = (numbers(), numbers());
    register_native(&session);
    let _libraries = [register(&session, &metered_engine()), register(&unmetered, &unmetered_engine())];
    let queries = [
        ("wasm", &session, "SELECT sum(arithmetic(x, y)) FROM numbers"),
        ("native", &session, "SELECT sum(arithmetic_native(x, y)) FROM numbers"),
        ("builtin", &session, "SELECT sum(3 * x + y) FROM numbers"),
        ("none", &session, "SELECT sum(x), sum(y) FROM numbers"),
        ("wasm_unmetered", &unmetered, "SELECT sum(arithmetic(x, y)) FROM numbers"),
    ];
    for session in [&session, &unmetered] {
        set_threads(session, 1);
    }
    measure(criterion, "i64_1_thread", &queries);
    set_threads(&session, 2);
    measure(criterion, "i64_2_threads", &queries[..4]);
}

/// One query over two sessions that differ in this alone.
fn measuring(_: &mut Criterion) {
    const TURNS: usize = 1_000;
    let (on, off) = (numbers_below(MEASURED), numbers_below(MEASURED));
    let _libraries = [register(&on, &metered_engine()), register(&off, &unmeasured_engine())];
    for session in [&on, &off] {
        set_threads(session, 1);
    }
    let query = |session: &Session| session.query("SELECT sum(arithmetic(x, y)) FROM numbers").expect("the query runs");
    measure_pair(["measuring/on", "measuring/off"], TURNS, || query(&on), || query(&off));
}

/// Rows of the query that is run for what measuring costs: so few that a turn is over before the machine has changed.
const MEASURED: u64 = 1_000_000;

/// A component that knows nothing of Duckpen: a call a row. Of one function the compiler knows the types; values of the
/// other go through the engine's own.
fn plain_component(criterion: &mut Criterion) {
    let session = numbers_below(PLAIN_ROWS);
    let component = guest("plain_values");
    let library = Library::load(&metered_engine(), "plain", &component, &Limits::functions()).expect("it is loaded");
    library.register(&session).expect("the names are free");
    set_threads(&session, 1);
    let queries = [
        ("typed", &session, "SELECT sum(same_s64(x)) FROM numbers"),
        ("values", &session, "SELECT sum(same_s8((x % 100)::TINYINT)) FROM numbers"),
        ("none", &session, "SELECT sum((x % 100)::TINYINT) FROM numbers"),
    ];
    measure(criterion, "plain", &queries);
}

fn string_function(criterion: &mut Criterion) {
    let session = texts();
    register_native(&session);
    let _library = register(&session, &metered_engine());
    let queries = [
        ("wasm", &session, "SELECT max(upper_case(s)) FROM texts"),
        ("native", &session, "SELECT max(upper_case_native(s)) FROM texts"),
        ("builtin", &session, "SELECT max(upper(s)) FROM texts"),
        ("none", &session, "SELECT max(s) FROM texts"),
    ];
    set_threads(&session, 1);
    measure(criterion, "string_1_thread", &queries);
    set_threads(&session, 2);
    measure(criterion, "string_2_threads", &queries);
}

/// Functions of ten kinds over the same rows, in WebAssembly and natively, on one thread.
fn ten_functions(criterion: &mut Criterion) {
    let session = samples();
    register_native(&session);
    let _library = register(&session, &metered_engine());
    set_threads(&session, 1);
    for (name, arguments) in TEN_FUNCTIONS {
        let query = |function: &str| format!("SELECT max({function}({arguments})) FROM samples");
        let (wasm, native) = (query(name), query(&format!("{name}_native")));
        let result = |sql: &str| session.query(sql).expect("it runs").first().map(ToString::to_string);
        assert_eq!(result(&wasm), result(&native), "{name}");
        measure(criterion, name, &[("wasm", &session, &wasm), ("native", &session, &native)]);
    }
}

fn table_function(criterion: &mut Criterion) {
    let session = Database::open(Options::in_memory()).and_then(|database| database.connect()).expect("DuckDB opens");
    register_series(&session);
    let rows = Library::load(&metered_engine(), "rows", &guest("duckpen_rows"), &Limits::functions());
    rows.expect("it is loaded").register(&session).expect("the names are free");
    let wasm = format!("SELECT sum(value) FROM series(0, {NUMBERS})");
    let columns = format!("SELECT sum(number) FROM numbers({NUMBERS}, partitions := 8)");
    let native = format!("SELECT sum(value) FROM series_native(0, {NUMBERS})");
    let builtin = format!("SELECT sum(range) FROM range({NUMBERS})");
    let queries = [
        ("wasm", &session, wasm.as_str()),
        ("wasm_columns", &session, &columns),
        ("native", &session, &native),
        ("builtin", &session, &builtin),
    ];
    set_threads(&session, 1);
    measure(criterion, "table_1_thread", &queries);
    set_threads(&session, 2);
    measure(criterion, "table_2_threads", &queries[1..2]);
}

fn aggregate(criterion: &mut Criterion) {
    let session = numbers();
    register_weighted_mean(&session);
    let component = guest("web_orders_text");
    let library = Library::load(&metered_engine(), "text", &component, &Limits::functions()).expect("it is loaded");
    library.register(&session).expect("the names are free");
    set_threads(&session, 1);
    let queries = [
        ("wasm", &session, "SELECT weighted_mean(x, y) FROM numbers"),
        ("native", &session, "SELECT weighted_mean_native(x, y) FROM numbers"),
        ("builtin", &session, "SELECT sum(x * y) / sum(y) FROM numbers"),
    ];
    measure(criterion, "aggregate_1_group", &queries);
    let queries = [
        ("wasm", &session, "SELECT max(a) FROM (SELECT weighted_mean(x, y) AS a FROM numbers GROUP BY x % 1000)"),
        (
            "native",
            &session,
            "SELECT max(a) FROM (SELECT weighted_mean_native(x, y) AS a FROM numbers GROUP BY x % 1000)",
        ),
        ("builtin", &session, "SELECT max(a) FROM (SELECT sum(x * y) / sum(y) AS a FROM numbers GROUP BY x % 1000)"),
    ];
    measure(criterion, "aggregate_1000_groups", &queries);
}

criterion_group! {
    name = queries;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .without_plots();
    targets = i64_function, measuring, plain_component, string_function, aggregate, ten_functions, table_function
}
criterion_main!(queries);
