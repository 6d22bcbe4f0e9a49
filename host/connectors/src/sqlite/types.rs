//! Which column of DuckDB a column of SQLite becomes. SQLite's columns take values of any kind, and a declared type only says
//! what is preferred: a value that is of another kind is an error, told with its row.

use duckpen_database::LogicalType;
use jiff::civil::{Date, DateTime};
use rusqlite::types::ValueRef;

use crate::rows::ColumnBuffer;

/// The type by the words of a declaration, in SQLite's own order of rules; none where it says nothing.
pub(super) fn declared(declaration: Option<&str>) -> Option<LogicalType> {
    let words = declaration?.to_uppercase();
    let has = |word: &str| words.contains(word);
    Some(if has("INT") {
        LogicalType::BigInt
    } else if has("CHAR") || has("CLOB") || has("TEXT") || has("JSON") || has("UUID") {
        LogicalType::Varchar
    } else if has("BLOB") {
        LogicalType::Blob
    } else if has("REAL") || has("FLOA") || has("DOUB") || has("DEC") || has("NUM") {
        LogicalType::Double
    } else if has("BOOL") {
        LogicalType::Boolean
    } else if has("DATETIME") || has("TIMESTAMP") {
        LogicalType::Timestamp
    } else if has("DATE") {
        LogicalType::Date
    } else {
        return None;
    })
}

/// The type that takes values of these kinds, as `typeof` names them.
pub(super) fn of_kinds(kinds: &str) -> LogicalType {
    let has = |kind: &str| kinds.split(',').any(|found| found == kind);
    match (has("text"), has("blob"), has("real"), has("integer")) {
        (false, true, false, false) => LogicalType::Blob,
        (false, false, true, _) => LogicalType::Double,
        (false, false, false, true) => LogicalType::BigInt,
        _ => LogicalType::Varchar,
    }
}

/// Adds a value to a column; false where its kind has no place there.
pub(super) fn push(value: ValueRef<'_>, kind: &LogicalType, values: &mut ColumnBuffer) -> bool {
    match (kind, value) {
        (_, ValueRef::Null) => values.push_null(),
        (LogicalType::BigInt, ValueRef::Integer(number)) => values.push_integer(number),
        (LogicalType::Boolean, ValueRef::Integer(number @ (0 | 1))) => values.push_bool(number == 1),
        (LogicalType::Double, ValueRef::Integer(number)) => values.push_float(number as f64),
        (LogicalType::Double, ValueRef::Real(number)) => values.push_float(number),
        (LogicalType::Varchar, ValueRef::Text(text)) => values.push_bytes(text),
        (LogicalType::Varchar, ValueRef::Integer(number)) => values.push_bytes(number.to_string().as_bytes()),
        (LogicalType::Varchar, ValueRef::Real(number)) => values.push_bytes(number.to_string().as_bytes()),
        (LogicalType::Blob, ValueRef::Blob(bytes) | ValueRef::Text(bytes)) => values.push_bytes(bytes),
        (LogicalType::Date, ValueRef::Text(text)) => match parsed::<Date>(text) {
            Some(date) => values.push_integer(days(date)),
            None => return false,
        },
        (LogicalType::Timestamp, ValueRef::Text(text)) => match moment(text) {
            Some(microseconds) => values.push_integer(microseconds),
            None => return false,
        },
        _ => return false,
    }
    true
}

fn parsed<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

fn days(date: Date) -> i64 {
    // From 0001-01-01, which is day -719162 of those that count from 1970.
    let epoch = Date::constant(1970, 1, 1);
    i64::from((date - epoch).get_days())
}

fn moment(text: &[u8]) -> Option<i64> {
    let moment: DateTime = parsed(text).or_else(|| parsed::<Date>(text).map(|date| date.at(0, 0, 0, 0)))?;
    let time = moment.time();
    let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    let within_day = seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1_000;
    Some(days(moment.date()) * 86_400_000_000 + within_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_read_by_sqlites_rules() {
        for (declaration, expected) in [
            ("INTEGER", Some(LogicalType::BigInt)),
            ("bigint unsigned", Some(LogicalType::BigInt)),
            ("VARCHAR(20)", Some(LogicalType::Varchar)),
            ("double precision", Some(LogicalType::Double)),
            ("DECIMAL(10, 2)", Some(LogicalType::Double)),
            ("BLOB", Some(LogicalType::Blob)),
            ("BOOLEAN", Some(LogicalType::Boolean)),
            ("DATE", Some(LogicalType::Date)),
            ("DATETIME", Some(LogicalType::Timestamp)),
            ("thing", None),
        ] {
            assert_eq!(declared(Some(declaration)), expected, "{declaration}");
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, expected) in [
            ("1970-01-01 00:00:00", Some(0)),
            ("1970-01-02T00:00:00.5", Some(86_400_500_000)),
            ("1969-12-31", Some(-86_400_000_000)),
            ("2024-02-29 12:30", Some(1_709_209_800_000_000)),
            ("yesterday", None),
        ] {
            assert_eq!(moment(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(days(Date::constant(2000, 1, 1)), 10_957);
    }
}
