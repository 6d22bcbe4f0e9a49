use duckpen_database::{Database, Options, Session};

/// Rows of the table of numbers.
pub const NUMBERS: u64 = 10_000_000;

/// Rows for which a plain component is called.
pub const PLAIN_ROWS: u64 = 200_000;

/// Rows of the table of texts.
pub const TEXTS: u64 = 2_000_000;

/// A database with the table `numbers(x BIGINT, y BIGINT)`.
pub fn numbers() -> Session {
    numbers_below(NUMBERS)
}

/// The same with so many rows.
pub fn numbers_below(rows: u64) -> Session {
    filled(&format!("CREATE TABLE numbers AS SELECT i AS x, i * 7 AS y FROM range({rows}) t(i)"))
}

/// A database with the table `texts(s VARCHAR)` of 17 bytes each.
pub fn texts() -> Session {
    filled(&format!(
        "CREATE TABLE texts AS SELECT 'abcdefghij' || lpad(i::VARCHAR, 7, '0') AS s FROM range({TEXTS}) t(i)"
    ))
}

/// Rows of the table of samples.
pub const SAMPLES: u64 = 1_000_000;

/// A database with the table `samples`: arguments for each of the ten functions.
pub fn samples() -> Session {
    filled(&format!(
        "CREATE TABLE samples AS SELECT
            (hash(i) % 1000000007)::BIGINT - 500000000 AS x,
            (hash(i + 1) % 1000000007)::BIGINT - 500000000 AS y,
            CASE WHEN i % 2 = 0 THEN NULL ELSE i END AS sparse,
            CASE WHEN i % 3 = 0 THEN NULL ELSE i END AS sparse_too,
            'abcdefghij' || lpad(i::VARCHAR, 7, '0') AS text,
            '{{\"id\": ' || i || ', \"tags\": [\"a\", \"b\"], \"n\": ' || i * 3 || '}}' AS json,
            DATE '1970-01-01' + (i % 40000)::INTEGER AS day,
            (i / 100)::DECIMAL(18, 2) AS amount
        FROM range({SAMPLES}) t(i)"
    ))
}

fn filled(sql: &str) -> Session {
    let session = Database::open(Options::in_memory()).and_then(|database| database.connect()).expect("DuckDB opens");
    session.execute(sql).expect("the table is made");
    session
}

/// How many threads the queries of a database use from now on.
pub fn set_threads(session: &Session, threads: u32) {
    session.execute(&format!("SET threads = {threads}")).expect("the setting is accepted");
}
