//! Files whose rows the host moves: Arrow, there and back, and Excel.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use arrow_ipc::CompressionType;
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use duckpen_connectors::{
    Cancel, ConnectorError, ConnectorKinds, Format, ProjectFiles, Relation, RowFile, Scans, Setting, SettingValue,
    row_files,
};
use duckpen_database::{Database, Options, Session};

struct Bench {
    folder: tempfile::TempDir,
    session: Session,
    scans: Scans,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
        Self { folder, session, scans: Scans::default() }
    }

    fn write(&self, format: Format, settings: &[Setting], query: &str, path: &str) -> Result<u64, ConnectorError> {
        let query = RowFile::query(format, &self.session, query)?.unwrap();
        let mut rows = 0;
        let mut stream = self.session.stream(&query)?;
        let mut file = RowFile::create(format, settings, &self.folder.path().join(path), stream.columns())?;
        while let Some(chunk) = stream.next_chunk()? {
            rows += chunk.rows() as u64;
            file.write(&chunk)?;
        }
        file.finish()?;
        Ok(rows)
    }

    /// Makes the table `t` of files, with these columns of them.
    fn read(&self, place: &str, columns: &str) -> Result<u64, ConnectorError> {
        let files = ProjectFiles::open(self.folder.path())?.source(place)?;
        let connector = row_files(Format::Arrow, &[], &files, &ConnectorKinds::default())?.unwrap();
        let cancel = Cancel::default();
        let source = connector.source(&Relation::Whole, &cancel)?;
        let binding = self.scans.bind(&self.session, source, None, None, cancel)?;
        let query = format!("CREATE OR REPLACE TABLE t AS SELECT {columns} FROM ({})", binding.query());
        self.session.execute(&query).map_err(|error| binding.take_fault().unwrap_or_else(|| error.into()))
    }

    fn rows(&self, query: &str) -> String {
        self.session.query(query).unwrap().to_json().to_string()
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Three rows of every type, one of them NULL, by the name of the type. What is read again has the same values and, but for
/// those in `ARRIVE_AS`, the same type.
const VALUES: &[(&str, &str, &str)] = &[
    ("BOOLEAN", "true", "false"),
    ("TINYINT", "-128", "127"),
    ("SMALLINT", "-32768", "32767"),
    ("INTEGER", "-2147483648", "2147483647"),
    ("BIGINT", "-9223372036854775808", "9223372036854775807"),
    ("UTINYINT", "0", "255"),
    ("USMALLINT", "0", "65535"),
    ("UINTEGER", "0", "4294967295"),
    ("UBIGINT", "0", "18446744073709551615"),
    ("HUGEINT", "-99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
    ("UHUGEINT", "0", "340282366920938463463374607431768211455"),
    ("FLOAT", "-1.5", "3.4e38"),
    ("DOUBLE", "-1.5", "1.7e308"),
    ("DECIMAL(4,1)", "-999.9", "0.1"),
    ("DECIMAL(9,2)", "-9999999.99", "0.01"),
    ("DECIMAL(18,3)", "-999999999999999.999", "0.001"),
    ("DECIMAL(38,10)", "-9999999999999999999999999999.9999999999", "1"),
    ("VARCHAR", "''", "'größer als zwölf Zeichen'"),
    ("BLOB", "''", "'\\x00\\xFFabc'"),
    ("BIT", "'0101'", "'1'"),
    ("BIGNUM", "'-12345678901234567890123456789012345678901234567890'", "'0'"),
    ("DATE", "'0001-01-01'", "'2024-02-29'"),
    ("TIME", "'00:00:00'", "'23:59:59.999999'"),
    ("TIMETZ", "'12:00:00+02'", "'00:00:00-05:30'"),
    ("TIMESTAMP", "'1969-12-31 23:59:59.999999'", "'2024-02-29 12:00:00.5'"),
    ("TIMESTAMP_S", "'1969-12-31 23:59:59'", "'2024-02-29 12:00:00'"),
    ("TIMESTAMP_MS", "'1969-12-31 23:59:59.999'", "'2024-02-29 12:00:00.5'"),
    ("TIMESTAMP_NS", "'1969-12-31 23:59:59.999999999'", "'2024-02-29 12:00:00.5'"),
    ("TIMESTAMPTZ", "'1969-12-31 23:59:59+00'", "'2024-02-29 12:00:00+00'"),
    ("INTERVAL", "'-1 month 3 days'", "'1 year 2 hours 0.000001 seconds'"),
    ("UUID", "'00000000-0000-0000-0000-000000000001'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"),
    ("ENUM('a', 'b')", "'a'", "'b'"),
    ("INTEGER[]", "[]", "[1, NULL, 3]"),
    ("VARCHAR[][]", "[['a'], NULL, []]", "[['größer als zwölf Zeichen', NULL]]"),
    ("INTEGER[3]", "[1, 2, 3]", "[4, NULL, 6]"),
    ("STRUCT(a INTEGER, b VARCHAR)", "{'a': 1, 'b': NULL}", "{'a': NULL, 'b': 'x'}"),
    ("STRUCT(a INTEGER[], b STRUCT(c DATE))[]", "[]", "[{'a': [1, 2], 'b': {'c': DATE '2024-01-01'}}, NULL]"),
    ("MAP(VARCHAR, INTEGER)", "MAP {}", "MAP {'a': 1, 'b': NULL}"),
];

/// What Arrow has no type for comes back as something else.
const ARRIVE_AS: &[(&str, &str)] = &[
    ("HUGEINT", "DECIMAL(38,0)"),
    ("UHUGEINT", "VARCHAR"),
    ("BIT", "VARCHAR"),
    ("BIGNUM", "VARCHAR"),
    ("TIMETZ", "VARCHAR"),
    ("UUID", "VARCHAR"),
    ("ENUM('a', 'b')", "VARCHAR"),
];

#[test]
fn values_of_every_type_come_back_from_an_arrow_file_as_they_were() {
    for (kind, low, high) in VALUES {
        let bench = Bench::new();
        let values = format!("(1, CAST({low} AS {kind})), (2, NULL), (3, CAST({high} AS {kind}))");
        bench.session.execute(&format!("CREATE TABLE v AS SELECT * FROM (VALUES {values}) AS v(n, x)")).unwrap();
        assert_eq!(bench.write(Format::Arrow, &[], "SELECT * FROM v", "a.arrow").unwrap(), 3, "{kind}");
        assert_eq!(bench.read("a.arrow", "*").unwrap(), 3, "{kind}");
        let kind_read = bench.session.query("SELECT any_value(typeof(x)) FROM t").unwrap().first().unwrap().to_string();
        let kind_written =
            bench.session.query("SELECT any_value(typeof(x)) FROM v").unwrap().first().unwrap().to_string();
        let expected = ARRIVE_AS.iter().find(|(from, _)| from == kind).map_or(kind_written, |(_, to)| (*to).to_owned());
        assert_eq!(kind_read, expected);
        let different = "SELECT count(*) FROM t JOIN v USING (n) WHERE t.x::VARCHAR IS DISTINCT FROM v.x::VARCHAR";
        assert_eq!(bench.session.query(different).unwrap().first().unwrap().to_string(), "0", "{kind}");
    }
}

#[test]
fn arrow_files_of_any_length_come_back_whole_and_in_order() {
    for rows in [0, 1, 2_047, 2_048, 2_049, 65_536, 200_000] {
        let bench = Bench::new();
        let query = format!(
            "SELECT range AS n, IF(range % 3 = 0, NULL, repeat('x', (range % 30)::INT)) AS s, [range, NULL] AS l \
             FROM range({rows})"
        );
        assert_eq!(bench.write(Format::Arrow, &[], &query, "a.arrow").unwrap(), rows);
        // Columns in another order, one twice, one not at all.
        assert_eq!(bench.read("a.arrow", "s, n, s AS again, l[1] AS first").unwrap(), rows);
        let wrong = "SELECT count(*) FROM (SELECT row_number() OVER () - 1 AS n, * FROM t) AS t(i, s, n, again, first)
            WHERE i <> n OR first <> n OR s IS DISTINCT FROM again
               OR s IS DISTINCT FROM IF(n % 3 = 0, NULL, repeat('x', (n % 30)::INT))";
        assert_eq!(bench.session.query(wrong).unwrap().first().unwrap().to_string(), "0");
        assert_eq!(bench.read("a.arrow", "count(*) AS n").unwrap(), 1);
        assert_eq!(bench.rows("FROM t"), format!(r#"[{{"n":{rows}}}]"#));
    }
}

#[test]
fn a_pattern_reads_arrow_files_with_the_same_columns_one_after_the_other() {
    let bench = Bench::new();
    bench.write(Format::Arrow, &[], "SELECT 1 AS a, 'x' AS b", "1.arrow").unwrap();
    bench.write(Format::Arrow, &[], "SELECT 2 AS a, 'y' AS b", "2.arrow").unwrap();
    assert_eq!(bench.read("*.arrow", "*").unwrap(), 2);
    assert_eq!(bench.rows("FROM t"), r#"[{"a":1,"b":"x"},{"a":2,"b":"y"}]"#);
    bench.write(Format::Arrow, &[], "SELECT 'z' AS a, 'y' AS b", "3.arrow").unwrap();
    let refused = bench.read("*.arrow", "*").unwrap_err().to_string();
    assert_eq!(refused, "'*.arrow: 3.arrow' is no file of arrow: its columns are not those of the first file");
}

#[test]
fn what_is_no_arrow_file_is_refused_with_the_reason() {
    let bench = Bench::new();
    bench.write(Format::Arrow, &[], "SELECT range AS a FROM range(10)", "a.arrow").unwrap();
    let whole = fs::read(bench.path().join("a.arrow")).unwrap();
    let mut huge = whole.clone();
    let trailer = huge.len() - 10;
    huge[trailer..trailer + 4].copy_from_slice(&i32::MAX.to_le_bytes());
    for (bytes, expected) in [
        (&b"ARROW1"[..], "it is too short"),
        (
            b"id,name\n1,a\n2,b\n",
            "it does not end as one: of Arrow's formats the one for files is read, and not that for streams",
        ),
        (
            &whole[..whole.len() - 1],
            "it does not end as one: of Arrow's formats the one for files is read, and not that for streams",
        ),
        (&huge, "its footer is longer than the file"),
    ] {
        fs::write(bench.path().join("b.arrow"), bytes).unwrap();
        let refused = bench.read("b.arrow", "*").unwrap_err().to_string();
        assert_eq!(refused, format!("'b.arrow' is no file of arrow: {expected}"));
    }
}

/// The same file with its buffers packed.
fn pack(bench: &Bench, packing: CompressionType, from: &str, to: &str) {
    let file = fs::File::open(bench.path().join(from)).unwrap();
    let batches = FileReader::try_new(file, None).unwrap();
    let options = IpcWriteOptions::default().try_with_compression(Some(packing)).unwrap();
    let file = fs::File::create(bench.path().join(to)).unwrap();
    let mut packed = FileWriter::try_new_with_options(file, &batches.schema(), options).unwrap();
    batches.for_each(|batch| packed.write(&batch.unwrap()).unwrap());
    packed.finish().unwrap();
}

#[test]
fn packed_buffers_are_read() {
    let bench = Bench::new();
    let query = "SELECT range % 7 AS n, 'text ' || range % 5 AS s, [range % 3, NULL] AS l FROM range(5000)";
    bench.write(Format::Arrow, &[], query, "a.arrow").unwrap();
    for packing in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
        pack(&bench, packing, "a.arrow", "packed.arrow");
        let [plain, packed] =
            ["a.arrow", "packed.arrow"].map(|name| fs::metadata(bench.path().join(name)).unwrap().len());
        assert!(packed * 3 < plain, "{packed} bytes packed, {plain} otherwise");
        assert_eq!(bench.read("packed.arrow", "*").unwrap(), 5_000);
        let wrong = format!("SELECT count(*) FROM (FROM t EXCEPT ALL ({query}))");
        assert_eq!(bench.session.query(&wrong).unwrap().first().unwrap().to_string(), "0");
    }
    // As another library writes it.
    fs::write(bench.path().join("z.arrow"), include_bytes!("files/packed_with_zstd.arrow")).unwrap();
    assert!(bench.read("z.arrow", "*").unwrap() > 0);
}

#[test]
fn a_packed_buffer_that_lies_about_its_size_is_refused() {
    let bench = Bench::new();
    bench.write(Format::Arrow, &[], "SELECT 7::BIGINT AS n FROM range(1000)", "a.arrow").unwrap();
    let lies = "a buffer of it does not unpack to what it says";
    for (packing, beginning, too_few) in [
        (CompressionType::LZ4_FRAME, [0x04, 0x22, 0x4D, 0x18], lies),
        // In the library's words.
        (CompressionType::ZSTD, [0x28, 0xB5, 0x2F, 0xFD], "Expected compressed length of 8001 got 8000"),
    ] {
        pack(&bench, packing, "a.arrow", "packed.arrow");
        let packed = fs::read(bench.path().join("packed.arrow")).unwrap();
        let beginning = [&8_000i64.to_le_bytes()[..], &beginning].concat();
        let at = packed.windows(beginning.len()).position(|window| window == beginning).unwrap();
        for (claimed, expected) in [
            (1 << 40, "a record batch of it has 1099511627776 bytes or more once it is unpacked"),
            (8_001, too_few),
            (7_999, lies),
            (1, lies),
            (-2, lies),
        ] {
            let mut changed = packed.clone();
            changed[at..at + 8].copy_from_slice(&i64::to_le_bytes(claimed));
            fs::write(bench.path().join("b.arrow"), changed).unwrap();
            let refused = bench.read("b.arrow", "*").unwrap_err().to_string();
            assert!(refused.starts_with(&format!("'b.arrow' is no file of arrow: {expected}")), "{claimed}: {refused}");
        }
    }
}

/// Each byte of a small file is changed to something else, and each part of it left out. What comes of it is an error or
/// rows, and never a crash, nor memory of the size that a length claims.
#[test]
fn an_arrow_file_that_lies_does_no_harm() {
    let bench = Bench::new();
    let query = "SELECT range AS n, 'text ' || range AS s, [range, NULL] AS l, MAP {range: 'm'} AS m, \
                 {'a': range, 'b': 1.5::DECIMAL(9,2)} AS r FROM range(5)";
    bench.write(Format::Arrow, &[], query, "a.arrow").unwrap();
    pack(&bench, CompressionType::LZ4_FRAME, "a.arrow", "lz4.arrow");
    pack(&bench, CompressionType::ZSTD, "a.arrow", "zstd.arrow");
    let (mut refused, mut read) = (0, 0);
    // The library reports some of what does not fit together by panicking, which is contained; its words are not wanted.
    std::panic::set_hook(Box::new(|_| ()));
    for whole in ["a.arrow", "lz4.arrow", "zstd.arrow"].map(|name| fs::read(bench.path().join(name)).unwrap()) {
        for position in 0..whole.len() {
            for change in [0xFF, 0x80, 0x01] {
                let mut changed = whole.clone();
                changed[position] ^= change;
                fs::write(bench.path().join("b.arrow"), changed).unwrap();
                match bench.read("b.arrow", "*") {
                    Ok(_) => read += 1,
                    Err(_) => refused += 1,
                }
            }
        }
        for end in (0..whole.len()).step_by(7) {
            fs::write(bench.path().join("b.arrow"), &whole[..end]).unwrap();
            bench.read("b.arrow", "*").unwrap_err();
        }
    }
    drop(std::panic::take_hook());
    assert!(refused > 100 && read > 100, "{refused} refused, {read} read");
    assert_eq!(bench.read("a.arrow", "*").unwrap(), 5);
}

#[test]
fn a_value_that_arrow_does_not_have_is_named_with_its_column() {
    let bench = Bench::new();
    let query = "SELECT 170141183460469231731687303715884105727::HUGEINT AS h";
    let refused = bench.write(Format::Arrow, &[], query, "a.arrow").unwrap_err().to_string();
    let value = "170141183460469231731687303715884105727";
    assert_eq!(refused, format!("column `h`: the value {value} is out of the range that Arrow's type has"));
}

/// The parts of the first sheet, unpacked by DuckDB's reader of zip files' like: a workbook is a zip file of XML.
fn sheet(path: &Path) -> String {
    use std::io::Read;
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_workbook_has_numbers_as_numbers_and_the_rest_as_text() {
    let bench = Bench::new();
    let query = "SELECT 42 AS n, 1.25::DECIMAL(9,2) AS d, 12345678901234567::BIGINT AS big, true AS flag, \
                 '=1+1' AS formula, DATE '2024-02-29' AS day, DATE '1800-01-01' AS early, \
                 TIMESTAMP '2024-02-29 12:00:00' AS at, NULL AS nothing, [1, 2] AS list, 'NaN'::DOUBLE AS nan";
    assert_eq!(bench.write(Format::Excel, &[], query, "a.xlsx").unwrap(), 1);
    let sheet = sheet(&bench.path().join("a.xlsx"));
    let row = &sheet[sheet.find("<row r=\"2\"").unwrap()..sheet.find("</sheetData>").unwrap()];
    let cell = |place: &str| {
        let start = row.find(&format!("<c r=\"{place}2\"")).map(|start| &row[start..]);
        start.map(|cell| cell[..cell.find("</c>").unwrap()].to_owned())
    };
    for (place, expected) in [
        ("A", Some("<v>42</v>")),
        ("B", Some("<v>1.25</v>")),
        ("C", Some("<t>12345678901234567</t>")),
        ("D", Some("<v>1</v>")),
        ("E", Some("<t>=1+1</t>")),
        ("F", Some("<v>45351</v>")),
        ("G", Some("<t>1800-01-01</t>")),
        ("H", Some("<v>45351.5</v>")),
        ("I", None),
        ("J", Some("<t>[1,2]</t>")),
        ("K", Some("<t>NaN</t>")),
    ] {
        let found = cell(place);
        assert_eq!(found.is_some(), expected.is_some(), "{place}: {found:?}");
        if let (Some(found), Some(expected)) = (found, expected) {
            assert!(found.contains(expected), "{place}: {found}");
        }
    }
}

#[test]
fn what_a_sheet_cannot_hold_is_refused() {
    let bench = Bench::new();
    let text = |name: &str, value: &str| Setting { name: name.into(), value: SettingValue::Text(value.into()) };
    let cases: [(&[Setting], &str, &str); 4] = [
        (
            &[],
            "SELECT repeat('x', 32768) AS s",
            "column `s`: a text of it has more than the 32,767 characters of a cell",
        ),
        (&[], "SELECT 1 AS n FROM range(1048576)", "a file of excel holds 1048575 rows, and there are more"),
        (
            &[text("sheet", "a/b")],
            "SELECT 1",
            "the setting `sheet` has an unusable value: expected 1 to 31 characters without [ ] : * ? / \\",
        ),
        (&[text("colour", "red")], "SELECT 1", "a excel file has no setting `colour` for writing"),
    ];
    for (settings, query, expected) in cases {
        assert_eq!(bench.write(Format::Excel, settings, query, "a.xlsx").unwrap_err().to_string(), expected);
    }
}
