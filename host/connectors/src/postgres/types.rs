//! Which column of DuckDB a column of PostgreSQL becomes.

use std::sync::Arc;

use duckpen_database::LogicalType;
use tokio_postgres::types::{Kind, Type};

/// How a value lies in the binary format, and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wire {
    Bool,
    Int2,
    Int4,
    Int8,
    /// Four bytes without a sign.
    Oid,
    Float4,
    Float8,
    /// A decimal of so many places.
    Decimal(u8),
    /// A decimal of any number of places, as the nearest floating-point number.
    Numeric,
    /// Bytes as they are.
    Plain,
    /// Text behind a byte with the format's version.
    Jsonb,
    Date,
    Time,
    Timestamp,
    Interval,
    Uuid,
    Array(Box<Wire>),
}

/// A column of a relation.
#[derive(Debug, Clone)]
pub(super) struct PgColumn {
    pub(super) name: String,
    pub(super) logical_type: LogicalType,
    pub(super) wire: Wire,
    /// Whether the server is asked for it as text.
    pub(super) as_text: bool,
    /// How its values are written as a cursor: the type to convert to; none where its type has no order to read by.
    pub(super) cursor_type: Option<&'static str>,
}

impl PgColumn {
    pub(super) fn new(name: &str, foreign: &Type, modifier: i32) -> Self {
        let name = name.to_owned();
        match known(foreign, modifier) {
            Some((wire, logical_type)) => {
                let cursor_type = cursor_type(&wire, foreign);
                Self { name, logical_type, wire, as_text: false, cursor_type }
            }
            None => {
                Self { name, logical_type: LogicalType::Varchar, wire: Wire::Plain, as_text: true, cursor_type: None }
            }
        }
    }
}

/// None where a type has no counterpart.
fn known(foreign: &Type, modifier: i32) -> Option<(Wire, LogicalType)> {
    match foreign.kind() {
        Kind::Enum(_) => return Some((Wire::Plain, LogicalType::Varchar)),
        Kind::Domain(base) => return known(base, modifier),
        Kind::Array(element) => {
            let (wire, element) = known(element, modifier)?;
            return Some((Wire::Array(Box::new(wire)), LogicalType::List(Arc::new(element))));
        }
        _ => {}
    }
    Some(match *foreign {
        Type::BOOL => (Wire::Bool, LogicalType::Boolean),
        Type::INT2 => (Wire::Int2, LogicalType::SmallInt),
        Type::INT4 => (Wire::Int4, LogicalType::Integer),
        Type::INT8 => (Wire::Int8, LogicalType::BigInt),
        Type::OID => (Wire::Oid, LogicalType::BigInt),
        Type::FLOAT4 => (Wire::Float4, LogicalType::Float),
        Type::FLOAT8 => (Wire::Float8, LogicalType::Double),
        Type::NUMERIC => match width_and_scale(modifier) {
            Some((width, scale)) => (Wire::Decimal(scale), LogicalType::Decimal(width, scale)),
            None => (Wire::Numeric, LogicalType::Double),
        },
        Type::TEXT
        | Type::VARCHAR
        | Type::BPCHAR
        | Type::NAME
        | Type::CHAR
        | Type::JSON
        | Type::XML
        | Type::UNKNOWN => (Wire::Plain, LogicalType::Varchar),
        Type::JSONB => (Wire::Jsonb, LogicalType::Varchar),
        Type::BYTEA => (Wire::Plain, LogicalType::Blob),
        Type::DATE => (Wire::Date, LogicalType::Date),
        Type::TIME => (Wire::Time, LogicalType::Time),
        Type::TIMESTAMP => (Wire::Timestamp, LogicalType::Timestamp),
        Type::TIMESTAMPTZ => (Wire::Timestamp, LogicalType::TimestampTz),
        Type::INTERVAL => (Wire::Interval, LogicalType::Interval),
        Type::UUID => (Wire::Uuid, LogicalType::Uuid),
        _ => return None,
    })
}

/// Of a `numeric(width, scale)` that DuckDB has too. Others have any number of places, or more digits than fit.
fn width_and_scale(modifier: i32) -> Option<(u8, u8)> {
    let packed = modifier.checked_sub(4).filter(|packed| *packed >= 0)?;
    let (width, scale) = (packed >> 16 & 0xffff, packed & 0x7ff);
    // The scale has a sign, in eleven bits.
    let scale = if scale > 0x3ff { scale - 0x800 } else { scale };
    let (width, scale) = (u8::try_from(width).ok()?, u8::try_from(scale).ok()?);
    (width <= 38 && scale <= width).then_some((width, scale))
}

fn cursor_type(wire: &Wire, foreign: &Type) -> Option<&'static str> {
    Some(match wire {
        Wire::Int2 | Wire::Int4 | Wire::Int8 | Wire::Oid => "bigint",
        Wire::Float4 | Wire::Float8 => "double precision",
        Wire::Decimal(_) | Wire::Numeric => "numeric",
        Wire::Date => "date",
        Wire::Timestamp if *foreign == Type::TIMESTAMP => "timestamp",
        Wire::Timestamp => "timestamptz",
        Wire::Plain if [Type::TEXT, Type::VARCHAR, Type::NAME].contains(foreign) => "text COLLATE \"C\"",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numeric_is_a_decimal_where_its_places_are_known_and_fit() {
        let modifier = |width: i32, scale: i32| ((width << 16) | (scale & 0x7ff)) + 4;
        for (given, expected) in [
            (modifier(10, 2), Some((10, 2))),
            (modifier(38, 38), Some((38, 38))),
            (modifier(5, 0), Some((5, 0))),
            (modifier(39, 2), None),
            (modifier(3, -2), None),
            (modifier(3, 5), None),
            (-1, None),
        ] {
            assert_eq!(width_and_scale(given), expected, "{given}");
        }
    }

    #[test]
    fn what_has_no_counterpart_is_text() {
        for (foreign, as_text) in [
            (Type::INT4, false),
            (Type::INET, true),
            (Type::INT4_ARRAY, false),
            (Type::INET_ARRAY, true),
            (Type::MONEY, true),
        ] {
            assert_eq!(PgColumn::new("c", &foreign, -1).as_text, as_text, "{foreign}");
        }
    }
}
