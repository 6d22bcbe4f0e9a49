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
