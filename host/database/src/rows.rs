use std::mem;

use duckdb::ffi;

use crate::strings::borrowed;
use crate::types::{LogicalType, PhysicalType, TypeHandle};
use crate::vector::InputVector;
use crate::{Error, Value};

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name; two columns may have one name.
    pub name: String,
}

/// All rows of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

impl Rows {
    /// The result of no statement.
    pub(crate) fn none() -> Self {
        Self { columns: Vec::new(), rows: Vec::new() }
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, each with a value for every column.
    pub fn iter(&self) -> impl Iterator<Item = &[Value]> {
        self.rows.iter().map(Vec::as_slice)
    }

    /// Marks columns that were read as text and are decimals.
    pub(crate) fn with_decimals(mut self, columns: &[usize]) -> Self {
        for row in &mut self.rows {
            for index in columns {
                if let Value::Text(digits) = &mut row[*index] {
                    row[*index] = Value::Decimal(mem::take(digits));
                }
            }
        }
        self
    }

    /// The first value of the first row.
    pub fn first(&self) -> Option<&Value> {
        self.rows.first().and_then(|row| row.first())
    }

    /// Each row as a JSON object, members in the order of the columns.
    pub fn to_json(&self) -> serde_json::Value {
        self.rows
            .iter()
            .map(|row| {
                let members =
                    self.columns.iter().zip(row).map(|(column, value)| (column.name.clone(), value.to_json()));
                serde_json::Value::Object(members.collect())
            })
            .collect()
    }
}

/// A result of the C API.
pub(crate) struct QueryResult(ffi::duckdb_result);

impl Drop for QueryResult {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: filled in by DuckDB or all zero, and destroyed once.
        unsafe { ffi::duckdb_destroy_result(&mut self.0) }
    }
}

/// Rows that were fetched.
pub(crate) struct DataChunk(ffi::duckdb_data_chunk);

impl DataChunk {
    /// Takes what was fetched; none where that was null.
    pub(crate) fn of(raw: ffi::duckdb_data_chunk) -> Option<Self> {
        (!raw.is_null()).then_some(Self(raw))
    }
}

impl Drop for DataChunk {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: fetched for us and destroyed once.
        unsafe { ffi::duckdb_destroy_data_chunk(&mut self.0) }
    }
}

#[expect(unsafe_code, reason = "calls on a live result")]
impl QueryResult {
    pub(crate) fn empty() -> Self {
        // SAFETY: a plain C struct of numbers and pointers, for which all zero is the documented empty state.
        Self(unsafe { mem::zeroed() })
    }

    /// The handle, to be asked and never destroyed.
    pub(crate) fn raw(&self) -> ffi::duckdb_result {
        self.0
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut ffi::duckdb_result {
        &mut self.0
    }

    pub(crate) fn error(&mut self) -> String {
        // SAFETY: the message belongs to the result, which is live.
        unsafe { borrowed(ffi::duckdb_result_error(&mut self.0)) }
    }

    pub(crate) fn rows_changed(&mut self) -> u64 {
        // SAFETY: the result is live.
        unsafe { ffi::duckdb_rows_changed(&mut self.0) }
    }

    /// The number in a result that is one row of one column named `Count`; 0 otherwise.
    pub(crate) fn count(self) -> u64 {
        match self.into_rows() {
            Ok(Rows { columns, rows }) if columns.len() == 1 && columns[0].name == "Count" => match rows.first() {
                Some(row) => match row[0] {
                    Value::Integer(count) => u64::try_from(count).unwrap_or_default(),
                    _ => 0,
                },
                None => 0,
            },
            _ => 0,
        }
    }

    pub(crate) fn into_rows(mut self) -> Result<Rows, Error> {
        // SAFETY: the result is live; names belong to it; types are ours to destroy.
        let (columns, types) = unsafe {
            let count = ffi::duckdb_column_count(&mut self.0);
            let mut columns = Vec::new();
            let mut types = Vec::new();
            for index in 0..count {
                columns.push(Column { name: borrowed(ffi::duckdb_column_name(&mut self.0, index)) });
                let handle = TypeHandle::from_raw(ffi::duckdb_column_logical_type(&mut self.0, index));
                types.push(LogicalType::of_handle(handle.raw()));
            }
            (columns, types)
        };
        let mut rows = Vec::new();
        loop {
            // SAFETY: the result is live; a null chunk is the end.
            let Some(chunk) = DataChunk::of(unsafe { ffi::duckdb_fetch_chunk(self.0) }) else { break };
            // SAFETY: the chunk is live.
            let size = unsafe { ffi::duckdb_data_chunk_get_size(chunk.0) } as usize;
            let start = rows.len();
            rows.resize_with(start + size, || Vec::with_capacity(columns.len()));
            for (index, kind) in types.iter().enumerate() {
                let kind = kind.clone().map_err(|unknown| Error::Unexpected(unknown.to_string()))?;
                // SAFETY: the vector belongs to the chunk, has this type and `size` rows.
                let vector =
                    unsafe { InputVector::new(ffi::duckdb_data_chunk_get_vector(chunk.0, index as u64), kind, size) };
                for (row, values) in rows[start..].iter_mut().enumerate() {
                    values.push(read(&vector, row)?);
                }
            }
        }
        Ok(Rows { columns, rows })
    }
}

fn read(vector: &InputVector<'_>, row: usize) -> Result<Value, Error> {
    let kind = vector.logical_type();
    if !vector.is_valid(row) {
        return Ok(Value::Null);
    }
    let wide = |words: &[u64]| (u128::from(words[2 * row + 1]) << 64) | u128::from(words[2 * row]);
    let missing = || Error::Unexpected(format!("a column of type {kind} has other data"));
    Ok(match (kind, kind.physical()) {
        (_, PhysicalType::Bool) => Value::Boolean(vector.bools().ok_or_else(missing)?[row] != 0),
        (_, PhysicalType::Signed(1)) => Value::Integer(vector.fixed::<i8>().ok_or_else(missing)?[row].into()),
        (_, PhysicalType::Signed(2)) => Value::Integer(vector.fixed::<i16>().ok_or_else(missing)?[row].into()),
        (_, PhysicalType::Signed(4)) => Value::Integer(vector.fixed::<i32>().ok_or_else(missing)?[row].into()),
        (_, PhysicalType::Signed(_)) => Value::Integer(vector.fixed::<i64>().ok_or_else(missing)?[row].into()),
        (_, PhysicalType::Unsigned(1)) => Value::Unsigned(vector.fixed::<u8>().ok_or_else(missing)?[row].into()),
        (_, PhysicalType::Unsigned(2)) => Value::Unsigned(vector.fixed::<u16>().ok_or_else(missing)?[row].into()),
        (_, PhysicalType::Unsigned(4)) => Value::Unsigned(vector.fixed::<u32>().ok_or_else(missing)?[row].into()),
        (_, PhysicalType::Unsigned(_)) => Value::Unsigned(vector.fixed::<u64>().ok_or_else(missing)?[row].into()),
        (_, PhysicalType::Float32) => {
            // The shortest text that is this f32, not the f64 that is nearest to it.
            let value = vector.fixed::<f32>().ok_or_else(missing)?[row];
            Value::Float(value.to_string().parse().unwrap_or(f64::from(value)))
        }
        (_, PhysicalType::Float64) => Value::Float(vector.fixed::<f64>().ok_or_else(missing)?[row]),
        (LogicalType::HugeInt, _) => Value::Integer(wide(vector.words().ok_or_else(missing)?).cast_signed()),
        (LogicalType::UHugeInt, _) => Value::Unsigned(wide(vector.words().ok_or_else(missing)?)),
        (LogicalType::Varchar, _) => {
            let rows = vector.strings().ok_or_else(missing)?;
            let text = String::from_utf8_lossy(rows.get(row).unwrap_or_default()).into_owned();
            if vector.is_json() {
                Value::Json(serde_json::from_str(&text).unwrap_or_else(|_| text.into()))
            } else {
                Value::Text(text)
            }
        }
        // Sessions ask for the other types as text.
        (other, _) => return Err(Error::Unexpected(format!("a column of type {other} in a result"))),
    })
}
