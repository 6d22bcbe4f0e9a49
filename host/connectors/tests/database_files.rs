//! Files of SQLite and of DuckDB as sources.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use duckpen_connectors::{
    Cancel, ConnectorError, Connectors, CursorRange, CursorValue, LowerBound, ProjectFiles, Relation, RowConnector,
    Scans, Target, WriteMode,
};
use duckpen_database::{Database, Options, Session};
use serde_json::json;

struct Bench {
    folder: tempfile::TempDir,
    session: Session,
    connectors: Connectors,
    scans: Scans,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
        let files = Arc::new(ProjectFiles::open(folder.path()).unwrap());
        Self { folder, session, connectors: Connectors::new(files, Arc::new(())), scans: Scans::default() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn sqlite(&self, statements: &str) -> Arc<dyn RowConnector> {
        rusqlite::Connection::open(self.path().join("a.db")).unwrap().execute_batch(statements).unwrap();
        self.connector("sqlite", "a.db").unwrap()
    }

    fn duckdb(&self, statements: &str) -> Arc<dyn RowConnector> {
        let database = Database::open(Options::file(self.path().join("a.duckdb"))).unwrap();
        database.connect().unwrap().execute(statements).unwrap();
        drop(database);
        self.connector("duckdb", "a.duckdb").unwrap()
    }

    fn connector(&self, kind: &str, path: &str) -> Result<Arc<dyn RowConnector>, ConnectorError> {
        self.connectors.connector(kind, json!({ "path": path }).as_object().unwrap())
    }

    fn load(
        &self,
        connector: &dyn RowConnector,
        relation: &Relation,
        range: Option<CursorRange>,
    ) -> Result<u64, String> {
        let cancel = Cancel::default();
        let load = || {
            let source = connector.source(relation, &cancel)?;
            let binding = self.scans.bind(&self.session, source, range, None, cancel.clone())?;
            let loaded = self.session.execute(&format!("CREATE OR REPLACE TABLE t AS {}", binding.query()));
            loaded.map_err(|error| binding.take_fault().unwrap_or_else(|| error.into()))
        };
        load().map_err(|error: ConnectorError| error.to_string())
    }

    fn rows(&self, query: &str) -> String {
        self.session.query(query).unwrap().to_json().to_string()
    }
}

fn table(name: &str) -> Relation {
    Relation::Table { schema: None, table: name.to_owned() }
}

fn query(text: &str) -> Relation {
    Relation::Query(text.to_owned())
}

#[test]
fn an_sqlite_table_arrives_with_its_types() {
    let bench = Bench::new();
    let sqlite = bench.sqlite(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price DECIMAL(8,2), raw BLOB, paid BOOLEAN, day DATE,
             at DATETIME, anything);
         INSERT INTO t VALUES (1, 'it''s', 2.5, x'00ff', 1, '2024-02-29', '2024-02-29 12:00:00.25', 7),
             (2, NULL, 3, NULL, 0, NULL, '2024-03-01', 8);",
    );
    assert_eq!(bench.load(&*sqlite, &table("t"), None), Ok(2));
    assert_eq!(
        bench.rows("SELECT string_agg(column_type, ' ') AS types FROM (DESCRIBE t)"),
        r#"[{"types":"BIGINT VARCHAR DOUBLE BLOB BOOLEAN DATE TIMESTAMP BIGINT"}]"#
    );
    assert_eq!(
        bench.rows("SELECT * FROM t ORDER BY id"),
        r#"[{"id":1,"name":"it's","price":2.5,"raw":"\\x00\\xFF","paid":true,"day":"2024-02-29","at":"2024-02-29 12:00:00.25","anything":7},{"id":2,"name":null,"price":3.0,"raw":null,"paid":false,"day":null,"at":"2024-03-01 00:00:00","anything":8}]"#
    );
}

#[test]
fn an_sqlite_value_that_does_not_fit_is_named() {
    let bench = Bench::new();
    let sqlite = bench.sqlite("CREATE TABLE t (id INTEGER, n INT); INSERT INTO t VALUES (1, 1), (2, 'two');");
    assert_eq!(
        bench.load(&*sqlite, &table("t"), None),
        Err("column `n`: row 2 has a value of kind text, which is no BIGINT".to_owned())
    );
    assert_eq!(bench.load(&*sqlite, &query("SELECT CAST(n AS TEXT) AS n FROM t"), None), Ok(2));
    assert_eq!(bench.rows("SELECT list(n) AS n FROM t"), r#"[{"n":["1","two"]}]"#);
}

#[test]
fn a_query_of_a_file_reads_that_file_and_no_other() {
    let bench = Bench::new();
    let sqlite = bench.sqlite("CREATE TABLE t AS SELECT 1 AS x");
    let duckdb = bench.duckdb("CREATE TABLE t AS SELECT 1 AS x");
    assert_eq!(
        bench.load(&*sqlite, &query("WITH w AS (SELECT x + 1 AS y FROM t) SELECT y, y / 2.0 AS half FROM w"), None),
        Ok(1)
    );
    assert_eq!(bench.rows("FROM t"), r#"[{"y":2,"half":1.0}]"#);
    assert_eq!(bench.load(&*duckdb, &query("SELECT [x, 2] AS list, {'a': x} AS s FROM t"), None), Ok(1));
    assert_eq!(bench.rows("FROM t"), r#"[{"list":[1,2],"s":{"a":1}}]"#);
    for (connector, text) in [
        (&sqlite, "SELECT 1); ATTACH 'b.db' AS b; SELECT (1"),
        (&sqlite, "SELECT * FROM nowhere"),
        (&duckdb, "SELECT * FROM read_text('/etc/hostname')"),
        (&duckdb, "SELECT 1); DROP TABLE t; SELECT (1"),
        (&duckdb, "SELECT * FROM nowhere"),
    ] {
        bench.load(&**connector, &query(text), None).expect_err(text);
    }
    let target = Target { schema: None, table: "t".into(), mode: WriteMode::Append, run: "r".into(), step: "s".into() };
    let refused = sqlite.sink(&target, &Cancel::default()).err().unwrap();
    assert_eq!(refused.to_string(), "a sqlite connector is read and not written");
}

#[test]
fn files_lie_in_the_project_and_are_what_they_say() {
    let bench = Bench::new();
    std::fs::write(bench.path().join("text.db"), "this is no database, but a text of some length").unwrap();
    for kind in ["sqlite", "duckdb"] {
        let error = |path: &str| bench.connector(kind, path).err().map(|error| error.to_string());
        assert_eq!(error("../a.db"), Some("'../a.db' is outside of the project".into()));
        assert_eq!(error("b.db"), Some("no such file: 'b.db'".into()));
        let text = bench.connector(kind, "text.db").unwrap();
        bench.load(&*text, &table("t"), None).unwrap_err();
    }
}

#[test]
fn every_type_of_a_duckdb_file_arrives() {
    let bench = Bench::new();
    let duckdb = bench.duckdb(
        "CREATE TABLE t AS SELECT i AS id, 'a text longer than twelve ' || i AS long, [i, NULL] AS list, {'a': i, 'b': ['x']} AS s,
             MAP {i: 'v'} AS m, i::DECIMAL(20,3) AS d, DATE '2024-01-01' + i::INT AS day, '{\"j\": 1}'::JSON AS j,
             TIMETZ '12:00:00+01' AS odd, CASE WHEN i % 3 = 0 THEN NULL ELSE i END AS n FROM range(5000) r(i)",
    );
    assert_eq!(bench.load(&*duckdb, &table("t"), None), Ok(5000));
    assert_eq!(
        bench.rows("SELECT sum(id) AS id, max(length(long)) AS l, sum(list[1]) AS e, max(s.b[1]) AS x, sum(map_keys(m)[1]) AS k, sum(d) AS d, max(day) AS day, max(j) AS j, max(odd) AS o, count(n) AS n FROM t"),
        r#"[{"id":12497500,"l":30,"e":12497500,"x":"x","k":12497500,"d":12497500,"day":"2037-09-08","j":"{\"j\": 1}","o":"12:00:00+01","n":3333}]"#
    );
}

#[test]
fn a_range_of_a_cursor_is_read_in_the_file() {
    let bench = Bench::new();
    let rows = "SELECT 1 AS id, '2024-01-01' AS day UNION ALL SELECT 2, '2024-01-02' UNION ALL SELECT 3, '2024-01-03' UNION ALL SELECT NULL, NULL";
    let sqlite = bench.sqlite(&format!("CREATE TABLE t (id INTEGER, day DATE); INSERT INTO t {rows}"));
    let duckdb = bench.duckdb(&format!("CREATE TABLE t (id BIGINT, day DATE); INSERT INTO t {rows}"));
    for (connector, name) in [(sqlite, "sqlite"), (duckdb, "duckdb")] {
        for (column, kind, low, lookback) in [("id", "BIGINT", "2", 1), ("day", "DATE", "2024-01-02", 86_400)] {
            let source = connector.source(&table("t"), &Cancel::default()).unwrap();
            let upper = source.newest(column, &Cancel::default()).unwrap().unwrap();
            assert_eq!(upper.logical_type, kind, "{name}");
            let load = |lower: Option<(Option<u64>, bool)>| {
                let lower = lower.map(|(lookback, is_inclusive)| LowerBound {
                    value: CursorValue { text: low.to_owned(), logical_type: kind.to_owned() },
                    lookback,
                    is_inclusive,
                });
                let range = CursorRange { column: column.to_owned(), lower, upper: upper.clone() };
                bench.load(&*connector, &table("t"), Some(range)).unwrap()
            };
            let counts =
                [load(None), load(Some((None, false))), load(Some((None, true))), load(Some((Some(lookback), true)))];
            assert_eq!(counts, [4, 1, 2, 3], "{name} {column}");
        }
    }
}

#[test]
fn many_rows_of_sqlite_arrive_whole_and_a_reader_may_stop() {
    let bench = Bench::new();
    let sqlite = bench.sqlite(
        "CREATE TABLE t (id INTEGER, t TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO t SELECT i, 'x' || i FROM n;",
    );
    assert_eq!(bench.load(&*sqlite, &table("t"), None), Ok(50_000));
    assert_eq!(bench.rows("SELECT sum(id) AS s, count(DISTINCT t) AS n FROM t"), r#"[{"s":1250025000,"n":50000}]"#);
    let source = sqlite.source(&table("t"), &Cancel::default()).unwrap();
    let binding = bench.scans.bind(&bench.session, source, None, None, Cancel::default()).unwrap();
    assert_eq!(bench.rows(&format!("SELECT id FROM ({}) LIMIT 1", binding.query())), r#"[{"id":1}]"#);
    assert_eq!(bench.rows(&format!("SELECT count(*) AS n FROM ({})", binding.query())), r#"[{"n":50000}]"#);
}
