//! Rows of DuckDB, in the binary format of COPY.

use duckpen_database::{
    InputChunk, InputVector, LogicalType, PhysicalType, StreamColumn, StringRows, VectorCopy, VectorError,
};

use super::decimal;
use super::decode::{EPOCH_DAYS, EPOCH_MICROSECONDS};
use crate::ConnectorError;

const HEADER: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The type that takes all values of a column, as a new table has it. Nested values other than lists of plain ones are JSON
/// before they come here, and values of an ENUM text.
pub(super) fn natural_type(column: &StreamColumn) -> Option<String> {
    if column.is_json {
        return Some("jsonb".to_owned());
    }
    type_name(&column.logical_type)
}

fn type_name(kind: &LogicalType) -> Option<String> {
    let name = match kind {
        LogicalType::Boolean => "boolean",
        LogicalType::TinyInt | LogicalType::SmallInt | LogicalType::UTinyInt => "smallint",
        LogicalType::Integer | LogicalType::USmallInt => "integer",
        LogicalType::BigInt | LogicalType::UInteger => "bigint",
        LogicalType::UBigInt => "numeric(20,0)",
        LogicalType::HugeInt | LogicalType::UHugeInt => "numeric(39,0)",
        LogicalType::Float => "real",
        LogicalType::Double => "double precision",
        LogicalType::Decimal(width, scale) => return Some(format!("numeric({width},{scale})")),
        LogicalType::Varchar => "text",
        LogicalType::Blob => "bytea",
        LogicalType::Date => "date",
        LogicalType::Time => "time without time zone",
        LogicalType::Timestamp | LogicalType::TimestampS | LogicalType::TimestampMs | LogicalType::TimestampNs => {
            "timestamp without time zone"
        }
        LogicalType::TimestampTz => "timestamp with time zone",
        LogicalType::Interval => "interval",
        LogicalType::Uuid => "uuid",
        LogicalType::List(element) if element.element().is_none() && element.fields().is_empty() => {
            return type_name(element).map(|element| format!("{element}[]"));
        }
        _ => return None,
    };
    Some(name.to_owned())
}

/// Makes bytes of batches.
pub(super) struct Encoder {
    columns: Vec<StreamColumn>,
    /// What the server calls the types of elements, which stands in every array.
    element_types: Vec<u32>,
    copies: Vec<VectorCopy>,
    is_started: bool,
}

impl Encoder {
    pub(super) fn new(columns: Vec<StreamColumn>) -> Self {
        let element_types = columns.iter().map(|column| element_oid(&column.logical_type)).collect();
        let copies = columns.iter().map(|_| VectorCopy::default()).collect();
        Self { columns, element_types, copies, is_started: false }
    }

    /// The bytes of a batch; before the first one those that begin the format.
    pub(super) fn encode(&mut self, rows: &InputChunk<'_>) -> Result<Vec<u8>, ConnectorError> {
        let mut buffer = Vec::with_capacity(rows.rows() * self.columns.len() * 16 + HEADER.len());
        if !self.is_started {
            buffer.extend_from_slice(HEADER);
            self.is_started = true;
        }
        let mut inputs = Vec::with_capacity(self.columns.len());
        for (index, copy) in self.copies.iter_mut().enumerate() {
            let column = &self.columns[index];
            let told = |reason: String| ConnectorError::Unfit { column: column.name.clone(), reason, hint: None };
            let vector = rows.column(index).ok_or_else(|| told("it is missing".to_owned()))?;
            let values = Input::of(vector, column.is_json, self.element_types[index], copy);
            inputs.push(values.map_err(|error| told(error.to_string()))?);
        }
        let fields = (self.columns.len() as i16).to_be_bytes();
        for row in 0..rows.rows() {
            buffer.extend_from_slice(&fields);
            for (input, column) in inputs.iter().zip(&self.columns) {
                input.write(row, &mut buffer).ok_or_else(|| {
                    let reason = format!("a {} is out of the range of the server's type", column.logical_type);
                    ConnectorError::Unfit { column: column.name.clone(), reason, hint: None }
                })?;
            }
        }
        Ok(buffer)
    }

    /// The bytes that end the format; of a result without a row the beginning too.
    pub(super) fn end(&mut self) -> Vec<u8> {
        let mut buffer = if self.is_started { Vec::new() } else { HEADER.to_vec() };
        self.is_started = true;
        buffer.extend_from_slice(&(-1i16).to_be_bytes());
        buffer
    }
}

/// The server's own numbers of its types, which never change.
fn element_oid(kind: &LogicalType) -> u32 {
    match kind.element() {
        None => 0,
        Some(LogicalType::Boolean) => 16,
        Some(LogicalType::Blob) => 17,
        Some(LogicalType::BigInt | LogicalType::UInteger) => 20,
        Some(LogicalType::TinyInt | LogicalType::SmallInt | LogicalType::UTinyInt) => 21,
        Some(LogicalType::Integer | LogicalType::USmallInt) => 23,
        Some(LogicalType::Float) => 700,
        Some(LogicalType::Double) => 701,
        Some(LogicalType::Date) => 1082,
        Some(LogicalType::Time) => 1083,
        Some(
            LogicalType::Timestamp | LogicalType::TimestampS | LogicalType::TimestampMs | LogicalType::TimestampNs,
        ) => 1114,
        Some(LogicalType::TimestampTz) => 1184,
        Some(LogicalType::Interval) => 1186,
        Some(LogicalType::Decimal(..) | LogicalType::UBigInt | LogicalType::HugeInt | LogicalType::UHugeInt) => 1700,
        Some(LogicalType::Uuid) => 2950,
        Some(_) => 25,
    }
}

/// A column of a batch, with its values within reach.
struct Input<'b> {
    validity: Option<&'b [u8]>,
    values: Values<'b>,
}

enum Values<'b> {
    Bool(&'b [u8]),
    I8(&'b [i8]),
    I16(&'b [i16]),
    I32(&'b [i32]),
    I64(&'b [i64]),
    U8(&'b [u8]),
    U16(&'b [u16]),
    U32(&'b [u32]),
    F32(&'b [f32]),
    F64(&'b [f64]),
    Date(&'b [i32]),
    Time(&'b [i64]),
    /// How many of the unit make a microsecond, or the other way round.
    Timestamp(&'b [i64], Unit),
    Narrow16(&'b [i16], u8),
    Narrow32(&'b [i32], u8),
    Narrow64(&'b [i64], u8),
    Unsigned64(&'b [u64]),
    Wide(&'b [u64], u8),
    UnsignedWide(&'b [u64]),
    Interval(&'b [u64]),
    Uuid(&'b [u64]),
    Text(StringRows<'b>),
    Jsonb(StringRows<'b>),
    List {
        ends: Vec<u32>,
        elements: Box<Input<'b>>,
        oid: u32,
    },
}

#[derive(Clone, Copy)]
enum Unit {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl<'b> Input<'b> {
    fn of(vector: InputVector<'b>, is_json: bool, oid: u32, copy: &'b mut VectorCopy) -> Result<Self, VectorError> {
        let kind = vector.logical_type().clone();
        let wrong = || VectorError::WrongType(kind.clone());
        let validity = vector.validity();
        if kind.physical() == PhysicalType::List {
            let mut ends = Vec::new();
            let elements = vector.list_elements(&mut ends, copy)?;
            let elements = Box::new(Self::plain(elements, false).ok_or_else(wrong)?);
            return Ok(Self { validity, values: Values::List { ends, elements, oid } });
        }
        Self::plain(vector, is_json).ok_or_else(wrong)
    }

    /// None for a type that is not exchanged.
    fn plain(vector: InputVector<'b>, is_json: bool) -> Option<Self> {
        let validity = vector.validity();
        let values = match vector.logical_type() {
            LogicalType::Boolean => Values::Bool(vector.bools()?),
            LogicalType::TinyInt => Values::I8(vector.fixed()?),
            LogicalType::SmallInt => Values::I16(vector.fixed()?),
            LogicalType::Integer => Values::I32(vector.fixed()?),
            LogicalType::BigInt => Values::I64(vector.fixed()?),
            LogicalType::UTinyInt => Values::U8(vector.fixed()?),
            LogicalType::USmallInt => Values::U16(vector.fixed()?),
            LogicalType::UInteger => Values::U32(vector.fixed()?),
            LogicalType::UBigInt => Values::Unsigned64(vector.fixed()?),
            LogicalType::HugeInt => Values::Wide(vector.words()?, 0),
            LogicalType::UHugeInt => Values::UnsignedWide(vector.words()?),
            LogicalType::Float => Values::F32(vector.fixed()?),
            LogicalType::Double => Values::F64(vector.fixed()?),
            LogicalType::Decimal(_, scale) => match vector.logical_type().physical() {
                PhysicalType::Signed(2) => Values::Narrow16(vector.fixed()?, *scale),
                PhysicalType::Signed(4) => Values::Narrow32(vector.fixed()?, *scale),
                PhysicalType::Signed(_) => Values::Narrow64(vector.fixed()?, *scale),
                _ => Values::Wide(vector.words()?, *scale),
            },
            LogicalType::Varchar if is_json => Values::Jsonb(vector.strings()?),
            LogicalType::Varchar | LogicalType::Blob => Values::Text(vector.strings()?),
            LogicalType::Date => Values::Date(vector.fixed()?),
            LogicalType::Time => Values::Time(vector.fixed()?),
            LogicalType::Timestamp | LogicalType::TimestampTz => Values::Timestamp(vector.fixed()?, Unit::Microseconds),
            LogicalType::TimestampS => Values::Timestamp(vector.fixed()?, Unit::Seconds),
            LogicalType::TimestampMs => Values::Timestamp(vector.fixed()?, Unit::Milliseconds),
            LogicalType::TimestampNs => Values::Timestamp(vector.fixed()?, Unit::Nanoseconds),
            LogicalType::Interval => Values::Interval(vector.words()?),
            LogicalType::Uuid => Values::Uuid(vector.words()?),
            _ => return None,
        };
        Some(Self { validity, values })
    }

    /// Writes a value behind its length; none where the server's type does not have it.
    #[inline]
    fn write(&self, row: usize, buffer: &mut Vec<u8>) -> Option<()> {
        if self.validity.is_some_and(|bits| bits[row / 8] >> (row % 8) & 1 == 0) {
            buffer.extend_from_slice(&(-1i32).to_be_bytes());
            return Some(());
        }
        match &self.values {
            Values::Bool(values) => put(buffer, [u8::from(values[row] != 0)]),
            Values::I8(values) => put(buffer, i16::from(values[row]).to_be_bytes()),
            Values::U8(values) => put(buffer, i16::from(values[row]).to_be_bytes()),
            Values::I16(values) => put(buffer, values[row].to_be_bytes()),
            Values::I32(values) => put(buffer, values[row].to_be_bytes()),
            Values::U16(values) => put(buffer, i32::from(values[row]).to_be_bytes()),
            Values::I64(values) | Values::Time(values) => put(buffer, values[row].to_be_bytes()),
            Values::U32(values) => put(buffer, i64::from(values[row]).to_be_bytes()),
            Values::F32(values) => put(buffer, values[row].to_be_bytes()),
            Values::F64(values) => put(buffer, values[row].to_be_bytes()),
            Values::Date(values) => put(buffer, date(values[row])?.to_be_bytes()),
            Values::Timestamp(values, unit) => put(buffer, timestamp(values[row], *unit)?.to_be_bytes()),
            Values::Narrow16(values, scale) => decimal::write(values[row].into(), *scale, buffer),
            Values::Narrow32(values, scale) => decimal::write(values[row].into(), *scale, buffer),
            Values::Narrow64(values, scale) => decimal::write(values[row].into(), *scale, buffer),
            Values::Unsigned64(values) => decimal::write(values[row].into(), 0, buffer),
            Values::Wide(words, scale) => decimal::write(wide(words, row).cast_signed(), *scale, buffer),
            Values::UnsignedWide(words) => decimal::write(i128::try_from(wide(words, row)).ok()?, 0, buffer),
            Values::Interval(words) => {
                let (low, time) = (words[2 * row], words[2 * row + 1]);
                let (days, months) = ((low >> 32) as u32, low as u32);
                let value = u128::from(time) << 64 | u128::from(days) << 32 | u128::from(months);
                put(buffer, value.to_be_bytes());
            }
            Values::Uuid(words) => put(buffer, (wide(words, row) ^ 1 << 127).to_be_bytes()),
            Values::Text(rows) => put_slice(buffer, rows.get(row).unwrap_or_default())?,
            Values::Jsonb(rows) => {
                let text = rows.get(row).unwrap_or_default();
                buffer.extend_from_slice(&i32::try_from(text.len() + 1).ok()?.to_be_bytes());
                // The version of the format.
                buffer.push(1);
                buffer.extend_from_slice(text);
            }
            Values::List { ends, elements, oid } => {
                let range = ends[row] as usize..ends[row + 1] as usize;
                write_array(range, elements, *oid, buffer)?;
            }
        }
        Some(())
    }
}

fn write_array(range: std::ops::Range<usize>, elements: &Input<'_>, oid: u32, buffer: &mut Vec<u8>) -> Option<()> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; 4]);
    let dimensions = i32::from(!range.is_empty());
    buffer.extend_from_slice(&dimensions.to_be_bytes());
    buffer.extend_from_slice(&i32::from(elements.validity.is_some()).to_be_bytes());
    buffer.extend_from_slice(&oid.to_be_bytes());
    if dimensions == 1 {
        buffer.extend_from_slice(&i32::try_from(range.len()).ok()?.to_be_bytes());
        // Their numbers begin with 1.
        buffer.extend_from_slice(&1i32.to_be_bytes());
    }
    for element in range {
        elements.write(element, buffer)?;
    }
    let length = i32::try_from(buffer.len() - start - 4).ok()?;
    buffer[start..start + 4].copy_from_slice(&length.to_be_bytes());
    Some(())
}

#[inline]
fn put<const N: usize>(buffer: &mut Vec<u8>, value: [u8; N]) {
    buffer.extend_from_slice(&(N as i32).to_be_bytes());
    buffer.extend_from_slice(&value);
}

fn put_slice(buffer: &mut Vec<u8>, value: &[u8]) -> Option<()> {
    buffer.extend_from_slice(&i32::try_from(value.len()).ok()?.to_be_bytes());
    buffer.extend_from_slice(value);
    Some(())
}

fn wide(words: &[u64], row: usize) -> u128 {
    u128::from(words[2 * row + 1]) << 64 | u128::from(words[2 * row])
}

/// Days since 2000; DuckDB's infinities are the server's.
fn date(days: i32) -> Option<i32> {
    match days {
        i32::MAX => Some(i32::MAX),
        days if days == -i32::MAX => Some(i32::MIN),
        days => days.checked_sub(EPOCH_DAYS),
    }
}

/// Microseconds since 2000. What is smaller than one is left out: the server's times have no place for it.
fn timestamp(value: i64, unit: Unit) -> Option<i64> {
    match value {
        i64::MAX => return Some(i64::MAX),
        value if value == -i64::MAX => return Some(i64::MIN),
        _ => {}
    }
    let microseconds = match unit {
        Unit::Seconds => value.checked_mul(1_000_000)?,
        Unit::Milliseconds => value.checked_mul(1_000)?,
        Unit::Microseconds => value,
        Unit::Nanoseconds => value.div_euclid(1_000),
    };
    microseconds.checked_sub(EPOCH_MICROSECONDS)
}
