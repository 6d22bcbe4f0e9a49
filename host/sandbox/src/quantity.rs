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

/// Bytes as messages show them: `900 bytes`, `64.0 MiB`.
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        let mib = bytes as f64 / f64::from(1 << 20);
        if bytes < 1 << 20 { write!(f, "{bytes} bytes") } else { write!(f, "{mib:.1} MiB") }
    }
}
