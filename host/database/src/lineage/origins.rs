use std::collections::BTreeSet;

use crate::TableReference;

/// A column of a table or view.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnReference {
    /// The table, as the query names it.
    pub table: TableReference,
    /// The column, as its table has it.
    pub column: String,
}

/// Columns that something is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origins {
    /// Those that are known.
    pub columns: BTreeSet<ColumnReference>,
    /// Why there may be others; none where these are all.
    pub unknown: Option<String>,
}

impl Origins {
    /// Nothing is known, because of this.
    pub(crate) fn unknown(why: impl Into<String>) -> Self {
        Self { columns: BTreeSet::new(), unknown: Some(why.into()) }
    }

    /// One column of a table.
    pub(crate) fn column(table: &TableReference, column: &str) -> Self {
        let reference = ColumnReference { table: table.clone(), column: column.to_owned() };
        Self { columns: BTreeSet::from([reference]), unknown: None }
    }

    /// Adds those of something else. The first reason not to know stays.
    pub(crate) fn add(&mut self, other: &Origins) {
        self.columns.extend(other.columns.iter().cloned());
        if self.unknown.is_none() {
            self.unknown.clone_from(&other.unknown);
        }
    }
}

impl<'a> FromIterator<&'a Origins> for Origins {
    fn from_iter<I: IntoIterator<Item = &'a Origins>>(all: I) -> Self {
        all.into_iter().fold(Self::default(), |mut sum, origins| {
            sum.add(origins);
            sum
        })
    }
}
