//! What a call of a table function will give.

use std::borrow::Cow;

use crate::functions::contract::table as contract;
use crate::functions::results::ResultType;

/// The fields of a call's rows, and what is known of their number.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    fields: Vec<(String, Cow<'static, str>)>,
    cardinality: Option<u64>,
    partitions: Option<u32>,
}

impl Shape {
    /// A shape without fields; it needs at least one.
    pub fn new() -> Self {
        Self::default()
    }

    /// One field more. `T` is a type of [the table](crate#types) without `Option`, as for [`Results`](crate::Results).
    #[must_use]
    pub fn field<T: ResultType + ?Sized>(self, name: impl Into<String>) -> Self {
        self.field_of(name, T::logical_type())
    }

    /// One field more, of a type in DuckDB's spelling.
    #[must_use]
    pub fn field_of(mut self, name: impl Into<String>, logical_type: impl Into<Cow<'static, str>>) -> Self {
        self.fields.push((name.into(), logical_type.into()));
        self
    }

    /// How many rows there will be, as far as it is known: for the plan of the query.
    #[must_use]
    pub fn cardinality(self, rows: impl Into<Option<u64>>) -> Self {
        Self { cardinality: rows.into(), ..self }
    }

    /// Into how many parts the rows are divided, at least 1: so many threads can scan at once. Where it is not said there
    /// is one.
    #[must_use]
    pub fn partitions(self, partitions: u32) -> Self {
        Self { partitions: Some(partitions), ..self }
    }
}

impl From<Shape> for contract::Shape {
    fn from(shape: Shape) -> Self {
        let field = |(name, logical_type): (String, Cow<'static, str>)| contract::Field {
            name,
            logical_type: logical_type.into_owned(),
        };
        Self {
            fields: shape.fields.into_iter().map(field).collect(),
            cardinality: shape.cardinality,
            partitions: shape.partitions.unwrap_or(1),
        }
    }
}
