//! Whatever column a guest emits: either the query fails and says that the results are not what was declared, or the
//! column is what was declared and DuckDB reads it back. `cargo xtask fuzz` tries this for longer.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_database::{Session, Value};
use duckpen_functions::Library;
use duckpen_sandbox::Limits;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use support::{engine, puppet, session};

/// A declared type and what its columns have to look like.
struct Declared {
    sql: &'static str,
    /// The case of `values`, and how wide one of its elements is.
    case: u8,
    width: usize,
    /// The numbers that the type has, if not all.
    range: Option<(i128, i128)>,
}

const fn number(sql: &'static str, case: u8, width: usize) -> Declared {
    Declared { sql, case, width, range: None }
}

const fn within(sql: &'static str, case: u8, width: usize, low: i128, high: i128) -> Declared {
    Declared { sql, case, width, range: Some((low, high)) }
}

const BITS: u8 = 0;
const WORDS: u8 = 11;
const BYTES: u8 = 12;
const LIST_OFFSETS: u8 = 13;

const TYPES: &[Declared] = &[
    number("BOOLEAN", BITS, 1),
    number("TINYINT", 1, 1),
    number("SMALLINT", 2, 2),
    number("INTEGER", 3, 4),
    number("BIGINT", 4, 8),
    number("UTINYINT", 5, 1),
    number("USMALLINT", 6, 2),
    number("UINTEGER", 7, 4),
    number("UBIGINT", 8, 8),
    number("FLOAT", 9, 4),
    number("DOUBLE", 10, 8),
    number("HUGEINT", WORDS, 8),
    number("UHUGEINT", WORDS, 8),
    number("UUID", WORDS, 8),
    number("INTERVAL", WORDS, 8),
    number("BLOB", BYTES, 1),
    number("VARCHAR", BYTES, 1),
    within("DECIMAL(4,1)", 2, 2, -9_999, 9_999),
    within("DECIMAL(9,2)", 3, 4, -999_999_999, 999_999_999),
    within("DECIMAL(18,3)", 4, 8, -999_999_999_999_999_999, 999_999_999_999_999_999),
    within("DECIMAL(38,10)", WORDS, 8, 1 - 10i128.pow(38), 10i128.pow(38) - 1),
    within("TIME", 4, 8, 0, 86_400_000_000),
    within("DATE", 3, 4, -2_147_483_647, 2_147_483_647),
    within("TIMESTAMP", 4, 8, -9_223_372_022_400_000_000, i64::MAX as i128),
    within("TIMESTAMP WITH TIME ZONE", 4, 8, -9_223_372_022_400_000_000, i64::MAX as i128),
];

/// Minus infinity, which lies apart from all other timestamps.
const MINUS_INFINITY: i128 = -(i64::MAX as i128);

/// What is emitted, as the contract has it.
#[derive(Debug, Clone)]
struct Emitted {
    times: u8,
    children: Vec<Node>,
    root: Node,
}

#[derive(Debug, Clone)]
struct Node {
    rows: u32,
    case: u8,
    payload: Payload,
    validity: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
enum Payload {
    /// Elements of a width.
    Fixed(usize, Vec<u8>),
    Bytes(Vec<u32>, Vec<u8>),
    Offsets(Vec<u32>),
    Number(u32),
}

impl Emitted {
    /// In the language of the puppet.
    fn order(&self) -> Vec<u8> {
        let mut order = vec![self.times];
        for _ in 0..self.times {
            order.extend((self.children.len() as u32).to_le_bytes());
            self.root.write(&mut order);
            self.children.iter().for_each(|child| child.write(&mut order));
        }
        order
    }

    /// What the host has to find out, said once more and in other words.
    fn fits(&self, declared: &Declared, rows: usize) -> bool {
        let Node { rows: said, case, payload, validity } = &self.root;
        let valid = |row: usize| validity.as_ref().is_none_or(|bits| bits[row / 8] & (1 << (row % 8)) != 0);
        if self.times != 1 || !self.children.is_empty() || *said as usize != rows || *case != declared.case {
            return false;
        }
        if validity.as_ref().is_some_and(|bits| bits.len() != rows.div_ceil(8)) {
            return false;
        }
        match payload {
            Payload::Fixed(_, bytes) if *case == BITS => bytes.len() == rows.div_ceil(8),
            Payload::Fixed(width, bytes) => {
                let width = if *case == WORDS { 16 } else { *width };
                bytes.len() == rows * width
                    && bytes.chunks(width).enumerate().all(|(row, value)| !valid(row) || declared.has(value))
            }
            Payload::Bytes(offsets, bytes) => {
                let texts = || offsets.windows(2).map(|pair| bytes.get(pair[0] as usize..pair[1] as usize));
                offsets.len() == rows + 1
                    && offsets[0] == 0
                    && *offsets.last().unwrap() as usize == bytes.len()
                    && texts()
                        .all(|text| text.is_some_and(|text| declared.sql == "BLOB" || str::from_utf8(text).is_ok()))
            }
            Payload::Offsets(_) | Payload::Number(_) => false,
        }
    }
}

impl Declared {
    fn has(&self, value: &[u8]) -> bool {
        let Some((low, high)) = self.range else { return true };
        let number = signed(value);
        (low..=high).contains(&number) || self.sql.starts_with("TIMESTAMP") && number == MINUS_INFINITY
    }
}

fn signed(bytes: &[u8]) -> i128 {
    widened(bytes, if bytes[bytes.len() - 1] & 0x80 == 0 { 0 } else { 0xFF })
}

fn widened(bytes: &[u8], fill: u8) -> i128 {
    let mut wide = [fill; 16];
    wide[..bytes.len()].copy_from_slice(bytes);
    i128::from_le_bytes(wide)
}

impl Node {
    fn write(&self, order: &mut Vec<u8>) {
        let list = |order: &mut Vec<u8>, count: usize, bytes: &[u8]| {
            order.extend((count as u32).to_le_bytes());
            order.extend(bytes);
        };
        let numbers = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>();
        order.extend(self.rows.to_le_bytes());
        order.push(self.case);
        match &self.payload {
            Payload::Fixed(width, bytes) => list(order, bytes.len() / width, bytes),
            Payload::Bytes(offsets, bytes) => {
                list(order, offsets.len(), &numbers(offsets));
                list(order, bytes.len(), bytes);
            }
            Payload::Offsets(offsets) => list(order, offsets.len(), &numbers(offsets)),
            Payload::Number(number) => order.extend(number.to_le_bytes()),
        }
        order.push(u8::from(self.validity.is_some()));
        if let Some(validity) = &self.validity {
            list(order, validity.len(), validity);
        }
    }
}

/// A number of things that is mostly right.
fn about(count: usize) -> impl Strategy<Value = usize> {
    prop_oneof![12 => Just(count), 1 => Just(count + 1), 1 => Just(count.saturating_sub(1)), 1 => 0..2 * count + 2]
}

/// Bytes of numbers: of any kind, small, or at an edge.
fn fixed(width: usize, count: usize) -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![
        3 => any::<[u8; 8]>(),
        3 => (-20_000i64..20_000).prop_map(i64::to_le_bytes),
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, -i64::MAX, -9_223_372_022_400_000_000, i64::from(i32::MIN), 0])
            .prop_map(i64::to_le_bytes),
        1 => prop::sample::select(vec![9_999i64, 10_000, 999_999_999, 1_000_000_000, 86_400_000_000, 86_400_000_001])
            .prop_map(i64::to_le_bytes),
    ];
    prop::collection::vec(number, count)
        .prop_map(move |numbers| numbers.into_iter().flat_map(|number| number.into_iter().take(width)).collect())
}

/// Texts one behind the other, sometimes cut at the wrong place.
fn texts(rows: usize) -> impl Strategy<Value = (Vec<u32>, Vec<u8>)> {
    let text = prop_oneof![
        6 => "[a-z]{0,20}".prop_map(String::into_bytes),
        3 => "\\PC{0,8}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    (prop::collection::vec(text, rows), any::<prop::sample::Index>(), prop_oneof![8 => Just(0i64), 1 => -2i64..3])
        .prop_map(|(texts, at, by)| {
            let mut offsets = vec![0];
            let mut bytes = Vec::new();
            for text in texts {
                bytes.extend(text);
                offsets.push(bytes.len() as u32);
            }
            let at = at.index(offsets.len());
            offsets[at] = (i64::from(offsets[at]) + by) as u32;
            (offsets, bytes)
        })
}

/// Values of a case, as many as are about right for so many rows.
fn payload(case: u8, width: usize, rows: usize) -> BoxedStrategy<Payload> {
    let elements = match case {
        BITS => rows.div_ceil(8),
        WORDS => 2 * rows,
        _ => rows,
    };
    match case {
        BYTES => about(rows).prop_flat_map(texts).prop_map(|(offsets, bytes)| Payload::Bytes(offsets, bytes)).boxed(),
        LIST_OFFSETS => prop::collection::vec(any::<u32>(), 0..rows + 2).prop_map(Payload::Offsets).boxed(),
        14.. => any::<u32>().prop_map(Payload::Number).boxed(),
        _ => about(elements)
            .prop_flat_map(move |count| fixed(width, count).prop_map(move |bytes| Payload::Fixed(width, bytes)))
            .boxed(),
    }
}

fn node(case: u8, width: usize, rows: usize) -> impl Strategy<Value = Node> {
    let said = prop_oneof![20 => Just(rows as u32), 1 => any::<u32>(), 1 => Just(rows as u32 + 1)];
    let bitmap = about(rows.div_ceil(8)).prop_flat_map(|bytes| prop::collection::vec(any::<u8>(), bytes));
    (said, payload(case, width, rows), prop::option::of(bitmap)).prop_map(move |(rows, payload, validity)| Node {
        rows,
        case,
        payload,
        validity,
    })
}

/// A declared type, a number of rows, and what is emitted for them: mostly of the right kind.
fn emitted() -> impl Strategy<Value = (usize, usize, Emitted)> {
    const WIDTHS: [usize; 16] = [1, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 8, 1, 4, 4, 4];
    (0..TYPES.len(), 1usize..70).prop_flat_map(|(index, rows)| {
        let declared = &TYPES[index];
        let case = prop_oneof![10 => Just((declared.case, declared.width)), 1 => (0u8..16).prop_map(|case| (case, WIDTHS[case as usize]))];
        let root = case.prop_flat_map(move |(case, width)| node(case, width, rows));
        let children = prop_oneof![15 => Just(0usize), 1 => 1usize..4]
            .prop_flat_map(move |count| prop::collection::vec(node(1, 1, rows), count));
        let times = prop_oneof![15 => Just(1u8), 1 => 0u8..3];
        (Just(index), Just(rows), (times, children, root)).prop_map(|(index, rows, (times, children, root))| {
            (index, rows, Emitted { times, children, root })
        })
    })
}

/// A session that knows a function `emit_0`, `emit_1`, ... for each type.
fn stage() -> (Session, Library) {
    let script: Vec<String> =
        TYPES.iter().enumerate().map(|(index, declared)| format!("emit_{index}(x BLOB) -> {}", declared.sql)).collect();
    let session = session(1);
    let library = Library::load(&engine(), "puppet", &puppet(&script.join("\n")), &Limits::functions()).unwrap();
    library.register(&session).unwrap();
    (session, library)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The values of a column that fits, where they are easily said: whole numbers and texts.
fn expected(declared: &Declared, emitted: &Emitted, row: usize) -> Option<Value> {
    let Node { payload, validity, .. } = &emitted.root;
    if validity.as_ref().is_some_and(|bits| bits[row / 8] & (1 << (row % 8)) == 0) {
        return Some(Value::Null);
    }
    match payload {
        Payload::Fixed(width, bytes) => {
            let width = if declared.case == WORDS { 16 } else { *width };
            let number = &bytes[row * width..][..width];
            Some(match declared.sql.starts_with('U') {
                true => Value::Unsigned(widened(number, 0).cast_unsigned()),
                false => Value::Integer(signed(number)),
            })
        }
        Payload::Bytes(offsets, bytes) => {
            let text = &bytes[offsets[row] as usize..offsets[row + 1] as usize];
            Some(Value::Text(String::from_utf8_lossy(text).into_owned()))
        }
        _ => None,
    }
}

#[test]
fn what_is_emitted_is_refused_or_read_back() {
    let (session, _library) = stage();
    // What fails is printed; there is no file of it.
    TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })
        .run(&emitted(), |(index, rows, emitted)| {
            let declared = &TYPES[index];
            let call =
                format!("emit_{index}(CASE WHEN i = 0 THEN from_hex('{}') ELSE ''::BLOB END)", hex(&emitted.order()));
            let fits = emitted.fits(declared, rows);
            // As text, so that DuckDB looks at every bit of it, and as it is.
            for column in [format!("CAST({call} AS VARCHAR)"), call] {
                let queried = session.query(&format!("SELECT {column} FROM range({rows}) t(i)"));
                match (queried, fits) {
                    (Ok(read), true) => {
                        prop_assert_eq!(read.len(), rows);
                        let plain = ["INTEGER", "INT", "VARCHAR"].iter().any(|kind| declared.sql.ends_with(kind));
                        for (row, values) in read.iter().enumerate().filter(|_| plain && !column.starts_with("CAST")) {
                            let expected = expected(declared, &emitted, row);
                            prop_assert_eq!(Some(&values[0]), expected.as_ref(), "row {}", row);
                        }
                    }
                    (Err(error), false) => {
                        let error = error.to_string();
                        let told = [
                            "the results are not what",
                            "results were emitted twice",
                            "no results were emitted",
                            "limit reached",
                        ];
                        prop_assert!(told.iter().any(|told| error.contains(told)), "{}", error);
                    }
                    (Ok(_), false) => return Err(TestCaseError::fail("a column that does not fit was taken")),
                    (Err(error), true) => return Err(TestCaseError::fail(format!("it fits and was refused: {error}"))),
                }
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(session.query("SELECT 1").unwrap().first(), Some(&Value::Integer(1)));
}
