//! Which type of Arrow stands for which of DuckDB's.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, IntervalUnit, TimeUnit};
use duckpen_database::LogicalType;

/// The zone of times that are moments: DuckDB keeps them so.
const ZONE: &str = "UTC";

/// The type in which a column is written; none for those that are written as text (see [`is_text`]).
pub(super) fn written(kind: &LogicalType) -> Option<DataType> {
    Some(match kind {
        LogicalType::Boolean => DataType::Boolean,
        LogicalType::TinyInt => DataType::Int8,
        LogicalType::SmallInt => DataType::Int16,
        LogicalType::Integer => DataType::Int32,
        LogicalType::BigInt => DataType::Int64,
        LogicalType::UTinyInt => DataType::UInt8,
        LogicalType::USmallInt => DataType::UInt16,
        LogicalType::UInteger => DataType::UInt32,
        LogicalType::UBigInt => DataType::UInt64,
        LogicalType::Float => DataType::Float32,
        LogicalType::Double => DataType::Float64,
        // What a sum of integers is in DuckDB, and few are as large as its last digit.
        LogicalType::HugeInt => DataType::Decimal128(38, 0),
        LogicalType::Decimal(width, scale) => DataType::Decimal128(*width, i8::try_from(*scale).ok()?),
        LogicalType::Varchar => DataType::Utf8,
        LogicalType::Blob => DataType::Binary,
        LogicalType::Date => DataType::Date32,
        LogicalType::Time => DataType::Time64(TimeUnit::Microsecond),
        LogicalType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        LogicalType::TimestampS => DataType::Timestamp(TimeUnit::Second, None),
        LogicalType::TimestampMs => DataType::Timestamp(TimeUnit::Millisecond, None),
        LogicalType::TimestampNs => DataType::Timestamp(TimeUnit::Nanosecond, None),
        LogicalType::TimestampTz => DataType::Timestamp(TimeUnit::Microsecond, Some(ZONE.into())),
        LogicalType::Interval => DataType::Interval(IntervalUnit::MonthDayNano),
        LogicalType::List(element) => DataType::List(element_field(element)?),
        LogicalType::Array(element, size) => {
            DataType::FixedSizeList(element_field(element)?, i32::try_from(*size).ok()?)
        }
        LogicalType::Struct(fields) => {
            let field = |field: &duckpen_database::Field| {
                Some(Field::new(field.name.clone(), written(&field.logical_type)?, true))
            };
            DataType::Struct(fields.iter().map(field).collect::<Option<Fields>>()?)
        }
        LogicalType::Map(entry) => {
            let [key, value] = entry.fields() else { return None };
            let key = Field::new("key", written(&key.logical_type)?, false);
            let value = Field::new("value", written(&value.logical_type)?, true);
            let entries = Field::new("entries", DataType::Struct(vec![key, value].into()), false);
            DataType::Map(Arc::new(entries), false)
        }
        LogicalType::UHugeInt
        | LogicalType::Bit
        | LogicalType::BigNum
        | LogicalType::TimeTz
        | LogicalType::Uuid
        | LogicalType::Enum(_) => return None,
    })
}

fn element_field(element: &LogicalType) -> Option<Arc<Field>> {
    Some(Arc::new(Field::new("item", written(element)?, true)))
}

/// Whether a column is written as text, because Arrow has no type for it, or for a part of it.
pub(crate) fn is_text(kind: &LogicalType) -> bool {
    written(kind).is_none()
}

/// What a column of a file is in the database, and the type to which it is converted first where it lies otherwise; none for
/// what the database has no type for.
pub(super) fn read(kind: &DataType) -> Option<(LogicalType, DataType)> {
    let logical = match kind {
        DataType::Null | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => LogicalType::Varchar,
        DataType::Boolean => LogicalType::Boolean,
        DataType::Int8 => LogicalType::TinyInt,
        DataType::Int16 => LogicalType::SmallInt,
        DataType::Int32 => LogicalType::Integer,
        DataType::Int64 => LogicalType::BigInt,
        DataType::UInt8 => LogicalType::UTinyInt,
        DataType::UInt16 => LogicalType::USmallInt,
        DataType::UInt32 => LogicalType::UInteger,
        DataType::UInt64 => LogicalType::UBigInt,
        DataType::Float16 | DataType::Float32 => LogicalType::Float,
        DataType::Float64 => LogicalType::Double,
        DataType::Decimal32(width, scale)
        | DataType::Decimal64(width, scale)
        | DataType::Decimal128(width, scale)
        | DataType::Decimal256(width, scale) => {
            let scale = u8::try_from(*scale).ok().filter(|scale| scale <= width && *width <= 38)?;
            LogicalType::Decimal(*width, scale)
        }
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            LogicalType::Blob
        }
        DataType::Date32 | DataType::Date64 => LogicalType::Date,
        DataType::Time32(_) | DataType::Time64(_) => LogicalType::Time,
        DataType::Timestamp(_, Some(_)) => LogicalType::TimestampTz,
        DataType::Timestamp(TimeUnit::Second, None) => LogicalType::TimestampS,
        DataType::Timestamp(TimeUnit::Millisecond, None) => LogicalType::TimestampMs,
        DataType::Timestamp(TimeUnit::Microsecond, None) => LogicalType::Timestamp,
        DataType::Timestamp(TimeUnit::Nanosecond, None) => LogicalType::TimestampNs,
        DataType::Interval(_) => LogicalType::Interval,
        DataType::Dictionary(_, values) => return read(values),
        DataType::RunEndEncoded(_, values) => return read(values.data_type()),
        DataType::List(element) | DataType::LargeList(element) => {
            LogicalType::List(Arc::new(read(element.data_type())?.0))
        }
        DataType::FixedSizeList(element, size) => {
            let size = u32::try_from(*size).ok().filter(|size| *size > 0)?;
            LogicalType::Array(Arc::new(read(element.data_type())?.0), size)
        }
        DataType::Struct(fields) if !fields.is_empty() => {
            let field = |field: &Arc<Field>| {
                let logical_type = read(field.data_type())?.0;
                Some(duckpen_database::Field { name: field.name().clone(), logical_type })
            };
            LogicalType::Struct(fields.iter().map(field).collect::<Option<_>>()?)
        }
        DataType::Map(entries, _) => {
            let DataType::Struct(pair) = entries.data_type() else { return None };
            let [key, value] = &pair[..] else { return None };
            LogicalType::map(read(key.data_type())?.0, read(value.data_type())?.0)
        }
        DataType::Struct(_)
        | DataType::Duration(_)
        | DataType::Union(..)
        | DataType::ListView(_)
        | DataType::LargeListView(_) => return None,
    };
    let target = written(&logical)?;
    Some((logical, target))
}
