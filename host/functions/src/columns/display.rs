//! Values of one row in words, for whoever has to find the row again.

use std::fmt::Write as _;

use duckpen_database::LogicalType;

use crate::bindings::duckpen::columns::columns::{Argument, Node, Values};

/// Characters of all values together, and of one.
const MOST: usize = 200;
const MOST_OF_ONE: usize = 60;

/// The arguments of a row, shortened: `title = 'abc', 3`. Arguments that have no name stand without.
pub(crate) fn describe_row<'a>(
    arguments: impl Iterator<Item = (&'a str, &'a LogicalType, &'a Argument<'a>)>,
    row: usize,
) -> String {
    let mut shown = Shown::new(MOST);
    for (index, (name, kind, argument)) in arguments.enumerate() {
        let (column, row) = match argument {
            Argument::Vector(column) => (column, row),
            Argument::Constant(column) => (column, 0),
        };
        let nodes: Vec<&Node<'_>> = std::iter::once(&column.root).chain(column.children).collect();
        let mut value = Shown::new(MOST_OF_ONE);
        value.value(kind, &nodes, row);
        shown.text(if index == 0 { "" } else { ", " });
        if !name.is_empty() {
            shown.text(&format!("{name} = "));
        }
        shown.text(&value.done());
    }
    shown.done()
}

/// A text that takes so many characters and no more.
struct Shown {
    text: String,
    left: usize,
    cut: bool,
}

impl Shown {
    fn new(left: usize) -> Self {
        Self { text: String::new(), left, cut: false }
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            if self.left == 0 {
                self.cut = true;
                return;
            }
            self.left -= 1;
            self.text.push(if c.is_control() { '\u{FFFD}' } else { c });
        }
    }

    fn done(mut self) -> String {
        if self.cut {
            self.text.push('…');
        }
        self.text
    }

    /// A value, of which `nodes` begins with the node of this type.
    fn value(&mut self, kind: &LogicalType, nodes: &[&Node<'_>], row: usize) {
        let Some((node, below)) = nodes.split_first() else { return };
        if self.left == 0 {
            self.cut = true;
            return;
        }
        if node.validity.is_some_and(|bits| bits.get(row / 8).is_none_or(|byte| byte >> (row % 8) & 1 == 0)) {
            return self.text("NULL");
        }
        match &node.values {
            Values::ListOffsets(offsets) => {
                let (start, end) = (offset(offsets, row), offset(offsets, row + 1));
                let brackets = if matches!(kind, LogicalType::Map(_)) { ["{", "}"] } else { ["[", "]"] };
                self.elements(kind, below, start..end, brackets);
            }
            Values::FixedList(size) => {
                let size = *size as usize;
                self.elements(kind, below, row * size..(row + 1) * size, ["[", "]"]);
            }
            Values::StructOf(_) => self.fields(kind, below, row),
            values => self.text(&flat(kind, values, row)),
        }
    }

    fn elements(
        &mut self,
        kind: &LogicalType,
        nodes: &[&Node<'_>],
        rows: std::ops::Range<usize>,
        [open, close]: [&str; 2],
    ) {
        let Some(element) = kind.element() else { return };
        self.text(open);
        let first = rows.start;
        for row in rows {
            self.text(if row == first { "" } else { ", " });
            match (kind, element.fields()) {
                (LogicalType::Map(_), [key, value]) => {
                    let (keys, values) = nodes[1..].split_at((1 + key.logical_type.descendants()).min(nodes.len() - 1));
                    self.value(&key.logical_type, keys, row);
                    self.text(": ");
                    self.value(&value.logical_type, values, row);
                }
                _ => self.value(element, nodes, row),
            }
            if self.cut {
                return;
            }
        }
        self.text(close);
    }

    fn fields(&mut self, kind: &LogicalType, mut nodes: &[&Node<'_>], row: usize) {
        self.text("{");
        for (index, field) in kind.fields().iter().enumerate() {
            self.text(if index == 0 { "" } else { ", " });
            if !field.name.is_empty() {
                self.text(&format!("{}: ", field.name));
            }
            self.value(&field.logical_type, nodes, row);
            nodes = nodes.get(1 + field.logical_type.descendants()..).unwrap_or_default();
        }
        self.text("}");
    }
}

fn offset(offsets: &[u32], row: usize) -> usize {
    offsets.get(row).map_or(0, |offset| *offset as usize)
}

/// A value that is not nested.
fn flat(kind: &LogicalType, values: &Values<'_>, row: usize) -> String {
    let number = match values {
        Values::Bits(bits) => return (bits[row / 8] >> (row % 8) & 1 == 1).to_string(),
        Values::Float32(values) => return values[row].to_string(),
        Values::Float64(values) => return values[row].to_string(),
        Values::Bytes(data) => {
            let bytes = &data.bytes[offset(data.offsets, row)..offset(data.offsets, row + 1)];
            let beginning = &bytes[..bytes.len().min(4 * MOST_OF_ONE)];
            return match kind {
                LogicalType::Blob | LogicalType::Bit | LogicalType::BigNum => format!("'{}'", beginning.escape_ascii()),
                _ => format!("'{}'", String::from_utf8_lossy(beginning)),
            };
        }
        Values::Words128(words) => match kind {
            LogicalType::UHugeInt => return unsigned(words, row).to_string(),
            LogicalType::Uuid => return uuid(unsigned(words, row)),
            LogicalType::Interval => return interval(words[2 * row], words[2 * row + 1].cast_signed()),
            _ => unsigned(words, row).cast_signed(),
        },
        Values::Int8(values) => values[row].into(),
        Values::Int16(values) => values[row].into(),
        Values::Int32(values) => values[row].into(),
        Values::Int64(values) => values[row].into(),
        Values::Uint8(values) => values[row].into(),
        Values::Uint16(values) => values[row].into(),
        Values::Uint32(values) => values[row].into(),
        Values::Uint64(values) => values[row].into(),
        Values::ListOffsets(_) | Values::FixedList(_) | Values::StructOf(_) => return String::new(),
    };
    match kind {
        LogicalType::Decimal(_, scale) => decimal(number, usize::from(*scale)),
        LogicalType::Enum(names) => usize::try_from(number)
            .ok()
            .and_then(|index| names.get(index))
            .map_or("?".into(), |name| format!("'{name}'")),
        LogicalType::Date if number.abs() == i128::from(i32::MAX) => infinity(number),
        LogicalType::Date => date(number),
        LogicalType::Time => time(number, 1_000_000),
        LogicalType::TimeTz => time(number >> 24, 1_000_000) + &zone(57_599 - (number & 0xFF_FFFF)),
        LogicalType::TimestampS => moment(number, 1),
        LogicalType::TimestampMs => moment(number, 1_000),
        LogicalType::Timestamp => moment(number, 1_000_000),
        LogicalType::TimestampTz => moment(number, 1_000_000) + "+00",
        LogicalType::TimestampNs => moment(number, 1_000_000_000),
        _ => number.to_string(),
    }
}

fn unsigned(words: &[u64], row: usize) -> u128 {
    u128::from(words[2 * row + 1]) << 64 | u128::from(words[2 * row])
}

fn uuid(number: u128) -> String {
    let digits = format!("{number:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

fn interval(low: u64, micros: i64) -> String {
    format!("{} months {} days {micros} microseconds", low as i32, (low >> 32) as i32)
}

fn decimal(unscaled: i128, scale: usize) -> String {
    let mut text = format!("{:0width$}", unscaled.unsigned_abs(), width = scale + 1);
    if scale > 0 {
        text.insert(text.len() - scale, '.');
    }
    if unscaled < 0 { format!("-{text}") } else { text }
}

fn infinity(number: i128) -> String {
    if number < 0 { "-infinity".into() } else { "infinity".into() }
}

/// A day of the Gregorian calendar, counted from 1970-01-01. Years are counted from March, in eras of 400, so that the day
/// that may be missing is the last one.
fn date(day: i128) -> String {
    const DAYS_AN_ERA: i128 = 146_097;
    let day = day + 719_468;
    let (era, day) = (day.div_euclid(DAYS_AN_ERA), day.rem_euclid(DAYS_AN_ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, year) = if month < 10 { (month + 3, year) } else { (month - 9, year + 1) };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year)
}

/// A time of day, in parts of a second.
fn time(parts: i128, parts_a_second: i128) -> String {
    let (seconds, rest) = (parts.div_euclid(parts_a_second), parts.rem_euclid(parts_a_second));
    let mut text = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if rest > 0 {
        let digits = parts_a_second.ilog10() as usize;
        let _ = write!(text, ".{rest:0digits$}");
    }
    text
}

/// Seconds east of Greenwich.
fn zone(offset: i128) -> String {
    let (sign, seconds) = (if offset < 0 { '-' } else { '+' }, offset.abs());
    let mut text = format!("{sign}{:02}", seconds / 3_600);
    for part in [seconds / 60 % 60, seconds % 60] {
        if part > 0 || (seconds % 60 > 0 && text.len() == 3) {
            let _ = write!(text, ":{part:02}");
        }
    }
    text
}

fn moment(parts: i128, parts_a_second: i128) -> String {
    if parts.abs() == i128::from(i64::MAX) {
        return infinity(parts);
    }
    let parts_a_day = 86_400 * parts_a_second;
    format!("{} {}", date(parts.div_euclid(parts_a_day)), time(parts.rem_euclid(parts_a_day), parts_a_second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_those_of_the_calendar() {
        for (day, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (-25_509, "1900-02-28"),
            (-25_508, "1900-03-01"),
            (20_781, "2026-11-24"),
            (-719_528, "0000-01-01"),
        ] {
            assert_eq!(date(day), text);
        }
        assert_eq!(moment(-1, 1_000_000), "1969-12-31 23:59:59.999999");
        assert_eq!(moment(1_000, 1_000), "1970-01-01 00:00:01");
        assert_eq!(moment(i64::MAX.into(), 1), "infinity");
        assert_eq!([0, 19_800, -57_599, 5].map(zone), ["+00", "+05:30", "-15:59:59", "+00:00:05"]);
    }

    #[test]
    fn decimals_have_their_point() {
        for (unscaled, scale, text) in [(-5, 2, "-0.05"), (12_345, 3, "12.345"), (7, 0, "7"), (0, 1, "0.0")] {
            assert_eq!(decimal(unscaled, scale), text);
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let mut shown = Shown::new(4);
        shown.text("abc\ndef");
        assert_eq!(shown.done(), "abc\u{FFFD}…");
    }
}
