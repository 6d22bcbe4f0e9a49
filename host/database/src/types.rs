//! Types of columns.

mod handle;
mod keywords;
mod parse;
mod print;

use std::sync::Arc;

pub(crate) use handle::TypeHandle;

/// A type of a column, as far as functions exchange it. Spelled as DuckDB spells it: parse with
/// [`FromStr`](std::str::FromStr), print with [`Display`](std::fmt::Display).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogicalType {
    Boolean,
    TinyInt,
    SmallInt,
    Integer,
    BigInt,
    UTinyInt,
    USmallInt,
    UInteger,
    UBigInt,
    HugeInt,
    UHugeInt,
    Float,
    Double,
    /// Width (1 to 38) and scale (0 to width).
    Decimal(u8, u8),
    Varchar,
    Blob,
    Bit,
    BigNum,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampS,
    TimestampMs,
    TimestampNs,
    TimestampTz,
    Interval,
    Uuid,
    /// The names, whose numbers count from 0.
    Enum(Arc<[String]>),
    /// Of any number of elements of a type.
    List(Arc<LogicalType>),
    /// Of so many elements of a type.
    Array(Arc<LogicalType>, u32),
    Struct(Arc<[Field]>),
    /// The type of its entries, a STRUCT of `key` and `value`: see [`map`](Self::map).
    Map(Arc<LogicalType>),
}

/// A field of a STRUCT.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name; empty in a STRUCT whose fields have only types.
    pub name: String,
    /// Its type.
    pub logical_type: LogicalType,
}

/// How the values of a type lie in a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhysicalType {
    /// One byte a row, 0 or 1.
    Bool,
    /// Signed integers of this many bytes (1, 2, 4, 8).
    Signed(u8),
    /// Unsigned integers of this many bytes (1, 2, 4, 8).
    Unsigned(u8),
    /// `f32`.
    Float32,
    /// `f64`.
    Float64,
    /// 16 bytes a row.
    Words128,
    /// Strings of bytes of any length.
    Bytes,
    /// For each row a part of a child's rows.
    List,
    /// For each row this many of a child's rows.
    Array(u32),
    /// Children with as many rows.
    Struct,
}

/// A text that is no type, or one that functions cannot exchange.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown or unsupported type `{text}`: {reason}")]
pub struct UnknownType {
    /// The whole text.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Names of types that are a name alone; DuckDB's own spelling is the first of each type.
const NAMES: &[(&str, LogicalType)] = &[
    ("BOOLEAN", LogicalType::Boolean),
    ("BOOL", LogicalType::Boolean),
    ("TINYINT", LogicalType::TinyInt),
    ("SMALLINT", LogicalType::SmallInt),
    ("INTEGER", LogicalType::Integer),
    ("INT", LogicalType::Integer),
    ("BIGINT", LogicalType::BigInt),
    ("UTINYINT", LogicalType::UTinyInt),
    ("USMALLINT", LogicalType::USmallInt),
    ("UINTEGER", LogicalType::UInteger),
    ("UBIGINT", LogicalType::UBigInt),
    ("HUGEINT", LogicalType::HugeInt),
    ("UHUGEINT", LogicalType::UHugeInt),
    ("FLOAT", LogicalType::Float),
    ("REAL", LogicalType::Float),
    ("DOUBLE", LogicalType::Double),
    ("VARCHAR", LogicalType::Varchar),
    ("TEXT", LogicalType::Varchar),
    ("BLOB", LogicalType::Blob),
    ("BIT", LogicalType::Bit),
    ("BITSTRING", LogicalType::Bit),
    ("BIGNUM", LogicalType::BigNum),
    ("DATE", LogicalType::Date),
    ("TIME", LogicalType::Time),
    ("TIME WITH TIME ZONE", LogicalType::TimeTz),
    ("TIMETZ", LogicalType::TimeTz),
    ("TIMESTAMP", LogicalType::Timestamp),
    ("TIMESTAMP_S", LogicalType::TimestampS),
    ("TIMESTAMP_MS", LogicalType::TimestampMs),
    ("TIMESTAMP_NS", LogicalType::TimestampNs),
    ("TIMESTAMP WITH TIME ZONE", LogicalType::TimestampTz),
    ("TIMESTAMPTZ", LogicalType::TimestampTz),
    ("INTERVAL", LogicalType::Interval),
    ("UUID", LogicalType::Uuid),
];

impl LogicalType {
    /// MAP(key, value).
    pub fn map(key: LogicalType, value: LogicalType) -> Self {
        let field = |name: &str, logical_type| Field { name: name.to_owned(), logical_type };
        Self::Map(Arc::new(Self::Struct([field("key", key), field("value", value)].into())))
    }

    /// The fields of a STRUCT; none of other types.
    pub fn fields(&self) -> &[Field] {
        if let Self::Struct(fields) = self { fields } else { &[] }
    }

    /// The type of the one child that a LIST, an ARRAY and a MAP have.
    pub fn element(&self) -> Option<&LogicalType> {
        match self {
            Self::List(element) | Self::Array(element, _) | Self::Map(element) => Some(element),
            _ => None,
        }
    }

    /// Whether DuckDB cannot choose between two overloads that differ in this: it does not look at the digits of decimals,
    /// the names of enums and what is in a map, and takes an array for a list.
    pub fn is_alike(&self, other: &LogicalType) -> bool {
        match (self, other) {
            (Self::Decimal(..), Self::Decimal(..)) | (Self::Enum(_), Self::Enum(_)) | (Self::Map(_), Self::Map(_)) => {
                true
            }
            (Self::Array(_, length), Self::Array(_, others)) if length != others => false,
            (Self::List(one) | Self::Array(one, _), Self::List(another) | Self::Array(another, _)) => {
                one.is_alike(another)
            }
            (Self::Struct(fields), Self::Struct(others)) => {
                let is_alike = |(one, another): (&Field, &Field)| {
                    one.name.eq_ignore_ascii_case(&another.name) && one.logical_type.is_alike(&another.logical_type)
                };
                fields.len() == others.len() && fields.iter().zip(others.iter()).all(is_alike)
            }
            _ => self == other,
        }
    }

    /// How many types there are inside of this one, children of children included.
    pub fn descendants(&self) -> usize {
        let element = self.element().map_or(0, |element| 1 + element.descendants());
        element + self.fields().iter().map(|field| 1 + field.logical_type.descendants()).sum::<usize>()
    }

    /// How values of this type lie in a vector.
    pub fn physical(&self) -> PhysicalType {
        match self {
            Self::Boolean => PhysicalType::Bool,
            Self::TinyInt => PhysicalType::Signed(1),
            Self::SmallInt => PhysicalType::Signed(2),
            Self::Integer | Self::Date => PhysicalType::Signed(4),
            Self::BigInt
            | Self::Time
            | Self::Timestamp
            | Self::TimestampS
            | Self::TimestampMs
            | Self::TimestampNs
            | Self::TimestampTz => PhysicalType::Signed(8),
            Self::UTinyInt => PhysicalType::Unsigned(1),
            Self::USmallInt => PhysicalType::Unsigned(2),
            Self::UInteger => PhysicalType::Unsigned(4),
            Self::UBigInt | Self::TimeTz => PhysicalType::Unsigned(8),
            Self::Float => PhysicalType::Float32,
            Self::Double => PhysicalType::Float64,
            Self::Decimal(width, _) => match width {
                0..=4 => PhysicalType::Signed(2),
                5..=9 => PhysicalType::Signed(4),
                10..=18 => PhysicalType::Signed(8),
                _ => PhysicalType::Words128,
            },
            Self::HugeInt | Self::UHugeInt | Self::Interval | Self::Uuid => PhysicalType::Words128,
            Self::Varchar | Self::Blob | Self::Bit | Self::BigNum => PhysicalType::Bytes,
            Self::Enum(names) => PhysicalType::Unsigned(match names.len() {
                0..=255 => 1,
                256..=65_535 => 2,
                _ => 4,
            }),
            Self::List(_) | Self::Map(_) => PhysicalType::List,
            Self::Array(_, size) => PhysicalType::Array(*size),
            Self::Struct(_) => PhysicalType::Struct,
        }
    }
}

#[cfg(test)]
mod tests;
