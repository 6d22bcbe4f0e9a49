//! Rows of JSON into columns.

use std::collections::VecDeque;

use serde_json::Value;

use super::from_json as read;
use super::kind_of;
use super::logical::Logical;
use super::path::JsonPath;
use super::source::Field;
use crate::functions::results::{Put, ResultType, Sink};
use crate::{Batch, Date, Error, ErrorKind, Time, Timestamp, TimestampMs, TimestampNs, TimestampS, TimestampTz, Uuid};

/// A column, and where its values stand in a row of JSON. What a row lacks, or has as `null`, is NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonColumn {
    name: String,
    path: JsonPath,
    logical: Logical,
}

impl JsonColumn {
    /// A column of a type in DuckDB's spelling.
    ///
    /// # Errors
    /// When there is no such type, or none that values of JSON have.
    pub fn new(name: impl Into<String>, path: JsonPath, logical_type: &str) -> Result<Self, Error> {
        let (name, logical) = (name.into(), logical_type.parse::<Logical>()?);
        if read::has_values(&logical) {
            return Ok(Self { name, path, logical });
        }
        let message = format!("column `{name}`: values of JSON are not read as {logical_type}");
        let hint = "read it as VARCHAR, which holds lists and objects as JSON, and convert it in a query";
        Err(Error::new(ErrorKind::InvalidConfiguration, message).with_hint(hint))
    }

    /// A column that has the name of its key.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn of_key(key: &str, logical_type: &str) -> Result<Self, Error> {
        Self::new(key, JsonPath::key(key), logical_type)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its values stand.
    pub fn path(&self) -> &JsonPath {
        &self.path
    }

    /// Its type.
    pub fn logical(&self) -> &Logical {
        &self.logical
    }

    /// As a relation tells it.
    pub fn field(&self) -> Field {
        Field::new(&self.name, self.logical.spelling())
    }
}

/// Rows of JSON that wait to be put into batches.
///
/// ```
/// # use duckpen_guest as duckpen;
/// use duckpen::connectors::{JsonColumn, JsonRows};
///
/// let columns = [JsonColumn::of_key("id", "BIGINT")?, JsonColumn::of_key("name", "VARCHAR")?];
/// let mut rows = JsonRows::new(&columns, &[0, 1]);
/// rows.extend([serde_json::json!({"id": 1, "name": "Ada"})]);
/// // and then, in `Reader::next`: rows.fill(batch)
/// # assert!(!rows.is_empty());
/// # Ok::<(), duckpen::Error>(())
/// ```
#[derive(Debug)]
pub struct JsonRows {
    /// Those that are wanted, in order.
    columns: Vec<JsonColumn>,
    waiting: VecDeque<Value>,
    /// Rows that went into batches.
    given: u64,
}

impl JsonRows {
    /// Rows of some of `columns`, those with the numbers in `projection`.
    pub fn new(columns: &[JsonColumn], projection: &[usize]) -> Self {
        let columns = projection.iter().filter_map(|number| columns.get(*number)).cloned().collect();
        Self { columns, waiting: VecDeque::new(), given: 0 }
    }

    /// Whether none is waiting.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Puts as many of them as a batch may have into it.
    ///
    /// # Errors
    /// When a value is none of its column's type: it names the row, counted from 1 over the whole read.
    pub fn fill(&mut self, batch: &mut Batch) -> Result<(), Error> {
        let count = self.waiting.len().min(batch.most());
        batch.set_rows(count);
        let rows: Vec<Value> = self.waiting.drain(..count).collect();
        for (place, column) in self.columns.iter().enumerate() {
            put_column(batch, place, column, &rows).map_err(|(row, value)| misfit(column, self.given, row, &value))?;
        }
        self.given += count as u64;
        Ok(())
    }
}

impl Extend<Value> for JsonRows {
    fn extend<I: IntoIterator<Item = Value>>(&mut self, rows: I) {
        self.waiting.extend(rows);
    }
}

fn misfit(column: &JsonColumn, given: u64, row: usize, value: &Value) -> Error {
    let (number, kind) = (given + row as u64 + 1, kind_of(value));
    let name = &column.name;
    let wanted = column.logical.spelling();
    let message = format!("row {number}: `{name}` is {kind} that is no {wanted}");
    let hint = format!("VARCHAR takes any value; give `{name}` that type, and convert it in a query");
    Error::from(message).with_hint(hint).at_row(row)
}

/// A row that does not fit, and its value.
type Misfit = (usize, Value);

fn put_column(batch: &mut Batch, place: usize, column: &JsonColumn, rows: &[Value]) -> Result<(), Misfit> {
    let path = &column.path;
    macro_rules! put {
        ($type:ty, $convert:expr) => {
            put_all::<$type, _>(batch, place, path, rows, $convert)
        };
    }
    let micros = |value: &Value| read::units(read::moment(value)?, 1_000);
    match column.logical {
        Logical::Boolean => put!(bool, read::boolean),
        Logical::TinyInt => put!(i8, read::whole),
        Logical::SmallInt => put!(i16, read::whole),
        Logical::Integer => put!(i32, read::whole),
        Logical::BigInt => put!(i64, read::whole),
        Logical::HugeInt => put!(i128, read::whole),
        Logical::UTinyInt => put!(u8, read::whole),
        Logical::USmallInt => put!(u16, read::whole),
        Logical::UInteger => put!(u32, read::whole),
        Logical::UBigInt => put!(u64, read::whole),
        Logical::UHugeInt => put!(u128, read::unsigned_huge),
        Logical::Float => put!(f32, |value| read::double(value).map(|number| number as f32)),
        Logical::Double => put!(f64, read::double),
        // A DECIMAL is a whole number, as wide as its digits need.
        Logical::Decimal(width @ ..=4, scale) => put!(i16, |value| read::decimal(value, width, scale)?.try_into().ok()),
        Logical::Decimal(width @ ..=9, scale) => put!(i32, |value| read::decimal(value, width, scale)?.try_into().ok()),
        Logical::Decimal(width @ ..=18, scale) => {
            put!(i64, |value| read::decimal(value, width, scale)?.try_into().ok())
        }
        Logical::Decimal(width, scale) => put!(i128, |value| read::decimal(value, width, scale)),
        Logical::Date => put!(Date, |value| read::date(value).map(Date)),
        Logical::Time => put!(Time, |value| read::time(value).map(Time)),
        Logical::Timestamp => put!(Timestamp, |value| micros(value).map(Timestamp)),
        Logical::TimestampTz => put!(TimestampTz, |value| micros(value).map(TimestampTz)),
        Logical::TimestampS => {
            put!(TimestampS, |value| read::units(read::moment(value)?, 1_000_000_000).map(TimestampS))
        }
        Logical::TimestampMs => {
            put!(TimestampMs, |value| read::units(read::moment(value)?, 1_000_000).map(TimestampMs))
        }
        Logical::TimestampNs => put!(TimestampNs, |value| read::units(read::moment(value)?, 1).map(TimestampNs)),
        Logical::Uuid => put!(Uuid, |value| read::uuid(value).map(Uuid)),
        // Those that have no values of JSON were refused when the column was made.
        _ => put_texts(batch, place, path, rows),
    }
}

fn put_all<T, V>(
    batch: &mut Batch,
    place: usize,
    path: &JsonPath,
    rows: &[Value],
    convert: impl Fn(&Value) -> Option<V>,
) -> Result<(), Misfit>
where
    T: ResultType + ?Sized,
    for<'b> <T::Sink as Sink>::Block<'b>: Put<V>,
{
    let results = batch.column::<T>(place);
    for (row, value) in rows.iter().enumerate() {
        let value = path.find(value).filter(|value| !value.is_null());
        match value.map(|value| convert(value).ok_or(value)).transpose() {
            Ok(value) => results.push_option(value),
            Err(value) => return Err((row, value.clone())),
        }
    }
    Ok(())
}

fn put_texts(batch: &mut Batch, place: usize, path: &JsonPath, rows: &[Value]) -> Result<(), Misfit> {
    let results = batch.column::<str>(place);
    for row in rows {
        results.push_option(path.find(row).filter(|value| !value.is_null()).map(read::text));
    }
    Ok(())
}
