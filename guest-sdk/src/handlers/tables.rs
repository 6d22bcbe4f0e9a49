//! What a step may read, and the table it may write.

use super::contract::{inputs, tables};
use crate::Error;

pub use super::contract::tables::{Replaced, Upserted};
pub use super::contract::types::Field;

/// What a step may read: sources and tables, each under its name.
#[derive(Debug)]
pub struct Inputs(pub(super) ());

impl Inputs {
    /// None when the plan does not grant an input of this name.
    pub fn open(&self, name: &str) -> Option<Relation> {
        inputs::open(name).map(Relation)
    }

    /// The names of all inputs.
    pub fn names(&self) -> Vec<String> {
        inputs::names()
    }

    /// The columns that a query has. It is checked as one that writes a table is.
    pub fn columns_of(&self, query: &str) -> Result<Vec<Field>, Error> {
        Ok(inputs::columns_of(query)?)
    }
}

/// A source or a table that a step may read.
#[derive(Debug)]
pub struct Relation(inputs::Relation);

impl Relation {
    /// The name, quoted, as it stands in a query.
    pub fn sql_name(&self) -> String {
        self.0.sql_name()
    }

    /// Its columns, in order.
    pub fn columns(&self) -> Result<Vec<Field>, Error> {
        Ok(self.0.columns()?)
    }
}

/// The one table (or view) that a step may write. Queries are one SELECT each, over granted inputs and the table itself.
#[derive(Debug)]
pub struct Table(tables::Table);

impl Table {
    pub(super) fn target() -> Self {
        Self(tables::target())
    }

    /// The name, quoted, as it stands in a query.
    pub fn sql_name(&self) -> String {
        self.0.sql_name()
    }

    /// Its columns, in order; None when it does not exist.
    pub fn columns(&self) -> Result<Option<Vec<Field>>, Error> {
        Ok(self.0.columns()?)
    }

    /// Makes the table the query's result, whether it existed or not. Returns its rows.
    pub fn replace(&self, query: &str) -> Result<u64, Error> {
        Ok(self.0.replace(query)?)
    }

    /// Adds the query's rows; `columns` says where the query's columns go, and others become NULL. Returns the rows added.
    pub fn append(&self, columns: &[String], query: &str) -> Result<u64, Error> {
        Ok(self.0.append(columns, query)?)
    }

    /// Updates the rows whose keys are equal and adds the others. A NULL key equals nothing; a key twice in the query is
    /// an error.
    pub fn upsert(&self, keys: &[String], columns: &[String], query: &str) -> Result<Upserted, Error> {
        Ok(self.0.upsert(keys, columns, query)?)
    }

    /// Puts the query's rows in the place of those for which `condition`, an expression over the table's columns, holds.
    /// Query and condition both see the table as it was before.
    pub fn replace_where(&self, condition: &str, columns: &[String], query: &str) -> Result<Replaced, Error> {
        Ok(self.0.replace_where(condition, columns, query)?)
    }

    /// Adds a column, which is NULL in the rows that are there.
    pub fn add_column(&self, column: &Field) -> Result<(), Error> {
        Ok(self.0.add_column(column)?)
    }

    /// Gives a column a wider type. One that would change a value is an error.
    pub fn widen(&self, column: &Field) -> Result<(), Error> {
        Ok(self.0.widen(column)?)
    }

    /// Deletes the rows for which `condition`, an expression over the table's columns, holds. Returns how many.
    pub fn delete(&self, condition: &str) -> Result<u64, Error> {
        Ok(self.0.delete(condition)?)
    }
}
