//! Quantities as people write them: `64MiB`, `500M`, `250ms`.

use std::fmt;
use std::time::Duration;

fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    number.is_finite().then(|| (number, text[end..].trim()))
}

fn scaled(text: &str, units: &[(&str, f64)]) -> Option<u64> {
    let (number, unit) = split(text)?;
    let (_, factor) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    let value = number * factor;
    // Past 2^53 a double no longer holds every whole number; nobody means such a quantity.
    (value.fract() == 0.0 && value < 9_007_199_254_740_992.0).then_some(value as u64)
}

/// A number: `1000`, `500k`, `500M`, `2G`.
///
/// ```
/// assert_eq!(duckpen_sandbox::parse_count("500M"), Some(500_000_000));
/// ```
pub fn parse_count(text: &str) -> Option<u64> {
    scaled(text, &[("", 1.0), ("k", 1e3), ("m", 1e6), ("g", 1e9), ("t", 1e12)])
}

/// Bytes: `4096`, `64KiB`, `64MiB`, `1GiB`, `10MB`.
///
/// ```
/// assert_eq!(duckpen_sandbox::parse_bytes("64MiB"), Some(64 << 20));
/// ```
pub fn parse_bytes(text: &str) -> Option<u64> {
    let units = [
        ("", 1.0),
        ("b", 1.0),
        ("kib", 1024.0),
        ("mib", 1_048_576.0),
        ("gib", 1_073_741_824.0),
        ("kb", 1e3),
        ("mb", 1e6),
        ("gb", 1e9),
    ];
    scaled(text, &units)
}

/// A time: `250ms`, `10s`, `5m`, `1h`; a bare number is seconds.
///
/// ```
/// assert_eq!(duckpen_sandbox::parse_duration("250ms"), Some(std::time::Duration::from_millis(250)));
/// ```
pub fn parse_duration(text: &str) -> Option<Duration> {
    let units = [("", 1e3), ("ms", 1.0), ("s", 1e3), ("m", 6e4), ("min", 6e4), ("h", 3.6e6)];
    scaled(text, &units).map(Duration::from_millis)
}

/// A quantity in the largest unit that it is a whole multiple of, as it can be written: `500M`, `64MiB`, `90s`.
fn written(value: u64, units: &[(&str, u64)]) -> String {
    let unit = units.iter().find(|(_, factor)| value >= *factor && value.is_multiple_of(*factor));
    unit.map_or_else(|| value.to_string(), |(name, factor)| format!("{}{name}", value / factor))
}

pub(crate) fn written_count(count: u64) -> String {
    written(count, &[("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)])
}

pub(crate) fn written_bytes(bytes: u64) -> String {
    written(bytes, &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)])
}

pub(crate) fn written_duration(time: Duration) -> String {
    let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    written(milliseconds, &[("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)])
}

/// Bytes as messages show them: `900 bytes`, `64.0 MiB`.
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        let mib = bytes as f64 / f64::from(1 << 20);
        if bytes < 1 << 20 { write!(f, "{bytes} bytes") } else { write!(f, "{mib:.1} MiB") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_they_can_be_read() {
        for (count, written) in [(500_000_000, "500M"), (2_048, "2048"), (20_000, "20k"), (1, "1")] {
            assert_eq!(written_count(count), written);
            assert_eq!(parse_count(written), Some(count));
        }
        for (bytes, written) in [(64 << 20, "64MiB"), (3 << 30, "3GiB"), (1_500, "1500"), (64 << 10, "64KiB")] {
            assert_eq!(written_bytes(bytes), written);
            assert_eq!(parse_bytes(written), Some(bytes));
        }
        for (milliseconds, written) in [(10_000, "10s"), (250, "250ms"), (90_000, "90s"), (3_600_000, "1h")] {
            let time = Duration::from_millis(milliseconds);
            assert_eq!(written_duration(time), written);
            assert_eq!(parse_duration(written), Some(time));
        }
    }
}
