use std::fmt;
use std::str::FromStr;

use duckdb::ffi;

/// A type of a column, as far as functions exchange it. Spelled as DuckDB spells it: parse with [`FromStr`], print with
/// [`fmt::Display`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    Date,
    Time,
    Timestamp,
    TimestampTz,
    Interval,
    Uuid,
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
}

/// A name that is no type, or one that functions cannot exchange.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown or unsupported type `{0}`")]
pub struct UnknownType(pub String);

/// Names, synonyms first-come; DuckDB's own spelling is the first of each type.
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
    ("DATE", LogicalType::Date),
    ("TIME", LogicalType::Time),
    ("TIMESTAMP", LogicalType::Timestamp),
    ("TIMESTAMP WITH TIME ZONE", LogicalType::TimestampTz),
    ("TIMESTAMPTZ", LogicalType::TimestampTz),
    ("INTERVAL", LogicalType::Interval),
    ("UUID", LogicalType::Uuid),
];

impl FromStr for LogicalType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        let upper = text.trim().to_ascii_uppercase();
        if let Some((_, found)) = NAMES.iter().find(|(name, _)| *name == upper) {
            return Ok(*found);
        }
        let unknown = || UnknownType(text.to_owned());
        let inner = upper
            .strip_prefix("DECIMAL")
            .map(|rest| rest.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or("18,3"))
            .ok_or_else(unknown)?;
        let (width, scale) = inner.split_once(',').unwrap_or((inner, "0"));
        let width: u8 = width.trim().parse().map_err(|_| unknown())?;
        let scale: u8 = scale.trim().parse().map_err(|_| unknown())?;
        if (1..=38).contains(&width) && scale <= width { Ok(Self::Decimal(width, scale)) } else { Err(unknown()) }
    }
}

impl fmt::Display for LogicalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Decimal(width, scale) = self {
            return write!(f, "DECIMAL({width},{scale})");
        }
        let name = NAMES.iter().find(|(_, found)| found == self).map_or("?", |(name, _)| name);
        f.write_str(name)
    }
}

impl LogicalType {
    /// How values of this type lie in a vector.
    pub fn physical(self) -> PhysicalType {
        match self {
            Self::Boolean => PhysicalType::Bool,
            Self::TinyInt => PhysicalType::Signed(1),
            Self::SmallInt => PhysicalType::Signed(2),
            Self::Integer | Self::Date => PhysicalType::Signed(4),
            Self::BigInt | Self::Time | Self::Timestamp | Self::TimestampTz => PhysicalType::Signed(8),
            Self::UTinyInt => PhysicalType::Unsigned(1),
            Self::USmallInt => PhysicalType::Unsigned(2),
            Self::UInteger => PhysicalType::Unsigned(4),
            Self::UBigInt => PhysicalType::Unsigned(8),
            Self::Float => PhysicalType::Float32,
            Self::Double => PhysicalType::Float64,
            Self::Decimal(width, _) => match width {
                0..=4 => PhysicalType::Signed(2),
                5..=9 => PhysicalType::Signed(4),
                10..=18 => PhysicalType::Signed(8),
                _ => PhysicalType::Words128,
            },
            Self::HugeInt | Self::UHugeInt | Self::Interval | Self::Uuid => PhysicalType::Words128,
            Self::Varchar | Self::Blob => PhysicalType::Bytes,
        }
    }

    /// The type of a DuckDB type handle.
    ///
    /// # Safety
    /// `handle` is a live logical type.
    #[expect(unsafe_code)]
    pub(crate) unsafe fn of_handle(handle: ffi::duckdb_logical_type) -> Result<Self, UnknownType> {
        // SAFETY: `handle` is live by the caller's promise.
        let id = unsafe { ffi::duckdb_get_type_id(handle) };
        Ok(match id {
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_BOOLEAN => Self::Boolean,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_TINYINT => Self::TinyInt,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_SMALLINT => Self::SmallInt,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_INTEGER => Self::Integer,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_BIGINT => Self::BigInt,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_UTINYINT => Self::UTinyInt,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_USMALLINT => Self::USmallInt,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_UINTEGER => Self::UInteger,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_UBIGINT => Self::UBigInt,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_HUGEINT => Self::HugeInt,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_UHUGEINT => Self::UHugeInt,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_FLOAT => Self::Float,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE => Self::Double,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR => Self::Varchar,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_BLOB => Self::Blob,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_DATE => Self::Date,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIME => Self::Time,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP => Self::Timestamp,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_TZ => Self::TimestampTz,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_INTERVAL => Self::Interval,
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_UUID => Self::Uuid,
            // SAFETY: `handle` is live, and a decimal.
            ffi::DUCKDB_TYPE_DUCKDB_TYPE_DECIMAL => unsafe {
                Self::Decimal(ffi::duckdb_decimal_width(handle), ffi::duckdb_decimal_scale(handle))
            },
            other => return Err(UnknownType(format!("DuckDB type {other}"))),
        })
    }

    pub(crate) fn handle(self) -> TypeHandle {
        let id = match self {
            Self::Boolean => ffi::DUCKDB_TYPE_DUCKDB_TYPE_BOOLEAN,
            Self::TinyInt => ffi::DUCKDB_TYPE_DUCKDB_TYPE_TINYINT,
            Self::SmallInt => ffi::DUCKDB_TYPE_DUCKDB_TYPE_SMALLINT,
            Self::Integer => ffi::DUCKDB_TYPE_DUCKDB_TYPE_INTEGER,
            Self::BigInt => ffi::DUCKDB_TYPE_DUCKDB_TYPE_BIGINT,
            Self::UTinyInt => ffi::DUCKDB_TYPE_DUCKDB_TYPE_UTINYINT,
            Self::USmallInt => ffi::DUCKDB_TYPE_DUCKDB_TYPE_USMALLINT,
            Self::UInteger => ffi::DUCKDB_TYPE_DUCKDB_TYPE_UINTEGER,
            Self::UBigInt => ffi::DUCKDB_TYPE_DUCKDB_TYPE_UBIGINT,
            Self::HugeInt => ffi::DUCKDB_TYPE_DUCKDB_TYPE_HUGEINT,
            Self::UHugeInt => ffi::DUCKDB_TYPE_DUCKDB_TYPE_UHUGEINT,
            Self::Float => ffi::DUCKDB_TYPE_DUCKDB_TYPE_FLOAT,
            Self::Double => ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE,
            Self::Varchar => ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR,
            Self::Blob => ffi::DUCKDB_TYPE_DUCKDB_TYPE_BLOB,
            Self::Date => ffi::DUCKDB_TYPE_DUCKDB_TYPE_DATE,
            Self::Time => ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIME,
            Self::Timestamp => ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP,
            Self::TimestampTz => ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_TZ,
            Self::Interval => ffi::DUCKDB_TYPE_DUCKDB_TYPE_INTERVAL,
            Self::Uuid => ffi::DUCKDB_TYPE_DUCKDB_TYPE_UUID,
            Self::Decimal(width, scale) => return TypeHandle::decimal(width, scale),
        };
        TypeHandle::plain(id)
    }
}

/// An owned DuckDB type.
pub(crate) struct TypeHandle(ffi::duckdb_logical_type);

#[expect(unsafe_code, reason = "creates and destroys a handle of the C API")]
impl TypeHandle {
    fn plain(id: ffi::duckdb_type) -> Self {
        // SAFETY: takes a number and returns a new handle.
        Self(unsafe { ffi::duckdb_create_logical_type(id) })
    }

    fn decimal(width: u8, scale: u8) -> Self {
        // SAFETY: as above.
        Self(unsafe { ffi::duckdb_create_decimal_type(width, scale) })
    }

    /// # Safety
    /// `handle` is a live logical type that nobody else destroys.
    pub(crate) unsafe fn from_raw(handle: ffi::duckdb_logical_type) -> Self {
        Self(handle)
    }

    pub(crate) fn raw(&self) -> ffi::duckdb_logical_type {
        self.0
    }
}

impl Drop for TypeHandle {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the handle is ours and destroyed once.
        unsafe { ffi::duckdb_destroy_logical_type(&mut self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_as_they_are_printed() {
        for (_, kind) in NAMES {
            assert_eq!(kind.to_string().parse(), Ok(*kind));
        }
        for text in ["DECIMAL(18,3)", "DECIMAL(1,0)", "DECIMAL(38,38)"] {
            assert_eq!(text.parse::<LogicalType>().map(|kind| kind.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in ["", "INTEGER[]", "DECIMAL(39,1)", "DECIMAL(5,6)", "DECIMAL(0,0)", "DECIMAL(a,b)", "STRUCT(a INT)"]
        {
            assert_eq!(text.parse::<LogicalType>(), Err(UnknownType(text.to_owned())), "{text}");
        }
    }
}
