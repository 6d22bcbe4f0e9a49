//! Types as DuckDB itself prints them, and functions over nested vectors without a guest.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use duckpen_database::{Database, Field, LogicalType, Options, Session};

/// Pseudo-random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn name(&mut self) -> String {
        const NAMES: &[&str] = &[
            "a", "b c", "select", "Select", "date", "it's", "x\"y", "Über", "_9", "9a", "value", "key", "ENUM", "🦆",
            "a,b)",
        ];
        NAMES[self.below(NAMES.len())].to_owned()
    }

    fn logical_type(&mut self, levels: usize) -> LogicalType {
        const FLAT: &[&str] = &[
            "BOOLEAN",
            "TINYINT",
            "SMALLINT",
            "INTEGER",
            "BIGINT",
            "UTINYINT",
            "USMALLINT",
            "UINTEGER",
            "UBIGINT",
            "HUGEINT",
            "UHUGEINT",
            "FLOAT",
            "DOUBLE",
            "VARCHAR",
            "BLOB",
            "DATE",
            "TIME",
            "TIMESTAMP",
            "TIMESTAMP_S",
            "TIMESTAMP_MS",
            "TIMESTAMP_NS",
            "TIMESTAMP WITH TIME ZONE",
            "INTERVAL",
            "UUID",
        ];
        match self.below(if levels == 0 { 3 } else { 9 }) {
            0 => FLAT[self.below(FLAT.len())].parse().unwrap(),
            1 => {
                let width = 1 + self.below(38);
                LogicalType::Decimal(width as u8, self.below(width + 1) as u8)
            }
            2 => {
                let mut names: Vec<String> = (0..=self.below(4)).map(|_| self.name()).collect();
                names.sort();
                names.dedup();
                LogicalType::Enum(names.into())
            }
            3 | 4 => LogicalType::List(Arc::new(self.logical_type(levels - 1))),
            5 => LogicalType::Array(Arc::new(self.logical_type(levels - 1)), 1 + self.below(9) as u32),
            6 => LogicalType::map(self.logical_type(levels - 1), self.logical_type(levels - 1)),
            _ => {
                let mut fields: Vec<Field> = Vec::new();
                for _ in 0..=self.below(4) {
                    let name = self.name();
                    if fields.iter().all(|field| field.name.to_lowercase() != name.to_lowercase()) {
                        fields.push(Field { name, logical_type: self.logical_type(levels - 1) });
                    }
                }
                LogicalType::Struct(fields.into())
            }
        }
    }
}

fn session() -> Session {
    Database::open(Options::in_memory()).unwrap().connect().unwrap()
}

#[test]
fn two_thousand_random_types_are_read_as_they_are_printed_and_printed_as_duckdb_prints_them() {
    let session = session();
    let mut random = Random(7);
    for _ in 0..2_000 {
        let kind = random.logical_type(4);
        let text = kind.to_string();
        assert_eq!(text.parse::<LogicalType>().as_ref(), Ok(&kind), "{text}");
        let sql = format!("SELECT typeof(NULL::{text})");
        let printed = session.query(&sql).unwrap_or_else(|error| panic!("{sql}: {error}")).first().unwrap().to_string();
        assert_eq!(printed, text);
    }
}

#[test]
fn every_keyword_of_duckdb_is_quoted_as_a_field() {
    let session = session();
    let words = session.query("SELECT keyword_name FROM duckdb_keywords()").unwrap();
    assert!(words.len() > 400);
    for row in words.iter() {
        let fields = [Field { name: row[0].to_string(), logical_type: LogicalType::Integer }];
        let text = LogicalType::Struct(fields.into()).to_string();
        let printed = session.query(&format!("SELECT typeof(NULL::{text})")).unwrap();
        assert_eq!(printed.first().unwrap().to_string(), text);
    }
}
