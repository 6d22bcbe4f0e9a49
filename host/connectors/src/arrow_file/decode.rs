//! Arrays of Arrow as columns of DuckDB.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNanoType, Time64MicrosecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::OffsetBuffer;
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{ArrowError, DataType};
use duckpen_database::{FixedWidth, LogicalType, OutputVector, PhysicalType, VectorError};

/// The column in the type in which it is read. A value that the type does not have is an error.
pub(super) fn converted(array: &ArrayRef, target: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == target {
        return Ok(ArrayRef::clone(array));
    }
    cast_with_options(array, target, &CastOptions { safe: false, ..CastOptions::default() })
}

/// Fills a column with an array of the type that stands for it.
pub(super) fn write(array: &dyn Array, output: &mut OutputVector<'_>) -> Result<(), VectorError> {
    let validity = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
    let validity = validity.map(|nulls| nulls.inner().sliced());
    let validity = validity.as_deref();
    let kind = output.logical_type().clone();
    match &kind {
        LogicalType::Boolean => output.write_bits(&array.as_boolean().values().sliced())?,
        LogicalType::TinyInt => output.write_fixed(numbers::<Int8Type>(array)?, validity)?,
        LogicalType::SmallInt => output.write_fixed(numbers::<Int16Type>(array)?, validity)?,
        LogicalType::Integer => output.write_fixed(numbers::<Int32Type>(array)?, validity)?,
        LogicalType::BigInt => output.write_fixed(numbers::<Int64Type>(array)?, validity)?,
        LogicalType::UTinyInt => output.write_fixed(numbers::<UInt8Type>(array)?, validity)?,
        LogicalType::USmallInt => output.write_fixed(numbers::<UInt16Type>(array)?, validity)?,
        LogicalType::UInteger => output.write_fixed(numbers::<UInt32Type>(array)?, validity)?,
        LogicalType::UBigInt => output.write_fixed(numbers::<UInt64Type>(array)?, validity)?,
        LogicalType::Float => output.write_floats(numbers::<Float32Type>(array)?)?,
        LogicalType::Double => output.write_floats(numbers::<Float64Type>(array)?)?,
        LogicalType::Date => output.write_fixed(numbers::<Date32Type>(array)?, validity)?,
        LogicalType::Time => output.write_fixed(numbers::<Time64MicrosecondType>(array)?, validity)?,
        LogicalType::Timestamp | LogicalType::TimestampTz => {
            output.write_fixed(numbers::<TimestampMicrosecondType>(array)?, validity)?;
        }
        LogicalType::TimestampS => output.write_fixed(numbers::<TimestampSecondType>(array)?, validity)?,
        LogicalType::TimestampMs => output.write_fixed(numbers::<TimestampMillisecondType>(array)?, validity)?,
        LogicalType::TimestampNs => output.write_fixed(numbers::<TimestampNanosecondType>(array)?, validity)?,
        LogicalType::Decimal(..) => decimals(numbers::<Decimal128Type>(array)?, validity, output)?,
        LogicalType::Interval => {
            let mut words = Vec::with_capacity(2 * array.len());
            for value in numbers::<IntervalMonthDayNanoType>(array)? {
                let (months, days) = (value.months.cast_unsigned(), value.days.cast_unsigned());
                words.push(u64::from(months) | u64::from(days) << 32);
                words.push((value.nanoseconds / 1_000).cast_unsigned());
            }
            output.write_words(&words, validity)?;
        }
        LogicalType::Varchar => {
            let texts = array.as_string_opt::<i32>().ok_or_else(|| VectorError::WrongType(kind.clone()))?;
            let (offsets, bytes) = rebased(texts.offsets(), texts.values())?;
            output.write_bytes(&offsets, bytes, validity)?;
        }
        LogicalType::Blob => {
            let blobs = array.as_binary_opt::<i32>().ok_or_else(|| VectorError::WrongType(kind.clone()))?;
            let (offsets, bytes) = rebased(blobs.offsets(), blobs.values())?;
            output.write_bytes(&offsets, bytes, validity)?;
        }
        LogicalType::List(_) => {
            let lists = array.as_list_opt::<i32>().ok_or_else(|| VectorError::WrongType(kind.clone()))?;
            write_lists(lists.offsets(), lists.values(), output)?;
        }
        LogicalType::Map(_) => {
            let maps = array.as_map_opt().ok_or_else(|| VectorError::WrongType(kind.clone()))?;
            write_lists(maps.offsets(), maps.entries(), output)?;
        }
        LogicalType::Array(_, size) => {
            let arrays = array.as_fixed_size_list_opt().ok_or_else(|| VectorError::WrongType(kind.clone()))?;
            let start = arrays.value_offset(0) as usize;
            let elements = arrays.values().slice(start, array.len() * *size as usize);
            write(&*elements, &mut output.array_elements()?)?;
        }
        LogicalType::Struct(_) => {
            let parts = array.as_struct_opt().ok_or_else(|| VectorError::WrongType(kind.clone()))?;
            for (index, column) in parts.columns().iter().enumerate() {
                write(&**column, &mut output.field(index)?)?;
            }
        }
        other => return Err(VectorError::WrongType(other.clone())),
    }
    if let Some(validity) = validity {
        output.write_validity(validity)?;
    }
    if matches!(kind, LogicalType::Map(_)) {
        output.check_map()?;
    }
    Ok(())
}

fn numbers<T: ArrowPrimitiveType>(array: &dyn Array) -> Result<&[T::Native], VectorError> {
    let array = array.as_primitive_opt::<T>().ok_or(VectorError::WrongType(LogicalType::Blob))?;
    Ok(array.values())
}

/// Decimals as DuckDB keeps them, which has four widths. What a NULL slot holds need not fit.
fn decimals(values: &[i128], validity: Option<&[u8]>, output: &mut OutputVector<'_>) -> Result<(), VectorError> {
    fn narrow<N: FixedWidth + Into<i128> + TryFrom<i128> + Default>(
        values: &[i128],
        validity: Option<&[u8]>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), VectorError> {
        let mut narrowed = Vec::with_capacity(values.len());
        for (row, value) in values.iter().enumerate() {
            let is_valid = validity.is_none_or(|bits| bits[row / 8] >> (row % 8) & 1 == 1);
            narrowed.push(match N::try_from(*value) {
                Ok(value) => value,
                Err(_) if !is_valid => N::default(),
                Err(_) => return Err(VectorError::OutOfRange { row, kind: output.logical_type().clone() }),
            });
        }
        output.write_fixed(&narrowed, validity)
    }
    match output.logical_type().physical() {
        PhysicalType::Signed(2) => narrow::<i16>(values, validity, output),
        PhysicalType::Signed(4) => narrow::<i32>(values, validity, output),
        PhysicalType::Signed(8) => narrow::<i64>(values, validity, output),
        _ => {
            let words = |value: &i128| [*value as u64, (*value >> 64) as u64];
            let words: Vec<u64> = values.iter().flat_map(words).collect();
            output.write_words(&words, validity)
        }
    }
}

fn write_lists(
    offsets: &OffsetBuffer<i32>,
    elements: &dyn Array,
    output: &mut OutputVector<'_>,
) -> Result<(), VectorError> {
    let (offsets, start, count) = from_zero(offsets)?;
    let elements = elements.slice(start, count);
    write(&*elements, &mut output.write_lists(&offsets, count)?)
}

/// Offsets that begin with 0, and the bytes they are of.
fn rebased<'b>(offsets: &OffsetBuffer<i32>, bytes: &'b [u8]) -> Result<(Vec<u32>, &'b [u8]), VectorError> {
    let (offsets, start, count) = from_zero(offsets)?;
    let bytes = bytes.get(start..start + count).ok_or(VectorError::BrokenList)?;
    Ok((offsets, bytes))
}

/// Offsets that begin with 0, where they began, and how much lies between the ends.
fn from_zero(offsets: &OffsetBuffer<i32>) -> Result<(Vec<u32>, usize, usize), VectorError> {
    let start = offsets.first().copied().unwrap_or_default();
    let from_zero: Option<Vec<u32>> = offsets.iter().map(|end| u32::try_from(end.checked_sub(start)?).ok()).collect();
    let from_zero = from_zero.ok_or(VectorError::OffsetsStart)?;
    let count = from_zero.last().copied().unwrap_or_default() as usize;
    Ok((from_zero, usize::try_from(start).map_err(|_| VectorError::OffsetsStart)?, count))
}
