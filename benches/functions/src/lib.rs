//! Ten functions of the kinds that people write. The component exports them, and the benchmarks register the very same
//! Rust functions natively: what differs between the two is only where they run.

use std::cell::LazyCell;

use duckpen::{Date, Decimal, Error};
use regex::Regex;

/// `3 * x + y`, in 64 bits.
#[duckpen::function]
pub fn arithmetic(x: i64, y: i64) -> i64 {
    x.wrapping_mul(3).wrapping_add(y)
}

/// ASCII letters in upper case; others stay.
#[duckpen::function]
pub fn upper_case(text: &str) -> String {
    text.to_ascii_uppercase()
}

/// FNV-1a of the bytes, in 64 bits.
#[duckpen::function]
pub fn hash_of(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The first day of the month.
#[duckpen::function]
pub fn month_start(day: Date) -> Date {
    Date(month_start_of(day.0))
}

/// The same in days since 1970-01-01. Years are counted from March, so that the leap day is the last of its year.
pub fn month_start_of(day: i32) -> i32 {
    const DAYS_TO_1970: i64 = 719_468;
    let day = i64::from(day);
    let of_era = (day + DAYS_TO_1970).rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5;
    (day - of_month) as i32
}

/// Whether the text is a reference such as `ab-1234567`.
#[duckpen::function]
pub fn is_reference(text: &str) -> bool {
    thread_local! {
        static REFERENCE: LazyCell<Regex> =
            LazyCell::new(|| Regex::new("^[a-z]{2,12}-?[0-9]{4,8}$").unwrap_or_else(|error| panic!("{error}")));
    }
    REFERENCE.with(|reference| reference.is_match(text))
}

/// The member `n` of a JSON object; NULL where there is none.
#[duckpen::function]
pub fn json_number(text: &str) -> Option<i64> {
    serde_json::from_str::<serde_json::Value>(text).ok()?.get("n")?.as_i64()
}

/// 19 % of an amount, to the nearest cent, halves away from zero.
#[duckpen::function]
pub fn tax(amount: Decimal<18, 2>) -> Result<Decimal<18, 2>, Error> {
    Decimal::from_unscaled(tax_of(amount.unscaled() as i64).into())
}

/// The same in cents.
pub fn tax_of(cents: i64) -> i64 {
    cents / 100 * 19 + (cents % 100 * 19 + 50 * cents.signum()) / 100
}

/// The first of the two that is not NULL.
#[duckpen::function]
pub fn first_of(x: Option<i64>, y: Option<i64>) -> Option<i64> {
    x.or(y)
}

/// `x`, and at most `bound`.
#[duckpen::function]
pub fn at_most(x: i64, bound: i64) -> i64 {
    x.min(bound)
}

/// A class from 0 to 4, by rules that depend on each other.
#[duckpen::function]
pub fn class_of(x: i64, y: i64) -> i64 {
    match (x % 7, y % 5) {
        (0, _) => 0,
        (1 | 2, 0) => 1,
        (rest, 1) if rest > 4 => 2,
        (rest, other) if rest == other => 3,
        _ if x > y => 4,
        _ => 1,
    }
}

duckpen::functions!(
    arithmetic,
    upper_case,
    hash_of,
    month_start,
    is_reference,
    json_number,
    tax,
    first_of,
    at_most,
    class_of
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_day_of_a_month() {
        for (day, first) in
            [(0, 0), (30, 0), (31, 31), (58, 31), (59, 59), (11_016, 10_988), (-1, -31), (-719_468, -719_468)]
        {
            assert_eq!(month_start_of(day), first, "{day}");
        }
    }

    #[test]
    fn tax_is_rounded_away_from_zero() {
        for (cents, tax) in [(100, 19), (50, 10), (-50, -10), (3, 1), (2, 0), (0, 0)] {
            assert_eq!(tax_of(cents), tax, "{cents}");
        }
    }

    #[test]
    fn references_and_numbers_are_found() {
        assert!(is_reference("ab-1234567") && is_reference("abcdefghij0001234") && !is_reference("1-ab"));
        assert_eq!([json_number("{\"n\": 7}"), json_number("{}"), json_number("[")], [Some(7), None, None]);
    }
}
