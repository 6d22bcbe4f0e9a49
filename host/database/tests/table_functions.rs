//! Table functions written in Rust, through the safe wrapper.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use duckpen_database::{
    ArgumentValue, BoundTable, CallbackError, Database, LogicalType, NamedParameter, Options, OutputChunk, Session,
    TableArguments, TableColumn, TableFunction, TableScan, TableSignature,
};

/// What a test wants to see of a function's life.
#[derive(Default)]
struct Seen {
    binds: AtomicUsize,
    projections: Mutex<Vec<Vec<usize>>>,
    rows: AtomicU64,
}

/// `count_to(stop, parts := ...)`: the numbers below `stop`, their squares and their texts.
struct CountTo {
    signature: TableSignature,
    seen: Arc<Seen>,
}

struct Bound {
    stop: i64,
    parts: i64,
}

struct Scan {
    projection: Vec<usize>,
    next_part: AtomicU64,
}

#[derive(Default)]
struct Local {
    left: std::ops::Range<i64>,
}

fn number(value: &ArgumentValue) -> Option<i64> {
    let vector = value.vector();
    vector.is_valid(0).then(|| vector.fixed::<i64>().unwrap()[0])
}

impl TableFunction for CountTo {
    type Bound = Bound;
    type Scan = Scan;
    type Local = Local;

    fn signature(&self) -> &TableSignature {
        &self.signature
    }

    fn bind(&self, arguments: TableArguments) -> Result<BoundTable<Bound>, CallbackError> {
        self.seen.binds.fetch_add(1, Ordering::SeqCst);
        let stop = number(&arguments.positional[0]).ok_or_else(|| CallbackError("NULL is no number".into()))?;
        let parts = arguments.named[0].as_ref().and_then(number).unwrap_or(1);
        assert_ne!(stop, -13, "minus thirteen");
        let column = |name: &str, logical_type| TableColumn { name: name.to_owned(), logical_type };
        Ok(BoundTable {
            columns: vec![
                column("number", LogicalType::BigInt),
                column("square", LogicalType::Double),
                column("text", LogicalType::Varchar),
            ],
            cardinality: u64::try_from(stop).ok(),
            bound: Bound { stop, parts },
        })
    }

    fn begin(&self, bound: &Bound, projection: &[usize]) -> Result<TableScan<Scan>, CallbackError> {
        if bound.parts < 0 {
            return Err(CallbackError("parts are never fewer than none".into()));
        }
        self.seen.projections.lock().unwrap().push(projection.to_vec());
        let scan = Scan { projection: projection.to_vec(), next_part: AtomicU64::new(0) };
        Ok(TableScan { threads: bound.parts as u64, scan })
    }

    fn next(
        &self,
        bound: &Bound,
        scan: &Scan,
        local: &mut Local,
        output: &mut OutputChunk<'_>,
    ) -> Result<(), CallbackError> {
        while local.left.is_empty() {
            let part = scan.next_part.fetch_add(1, Ordering::SeqCst) as i64;
            if part >= bound.parts {
                return Ok(());
            }
            local.left = bound.stop * part / bound.parts..bound.stop * (part + 1) / bound.parts;
        }
        let rows = local.left.clone().count().min(output.capacity());
        let numbers: Vec<i64> = local.left.by_ref().take(rows).collect();
        assert!(!numbers.contains(&1_313_131), "unlucky");
        self.seen.rows.fetch_add(rows as u64, Ordering::SeqCst);
        output
            .fill(rows, |column, vector| match scan.projection[column] {
                0 => vector.write_fixed(&numbers, None),
                1 => vector.write_floats(&numbers.iter().map(|x| (x * x) as f64).collect::<Vec<_>>()),
                _ => {
                    let texts: Vec<String> = numbers.iter().map(|number| format!("number {number}")).collect();
                    let ends = texts.iter().scan(0, |end, text| {
                        *end += text.len() as u32;
                        Some(*end)
                    });
                    vector.write_bytes(
                        &std::iter::once(0).chain(ends).collect::<Vec<_>>(),
                        texts.concat().as_bytes(),
                        None,
                    )
                }
            })
            .map_err(|error| CallbackError(error.to_string()))
    }
}

fn count_to(name: &str, seen: &Arc<Seen>) -> CountTo {
    let parts = NamedParameter { name: "parts".into(), logical_type: LogicalType::BigInt };
    let signature = TableSignature { name: name.to_owned(), parameters: vec![LogicalType::BigInt], named: vec![parts] };
    CountTo { signature, seen: Arc::clone(seen) }
}

fn session() -> (Session, Arc<Seen>) {
    let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
    session.execute("SET threads = 4").unwrap();
    let seen = Arc::default();
    session.register_tables(vec![count_to("count_to", &seen)]).unwrap();
    (session, seen)
}

#[track_caller]
fn check(session: &Session, sql: &str, expected: &str) {
    let rows = session.query(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert_eq!(rows.first().unwrap().to_string(), expected, "{sql}");
}

#[test]
fn scans_of_every_length_give_every_row_once() {
    let (session, _) = session();
    for rows in [0u64, 1, 2047, 2048, 2049, 100_000] {
        for parts in [1, 2, 5] {
            let from = format!("count_to({rows}, parts := {parts})");
            check(&session, &format!("SELECT count(*) FROM {from}"), &rows.to_string());
            check(&session, &format!("SELECT count(DISTINCT number) FROM {from}"), &rows.to_string());
            check(
                &session,
                &format!("SELECT count(*) FROM {from} WHERE square = number * number AND text = 'number ' || number"),
                &rows.to_string(),
            );
        }
    }
}

#[test]
fn only_the_columns_that_a_query_uses_are_asked_for() {
    let (session, seen) = session();
    for (sql, projection) in [
        ("SELECT * FROM count_to(3)", &[0, 1, 2][..]),
        ("SELECT text FROM count_to(3)", &[2]),
        ("SELECT text, number FROM count_to(3) WHERE square > 1", &[1, 2, 0]),
        // DuckDB counts the rows of the first column.
        ("SELECT count(*) FROM count_to(3)", &[0]),
    ] {
        session.query(sql).unwrap();
        assert_eq!(seen.projections.lock().unwrap().pop().unwrap(), projection, "{sql}");
    }
}

#[test]
fn a_query_that_has_enough_stops_the_scan() {
    let (session, seen) = session();
    session.query("FROM count_to(1000000, parts := 3) LIMIT 2").unwrap();
    assert!(seen.rows.load(Ordering::SeqCst) <= 3 * 2048);
}

#[test]
fn a_prepared_query_binds_anew_for_other_arguments() {
    let (session, _) = session();
    session.execute("PREPARE total AS SELECT sum(number) FROM count_to(?)").unwrap();
    for (stop, total) in [(10, "45"), (20, "190"), (20, "190")] {
        check(&session, &format!("EXECUTE total({stop})"), total);
    }
}

#[test]
fn errors_and_panics_of_every_stage_fail_the_query_only() {
    let (session, _) = session();
    for (sql, message) in [
        ("FROM count_to(NULL)", "NULL is no number"),
        ("FROM count_to(-13)", "minus thirteen"),
        ("FROM count_to(2, parts := -1)", "parts are never fewer than none"),
        ("SELECT sum(number) FROM count_to(2000000)", "panic in a function: unlucky"),
        ("SELECT sum(number) FROM count_to(2000000, parts := 8)", "panic in a function: unlucky"),
        ("FROM count_to('x')", "No function matches the given name and argument types 'count_to(VARCHAR)'"),
        ("FROM count_to(1, other := 2)", "Invalid named parameter"),
    ] {
        let error = session.query(sql).map(drop).unwrap_err().to_string();
        assert!(error.contains(message), "{sql}: {error}");
        check(&session, "SELECT count(*) FROM count_to(3)", "3");
    }
}

#[test]
fn a_name_that_is_taken_is_refused_and_there_are_no_overloads() {
    let (session, seen) = session();
    for name in ["COUNT_to", "range", "abs"] {
        let error = session.register_tables(vec![count_to(name, &seen)]).unwrap_err().to_string();
        assert!(error.contains("a function of this name exists already"), "{name}: {error}");
    }
    let twins = vec![count_to("twin", &seen), count_to("twin", &seen)];
    assert!(session.register_tables(twins).is_err());
}

#[test]
fn arguments_of_every_type_can_be_read() {
    struct Shown(TableSignature);

    impl TableFunction for Shown {
        type Bound = ();
        type Scan = ();
        type Local = ();

        fn signature(&self) -> &TableSignature {
            &self.0
        }

        fn bind(&self, arguments: TableArguments) -> Result<BoundTable<()>, CallbackError> {
            let value = arguments.positional[0].vector();
            let text = match (value.is_valid(0), value.strings(), value.words()) {
                (false, ..) => "NULL".to_owned(),
                (_, Some(strings), _) => String::from_utf8_lossy(strings.get(0).unwrap()).into_owned(),
                (_, _, Some(words)) => format!("{words:?}"),
                _ => format!("{:?}", value.fixed::<i32>().unwrap()),
            };
            Err(CallbackError(format!("given {text}")))
        }

        fn begin(&self, (): &(), _: &[usize]) -> Result<TableScan<()>, CallbackError> {
            Err(CallbackError("it is never bound".into()))
        }

        fn next(&self, (): &(), (): &(), (): &mut (), _: &mut OutputChunk<'_>) -> Result<(), CallbackError> {
            Err(CallbackError("it is never bound".into()))
        }
    }

    let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
    for (index, (logical_type, literal, shown)) in [
        (LogicalType::Varchar, "'a' || chr(0) || 'b'", "given a\\0b"),
        (LogicalType::Varchar, "NULL", "given NULL"),
        (LogicalType::Blob, "'thirteen byte'::BLOB", "given thirteen byte"),
        (LogicalType::Date, "DATE '1970-01-03'", "given [2]"),
        (LogicalType::HugeInt, "-1::HUGEINT", "given [18446744073709551615, 18446744073709551615]"),
        (LogicalType::Decimal(30, 2), "1.5::DECIMAL(30, 2)", "given [150, 0]"),
        (LogicalType::Interval, "INTERVAL '1 day'", "given [4294967296, 0]"),
    ]
    .into_iter()
    .enumerate()
    {
        let signature = TableSignature { name: format!("shown{index}"), parameters: vec![logical_type], named: vec![] };
        session.register_tables(vec![Shown(signature)]).unwrap();
        let error = session.query(&format!("FROM shown{index}({literal})")).map(drop).unwrap_err().to_string();
        assert!(error.contains(shown), "{literal}: {error}");
    }
}
