//! Arguments that are the same for all rows: columns of one row, kept for the whole query.

use duckpen_database::{Constant, LogicalType, PhysicalType};

use crate::bindings::VarData;
use crate::bindings::duckpen::columns::columns::{Column, Node, Values};

/// A column of one row.
pub(crate) struct OwnedColumn {
    values: OwnedValues,
    is_null: bool,
}

enum OwnedValues {
    Bits([u8; 1]),
    Int8([i8; 1]),
    Int16([i16; 1]),
    Int32([i32; 1]),
    Int64([i64; 1]),
    Uint8([u8; 1]),
    Uint16([u16; 1]),
    Uint32([u32; 1]),
    Uint64([u64; 1]),
    Float32([f32; 1]),
    Float64([f64; 1]),
    Text([u32; 2], String),
}

impl OwnedColumn {
    /// The column of a value; none where it has no place in a column of this type.
    pub(crate) fn of(value: &Constant, kind: LogicalType) -> Option<Self> {
        let zero = match kind.physical() {
            PhysicalType::Float32 => Constant::Float(0.0),
            PhysicalType::Float64 => Constant::Double(0.0),
            PhysicalType::Bool => Constant::Boolean(false),
            PhysicalType::Signed(_) => Constant::Signed(0),
            PhysicalType::Unsigned(_) => Constant::Unsigned(0),
            PhysicalType::Bytes => Constant::Text(String::new()),
            PhysicalType::Words128 => return None,
        };
        let is_null = *value == Constant::Null;
        let values = match (if is_null { &zero } else { value }, kind.physical()) {
            (Constant::Boolean(flag), PhysicalType::Bool) => OwnedValues::Bits([u8::from(*flag)]),
            (Constant::Signed(number), PhysicalType::Signed(1)) => OwnedValues::Int8([i8::try_from(*number).ok()?]),
            (Constant::Signed(number), PhysicalType::Signed(2)) => OwnedValues::Int16([i16::try_from(*number).ok()?]),
            (Constant::Signed(number), PhysicalType::Signed(4)) => OwnedValues::Int32([i32::try_from(*number).ok()?]),
            (Constant::Signed(number), PhysicalType::Signed(_)) => OwnedValues::Int64([*number]),
            (Constant::Unsigned(number), PhysicalType::Unsigned(1)) => {
                OwnedValues::Uint8([u8::try_from(*number).ok()?])
            }
            (Constant::Unsigned(number), PhysicalType::Unsigned(2)) => {
                OwnedValues::Uint16([u16::try_from(*number).ok()?])
            }
            (Constant::Unsigned(number), PhysicalType::Unsigned(4)) => {
                OwnedValues::Uint32([u32::try_from(*number).ok()?])
            }
            (Constant::Unsigned(number), PhysicalType::Unsigned(_)) => OwnedValues::Uint64([*number]),
            (Constant::Float(number), PhysicalType::Float32) => OwnedValues::Float32([*number]),
            (Constant::Double(number), PhysicalType::Float64) => OwnedValues::Float64([*number]),
            (Constant::Text(text), PhysicalType::Bytes) => {
                OwnedValues::Text([0, u32::try_from(text.len()).ok()?], text.clone())
            }
            _ => return None,
        };
        Some(Self { values, is_null })
    }

    pub(crate) fn lend(&self) -> Column<'_> {
        let values = match &self.values {
            OwnedValues::Bits(values) => Values::Bits(values),
            OwnedValues::Int8(values) => Values::Int8(values),
            OwnedValues::Int16(values) => Values::Int16(values),
            OwnedValues::Int32(values) => Values::Int32(values),
            OwnedValues::Int64(values) => Values::Int64(values),
            OwnedValues::Uint8(values) => Values::Uint8(values),
            OwnedValues::Uint16(values) => Values::Uint16(values),
            OwnedValues::Uint32(values) => Values::Uint32(values),
            OwnedValues::Uint64(values) => Values::Uint64(values),
            OwnedValues::Float32(values) => Values::Float32(values),
            OwnedValues::Float64(values) => Values::Float64(values),
            OwnedValues::Text(offsets, text) => Values::Bytes(VarData { offsets, bytes: text.as_bytes() }),
        };
        let validity: Option<&[u8]> = self.is_null.then_some(&[0]);
        Column { root: Node { rows: 1, values, validity }, children: &[] }
    }
}
