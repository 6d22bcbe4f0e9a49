//! Aggregate functions through the C API give what DuckDB's own give, in whatever way a query uses them, and their states
//! are gone when it is over.
#![allow(clippy::unwrap_used)]

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use duckpen_database::{
    Aggregate, AggregateFunction, AggregateSignature, CallbackError, Chunk, Database, LogicalType, NullHandling,
    Options, OutputVector, Session, States,
};

/// `sum` of BIGINT that is 0 without rows: a state that lies wholly in DuckDB's memory.
struct Sum(AggregateSignature);

impl AggregateFunction for Sum {
    type State = i64;

    fn signature(&self) -> &AggregateSignature {
        &self.0
    }

    fn init(&self) -> i64 {
        0
    }

    fn update(&self, states: &mut States<'_, i64>, of_row: &[u32], input: &Chunk<'_>) -> Result<(), CallbackError> {
        let numbers = input.vectors()[0].fixed::<i64>().unwrap();
        assert_eq!((numbers.len(), of_row.len()), (input.rows(), input.rows()));
        for (group, number) in of_row.iter().zip(numbers) {
            *states.get_mut(*group as usize) += number;
        }
        Ok(())
    }

    fn combine(
        &self,
        targets: &mut States<'_, i64>,
        sources: &States<'_, i64>,
        target_of: &[u32],
    ) -> Result<(), CallbackError> {
        for (source, target) in sources.iter().zip(target_of) {
            *targets.get_mut(*target as usize) += source;
        }
        Ok(())
    }

    fn finalize(&self, states: &States<'_, i64>, output: &mut OutputVector<'_>) -> Result<(), CallbackError> {
        let results: Vec<i64> = states.iter().copied().collect();
        output.write_fixed(&results, None).map_err(|error| CallbackError(error.to_string()))
    }
}

/// Texts joined by `,`, in the order in which they come: a state on our own heap. It fails for the text `bad`.
struct Joined {
    signature: AggregateSignature,
    alive: Arc<AtomicI64>,
}

/// What a group has on our heap once it has a row.
struct Text {
    text: String,
    alive: Arc<AtomicI64>,
}

impl Drop for Text {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Joined {
    fn push(&self, state: &mut Option<Text>, text: &str) -> Result<(), CallbackError> {
        if text == "bad" {
            return Err(CallbackError("a bad text".into()));
        }
        let state = state.get_or_insert_with(|| {
            self.alive.fetch_add(1, Ordering::Relaxed);
            Text { text: String::new(), alive: Arc::clone(&self.alive) }
        });
        if !(state.text.is_empty() || text.is_empty()) {
            state.text.push(',');
        }
        state.text.push_str(text);
        Ok(())
    }
}

impl AggregateFunction for Joined {
    type State = Option<Text>;

    fn signature(&self) -> &AggregateSignature {
        &self.signature
    }

    fn init(&self) -> Option<Text> {
        None
    }

    fn update(
        &self,
        states: &mut States<'_, Option<Text>>,
        of_row: &[u32],
        input: &Chunk<'_>,
    ) -> Result<(), CallbackError> {
        let texts = input.vectors()[0].strings().unwrap();
        for (row, group) in of_row.iter().enumerate() {
            self.push(states.get_mut(*group as usize), str::from_utf8(texts.get(row).unwrap()).unwrap())?;
        }
        Ok(())
    }

    fn combine(
        &self,
        targets: &mut States<'_, Option<Text>>,
        sources: &States<'_, Option<Text>>,
        target_of: &[u32],
    ) -> Result<(), CallbackError> {
        for (source, target) in sources.iter().zip(target_of) {
            if let Some(source) = source {
                self.push(targets.get_mut(*target as usize), &source.text)?;
            }
        }
        Ok(())
    }

    fn finalize(&self, states: &States<'_, Option<Text>>, output: &mut OutputVector<'_>) -> Result<(), CallbackError> {
        let mut offsets = vec![0];
        let mut bytes = Vec::new();
        for state in states.iter() {
            let text = state.as_ref().map_or("", |state| &state.text);
            if text.contains("unspeakable") {
                return Err(CallbackError("a text that is not shown".into()));
            }
            bytes.extend_from_slice(text.as_bytes());
            offsets.push(bytes.len() as u32);
        }
        output.write_bytes(&offsets, &bytes, None).map_err(|error| CallbackError(error.to_string()))
    }
}

fn signature(name: &str, kind: LogicalType) -> AggregateSignature {
    AggregateSignature {
        name: name.into(),
        parameters: vec![kind.clone()],
        returns: kind,
        nulls: NullHandling::Propagate,
    }
}

/// A session of so many threads that knows `our_sum` and `our_join`, and a count of the states of the latter.
fn session(threads: usize) -> (Session, Arc<AtomicI64>) {
    let options = Options { threads: NonZeroUsize::new(threads), ..Options::in_memory() };
    let session = Database::open(options).unwrap().connect().unwrap();
    let alive = Arc::new(AtomicI64::new(0));
    session.register_aggregates(vec![Aggregate::new(Sum(signature("our_sum", LogicalType::BigInt))).unwrap()]).unwrap();
    let joined = Joined { signature: signature("our_join", LogicalType::Varchar), alive: Arc::clone(&alive) };
    session.register_aggregates(vec![Aggregate::new(joined).unwrap()]).unwrap();
    session
        .execute(
            "CREATE TABLE t AS SELECT i, i % 7 AS few, i % 1000 AS many, hash(i)::VARCHAR AS h,
                CASE WHEN i % 5 <> 0 THEN i END AS n, 'v' || (i % 100) AS s FROM range(200000) r(i)",
        )
        .unwrap();
    (session, alive)
}

fn rows(session: &Session, sql: &str) -> String {
    session
        .query(sql)
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
        .iter()
        .map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What `{sum}` and `{join}` stand for is ours or DuckDB's.
const QUERIES: &[&str] = &[
    "SELECT {sum}(n) FROM t",
    "SELECT {sum}(n) FROM t WHERE i < 0",
    "SELECT {sum}(NULL::BIGINT) FROM t",
    "SELECT {sum}(1) FROM t",
    "SELECT {sum}(i), {join}(s) FROM t WHERE i < 1",
    "SELECT few, {sum}(n) FROM t GROUP BY few ORDER BY few",
    "SELECT many, {sum}(n) FROM t GROUP BY many ORDER BY many",
    "SELECT sum(x * g) FROM (SELECT i // 2 AS g, {sum}(n) AS x FROM t GROUP BY g)",
    "SELECT few, {sum}(n) FILTER (i % 3 = 0), {sum}(n) FILTER (few = 2) FROM t GROUP BY few ORDER BY few",
    "SELECT few, {sum}(DISTINCT many) FROM t GROUP BY few ORDER BY few",
    "SELECT few, many % 2 AS m, {sum}(n) FROM t GROUP BY GROUPING SETS ((few), (m), (few, m), ()) ORDER BY ALL",
    "SELECT few, {sum}(n) FROM t GROUP BY few HAVING {sum}(n) > 100 ORDER BY few",
    "SELECT nullif(few, 3) AS g, {sum}(n) FROM t GROUP BY g ORDER BY g",
    "SELECT {join}(s ORDER BY h) FROM t",
    "SELECT few, md5({join}(s ORDER BY h)) FROM t GROUP BY few ORDER BY few",
    "SELECT many, {join}(s ORDER BY h DESC) FROM t GROUP BY many ORDER BY many",
    "SELECT i, {join}(s ORDER BY h), {sum}(i ORDER BY h) FROM t WHERE i < 5000 GROUP BY i ORDER BY i",
    "SELECT few, {join}(DISTINCT s ORDER BY s) FROM t GROUP BY few ORDER BY few",
    "SELECT few, {join}(s ORDER BY h) FILTER (i < 10), {sum}(n ORDER BY h) FILTER (few = 8)
        FROM t GROUP BY few ORDER BY few",
    "SELECT sum(x) FROM (SELECT {sum}(i) OVER () AS x FROM t)",
    "SELECT i, {sum}(i) OVER (ORDER BY i) AS x FROM t WHERE i < 10000 ORDER BY i",
    "SELECT DISTINCT few, {sum}(i) OVER (PARTITION BY few), {join}(s) OVER (PARTITION BY i % 30000) FROM t
        WHERE i < 60000 ORDER BY ALL",
    "SELECT DISTINCT many, {sum}(n) OVER (PARTITION BY many), nullif({sum}(n) FILTER (few > 2) OVER (PARTITION BY few, many), 0)
        FROM t ORDER BY ALL",
    "SELECT i, {sum}(n) OVER (PARTITION BY i % 50000) FROM t WHERE i < 100000 ORDER BY i",
    "SELECT i, {sum}(n) OVER (ROWS BETWEEN 3 PRECEDING AND CURRENT ROW), {sum}(i) OVER (PARTITION BY few) FROM t
        WHERE i < 1 OR i < 5000 ORDER BY i",
    "SELECT i, {sum}(i) OVER (ORDER BY i ROWS BETWEEN 10 PRECEDING AND 3 FOLLOWING) FROM t ORDER BY i LIMIT 10000",
    "SELECT i, {sum}(i) OVER (PARTITION BY few ORDER BY i ROWS BETWEEN 2000 PRECEDING AND CURRENT ROW)
        FROM t ORDER BY i LIMIT 30000",
    "SELECT i, {join}(s) OVER (PARTITION BY few ORDER BY i ROWS BETWEEN 5 PRECEDING AND 5 FOLLOWING)
        FROM t ORDER BY i LIMIT 30000",
    // With EXCLUDE DuckDB does not destroy some of the states, whatever the function: no {join} here.
    "SELECT i, {sum}(n) OVER (PARTITION BY few ORDER BY i ROWS BETWEEN 5 PRECEDING AND 5 FOLLOWING EXCLUDE CURRENT ROW)
        FROM t ORDER BY i LIMIT 30000",
    "SELECT i, {join}(s) OVER (PARTITION BY many ORDER BY h ROWS UNBOUNDED PRECEDING) FROM t ORDER BY i LIMIT 3000",
    "SELECT i, {join}(s ORDER BY h) OVER (ORDER BY i ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)
        FROM t WHERE i < 3000 ORDER BY i",
    "SELECT i, {sum}(DISTINCT few) OVER (ORDER BY i ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)
        FROM t WHERE i < 3000 ORDER BY i",
    "SELECT i, {sum}(n) OVER (ORDER BY few RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t WHERE i < 3000 ORDER BY i",
    "SELECT i, {sum}(i) FILTER (i % 1500 = 0) OVER (ORDER BY i) FROM t ORDER BY i",
    "SELECT i, {sum}(i) FILTER (i % 1000 < 2) OVER (ORDER BY i) FROM t ORDER BY i",
    "SELECT i, {sum}(i) FILTER (i % 1000 IN (3, 300, 700)) OVER (ORDER BY i), {sum}(i) OVER (PARTITION BY many) FROM t ORDER BY i",
    // One group for as long as a thread keeps a part of the table to itself, and the others with it later.
    "SELECT CASE WHEN i % 150000 < 120000 THEN 0 ELSE i % 3 END AS g, {sum}(i), {join}(s ORDER BY h)
        FROM t GROUP BY g ORDER BY g",
    // An order by what a group has in common is none.
    "SELECT few, {sum}(n ORDER BY few), {sum}(n ORDER BY 1) FROM t GROUP BY few ORDER BY few",
    "SELECT list_aggregate(list(i ORDER BY i), '{sum}') FROM t GROUP BY few ORDER BY few",
    "SELECT (SELECT {sum}(i) FROM t u WHERE u.i < v.i) FROM range(5) v(i) ORDER BY v.i",
];

#[test]
fn queries_give_what_they_give_with_functions_of_duckdb() {
    for threads in [1, 4] {
        let (session, alive) = session(threads);
        for query in QUERIES {
            let with = |sum: &str, join: &str| rows(&session, &query.replace("{sum}", sum).replace("{join}", join));
            // Without rows ours gives 0 and an empty text; DuckDB's give NULL.
            let ours = with("our_sum", "our_join");
            let theirs = with("sum", "string_agg");
            let theirs: Vec<String> = theirs.split('\n').map(|row| row.replace("NULL", "")).collect();
            let ours: Vec<String> = ours.split('\n').map(str::to_owned).collect();
            assert_eq!(ours.len(), theirs.len(), "{query}, {threads} threads");
            for (ours, theirs) in ours.iter().zip(&theirs) {
                let empty = |value: &str| value.is_empty() || value == "0" || value == "NULL";
                let same = ours.split('|').zip(theirs.split('|')).all(|(a, b)| a == b || empty(a) && empty(b));
                assert!(same, "{query}, {threads} threads:\nours   {ours}\ntheirs {theirs}");
            }
            assert_eq!(alive.load(Ordering::Relaxed), 0, "{query}, {threads} threads: states are left");
        }
    }
}

#[test]
fn states_are_gone_when_a_query_fails() {
    for threads in [1, 4] {
        let (session, alive) = session(threads);
        for (query, message) in [
            ("SELECT our_join(CASE WHEN i = 150000 THEN 'bad' ELSE s END) FROM t", "a bad text"),
            ("SELECT our_join(CASE WHEN i = 150000 THEN 'bad' ELSE s END) FROM t GROUP BY many", "a bad text"),
            (
                "SELECT our_join(CASE WHEN i = 150000 THEN 'bad' ELSE s END ORDER BY h) FROM t GROUP BY many",
                "a bad text",
            ),
            ("SELECT our_join('unspeakable') FROM t WHERE i < 3000 GROUP BY i", "a text that is not shown"),
            (
                "SELECT our_join('unspeakable' ORDER BY h) FROM t WHERE i < 3000 GROUP BY many",
                "a text that is not shown",
            ),
            ("SELECT our_join('bad') OVER (ORDER BY i ROWS 5 PRECEDING) FROM t", "a bad text"),
            ("SELECT our_join(s), error('enough') FROM t GROUP BY many", "enough"),
        ] {
            let error = session.query(query).unwrap_err().to_string();
            assert!(error.contains(message), "{query}: {error}");
            assert_eq!(alive.load(Ordering::Relaxed), 0, "{query}, {threads} threads: states are left");
            assert_eq!(rows(&session, "SELECT our_sum(i) FROM t"), "19999900000");
        }
    }
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let (session, _alive) = session(1);
    for name in ["sum", "our_sum", "OUR_SUM", "lower"] {
        let error = session
            .register_aggregates(vec![Aggregate::new(Sum(signature(name, LogicalType::BigInt))).unwrap()])
            .unwrap_err();
        let expected =
            format!("cannot register the function `{}`: a function of this name exists already", name.to_lowercase());
        assert_eq!(error.to_string(), expected);
    }
    let twice = || Aggregate::new(Sum(signature("twice", LogicalType::BigInt))).unwrap();
    let error = session.register_aggregates(vec![twice(), twice()]).unwrap_err().to_string();
    assert_eq!(error, "cannot register the function `twice`: two overloads have the same parameters");
}

/// Where an aggregate's states come to keep memory, views and macros that are there already may have it in a frame in which
/// they would be lost. They are not used until they are made anew, nor are views upon them.
#[test]
fn definitions_that_would_lose_states_are_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Database::open(Options::file(folder.path().join("kept.duckdb"))).unwrap().connect().unwrap();
    {
        let session = open();
        let plain = Sum(signature("ours", LogicalType::BigInt));
        session.register_aggregates(vec![Aggregate::new(plain).unwrap()]).unwrap();
        let window = "ours(i) OVER (ORDER BY i ROWS BETWEEN 9 PRECEDING AND CURRENT ROW EXCLUDE TIES) AS x FROM t";
        for statement in [
            "CREATE TABLE t AS SELECT range AS i FROM range(5)",
            "CREATE VIEW upon AS SELECT 1 AS x",
            &format!("CREATE VIEW \"An odd one\" AS SELECT {window}"),
            &format!("CREATE MACRO made() AS TABLE SELECT {window}"),
            "CREATE OR REPLACE VIEW upon AS SELECT * FROM main.\"An odd one\"",
            "CREATE VIEW apart AS SELECT ours(i) AS x FROM t",
        ] {
            session.execute(statement).unwrap();
        }
        assert_eq!(rows(&session, "SELECT count(x) FROM upon"), "5");
    }
    let session = open();
    let keeping = Joined { signature: signature("ours", LogicalType::Varchar), alive: Arc::default() };
    session.register_aggregates(vec![Aggregate::new(keeping).unwrap()]).unwrap();
    for (query, definition) in [
        ("SELECT * FROM \"an ODD one\"", "an odd one"),
        ("FROM made()", "made"),
        ("SELECT count(*) FROM t JOIN upon ON x = i", "upon"),
        ("CREATE VIEW again AS FROM Upon", "upon"),
    ] {
        let error = session.query(query).unwrap_err().to_string();
        let expected = format!("`{definition}` has the aggregate `ours` beside EXCLUDE in the frame of a window");
        assert!(error.starts_with(&expected), "{query}: {error}");
    }
    assert_eq!(rows(&session, "SELECT 'upon', count(*) FROM t"), "upon|5");
    session.execute("DROP VIEW IF EXISTS main.\"An odd one\"").unwrap();
    session.execute("CREATE OR REPLACE VIEW upon AS SELECT 7 AS x").unwrap();
    assert_eq!(rows(&session, "FROM upon"), "7");
}
