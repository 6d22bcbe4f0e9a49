mod queries;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use anyhow::Context;
use duckpen_database::{Database, Error, LockDown, Options, Session};
use duckpen_functions::DeclaredFunction;
use duckpen_observe::numbers::si;
use serde_json::json;

use crate::abort::Abort;
use crate::arguments::{Format, FunctionOptions};
use crate::components;
use crate::exit::Exit;
use crate::output::{Code, Printer, Report, table};
use crate::project::Project;
use queries::{MOST_ROWS, Queries};

/// Rows the first try has.
const FIRST_ROWS: u64 = 8_192;
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
            None => printer
                .say(&format!("not measured: {}: no rows can be made for it, or it gives none", function.signature())),
        }
    }
    match printer.format {
        Format::Json => printer.document(&json!({
            "functions": measurements.iter().map(|(component, function, measured)| json!({
                "signature": function.signature(),
                "component": component,
                "rows": measured.rows,
                "rows_per_second": measured.per_second(),
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
                    si(measured.per_second()),
                    format!("{:.1}", measured.per_row(measured.with)),
                    format!("{:.1}", measured.per_row(measured.without)),
                ]
            });
            let headings = ["function", "component", "rows", "rows/s", "ns/row", "ns/row without"];
            printer.data(&table(headings, rows.collect::<Vec<_>>()));
        }
    }
    Ok(exit)
}

impl Measured {
    fn per_row(&self, time: Duration) -> f64 {
        time.as_nanos() as f64 / self.rows as f64
    }

    /// Rows of the query with the function.
    fn per_second(&self) -> u64 {
        (self.rows as f64 / self.with.as_secs_f64()) as u64
    }
}

/// None where no rows can be made for the function, or it gives none.
fn measure(session: &Session, function: &DeclaredFunction) -> Option<Result<Measured, Error>> {
    let queries = Queries::of(function)?;
    timed(session, &queries).map(|measured| (measured.rows > 0).then_some(measured)).transpose()
}

fn timed(session: &Session, queries: &Queries) -> Result<Measured, Error> {
    let time = |query: &str| {
        let began = Instant::now();
        let rows = session.query_untrusted(query)?;
        let elapsed = began.elapsed();
        let counted = rows.first().and_then(|count| count.to_string().parse().ok());
        Ok::<_, Error>((elapsed, counted.unwrap_or(0)))
    };
    let prepare = |wanted| match queries.preparation(wanted) {
        Some(preparation) => session.execute(&preparation).map(drop),
        None => Ok(()),
    };
    let attempt = |wanted| prepare(wanted).and_then(|()| time(&queries.with(wanted)));
    let mut wanted = FIRST_ROWS;
    let (mut elapsed, mut rows) = attempt(wanted)?;
    while elapsed < LONG_ENOUGH && wanted < MOST_ROWS {
        match attempt(wanted * 4) {
            Ok(more) => (elapsed, rows) = more,
            // What keeps all of its rows comes to a limit with so many of them: it is measured over as many as it takes.
            Err(_) => {
                prepare(wanted)?;
                break;
            }
        }
        wanted *= 4;
    }
    let (with, without) = (queries.with(wanted), queries.without(rows));
    let mut runs = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        runs.push((time(&with)?.0, time(&without)?.0));
    }
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    let with = median(runs.iter().map(|(with, _)| *with).collect());
    Ok(Measured { rows, with, without: median(runs.iter().map(|(_, without)| *without).collect()) })
}
