//! The shape of a call's result, as its guest tells it, checked.

use std::collections::HashSet;

use duckpen_database::TableColumn;

use crate::bindings::exports::duckpen::functions::table;
use crate::declaration::limited;

/// Columns one call may have.
const MOST_FIELDS: usize = 1_000;

/// Bytes of a column's name.
const LONGEST_NAME: usize = 255;

/// Parts one call may have. More are refused rather than left out: each has rows of its own.
const MOST_PARTITIONS: u32 = 10_000;

/// A cardinality past this says no more than "very many", and estimates of joins stay numbers.
const MOST_ROWS: u64 = 1 << 40;

/// What a call will give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) columns: Vec<TableColumn>,
    pub(crate) cardinality: Option<u64>,
    pub(crate) partitions: u32,
}

impl Shape {
    /// Checks what a guest says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(shape: table::Shape) -> Result<Self, String> {
        let table::Shape { fields, cardinality, partitions } = shape;
        if !(1..=MOST_PARTITIONS).contains(&partitions) {
            return Err(format!("its result has {partitions} partitions; 1 to {MOST_PARTITIONS} are accepted"));
        }
        let columns = columns(fields.into_iter().map(|field| (field.name, field.logical_type)))?;
        Ok(Self { columns, cardinality: cardinality.map(|rows| rows.min(MOST_ROWS)), partitions })
    }
}

/// The columns that fields with these names and types are.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn columns(fields: impl ExactSizeIterator<Item = (String, String)>) -> Result<Vec<TableColumn>, String> {
    if fields.len() == 0 || fields.len() > MOST_FIELDS {
        return Err(format!("its result has {} fields; 1 to {MOST_FIELDS} are accepted", fields.len()));
    }
    let mut seen = HashSet::new();
    let columns = fields.map(|(name, kind)| column(name, &kind)).collect::<Result<Vec<_>, _>>()?;
    match columns.iter().find(|column| !seen.insert(column.name.to_lowercase())) {
        Some(column) => Err(format!("its result has two fields named `{}`", column.name)),
        None => Ok(columns),
    }
}

fn column(name: String, logical_type: &str) -> Result<TableColumn, String> {
    if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(format!(
            "`{}` is no name for a field: 1 to {LONGEST_NAME} bytes without control characters are",
            limited(&name)
        ));
    }
    match logical_type.parse() {
        Ok(logical_type) => Ok(TableColumn { name, logical_type }),
        Err(_) => Err(format!("field `{name}` of its result has the unknown type `{}`", limited(logical_type))),
    }
}
