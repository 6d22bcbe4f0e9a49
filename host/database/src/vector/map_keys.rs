//! Keys of maps: none is NULL, and none is twice in one map.

use std::collections::HashSet;

use super::{InputVector, VectorCopy, VectorError};
use crate::types::{LogicalType, PhysicalType};

const MICROS_A_DAY: i128 = 86_400_000_000;
const DAYS_A_MONTH: i128 = 30;

/// # Errors
/// Names the row of the map.
pub(super) fn check_keys(maps: &InputVector<'_>) -> Result<(), VectorError> {
    let (mut offsets, mut copy, mut nulls) = (Vec::new(), VectorCopy::default(), Vec::new());
    let entries = maps.list_elements(&mut offsets, &mut copy)?;
    let keys = entries.field(0, &mut nulls)?;
    let encoded = encode(&keys)?;
    let mut seen = HashSet::new();
    for (row, pair) in offsets.windows(2).enumerate() {
        seen.clear();
        let range = pair[0] as usize..pair[1] as usize;
        if range.clone().any(|key| !keys.is_valid(key)) {
            return Err(VectorError::NullKey(row));
        }
        if !encoded[range].iter().all(|key| seen.insert(key)) {
            return Err(VectorError::DuplicateKey(row));
        }
    }
    Ok(())
}

/// For each row bytes that are equal where DuckDB finds the values equal.
fn encode(vector: &InputVector<'_>) -> Result<Vec<Vec<u8>>, VectorError> {
    let mut encoded: Vec<Vec<u8>> = (0..vector.rows()).map(|row| vec![u8::from(vector.is_valid(row))]).collect();
    let mut append = |row: usize, bytes: &[u8]| {
        if vector.is_valid(row) {
            encoded[row].extend_from_slice(bytes);
        }
    };
    macro_rules! numbers {
        ($kind:ty) => {
            numbers!($kind, |number: $kind| number)
        };
        ($kind:ty, $canonical:expr) => {
            for (row, number) in vector.fixed::<$kind>().unwrap_or_default().iter().enumerate() {
                append(row, &$canonical(*number).to_le_bytes());
            }
        };
    }
    match vector.logical_type().physical() {
        PhysicalType::Bool => {
            vector.bools().unwrap_or_default().iter().enumerate().for_each(|(row, flag)| append(row, &[*flag]));
        }
        PhysicalType::Signed(1) => numbers!(i8),
        PhysicalType::Signed(2) => numbers!(i16),
        PhysicalType::Signed(4) => numbers!(i32),
        PhysicalType::Signed(_) => numbers!(i64),
        PhysicalType::Unsigned(1) => numbers!(u8),
        PhysicalType::Unsigned(2) => numbers!(u16),
        PhysicalType::Unsigned(4) => numbers!(u32),
        PhysicalType::Unsigned(_) => numbers!(u64),
        // -0 is 0, and one NaN is every other.
        PhysicalType::Float32 => numbers!(f32, |number: f32| if number.is_nan() { f32::NAN } else { number + 0.0 }),
        PhysicalType::Float64 => numbers!(f64, |number: f64| if number.is_nan() { f64::NAN } else { number + 0.0 }),
        PhysicalType::Words128 => {
            for (row, pair) in vector.words().unwrap_or_default().chunks_exact(2).enumerate() {
                if *vector.logical_type() == LogicalType::Interval {
                    append(row, &duration(pair[0], pair[1]).to_le_bytes());
                } else {
                    append(row, &pair[0].to_le_bytes());
                    append(row, &pair[1].to_le_bytes());
                }
            }
        }
        PhysicalType::Bytes => {
            let texts = vector.strings();
            for (row, text) in (0..vector.rows()).filter_map(|row| Some((row, texts.as_ref()?.get(row)?))) {
                append(row, &text.len().to_le_bytes());
                append(row, text);
            }
        }
        PhysicalType::List => {
            let (mut offsets, mut copy) = (Vec::new(), VectorCopy::default());
            let elements = encode(&vector.list_elements(&mut offsets, &mut copy)?)?;
            for (row, pair) in offsets.windows(2).enumerate() {
                append(row, &(pair[1] - pair[0]).to_le_bytes());
                elements[pair[0] as usize..pair[1] as usize].iter().for_each(|element| append(row, element));
            }
        }
        PhysicalType::Array(size) => {
            let mut nulls = Vec::new();
            let elements = encode(&vector.array_elements(&mut nulls)?)?;
            for (row, elements) in elements.chunks_exact(size as usize).enumerate() {
                elements.iter().for_each(|element| append(row, element));
            }
        }
        PhysicalType::Struct => {
            for index in 0..vector.logical_type().fields().len() {
                let mut nulls = Vec::new();
                let field = encode(&vector.field(index, &mut nulls)?)?;
                field.iter().enumerate().for_each(|(row, value)| append(row, value));
            }
        }
    }
    Ok(encoded)
}

/// The length of an INTERVAL in microseconds, by which DuckDB compares: a month has 30 days.
fn duration(low: u64, high: u64) -> i128 {
    let (months, days) = (i128::from(low as i32), i128::from((low >> 32) as i32));
    (months * DAYS_A_MONTH + days) * MICROS_A_DAY + i128::from(high.cast_signed())
}
