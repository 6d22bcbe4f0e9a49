//! Values of columns, made of JSON. Each is None where the JSON does not say one of its type, without loss.

use jiff::Timestamp as Moment;
use jiff::civil;
use serde_json::Value;

use super::logical::Logical;

/// `true`, `false`, or a text of one of these.
pub fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A whole number, or a text of one.
pub fn whole<T: TryFrom<i128>>(value: &Value) -> Option<T> {
    let number = match value {
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), ..) => i128::from(number),
            (_, Some(number), _) => i128::from(number),
            // 2^63 and more is not told apart from its neighbours.
            (.., Some(number)) if number.fract() == 0.0 && number.abs() < 9.3e18 => number as i128,
            _ => return None,
        },
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    T::try_from(number).ok()
}

/// A whole number from 0 that may need all of 128 bits.
pub fn unsigned_huge(value: &Value) -> Option<u128> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        value => whole::<u128>(value),
    }
}

/// A number, or a text of one.
pub fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number of a DECIMAL without its point. Digits behind its scale are rounded, as the database does.
pub fn decimal(value: &Value, width: u8, scale: u8) -> Option<i128> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let unscaled = unscaled(&text, scale)?;
    (unscaled.unsigned_abs() < 10u128.pow(u32::from(width))).then_some(unscaled)
}

fn unscaled(text: &str, scale: u8) -> Option<i128> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (is_negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if whole.len() + fraction.len() == 0 || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // How many of the digits stand before the point once it has moved to the end of the scale.
    let kept = i64::try_from(whole.len()).ok()? + i64::from(exponent) + i64::from(scale);
    let mut unscaled: i128 = 0;
    let mut shift = kept;
    for digit in digits().map(|digit| i128::from(digit - b'0')) {
        if shift > 0 {
            unscaled = unscaled.checked_mul(10)?.checked_add(digit)?;
        } else if shift == 0 && digit >= 5 {
            unscaled = unscaled.checked_add(1)?;
        }
        shift -= 1;
    }
    if unscaled != 0 {
        for _ in 0..shift.max(0) {
            unscaled = unscaled.checked_mul(10)?;
        }
    }
    Some(if is_negative { -unscaled } else { unscaled })
}

/// Days since 1970-01-01, of `2025-01-31`.
pub fn date(value: &Value) -> Option<i32> {
    let text = value.as_str()?.trim();
    // A text with more than a day would be cut.
    if text.contains(['T', 't', ' ', ':']) {
        return None;
    }
    let date: civil::Date = text.parse().ok()?;
    let days = date.to_datetime(civil::Time::midnight()).duration_since(civil::date(1970, 1, 1).at(0, 0, 0, 0));
    i32::try_from(days.as_hours() / 24).ok()
}

/// Microseconds since midnight, of `12:30:00.5`.
pub fn time(value: &Value) -> Option<i64> {
    let text = value.as_str()?.trim();
    if !text.contains(':') || text.contains(['T', 't', ' ']) {
        return None;
    }
    let time: civil::Time = text.parse().ok()?;
    let since = time.duration_since(civil::Time::midnight());
    i64::try_from(since.as_micros()).ok()
}

/// Nanoseconds since 1970-01-01 00:00: of a text with a zone in UTC, of one without as it stands.
pub fn moment(value: &Value) -> Option<i128> {
    let text = value.as_str()?.trim();
    if let Ok(moment) = text.parse::<Moment>() {
        return Some(moment.as_nanosecond());
    }
    local(text)
}

/// The same of a text that says no zone.
fn local(text: &str) -> Option<i128> {
    // Without a zone, and not with one that could not be read. A day alone is its midnight.
    if text.len() < "2025-01-31".len() || text.ends_with(['Z', 'z', ']']) {
        return None;
    }
    let civil: civil::DateTime = text.parse().ok()?;
    Some(civil.duration_since(civil::date(1970, 1, 1).at(0, 0, 0, 0)).as_nanos())
}

/// Whether a text is a moment with a zone; None where it is no moment.
pub fn has_zone(text: &str) -> Option<bool> {
    if !text.contains(['T', 't', ' ']) {
        return None;
    }
    if text.parse::<Moment>().is_ok() {
        return Some(true);
    }
    local(text).map(|_| false)
}

/// Nanoseconds as a coarser unit; what is lost is less than one of them.
pub fn units(nanoseconds: i128, unit: i128) -> Option<i64> {
    i64::try_from(nanoseconds.div_euclid(unit)).ok()
}

/// A number whose most significant byte is the first one, of 32 hexadecimal digits.
pub fn uuid(value: &Value) -> Option<u128> {
    let text = value.as_str()?.trim();
    let text = text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(text);
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let is_uuid = digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_uuid.then(|| u128::from_str_radix(&digits, 16).ok()).flatten()
}

/// A text as it is; anything else as JSON.
pub fn text(value: &Value) -> std::borrow::Cow<'_, str> {
    match value {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

/// Whether values of JSON can be put into columns of this type.
pub fn has_values(logical: &Logical) -> bool {
    !matches!(
        logical,
        Logical::Blob
            | Logical::Bit
            | Logical::BigNum
            | Logical::TimeTz
            | Logical::Interval
            | Logical::Enum(_)
            | Logical::List(_)
            | Logical::Array(..)
            | Logical::Struct(_)
            | Logical::Map(..)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DAY_MICROS: i64 = 86_400_000_000;

    #[test]
    fn whole_numbers_are_taken_without_loss() {
        for (value, expected) in [
            (json!(7), Some(7)),
            (json!(-7.0), Some(-7)),
            (json!("42"), Some(42)),
            (json!(7.5), None),
            (json!(i64::MAX), Some(i64::MAX)),
            (json!(u64::MAX), None),
            (json!(1e300), None),
            (json!("x"), None),
            (json!(true), None),
        ] {
            assert_eq!(whole::<i64>(&value), expected, "{value}");
        }
        assert_eq!(
            (whole::<i8>(&json!(128)), whole::<u8>(&json!(-1)), whole::<i128>(&json!(u64::MAX))),
            (None, None, Some(u64::MAX.into()))
        );
    }

    #[test]
    fn decimals_are_exact_and_rounded_as_the_database_does() {
        for (value, expected) in [
            (json!("12.30"), Some(1230)),
            (json!("-0.005"), Some(-1)),
            (json!("0.004"), Some(0)),
            (json!("-0.00"), Some(0)),
            (json!(12.3), Some(1230)),
            (json!(5), Some(500)),
            (json!("1e3"), Some(100_000)),
            (json!("1.5E-1"), Some(15)),
            (json!("999.99"), Some(99_999)),
            (json!("9999999.99"), None),
            (json!("0e2000000000"), Some(0)),
            (json!("1e2000000000"), None),
            (json!("1e-2000000000"), Some(0)),
            (json!("1e99999999999"), None),
            (json!("."), None),
            (json!("1.2.3"), None),
            (json!("é"), None),
            (json!(""), None),
        ] {
            assert_eq!(decimal(&value, 8, 2), expected, "{value}");
        }
    }

    #[test]
    fn days_and_moments() {
        assert_eq!(date(&json!("1970-01-02")), Some(1));
        assert_eq!(date(&json!("1969-12-31")), Some(-1));
        assert_eq!(date(&json!("2025-01-01T00:00:00")), None);
        assert_eq!(time(&json!("23:59:59.999999")), Some(DAY_MICROS - 1));
        assert_eq!(time(&json!("2025-01-01")), None);
        for (text, micros, zone) in [
            ("1970-01-01T00:00:01Z", Some(1_000_000), Some(true)),
            ("1970-01-01T01:00:00+01:00", Some(0), Some(true)),
            ("1970-01-01 00:00:01.5", Some(1_500_000), Some(false)),
            ("1970-01-02", Some(DAY_MICROS), None),
            ("1969-12-31T23:59:59.9999999Z", Some(-1), Some(true)),
            ("1970-13-01T00:00:00Z", None, None),
            ("20250101", None, None),
            ("soon", None, None),
            ("", None, None),
        ] {
            let found = moment(&json!(text)).and_then(|nanoseconds| units(nanoseconds, 1000));
            assert_eq!((found, has_zone(text)), (micros, zone), "{text}");
        }
    }

    #[test]
    fn a_uuid_is_32_digits() {
        assert_eq!(uuid(&json!("00000000-0000-0000-0000-00000000000a")), Some(10));
        assert_eq!(uuid(&json!("+0000000000000000000000000000000a")), None);
        assert_eq!(uuid(&json!("a")), None);
    }
}
