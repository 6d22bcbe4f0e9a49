//! Types as handles of the C API.
#![expect(unsafe_code, reason = "creates, asks and destroys handles of the C API")]

use std::ffi::{CString, c_char};
use std::sync::Arc;

use duckdb::ffi;

use super::{Field, LogicalType, UnknownType};
use crate::strings::owned;

/// Types that are a number to the C API and nothing more.
const PLAIN: &[(ffi::duckdb_type, LogicalType)] = &[
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_BOOLEAN, LogicalType::Boolean),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_TINYINT, LogicalType::TinyInt),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_SMALLINT, LogicalType::SmallInt),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_INTEGER, LogicalType::Integer),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_BIGINT, LogicalType::BigInt),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_UTINYINT, LogicalType::UTinyInt),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_USMALLINT, LogicalType::USmallInt),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_UINTEGER, LogicalType::UInteger),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_UBIGINT, LogicalType::UBigInt),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_HUGEINT, LogicalType::HugeInt),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_UHUGEINT, LogicalType::UHugeInt),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_FLOAT, LogicalType::Float),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE, LogicalType::Double),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR, LogicalType::Varchar),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_BLOB, LogicalType::Blob),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_BIT, LogicalType::Bit),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_BIGNUM, LogicalType::BigNum),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_DATE, LogicalType::Date),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIME, LogicalType::Time),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIME_TZ, LogicalType::TimeTz),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP, LogicalType::Timestamp),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_S, LogicalType::TimestampS),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_MS, LogicalType::TimestampMs),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_NS, LogicalType::TimestampNs),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_TZ, LogicalType::TimestampTz),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_INTERVAL, LogicalType::Interval),
    (ffi::DUCKDB_TYPE_DUCKDB_TYPE_UUID, LogicalType::Uuid),
];

impl LogicalType {
    /// The type of a DuckDB type handle.
    ///
    /// # Safety
    /// `handle` is a live logical type.
    pub(crate) unsafe fn of_handle(handle: ffi::duckdb_logical_type) -> Result<Self, UnknownType> {
        // SAFETY: `handle` is live by the caller's promise; the getters asked are those of its kind; the handles and
        // strings they return are ours to free, and are.
        unsafe {
            let id = ffi::duckdb_get_type_id(handle);
            if let Some((_, plain)) = PLAIN.iter().find(|(known, _)| *known == id) {
                return Ok(plain.clone());
            }
            let of_raw = |raw| Self::of_handle(TypeHandle::from_raw(raw).raw());
            Ok(match id {
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_DECIMAL => {
                    Self::Decimal(ffi::duckdb_decimal_width(handle), ffi::duckdb_decimal_scale(handle))
                }
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_LIST => {
                    Self::List(Arc::new(of_raw(ffi::duckdb_list_type_child_type(handle))?))
                }
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_ARRAY => {
                    let element = of_raw(ffi::duckdb_array_type_child_type(handle))?;
                    // DuckDB's arrays have fewer than 100,000 elements.
                    Self::Array(Arc::new(element), ffi::duckdb_array_type_array_size(handle) as u32)
                }
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_MAP => Self::map(
                    of_raw(ffi::duckdb_map_type_key_type(handle))?,
                    of_raw(ffi::duckdb_map_type_value_type(handle))?,
                ),
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_STRUCT => {
                    let field = |index| {
                        Ok(Field {
                            name: owned(ffi::duckdb_struct_type_child_name(handle, index)),
                            logical_type: of_raw(ffi::duckdb_struct_type_child_type(handle, index))?,
                        })
                    };
                    Self::Struct((0..ffi::duckdb_struct_type_child_count(handle)).map(field).collect::<Result<_, _>>()?)
                }
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_ENUM => {
                    let name = |index| owned(ffi::duckdb_enum_dictionary_value(handle, index));
                    Self::Enum((0..u64::from(ffi::duckdb_enum_dictionary_size(handle))).map(name).collect())
                }
                other => {
                    let reason = "functions do not exchange it".to_owned();
                    return Err(UnknownType { text: format!("DuckDB type {other}"), reason });
                }
            })
        }
    }

    /// The handle of this type.
    ///
    /// # Errors
    /// A type that DuckDB refuses; none that was parsed.
    pub(crate) fn handle(&self) -> Result<TypeHandle, UnknownType> {
        if let Some((id, _)) = PLAIN.iter().find(|(_, plain)| plain == self) {
            // SAFETY: takes a number and returns a new handle.
            return Ok(TypeHandle(unsafe { ffi::duckdb_create_logical_type(*id) }));
        }
        // SAFETY: every handle, string and list given lives during the call, which copies them, and lists are as long as
        // their numbers say; each call returns a new handle, or null.
        let raw = unsafe {
            match self {
                Self::Decimal(width, scale) => ffi::duckdb_create_decimal_type(*width, *scale),
                Self::List(element) => ffi::duckdb_create_list_type(element.handle()?.raw()),
                Self::Array(element, size) => ffi::duckdb_create_array_type(element.handle()?.raw(), (*size).into()),
                Self::Map(entry) => match entry.fields() {
                    [key, value] => {
                        let (key, value) = (key.logical_type.handle()?, value.logical_type.handle()?);
                        ffi::duckdb_create_map_type(key.raw(), value.raw())
                    }
                    _ => return Err(self.refused()),
                },
                Self::Struct(fields) => {
                    let handles =
                        fields.iter().map(|field| field.logical_type.handle()).collect::<Result<Vec<_>, _>>()?;
                    let mut raw: Vec<_> = handles.iter().map(TypeHandle::raw).collect();
                    let names = self.c_names(fields.iter().map(|field| &*field.name))?;
                    let mut names = pointers(&names);
                    ffi::duckdb_create_struct_type(raw.as_mut_ptr(), names.as_mut_ptr(), raw.len() as u64)
                }
                Self::Enum(names) => {
                    let names = self.c_names(names.iter().map(|name| &**name))?;
                    let mut names = pointers(&names);
                    ffi::duckdb_create_enum_type(names.as_mut_ptr(), names.len() as u64)
                }
                _ => return Err(self.refused()),
            }
        };
        if raw.is_null() { Err(self.refused()) } else { Ok(TypeHandle(raw)) }
    }

    fn c_names<'n>(&self, names: impl Iterator<Item = &'n str>) -> Result<Vec<CString>, UnknownType> {
        names.map(|name| CString::new(name).map_err(|_| self.refused())).collect()
    }

    fn refused(&self) -> UnknownType {
        UnknownType { text: self.to_string(), reason: "the database does not take it".into() }
    }
}

fn pointers(names: &[CString]) -> Vec<*const c_char> {
    names.iter().map(|name| name.as_ptr()).collect()
}

/// An owned DuckDB type.
pub(crate) struct TypeHandle(ffi::duckdb_logical_type);

impl TypeHandle {
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
    fn drop(&mut self) {
        // SAFETY: the handle is ours and destroyed once.
        unsafe { ffi::duckdb_destroy_logical_type(&mut self.0) }
    }
}
