//! Rows of the binary format of COPY, into columns.

use duckpen_database::OutputChunk;

use super::decimal::Numeric;
use super::types::{PgColumn, Wire};
use crate::ConnectorError;
use crate::rows::{ColumnBuffer, RowBuffer};

const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
/// Days and microseconds from 1970 to 2000, where the format's times begin.
pub(super) const EPOCH_DAYS: i32 = 10_957;
pub(super) const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

/// What the bytes cannot be, with the column at fault where there is one.
enum Flaw {
    /// The format is another one.
    Broken,
    /// A value without a counterpart.
    Unfit { reason: &'static str, hint: &'static str },
}

const BEYOND_RANGE: Flaw =
    Flaw::Unfit { reason: "a time is out of the range of DuckDB", hint: "leave it out with a `query`" };

/// Reads rows of these columns.
pub(super) struct Decoder {
    columns: Vec<PgColumn>,
    buffer: RowBuffer,
    is_started: bool,
}

/// How much of a block was read.
pub(super) enum Progress {
    /// So many bytes, and there may be more rows.
    Read(usize),
    /// The last row was read.
    Ended,
}

impl Decoder {
    pub(super) fn new(columns: Vec<PgColumn>) -> Self {
        let buffer = RowBuffer::new(columns.iter().map(|column| column.logical_type.clone()));
        Self { columns, buffer, is_started: false }
    }

    /// Reads rows of a block, which holds whole rows, until the output is full or the block is at its end.
    pub(super) fn read(&mut self, block: &[u8], rows: &mut usize, most: usize) -> Result<Progress, ConnectorError> {
        let mut cursor = Cursor { bytes: block };
        if !self.is_started {
            cursor.header().ok_or_else(broken)?;
            self.is_started = true;
        }
        while *rows < most && !cursor.bytes.is_empty() {
            let fields = cursor.i16().ok_or_else(broken)?;
            if fields == -1 {
                return Ok(Progress::Ended);
            }
            if usize::try_from(fields) != Ok(self.columns.len()) {
                return Err(broken());
            }
            for (column, values) in self.columns.iter().zip(self.buffer.columns()) {
                let field = cursor.field().ok_or_else(broken)?;
                match field {
                    None => values.push_null(),
                    Some(bytes) => decode(&column.wire, bytes, values).map_err(|flaw| told(flaw, column))?,
                }
            }
            *rows += 1;
        }
        Ok(Progress::Read(block.len() - cursor.bytes.len()))
    }

    /// Hands over the rows that were read.
    pub(super) fn deliver(&mut self, rows: usize, output: &mut OutputChunk<'_>) -> Result<(), ConnectorError> {
        self.buffer.deliver(rows, output).map_err(|error| ConnectorError::Unfit {
            column: self.names(),
            reason: error.to_string(),
            hint: None,
        })
    }

    fn names(&self) -> String {
        self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn broken() -> ConnectorError {
    ConnectorError::Host("the server's rows are not in the binary format of COPY".to_owned())
}

fn told(flaw: Flaw, column: &PgColumn) -> ConnectorError {
    match flaw {
        Flaw::Broken => ConnectorError::unfit(
            &column.name,
            format!("a value is no {}, which the column was when it was looked at", column.logical_type),
            "its type was changed meanwhile: run again",
        ),
        Flaw::Unfit { reason, hint } => ConnectorError::unfit(&column.name, reason, hint),
    }
}

struct Cursor<'b> {
    bytes: &'b [u8],
}

impl<'b> Cursor<'b> {
    #[inline]
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*taken)
    }

    #[inline]
    fn i16(&mut self) -> Option<i16> {
        self.take().map(i16::from_be_bytes)
    }

    #[inline]
    fn i32(&mut self) -> Option<i32> {
        self.take().map(i32::from_be_bytes)
    }

    fn header(&mut self) -> Option<()> {
        if self.take::<11>()? != *SIGNATURE {
            return None;
        }
        self.i32()?;
        let extension = usize::try_from(self.i32()?).ok()?;
        self.bytes = self.bytes.get(extension..)?;
        Some(())
    }

    /// The bytes of a value; none for NULL.
    #[inline]
    fn field(&mut self) -> Option<Option<&'b [u8]>> {
        let length = self.i32()?;
        let Ok(length) = usize::try_from(length) else { return (length == -1).then_some(None) };
        let (field, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(Some(field))
    }
}

#[inline]
fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Flaw> {
    bytes.try_into().map_err(|_| Flaw::Broken)
}

#[inline]
fn decode(wire: &Wire, bytes: &[u8], values: &mut ColumnBuffer) -> Result<(), Flaw> {
    match wire {
        Wire::Bool => values.push_bool(fixed::<1>(bytes)? != [0]),
        Wire::Int2 => values.push_integer(i16::from_be_bytes(fixed(bytes)?).into()),
        Wire::Int4 => values.push_integer(i32::from_be_bytes(fixed(bytes)?).into()),
        Wire::Int8 => values.push_integer(i64::from_be_bytes(fixed(bytes)?)),
        Wire::Oid => values.push_integer(u32::from_be_bytes(fixed(bytes)?).into()),
        Wire::Float4 => values.push_float(f32::from_be_bytes(fixed(bytes)?).into()),
        Wire::Float8 => values.push_float(f64::from_be_bytes(fixed(bytes)?)),
        Wire::Plain => values.push_bytes(bytes),
        Wire::Jsonb => match bytes.split_first() {
            Some((1, text)) => values.push_bytes(text),
            _ => return Err(Flaw::Broken),
        },
        Wire::Decimal(scale) => {
            let number = Numeric::read(bytes).ok_or(Flaw::Broken)?;
            values.push_wide(number.scaled(*scale).ok_or(Flaw::Unfit {
                reason: "a value is NaN, or has more places than its type",
                hint: "read it as double precision with a `query`",
            })?);
        }
        Wire::Numeric => values.push_float(Numeric::read(bytes).ok_or(Flaw::Broken)?.to_f64()),
        Wire::Date => values.push_integer(match i32::from_be_bytes(fixed(bytes)?) {
            i32::MAX => i32::MAX.into(),
            i32::MIN => (-i32::MAX).into(),
            days => days.checked_add(EPOCH_DAYS).ok_or(BEYOND_RANGE)?.into(),
        }),
        Wire::Time => values.push_integer(i64::from_be_bytes(fixed(bytes)?)),
        Wire::Timestamp => values.push_integer(match i64::from_be_bytes(fixed(bytes)?) {
            i64::MAX => i64::MAX,
            i64::MIN => -i64::MAX,
            // The largest number is DuckDB's infinity, and no time.
            time => time.checked_add(EPOCH_MICROSECONDS).filter(|time| *time < i64::MAX).ok_or(BEYOND_RANGE)?,
        }),
        Wire::Interval => {
            let [time @ .., d0, d1, d2, d3, m0, m1, m2, m3] = fixed::<16>(bytes)?;
            let (days, months) = (u32::from_be_bytes([d0, d1, d2, d3]), u32::from_be_bytes([m0, m1, m2, m3]));
            values.push_words(u64::from(days) << 32 | u64::from(months), u64::from_be_bytes(time));
        }
        Wire::Uuid => {
            let number = u128::from_be_bytes(fixed(bytes)?);
            // DuckDB keeps them so that they are in order as signed numbers.
            values.push_words(number as u64, (number >> 64) as u64 ^ 1 << 63);
        }
        Wire::Array(element) => decode_array(element, bytes, values)?,
    }
    Ok(())
}

fn decode_array(element: &Wire, bytes: &[u8], values: &mut ColumnBuffer) -> Result<(), Flaw> {
    let mut cursor = Cursor { bytes };
    let dimensions = cursor.i32().ok_or(Flaw::Broken)?;
    // Whether there are NULLs, and the elements' type.
    cursor.take::<8>().ok_or(Flaw::Broken)?;
    let length = match dimensions {
        0 => 0,
        1 => {
            let length = cursor.i32().ok_or(Flaw::Broken)?;
            // Where its numbers begin.
            cursor.i32().ok_or(Flaw::Broken)?;
            length
        }
        _ => {
            return Err(Flaw::Unfit {
                reason: "an array has more than one dimension",
                hint: "read it as JSON with a `query`: to_json(...)",
            });
        }
    };
    values.push_list(|elements| {
        for _ in 0..length {
            match cursor.field().ok_or(Flaw::Broken)? {
                None => elements.push_null(),
                Some(bytes) => decode(element, bytes, elements)?,
            }
        }
        Ok(())
    })
}
