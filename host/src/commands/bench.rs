use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use anyhow::Context;
use duckpen_database::{Database, Error, LockDown, LogicalType, Options, Session};
use duckpen_functions::DeclaredFunction;
use serde_json::json;

use crate::abort::Abort;
use crate::arguments::{Format, FunctionOptions};
use crate::components;
use crate::exit::Exit;
use crate::output::{Code, Printer, Report, table};
use crate::project::Project;

/// Rows the first try has, and the most a function is measured over.
const ROWS: std::ops::RangeInclusive<u64> = 8_192..=4_194_304;
/// A query that takes less is measured over more rows.
const LONG_ENOUGH: Duration = Duration::from_millis(80);
/// Each query is run this often, in turns with the other; the median counts.
const RUNS: usize = 5;

/// Medians of the two queries.
struct Measured {
    rows: u64,
    with: Duration,
    without: Duration,
}

/// Measures the functions of the project over generated rows, on one thread, each beside the same query without it.
pub fn bench(options: &FunctionOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project.project)?;
    let libraries = components::load_named(&components::engine()?, &project, options.name.as_deref(), &options.limits)?;
    let one = NonZeroUsize::new(1);
    let database = Database::open(Options { threads: one, ..Options::in_memory() }).context("no database in memory")?;
    let session = database.connect().context("no connection to the database")?;
    components::register(&libraries, &session)?;
    database.lock_down(&LockDown::default()).context("the database cannot be locked down")?;
    let mut exit = Exit::Done;
    let mut measurements = Vec::new();
    let functions = libraries.iter().flat_map(|library| library.functions().map(move |function| (library, function)));
    for (library, function) in functions {
        match measure(&session, function) {
            Some(Ok(measured)) => measurements.push((library.component().name(), function, measured)),
            Some(Err(error)) => {
                exit = Exit::Failed;
                let report = Report::error(Code::QueryFailed, format!("`{}` is not measured: {error}", function.name));
                printer.findings(&[report.into()]);
            }
            None => printer.say(&format!("not measured: {}: no rows can be made for it", function.signature())),
        }
    }
    match printer.format {
        Format::Json => printer.document(&json!({
            "functions": measurements.iter().map(|(component, function, measured)| json!({
                "signature": function.signature(),
                "component": component,
                "rows": measured.rows,
                "ns_per_row": measured.per_row(measured.with),
                "ns_per_row_without": measured.per_row(measured.without),
            })).collect::<Vec<_>>(),
        })),
        Format::Text => {
            let rows = measurements.iter().map(|(component, function, measured)| {
                vec![
                    function.signature(),
                    (*component).to_owned(),
                    measured.rows.to_string(),
                    format!("{:.1}", measured.per_row(measured.with)),
                    format!("{:.1}", measured.per_row(measured.without)),
                ]
            });
            printer
                .data(&table(["function", "component", "rows", "ns/row", "ns/row without"], rows.collect::<Vec<_>>()));
        }
    }
    Ok(exit)
}

impl Measured {
    fn per_row(&self, time: Duration) -> f64 {
        time.as_nanos() as f64 / self.rows as f64
    }
}

/// None where no rows can be generated for the function.
fn measure(session: &Session, function: &DeclaredFunction) -> Option<Result<Measured, Error>> {
    function.returns.as_ref()?;
    let parameters: Vec<&LogicalType> = function.parameters.iter().map(|parameter| &parameter.logical_type).collect();
    let columns = parameters.iter().enumerate().map(|(index, kind)| Some(format!("{} AS a{index}", generated(kind)?)));
    let columns = columns.collect::<Option<Vec<_>>>().filter(|columns| !columns.is_empty())?;
    let names: Vec<String> = (0..parameters.len()).map(|index| format!("a{index}")).collect();
    let call = format!("{}({})", function.name, names.join(", "));
    let (with, without) = match function.kind {
        duckpen_functions::FunctionKind::Aggregate => {
            (format!("SELECT {call} FROM given"), "SELECT max(a0) FROM given")
        }
        _ => (format!("SELECT max({call}) FROM given"), "SELECT max(a0) FROM given"),
    };
    Some(timed(session, &columns.join(", "), &with, without))
}

fn timed(session: &Session, columns: &str, with: &str, without: &str) -> Result<Measured, Error> {
    let time = |query: &str| {
        let began = Instant::now();
        session.query_untrusted(query).map(|_| began.elapsed())
    };
    let mut rows = *ROWS.start();
    loop {
        session
            .execute(&format!("CREATE OR REPLACE TABLE given AS SELECT {columns} FROM range({rows}) AS numbers(i)"))?;
        if time(with)? >= LONG_ENOUGH || rows >= *ROWS.end() {
            break;
        }
        rows *= 4;
    }
    let mut runs = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        runs.push((time(with)?, time(without)?));
    }
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    let with = median(runs.iter().map(|(with, _)| *with).collect());
    Ok(Measured { rows, with, without: median(runs.iter().map(|(_, without)| *without).collect()) })
}

/// The value of a type in row `i`: positive, short, and not the same in neighbouring rows.
fn generated(kind: &LogicalType) -> Option<String> {
    let name = kind.to_string();
    let value = match name.as_str() {
        "BOOLEAN" => "i % 2 = 0".to_owned(),
        "VARCHAR" => "'Ada Lovelace ' || (i % 1000)".to_owned(),
        "BLOB" => "encode('Ada Lovelace ' || (i % 1000))".to_owned(),
        "DATE" => "DATE '2020-01-01' + CAST(i % 1000 AS INTEGER)".to_owned(),
        "TIMESTAMP" => "TIMESTAMP '2020-01-01' + to_seconds(i % 100000)".to_owned(),
        "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "HUGEINT" | "UTINYINT" | "USMALLINT" | "UINTEGER"
        | "UBIGINT" | "UHUGEINT" | "FLOAT" | "DOUBLE" => format!("CAST(i % 100 + 1 AS {name})"),
        _ if name.starts_with("DECIMAL") => format!("CAST(i % 9 + 1 AS {name})"),
        _ => return None,
    };
    Some(value)
}
