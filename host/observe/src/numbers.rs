//! Numbers as people read them. Every figure that is printed for a person is spelled here.

/// `1204331` as `1,204,331`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut spelled = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            spelled.push(',');
        }
        spelled.push(digit);
    }
    spelled
}

/// A count with two significant digits at least and an SI letter: `812`, `4.1k`, `41M`, `500M`, `1.2G`.
pub fn si(number: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")];
    let scaled = UNITS.into_iter().find(|&(unit, _)| number >= unit);
    scaled
        .map_or_else(|| number.to_string(), |(unit, letter)| format!("{}{letter}", short(number as f64 / unit as f64)))
}

/// Bytes in MiB, without the unit: `18`, `1.5`, `0.1`.
pub fn mib(bytes: u64) -> String {
    const MIB: f64 = 1024.0 * 1024.0;
    short(bytes as f64 / MIB)
}

/// Bytes with the unit that fits: `512 B`, `1.5 KiB`, `18 MiB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let scaled = UNITS.into_iter().find(|&(unit, _)| bytes >= unit);
    scaled.map_or_else(|| format!("{bytes} B"), |(unit, name)| format!("{} {name}", short(bytes as f64 / unit as f64)))
}

/// A duration in the unit that fits, given in seconds: `0.4 ms`, `84 ms`, `2.1 s`, `12 s`, `3 min 20 s`.
pub fn seconds(seconds: f64) -> String {
    if seconds < 0.999_5 {
        return format!("{} ms", short(seconds * 1e3));
    }
    if seconds < 59.5 {
        return format!("{} s", short(seconds));
    }
    let whole = seconds.round() as u64;
    format!("{} min {} s", whole / 60, whole % 60)
}

/// Nanoseconds a row: `2.5`, `98`.
pub fn nanoseconds_a_row(nanoseconds: f64) -> String {
    short(nanoseconds)
}

/// `1 row`, `2 rows`, `1,204 rows`.
pub fn counted(count: u64, singular: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {singular}{plural}", thousands(count))
}

/// One decimal below ten, none from there on; a whole number below ten loses its `.0`.
fn short(value: f64) -> String {
    let one_decimal = format!("{value:.1}");
    if value >= 9.95 {
        return format!("{value:.0}");
    }
    one_decimal.strip_suffix(".0").map_or(one_decimal.clone(), str::to_owned)
}
