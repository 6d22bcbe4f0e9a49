//! Values of columns as JSON.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil;

use super::logical::Logical;
use crate::functions::column::validity;
use crate::functions::contract::{Node, RawColumn, Values};
use crate::functions::parameter::Extent;

/// Why a value cannot be written.
pub type Reason = String;

/// Writes the value of a row.
pub fn value(column: &RawColumn, logical: &Logical, row: usize, text: &mut String) -> Result<(), Reason> {
    let mut below = column.children.iter();
    let tree = Tree::new(&column.root, logical, &mut below)?;
    tree.write(row, text)
}

/// Writes a text in quotes.
pub fn string(value: &str, text: &mut String) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if c < ' ' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

/// A node and those below it, with their types.
struct Tree<'c> {
    node: &'c Node,
    logical: &'c Logical,
    children: Vec<Tree<'c>>,
}

impl<'c> Tree<'c> {
    fn new(node: &'c Node, logical: &'c Logical, below: &mut std::slice::Iter<'c, Node>) -> Result<Self, Reason> {
        let mut child = |logical: &'c Logical| {
            let node = below.next().ok_or_else(|| misfit(logical))?;
            Self::new(node, logical, below)
        };
        let children = match logical {
            Logical::List(element) | Logical::Array(element, _) => vec![child(element)?],
            Logical::Struct(fields) => fields.iter().map(|(_, logical)| child(logical)).collect::<Result<_, _>>()?,
            Logical::Map(key, value) => {
                // The entries are a STRUCT of both.
                let entries = below.next().ok_or_else(|| misfit(logical))?;
                let key = Self::new(below.next().ok_or_else(|| misfit(key))?, key, below)?;
                let value = Self::new(below.next().ok_or_else(|| misfit(value))?, value, below)?;
                let children = vec![key, value];
                return Ok(Self { node, logical, children: vec![Tree { node: entries, logical, children }] });
            }
            _ => Vec::new(),
        };
        Ok(Self { node, logical, children })
    }

    fn write(&self, row: usize, text: &mut String) -> Result<(), Reason> {
        if row >= self.node.rows as usize {
            return Err(misfit(self.logical));
        }
        if !validity(self.node, Extent::Vector).is_valid(row) {
            text.push_str("null");
            return Ok(());
        }
        match self.logical {
            Logical::List(_) | Logical::Array(..) => self.write_list(row, text),
            Logical::Struct(fields) => {
                let mut between = '{';
                for ((name, _), child) in fields.iter().zip(&self.children) {
                    text.push(std::mem::replace(&mut between, ','));
                    string(name, text);
                    text.push(':');
                    child.write(row, text)?;
                }
                text.push('}');
                Ok(())
            }
            Logical::Map(..) => self.write_map(row, text),
            _ => write_flat(self.node, self.logical, row, text),
        }
    }

    /// The rows of the child that belong to a row.
    fn elements(&self, row: usize) -> Result<std::ops::Range<usize>, Reason> {
        match &self.node.values {
            Values::ListOffsets(offsets) => match offsets.get(row..row + 2) {
                Some(&[start, end]) => Ok(start as usize..end as usize),
                _ => Err(misfit(self.logical)),
            },
            Values::FixedList(size) => Ok(row * *size as usize..(row + 1) * *size as usize),
            _ => Err(misfit(self.logical)),
        }
    }

    fn write_list(&self, row: usize, text: &mut String) -> Result<(), Reason> {
        text.push('[');
        for (number, element) in self.elements(row)?.enumerate() {
            if number > 0 {
                text.push(',');
            }
            self.children[0].write(element, text)?;
        }
        text.push(']');
        Ok(())
    }

    /// An object, whose keys are texts: those of other types as they would be written.
    fn write_map(&self, row: usize, text: &mut String) -> Result<(), Reason> {
        let [keys, values] = self.children[0].children.as_slice() else { return Err(misfit(self.logical)) };
        text.push('{');
        for (number, element) in self.elements(row)?.enumerate() {
            if number > 0 {
                text.push(',');
            }
            let mut key = String::new();
            keys.write(element, &mut key)?;
            if key.starts_with('"') {
                text.push_str(&key);
            } else {
                string(&key, text);
            }
            text.push(':');
            values.write(element, text)?;
        }
        text.push('}');
        Ok(())
    }
}

fn misfit(logical: &Logical) -> Reason {
    format!("its values are none of {}", logical.spelling())
}

fn write_flat(node: &Node, logical: &Logical, row: usize, text: &mut String) -> Result<(), Reason> {
    let wrong = || misfit(logical);
    match logical {
        Logical::Boolean => {
            let Values::Bits(bits) = &node.values else { return Err(wrong()) };
            let byte = bits.get(row / 8).ok_or_else(wrong)?;
            text.push_str(if byte >> (row % 8) & 1 == 1 { "true" } else { "false" });
        }
        Logical::Float | Logical::Double => {
            let written = match &node.values {
                // With a point or an exponent, so that whoever reads it does not take it for a whole number.
                Values::Float32(values) => {
                    values.get(row).filter(|value| value.is_finite()).map(|value| format!("{value:?}"))
                }
                Values::Float64(values) => {
                    values.get(row).filter(|value| value.is_finite()).map(|value| format!("{value:?}"))
                }
                _ => return Err(wrong()),
            };
            let reason =
                "an infinite number, or one that is none, cannot be written as JSON: leave it out in the query";
            text.push_str(&written.ok_or(reason)?);
        }
        Logical::Decimal(_, scale) => decimal(integer(node, row).ok_or_else(wrong)?, *scale, text),
        Logical::UHugeInt => {
            let _ = write!(text, "{}", words(node, row).ok_or_else(wrong)?);
        }
        Logical::Varchar => {
            let bytes = bytes(node, row).ok_or_else(wrong)?;
            string(std::str::from_utf8(bytes).map_err(|_| wrong())?, text);
        }
        Logical::Blob => {
            text.push('"');
            STANDARD.encode_string(bytes(node, row).ok_or_else(wrong)?, text);
            text.push('"');
        }
        Logical::Bit => bit(bytes(node, row).ok_or_else(wrong)?, text).ok_or_else(wrong)?,
        Logical::BigNum => {
            return Err("BIGNUM cannot be written as JSON: convert it to VARCHAR in the query".to_owned());
        }
        Logical::Date => string(&day(integer(node, row).ok_or_else(wrong)?)?, text),
        Logical::Time => string(&time_of_day(integer(node, row).ok_or_else(wrong)?), text),
        Logical::TimeTz => {
            let stored = integer(node, row).ok_or_else(wrong)?;
            let offset = 57_599 - (stored & 0xFF_FFFF);
            let sign = if offset < 0 { '-' } else { '+' };
            let (hours, minutes) = (offset.abs() / 3600, offset.abs() / 60 % 60);
            string(&format!("{}{sign}{hours:02}:{minutes:02}", time_of_day(stored >> 24)), text);
        }
        Logical::Timestamp => string(&moment(integer(node, row).ok_or_else(wrong)?, 1_000_000, "")?, text),
        Logical::TimestampTz => string(&moment(integer(node, row).ok_or_else(wrong)?, 1_000_000, "Z")?, text),
        Logical::TimestampS => string(&moment(integer(node, row).ok_or_else(wrong)?, 1, "")?, text),
        Logical::TimestampMs => string(&moment(integer(node, row).ok_or_else(wrong)?, 1_000, "")?, text),
        Logical::TimestampNs => string(&moment(integer(node, row).ok_or_else(wrong)?, 1_000_000_000, "")?, text),
        Logical::Interval => {
            let Values::Words128(values) = &node.values else { return Err(wrong()) };
            let Some(&[low, high]) = values.get(row * 2..row * 2 + 2) else { return Err(wrong()) };
            string(&interval(low as i32, (low >> 32) as i32, high as i64), text);
        }
        Logical::Uuid => {
            let digits = format!("{:032x}", words(node, row).ok_or_else(wrong)?);
            let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
            string(&parts.join("-"), text);
        }
        Logical::Enum(names) => {
            let number = integer(node, row).and_then(|number| usize::try_from(number).ok());
            string(number.and_then(|number| names.get(number)).ok_or_else(wrong)?, text);
        }
        _ => {
            let _ = write!(text, "{}", integer(node, row).ok_or_else(wrong)?);
        }
    }
    Ok(())
}

/// A whole number of any width.
fn integer(node: &Node, row: usize) -> Option<i128> {
    match &node.values {
        Values::Int8(values) => values.get(row).map(|value| i128::from(*value)),
        Values::Int16(values) => values.get(row).map(|value| i128::from(*value)),
        Values::Int32(values) => values.get(row).map(|value| i128::from(*value)),
        Values::Int64(values) => values.get(row).map(|value| i128::from(*value)),
        Values::Uint8(values) => values.get(row).map(|value| i128::from(*value)),
        Values::Uint16(values) => values.get(row).map(|value| i128::from(*value)),
        Values::Uint32(values) => values.get(row).map(|value| i128::from(*value)),
        Values::Uint64(values) => values.get(row).map(|value| i128::from(*value)),
        Values::Words128(_) => words(node, row).map(|value| value as i128),
        _ => None,
    }
}

fn words(node: &Node, row: usize) -> Option<u128> {
    let Values::Words128(values) = &node.values else { return None };
    let &[low, high] = values.get(row * 2..row * 2 + 2)? else { return None };
    Some(u128::from(high) << 64 | u128::from(low))
}

fn bytes(node: &Node, row: usize) -> Option<&[u8]> {
    let Values::Bytes(data) = &node.values else { return None };
    let &[start, end] = data.offsets.get(row..row + 2)? else { return None };
    data.bytes.get(start as usize..end as usize)
}

fn decimal(unscaled: i128, scale: u8, text: &mut String) {
    if unscaled < 0 {
        text.push('-');
    }
    let scale = usize::from(scale);
    // At least one digit stands before the point.
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    text.push_str(whole);
    if scale > 0 {
        text.push('.');
        text.push_str(fraction);
    }
}

fn bit(bytes: &[u8], text: &mut String) -> Option<()> {
    let (padding, bits) = bytes.split_first()?;
    let bits = bits.iter().flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1));
    text.push('"');
    bits.skip(usize::from(*padding)).for_each(|bit| text.push(if bit == 1 { '1' } else { '0' }));
    text.push('"');
    Some(())
}

fn civil_day(days: i128) -> Result<civil::Date, Reason> {
    let out_of_range =
        || "a day that is infinite, or outside of the years -9999 to 9999, is not written as JSON".to_owned();
    let span = jiff::Span::new().try_days(i64::try_from(days).map_err(|_| out_of_range())?);
    let day = span.and_then(|span| civil::date(1970, 1, 1).checked_add(span));
    day.map_err(|_| out_of_range())
}

fn day(days: i128) -> Result<String, Reason> {
    civil_day(days).map(|day| day.to_string())
}

fn time_of_day(micros: i128) -> String {
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let whole = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction == 0 { whole } else { format!("{whole}.{fraction:06}").trim_end_matches('0').to_owned() }
}

fn moment(units: i128, a_second: i128, zone: &str) -> Result<String, Reason> {
    let seconds = units.div_euclid(a_second);
    let (day, second) = (civil_day(seconds.div_euclid(86_400))?, seconds.rem_euclid(86_400));
    let whole = format!("{day}T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    let fraction = units.rem_euclid(a_second);
    if fraction == 0 {
        return Ok(whole + zone);
    }
    let digits = a_second.ilog10() as usize;
    let fraction = format!("{fraction:0digits$}");
    Ok(format!("{whole}.{}{zone}", fraction.trim_end_matches('0')))
}

/// As ISO 8601 has it: `P1M2DT3.5S`.
fn interval(months: i32, days: i32, micros: i64) -> String {
    let mut text = String::from("P");
    for (count, unit) in [(months, 'M'), (days, 'D')] {
        if count != 0 {
            let _ = write!(text, "{count}{unit}");
        }
    }
    if micros != 0 {
        let sign = if micros < 0 { "-" } else { "" };
        let (seconds, fraction) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
        let _ = write!(text, "T{sign}{seconds}");
        if fraction != 0 {
            let _ = write!(text, "{}", format!(".{fraction:06}").trim_end_matches('0'));
        }
        text.push('S');
    }
    if text == "P" { "PT0S".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::contract::VarData;
    use crate::functions::results::flat_column;

    fn written(logical: &str, column: RawColumn) -> Vec<String> {
        let logical: Logical = logical.parse().unwrap();
        let rows = 0..column.root.rows as usize;
        rows.map(|row| {
            let mut text = String::new();
            match value(&column, &logical, row, &mut text) {
                Ok(()) => text,
                Err(reason) => reason,
            }
        })
        .collect()
    }

    fn texts(texts: &[&str]) -> Values {
        let mut data = VarData { offsets: vec![0], bytes: Vec::new() };
        for text in texts {
            data.bytes.extend_from_slice(text.as_bytes());
            data.offsets.push(data.bytes.len() as u32);
        }
        Values::Bytes(data)
    }

    #[test]
    fn values_of_each_type_are_written() {
        let hour = 3_600_000_000;
        for (logical, values, expected) in [
            ("BOOLEAN", Values::Bits(vec![0b01]), &["true", "false"][..]),
            ("TINYINT", Values::Int8(vec![-1]), &["-1"]),
            ("UBIGINT", Values::Uint64(vec![u64::MAX]), &["18446744073709551615"]),
            ("HUGEINT", Values::Words128(vec![u64::MAX, u64::MAX, 0, 1]), &["-1", "18446744073709551616"]),
            ("UHUGEINT", Values::Words128(vec![u64::MAX; 2]), &["340282366920938463463374607431768211455"]),
            ("DOUBLE", Values::Float64(vec![0.1, 1e21, 1.0]), &["0.1", "1e21", "1.0"]),
            ("DECIMAL(18,2)", Values::Int64(vec![1230, -5, 0]), &["12.30", "-0.05", "0.00"]),
            ("DECIMAL(4,0)", Values::Int16(vec![7]), &["7"]),
            ("VARCHAR", texts(&["a\"b\\\n\u{1}é"]), &["\"a\\\"b\\\\\\n\\u0001é\""]),
            ("BLOB", texts(&["", "a", "ab", "abc"]), &["\"\"", "\"YQ==\"", "\"YWI=\"", "\"YWJj\""]),
            ("BIT", texts(&["\u{5}\u{7f}"]), &["\"111\""]),
            (
                "DATE",
                Values::Int32(vec![0, -1, i32::MAX]),
                &[
                    "\"1970-01-01\"",
                    "\"1969-12-31\"",
                    "a day that is infinite, or outside of the years -9999 to 9999, is not written as JSON",
                ],
            ),
            ("TIME", Values::Int64(vec![hour + 500_000]), &["\"01:00:00.5\""]),
            ("TIMETZ", Values::Uint64(vec![(hour as u64) << 24 | (57_599 - 19_800)]), &["\"01:00:00+05:30\""]),
            (
                "TIMESTAMP",
                Values::Int64(vec![hour, -1]),
                &["\"1970-01-01T01:00:00\"", "\"1969-12-31T23:59:59.999999\""],
            ),
            ("TIMESTAMPTZ", Values::Int64(vec![hour]), &["\"1970-01-01T01:00:00Z\""]),
            ("TIMESTAMP_NS", Values::Int64(vec![1]), &["\"1970-01-01T00:00:00.000000001\""]),
            ("INTERVAL", Values::Words128(vec![1 | 2 << 32, 3_500_000, 0, 0]), &["\"P1M2DT3.5S\"", "\"PT0S\""]),
            ("UUID", Values::Words128(vec![10, 0]), &["\"00000000-0000-0000-0000-00000000000a\""]),
            ("ENUM('a','b')", Values::Uint8(vec![1]), &["\"b\""]),
            ("BIGINT", Values::Int8(vec![]), &[]),
        ] {
            let rows = expected.len();
            assert_eq!(written(logical, flat_column(rows, values, None)), expected, "{logical}");
        }
        let infinite = written("DOUBLE", flat_column(1, Values::Float64(vec![f64::NAN]), None));
        assert!(infinite[0].contains("cannot be written as JSON"), "{infinite:?}");
    }

    #[test]
    fn nested_values_are_lists_and_objects() {
        let node = |rows: u32, values, validity| Node { rows, values, validity };
        let list = RawColumn {
            root: node(2, Values::ListOffsets(vec![0, 2, 2]), Some(vec![0b01])),
            children: vec![node(2, Values::Int32(vec![1, 0]), Some(vec![0b01]))],
        };
        assert_eq!(written("INTEGER[]", list), ["[1,null]", "null"]);
        let structure = RawColumn {
            root: node(1, Values::StructOf(2), None),
            children: vec![
                node(1, Values::Int32(vec![1]), None),
                { node(1, Values::FixedList(2), None) },
                node(2, texts(&["x", "y"]), None),
            ],
        };
        assert_eq!(written("STRUCT(a INTEGER, \"b c\" VARCHAR[2])", structure), [r#"{"a":1,"b c":["x","y"]}"#]);
        let map = RawColumn {
            root: node(1, Values::ListOffsets(vec![0, 2]), None),
            children: vec![
                node(2, Values::StructOf(2), None),
                node(2, Values::Int32(vec![1, 2]), None),
                node(2, texts(&["x", "y"]), None),
            ],
        };
        assert_eq!(written("MAP(INTEGER, VARCHAR)", map), [r#"{"1":"x","2":"y"}"#]);
    }

    #[test]
    fn a_column_that_is_none_of_its_type_is_an_error() {
        for (logical, values) in [
            ("VARCHAR", Values::Int8(vec![1])),
            ("BIGINT", Values::Int64(vec![])),
            ("INTEGER[]", Values::ListOffsets(vec![0, 1])),
            ("ENUM('a')", Values::Uint8(vec![1])),
            ("TIMESTAMP", Values::Bits(vec![1])),
        ] {
            let said = written(logical, flat_column(1, values, None));
            assert!(said[0].contains("its values are none of"), "{logical}: {said:?}");
        }
    }
}
