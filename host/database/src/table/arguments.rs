//! Arguments of table functions: values that are known when the query is planned.

use duckdb::ffi;

use super::TableSignature;
use crate::callback::CallbackError;
use crate::strings::c_message;
use crate::types::LogicalType;
use crate::vector::InputVector;

/// The arguments of one call.
pub struct TableArguments {
    /// Those given by position, one for each parameter.
    pub positional: Vec<ArgumentValue>,
    /// Those given by name, in the order of the parameters; none where one was left out.
    pub named: Vec<Option<ArgumentValue>>,
}

impl TableArguments {
    /// # Safety
    /// `info` is the live bind information of a table function with this signature.
    #[expect(unsafe_code)]
    pub(super) unsafe fn of(info: ffi::duckdb_bind_info, signature: &TableSignature) -> Result<Self, CallbackError> {
        // SAFETY: `info` is live by the caller's promise; positions are below the number of parameters, names are
        // NUL-terminated, and the values are ours.
        unsafe {
            let positional = (0..ffi::duckdb_bind_get_parameter_count(info))
                .zip(&signature.parameters)
                .map(|(index, kind)| ArgumentValue::of(Value(ffi::duckdb_bind_get_parameter(info, index)), kind))
                .collect::<Result<Vec<_>, _>>()?;
            if positional.len() != signature.parameters.len() {
                return Err(CallbackError("the call has too few arguments".into()));
            }
            let named = signature.named.iter().map(|parameter| {
                let value = Value(ffi::duckdb_bind_get_named_parameter(info, c_message(&parameter.name).as_ptr()));
                (!value.0.is_null()).then(|| ArgumentValue::of(value, &parameter.logical_type)).transpose()
            });
            Ok(Self { positional, named: named.collect::<Result<_, _>>()? })
        }
    }
}

/// A value of the C API.
struct Value(ffi::duckdb_value);

impl Drop for Value {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: handed to us and destroyed once.
            unsafe { ffi::duckdb_destroy_value(&mut self.0) }
        }
    }
}

/// One value, of the type of its parameter; NULL is one, too.
pub struct ArgumentValue {
    /// A vector in which the value holds for every row.
    raw: ffi::duckdb_vector,
    logical_type: LogicalType,
}

// SAFETY: the vector is ours alone, and is only read once it is made.
#[expect(unsafe_code)]
unsafe impl Send for ArgumentValue {}
// SAFETY: as above.
#[expect(unsafe_code)]
unsafe impl Sync for ArgumentValue {}

impl Drop for ArgumentValue {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by us and destroyed once.
        unsafe { ffi::duckdb_destroy_vector(&mut self.raw) }
    }
}

#[expect(unsafe_code, reason = "calls on a live vector")]
impl ArgumentValue {
    fn of(value: Value, logical_type: &LogicalType) -> Result<Self, CallbackError> {
        // SAFETY: the value is live. Its type belongs to it, and must not be destroyed.
        let actual = unsafe { LogicalType::of_handle(ffi::duckdb_get_value_type(value.0)) };
        if actual.as_ref() != Ok(logical_type) {
            // DuckDB converts arguments before it binds; a value of another type is one that this code cannot read.
            return Err(CallbackError(format!("an argument did not become a {logical_type}")));
        }
        let handle = logical_type.handle().map_err(|error| CallbackError(error.to_string()))?;
        // SAFETY: the type is live; the vector references the value, which has the same type, and keeps what it needs.
        let raw = unsafe {
            let raw = ffi::duckdb_create_vector(handle.raw(), 1);
            ffi::duckdb_vector_reference_value(raw, value.0);
            raw
        };
        Ok(Self { raw, logical_type: logical_type.clone() })
    }

    /// The value as a vector of one row.
    pub fn vector(&self) -> InputVector<'_> {
        // SAFETY: the vector is constant, of this type, and lives unchanged as long as the borrow.
        unsafe { InputVector::new(self.raw, self.logical_type.clone(), 1) }
    }
}
