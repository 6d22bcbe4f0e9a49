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
                    vector.write_bytes(&std::iter::once(0).chain(ends).collect::<Vec<_>>(), texts.concat().as_bytes())
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

#[test]
fn explore() {
    let (session, seen) = session();
    for sql in [
        "SELECT * FROM count_to(3)",
        "SELECT count(*) FROM count_to(5000)",
        "SELECT count(*), sum(number), min(text) FROM count_to(1000000, parts := 7)",
        "SELECT text FROM count_to(3)",
        "SELECT text, number FROM count_to(3) WHERE square > 1",
        "SELECT * FROM count_to(NULL)",
        "SELECT * FROM count_to(2, parts := NULL)",
        "SELECT * FROM count_to(2, parts = 2)",
        "SELECT * FROM count_to('2')",
        "SELECT * FROM count_to('x')",
        "SELECT * FROM count_to(2, parts := 'x')",
        "SELECT * FROM count_to(1.5)",
        "SELECT * FROM count_to()",
        "SELECT * FROM count_to(1, 2)",
        "SELECT * FROM count_to(1, other := 2)",
        "SELECT * FROM count_to(1 + 1)",
        "SELECT * FROM count_to((SELECT 2))",
        "SELECT * FROM range(3) t(i), count_to(i)",
        "SELECT * FROM range(3) t(i), LATERAL count_to(i)",
        "SELECT count(*) FROM range(3) t(i), LATERAL (SELECT * FROM count_to(2) WHERE number < i)",
        "SELECT (SELECT count(*) FROM count_to(3) WHERE number < i) FROM range(3) t(i)",
        "SELECT count_to(3)",
        "EXPLAIN SELECT * FROM count_to(12345)",
        "SELECT * FROM count_to(2000000000000, parts := 3) LIMIT 2",
        "WITH c AS (SELECT * FROM count_to(3)) SELECT count(*) FROM c a, c b",
        "WITH c AS MATERIALIZED (SELECT * FROM count_to(3)) SELECT count(*) FROM c a, c b",
        "SELECT count(*) FROM count_to(3) a JOIN count_to(4) b USING (number)",
        "SELECT * FROM count_to(-13)",
        "SELECT * FROM count_to(2, parts := -1)",
        "SELECT sum(number) FROM count_to(2000000)",
        "CREATE TABLE t AS SELECT * FROM count_to(3000)",
        "SELECT count(*) FROM t",
        "CREATE VIEW v AS SELECT * FROM count_to(3000)",
        "SELECT count(*) FROM v",
        "PREPARE p AS SELECT sum(number) FROM count_to(?)",
        "EXECUTE p(10)",
        "EXECUTE p(20)",
        "EXECUTE p(20)",
        "SELECT rowid FROM count_to(3)",
        "SELECT number FROM count_to(9223372036854775807) a, count_to(9223372036854775807) b, count_to(9223372036854775807) c WHERE a.number = b.number LIMIT 1",
        "SELECT * FROM query_table('count_to')",
        "SELECT function_type, parameters, parameter_types, varargs FROM duckdb_functions() WHERE function_name = 'count_to'",
        "SELECT 1 FROM count_to(5)",
        "SELECT * FROM count_to(number := 3)",
        "FROM count_to(3) ORDER BY square DESC",
        "SELECT count(*) FROM count_to(5000) WHERE number % 2 = 0",
        "SELECT list(a.text) FROM count_to(3) AS a(x, y)",
    ] {
        let before = seen.rows.load(Ordering::SeqCst);
        let outcome = session.query(sql).map(|rows| {
            rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect::<Vec<_>>()
        });
        let projections = std::mem::take(&mut *seen.projections.lock().unwrap());
        println!(
            "{sql}\n   {outcome:?} {projections:?} rows {} binds {}",
            seen.rows.load(Ordering::SeqCst) - before,
            seen.binds.swap(0, Ordering::SeqCst)
        );
    }
}
