//! Rows that go to a system, in columns.

use super::logical::Logical;
use super::source::Field;
use super::to_json;
use crate::functions::contract::{Argument, RawColumn};
use crate::functions::parameter::Parameter;
use crate::{Column, Error, ErrorKind};

/// Rows of one shape.
#[derive(Debug)]
pub struct Rows<'r> {
    fields: &'r [Field],
    logical: &'r [Logical],
    columns: &'r [Argument],
    count: usize,
}

impl<'r> Rows<'r> {
    pub(super) fn new(fields: &'r [Field], logical: &'r [Logical], columns: &'r [Argument], count: usize) -> Self {
        Self { fields, logical, columns, count }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Their columns.
    pub fn fields(&self) -> &[Field] {
        self.fields
    }

    /// One column as values of a type of [the table](crate#types): `rows.column::<i64>(0)?`.
    ///
    /// # Errors
    /// When there is none of that number, or its values are of another type.
    pub fn column<T: Parameter + ?Sized>(&self, number: usize) -> Result<Column<'_, T>, Error> {
        let missing = || Error::new(ErrorKind::Internal, format!("there is no column {number}"));
        Column::bind(self.columns.get(number).ok_or_else(missing)?, self.count)
    }

    /// A row as the text of an object of JSON, its columns in order.
    ///
    /// Numbers stay exact: DECIMAL and HUGEINT are written digit by digit. Days, times and moments are texts of ISO 8601,
    /// those with a zone in UTC; BLOB is base64; UUID, ENUM, INTERVAL, BIT are texts; STRUCT and MAP are objects.
    ///
    /// # Errors
    /// When a number is infinite or none, which JSON cannot say: it names row and column.
    pub fn json(&self, row: usize) -> Result<String, Error> {
        let mut text = String::from("{");
        for (number, (field, column)) in self.fields.iter().zip(self.columns).enumerate() {
            if number > 0 {
                text.push(',');
            }
            to_json::string(&field.name, &mut text);
            text.push(':');
            let column = raw(column);
            let written = to_json::value(column, &self.logical[number], row, &mut text);
            written.map_err(|reason| Error::from(format!("column `{}`: {reason}", field.name)).at_row(row))?;
        }
        text.push('}');
        Ok(text)
    }

    /// A row as an object that can be looked into. Numbers become what JSON's usually are, 64 bits wide.
    ///
    /// # Errors
    /// Those of [`json`](Self::json).
    pub fn object(&self, row: usize) -> Result<serde_json::Map<String, serde_json::Value>, Error> {
        serde_json::from_str(&self.json(row)?)
            .map_err(|error| Error::new(ErrorKind::Internal, format!("a row is no JSON: {error}")))
    }
}

fn raw(column: &Argument) -> &RawColumn {
    match column {
        Argument::Vector(column) | Argument::Constant(column) => column,
    }
}

/// The types of fields, as a sink needs them.
pub(super) fn logical_types(fields: &[Field]) -> Result<Vec<Logical>, Error> {
    fields.iter().map(|field| field.logical_type.parse()).collect()
}
