//! Columns of DuckDB as arrays of Arrow.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, Time64MicrosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, FixedSizeListArray, ListArray, MapArray, PrimitiveArray, StringArray,
    StructArray,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use duckpen_database::{FixedWidth, InputVector, LogicalType, VectorCopy, VectorError};

use super::types::written;

/// The largest unscaled number that 38 digits write.
const MOST_DIGITS: i128 = 10_i128.pow(38) - 1;

/// Why a column has no place in a file.
#[derive(Debug, thiserror::Error)]
pub(super) enum EncodeError {
    /// The batch is not what its types say.
    #[error(transparent)]
    Vector(#[from] VectorError),
    /// Arrow does not take it.
    #[error(transparent)]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A value that the type has in DuckDB, and not in Arrow.
    #[error("the value {0} is out of the range that Arrow's type has")]
    Range(i128),
}

/// The array of a column. Slots of NULL rows are zeroed: in DuckDB they may hold anything.
pub(super) fn array(vector: &InputVector<'_>) -> Result<ArrayRef, EncodeError> {
    let kind = vector.logical_type();
    let target = written(kind).ok_or_else(|| VectorError::WrongType(kind.clone()))?;
    Ok(match kind {
        LogicalType::Boolean => {
            let bools = vector.bools().unwrap_or_default();
            let bits = BooleanBuffer::collect_bool(bools.len(), |row| vector.is_valid(row) && bools[row] & 1 == 1);
            Arc::new(BooleanArray::new(bits, nulls(vector)))
        }
        LogicalType::TinyInt => numbers::<Int8Type>(vector, &target),
        LogicalType::SmallInt => numbers::<Int16Type>(vector, &target),
        LogicalType::Integer => numbers::<Int32Type>(vector, &target),
        LogicalType::BigInt => numbers::<Int64Type>(vector, &target),
        LogicalType::UTinyInt => numbers::<UInt8Type>(vector, &target),
        LogicalType::USmallInt => numbers::<UInt16Type>(vector, &target),
        LogicalType::UInteger => numbers::<UInt32Type>(vector, &target),
        LogicalType::UBigInt => numbers::<UInt64Type>(vector, &target),
        LogicalType::Float => numbers::<Float32Type>(vector, &target),
        LogicalType::Double => numbers::<Float64Type>(vector, &target),
        LogicalType::Date => numbers::<Date32Type>(vector, &target),
        LogicalType::Time => numbers::<Time64MicrosecondType>(vector, &target),
        LogicalType::Timestamp | LogicalType::TimestampTz => numbers::<TimestampMicrosecondType>(vector, &target),
        LogicalType::TimestampS => numbers::<TimestampSecondType>(vector, &target),
        LogicalType::TimestampMs => numbers::<TimestampMillisecondType>(vector, &target),
        LogicalType::TimestampNs => numbers::<TimestampNanosecondType>(vector, &target),
        LogicalType::Decimal(..) | LogicalType::HugeInt => decimals(vector, &target)?,
        LogicalType::Interval => intervals(vector)?,
        LogicalType::Varchar => {
            let (offsets, bytes) = bytes(vector)?;
            Arc::new(StringArray::try_new(offsets, bytes, nulls(vector))?)
        }
        LogicalType::Blob => {
            let (offsets, bytes) = bytes(vector)?;
            Arc::new(BinaryArray::try_new(offsets, bytes, nulls(vector))?)
        }
        LogicalType::List(_) | LogicalType::Map(_) => {
            let (mut ends, mut copy) = (Vec::new(), VectorCopy::default());
            let elements = array(&vector.list_elements(&mut ends, &mut copy)?)?;
            let offsets = offsets(&ends)?;
            match target {
                DataType::Map(entries, is_sorted) => {
                    let pairs = elements.as_any().downcast_ref::<StructArray>().cloned();
                    let pairs = pairs.ok_or_else(|| VectorError::WrongType(kind.clone()))?;
                    let (_, columns, _) = pairs.into_parts();
                    let DataType::Struct(fields) = entries.data_type() else {
                        return Err(VectorError::WrongType(kind.clone()).into());
                    };
                    let pairs = StructArray::try_new(fields.clone(), columns, None)?;
                    Arc::new(MapArray::try_new(entries, offsets, pairs, nulls(vector), is_sorted)?)
                }
                DataType::List(field) => Arc::new(ListArray::try_new(field, offsets, elements, nulls(vector))?),
                _ => return Err(VectorError::WrongType(kind.clone()).into()),
            }
        }
        LogicalType::Array(..) => {
            let mut hidden = Vec::new();
            let elements = array(&vector.array_elements(&mut hidden)?)?;
            let DataType::FixedSizeList(field, size) = target else {
                return Err(VectorError::WrongType(kind.clone()).into());
            };
            Arc::new(FixedSizeListArray::try_new(field, size, elements, nulls(vector))?)
        }
        LogicalType::Struct(fields) => {
            let DataType::Struct(targets) = target else { return Err(VectorError::WrongType(kind.clone()).into()) };
            let mut columns = Vec::with_capacity(fields.len());
            for index in 0..fields.len() {
                let mut hidden = Vec::new();
                columns.push(array(&vector.field(index, &mut hidden)?)?);
            }
            Arc::new(StructArray::try_new_with_length(targets, columns, nulls(vector), vector.rows())?)
        }
        // Written as text: no column of these comes here.
        LogicalType::UHugeInt
        | LogicalType::Bit
        | LogicalType::BigNum
        | LogicalType::TimeTz
        | LogicalType::Uuid
        | LogicalType::Enum(_) => return Err(VectorError::WrongType(kind.clone()).into()),
    })
}

fn nulls(vector: &InputVector<'_>) -> Option<NullBuffer> {
    let validity = vector.validity()?;
    Some(NullBuffer::new(BooleanBuffer::new(Buffer::from(validity), 0, vector.rows())))
}

fn numbers<T: ArrowPrimitiveType>(vector: &InputVector<'_>, target: &DataType) -> ArrayRef
where
    T::Native: FixedWidth,
{
    let mut values = vector.fixed::<T::Native>().unwrap_or_default().to_vec();
    zero_nulls(vector, &mut values);
    Arc::new(PrimitiveArray::<T>::new(ScalarBuffer::from(values), nulls(vector)).with_data_type(target.clone()))
}

fn zero_nulls<N: Default>(vector: &InputVector<'_>, values: &mut [N]) {
    if vector.validity().is_some() {
        for (row, value) in values.iter_mut().enumerate().filter(|(row, _)| !vector.is_valid(*row)) {
            debug_assert!(row < vector.rows());
            *value = N::default();
        }
    }
}

fn decimals(vector: &InputVector<'_>, target: &DataType) -> Result<ArrayRef, EncodeError> {
    let mut values: Vec<i128> = if let Some(words) = vector.words() {
        let number = |pair: &[u64]| (i128::from(pair[1].cast_signed()) << 64) | i128::from(pair[0]);
        words.chunks_exact(2).map(number).collect()
    } else if let Some(values) = vector.fixed::<i64>() {
        values.iter().copied().map(i128::from).collect()
    } else if let Some(values) = vector.fixed::<i32>() {
        values.iter().copied().map(i128::from).collect()
    } else {
        vector.fixed::<i16>().unwrap_or_default().iter().copied().map(i128::from).collect()
    };
    zero_nulls(vector, &mut values);
    if let Some(value) = values.iter().find(|value| value.unsigned_abs() > MOST_DIGITS.unsigned_abs()) {
        return Err(EncodeError::Range(*value));
    }
    let array = PrimitiveArray::<Decimal128Type>::new(ScalarBuffer::from(values), nulls(vector));
    Ok(Arc::new(array.with_data_type(target.clone())))
}

fn intervals(vector: &InputVector<'_>) -> Result<ArrayRef, EncodeError> {
    let mut values = Vec::with_capacity(vector.rows());
    for (row, pair) in vector.words().unwrap_or_default().chunks_exact(2).enumerate() {
        if !vector.is_valid(row) {
            values.push(IntervalMonthDayNano::default());
            continue;
        }
        let (months, days) = (pair[0] as u32, (pair[0] >> 32) as u32);
        let microseconds = pair[1].cast_signed();
        let nanoseconds =
            microseconds.checked_mul(1_000).ok_or_else(|| EncodeError::Range(i128::from(microseconds)))?;
        values.push(IntervalMonthDayNano::new(months.cast_signed(), days.cast_signed(), nanoseconds));
    }
    Ok(Arc::new(PrimitiveArray::<IntervalMonthDayNanoType>::new(ScalarBuffer::from(values), nulls(vector))))
}

fn bytes(vector: &InputVector<'_>) -> Result<(OffsetBuffer<i32>, Buffer), EncodeError> {
    let (mut ends, mut bytes) = (Vec::new(), Vec::new());
    if let Some(rows) = vector.strings() {
        rows.gather(&mut ends, &mut bytes)?;
    }
    Ok((offsets(&ends)?, Buffer::from_vec(bytes)))
}

/// Offsets as Arrow has them, which are signed.
fn offsets(ends: &[u32]) -> Result<OffsetBuffer<i32>, EncodeError> {
    let signed: Result<Vec<i32>, _> = ends.iter().map(|end| i32::try_from(*end)).collect();
    Ok(OffsetBuffer::new(signed.map_err(|_| VectorError::TooLarge)?.into()))
}
