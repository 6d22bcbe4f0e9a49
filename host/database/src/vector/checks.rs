//! Checks of what is written to vectors.

use super::VectorError;
use crate::types::LogicalType;

/// The numbers that a type has, where that is fewer than its physical type.
pub(super) fn range(kind: &LogicalType) -> Option<(i128, i128)> {
    // Of times, DuckDB's own bounds. Infinity, the largest number and its negative, may lie apart from them.
    match kind {
        LogicalType::Decimal(width, _) => {
            let limit = 10i128.pow(u32::from(*width));
            Some((1 - limit, limit - 1))
        }
        LogicalType::Time => Some((0, 86_400_000_000)),
        LogicalType::Date => Some((-2_147_483_647, 2_147_483_647)),
        LogicalType::Timestamp | LogicalType::TimestampTz => Some((-9_223_372_022_400_000_000, i64::MAX.into())),
        LogicalType::TimestampS => Some((-9_223_372_022_400, 9_223_372_036_854)),
        LogicalType::TimestampMs => Some((-9_223_372_022_400_000, 9_223_372_036_854_775)),
        LogicalType::TimestampNs => Some((-9_223_286_400_000_000_000, i64::MAX.into())),
        LogicalType::Enum(names) => Some((0, names.len() as i128 - 1)),
        _ => None,
    }
}

fn has_infinity(kind: &LogicalType) -> bool {
    matches!(
        kind,
        LogicalType::Timestamp
            | LogicalType::TimestampTz
            | LogicalType::TimestampS
            | LogicalType::TimestampMs
            | LogicalType::TimestampNs
    )
}

/// TIMETZ: microseconds since midnight, and in the low 24 bits how many seconds the offset is below the largest one.
pub(super) fn check_times_with_zones(
    values: impl Iterator<Item = i128>,
    validity: Option<&[u8]>,
) -> Result<(), VectorError> {
    /// Seconds of the largest offset, 15:59:59.
    const MOST_OFFSET: i128 = 57_599;
    let is_time = |value: i128| value >> 24 <= 86_400_000_000 && value & 0xFF_FFFF <= 2 * MOST_OFFSET;
    first_wrong(values.map(is_time), validity)
        .map_or(Ok(()), |row| Err(VectorError::OutOfRange { row, kind: LogicalType::TimeTz }))
}

/// BIT and BIGNUM, which DuckDB reads without looking.
pub(super) fn check_encoding(
    kind: &LogicalType,
    offsets: &[u32],
    bytes: &[u8],
    validity: Option<&[u8]>,
) -> Result<(), VectorError> {
    let is_right = match kind {
        LogicalType::Bit => is_bit_string,
        LogicalType::BigNum => is_big_number,
        _ => return Ok(()),
    };
    let rows = offsets.windows(2).map(|pair| is_right(&bytes[pair[0] as usize..pair[1] as usize]));
    first_wrong(rows, validity).map_or(Ok(()), |row| Err(VectorError::Malformed { row, kind: kind.clone() }))
}

/// How many bits of the second byte are padding, which are ones, and then the bits, at least one.
fn is_bit_string(row: &[u8]) -> bool {
    match row {
        [padding @ 0..8, first, ..] => !(u8::MAX >> padding) & !first == 0,
        _ => false,
    }
}

/// Three bytes that say how many follow, the highest bit set, and then a number without a leading zero, its highest byte
/// first. Of a negative one every bit is turned round.
fn is_big_number(row: &[u8]) -> bool {
    let [a, b, c, digits @ ..] = row else { return false };
    let turned = if a & 0x80 == 0 { u8::MAX } else { 0 };
    let [a, b, c] = [a, b, c].map(|byte| byte ^ turned);
    let length = u32::from_be_bytes([0, a & 0x7F, b, c]) as usize;
    match digits.iter().map(|byte| byte ^ turned).next() {
        Some(0) => digits.len() == 1 && length == 1 && turned == 0,
        Some(_) => digits.len() == length,
        None => false,
    }
}

/// The first row that is not right, of those that are not NULL.
fn first_wrong(mut rows: impl Iterator<Item = bool>, validity: Option<&[u8]>) -> Option<usize> {
    let is_valid =
        |row: usize| validity.is_none_or(|bits| bits.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1));
    let mut row = 0;
    rows.find_map(|is_right| {
        let found = (!is_right && is_valid(row)).then_some(row);
        row += 1;
        found
    })
}

pub(super) fn all_set(bitmap: &[u8], rows: usize) -> bool {
    let (whole, rest) = (rows / 8, rows % 8);
    bitmap[..whole].iter().all(|bits| *bits == u8::MAX) && (rest == 0 || bitmap[whole] | u8::MAX << rest == u8::MAX)
}

pub(super) fn check_range(
    kind: &LogicalType,
    values: impl Iterator<Item = i128>,
    low: i128,
    high: i128,
    validity: Option<&[u8]>,
) -> Result<(), VectorError> {
    for (row, value) in values.enumerate() {
        if (value < low || value > high)
            && !(has_infinity(kind) && value.unsigned_abs() == i64::MAX.unsigned_abs().into())
            && validity.is_none_or(|bits| bits.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1))
        {
            return Err(VectorError::OutOfRange { row, kind: kind.clone() });
        }
    }
    Ok(())
}

pub(super) fn check_offsets(offsets: &[u32], bytes: usize) -> Result<(), VectorError> {
    if offsets[0] != 0 {
        return Err(VectorError::OffsetsStart);
    }
    if let Some(row) = offsets.windows(2).position(|pair| pair[1] < pair[0]) {
        return Err(VectorError::OffsetsFall(row));
    }
    match offsets.last() {
        Some(&offset) if offset as usize != bytes => Err(VectorError::OffsetsEnd { offset, bytes }),
        _ => Ok(()),
    }
}

/// One pass over all bytes, then a look at where rows begin: if the whole is UTF-8 and every row begins at a character,
/// every row is UTF-8.
pub(super) fn check_utf8(offsets: &[u32], bytes: &[u8]) -> Result<(), VectorError> {
    let row_of = |position: usize| offsets.partition_point(|offset| *offset as usize <= position).saturating_sub(1);
    match str::from_utf8(bytes) {
        Err(error) => Err(VectorError::InvalidUtf8(row_of(error.valid_up_to()))),
        Ok(_) if bytes.is_ascii() => Ok(()),
        Ok(text) => match offsets.iter().position(|offset| !text.is_char_boundary(*offset as usize)) {
            Some(row) => Err(VectorError::InvalidUtf8(row.saturating_sub(1))),
            None => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_strings_are_told_from_other_bytes() {
        for (bytes, expected) in [
            (&[0, 0][..], true),
            (&[7, 0xFF], true),
            (&[3, 0b1110_0101, 0], true),
            (&[3, 0b1010_0101], false),
            (&[8, 0xFF], false),
            (&[0], false),
            (&[], false),
        ] {
            assert_eq!(is_bit_string(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn big_numbers_are_told_from_other_bytes() {
        for (bytes, expected) in [
            (&[0x80, 0, 1, 0][..], true),
            (&[0x80, 0, 2, 1, 0], true),
            (&[0x7F, 0xFF, 0xFE, 0xFE], true),
            (&[0x7F, 0xFF, 0xFE, 0xFF], false),
            (&[0x80, 0, 2, 0, 1], false),
            (&[0x80, 0, 2, 1], false),
            (&[0x80, 0, 1, 1, 1], false),
            (&[0x80, 0, 0], false),
            (&[0x80], false),
        ] {
            assert_eq!(is_big_number(bytes), expected, "{bytes:?}");
        }
    }
}
