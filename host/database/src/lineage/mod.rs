//! Which columns of which tables the columns of a query are made of, by DuckDB's own parser.
//!
//! The walk over the syntax tree is pure: what a table's columns are it asks a [`Catalog`]. It says that it does not know
//! where the tree does not tell (PIVOT, table functions, columns picked by a pattern), and never guesses.

mod expression;
mod from;
mod names;
mod origins;
mod query;
mod relation;
mod scope;

use std::cell::OnceCell;
use std::collections::HashSet;

use serde_json::Value;

use crate::{Error, Session, TableReference};

pub use origins::{ColumnReference, Origins};

use query::Tracer;

/// What the columns of a query are made of, and what decides on its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnLineage {
    /// The columns of the result, in its order.
    pub columns: Vec<ColumnOrigins>,
    /// What decides which rows there are, which of them are one group, and in which order they come: filters, keys of joins
    /// and groups, sorting. A change there may change every column.
    pub rows: Origins,
}

/// One column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnOrigins {
    /// Its name, as DuckDB gives it.
    pub name: String,
    /// Its type, in DuckDB's spelling.
    pub logical_type: String,
    /// The columns that its value is computed from.
    pub origins: Origins,
}

/// What has to be known of a database to follow columns through a query.
pub(crate) trait Catalog {
    /// The columns of a table or view, in order; none where the table is not known.
    fn columns(&self, table: &TableReference) -> Option<Vec<String>>;

    /// Whether a function, named in lower case, is an aggregate.
    fn is_aggregate(&self, function: &str) -> bool;
}

impl Session {
    /// Follows every column of a query back to the columns of tables and views it is made of. The query is bound, so its
    /// tables have to exist; it is not run.
    ///
    /// # Errors
    /// Those of [`analyze`](Self::analyze), and [`Error::Query`] where the query does not bind.
    pub fn column_lineage(&self, query: &str) -> Result<ColumnLineage, Error> {
        self.with_statement(query, |statement| {
            let bound = self.columns_of(query)?;
            let catalog = SessionCatalog { session: self, aggregates: OnceCell::new() };
            Ok(bind(Tracer::new(&catalog).statement(statement), bound))
        })
    }
}

/// What was found in the tree, under the names that DuckDB gives. Where the two do not agree about the columns, nothing that
/// was found about them is believed.
fn bind(traced: query::Traced, bound: Vec<(String, String)>) -> ColumnLineage {
    let found = match traced.columns {
        Ok(columns) if columns.len() == bound.len() => Ok(columns),
        Ok(_) => Err("the query has other columns than its text shows".to_owned()),
        Err(why) => Err(why),
    };
    let columns = bound.into_iter().enumerate().map(|(index, (name, logical_type))| {
        let origins = match &found {
            Ok(columns) => match &columns[index].name {
                Some(own) if !own.eq_ignore_ascii_case(&name) && own.to_lowercase() != name.to_lowercase() => {
                    Origins::unknown("the query has other columns than its text shows")
                }
                _ => columns[index].origins.clone(),
            },
            Err(why) => Origins::unknown(why.clone()),
        };
        ColumnOrigins { name, logical_type, origins }
    });
    ColumnLineage { columns: columns.collect(), rows: traced.rows }
}

/// The database of a session.
struct SessionCatalog<'a> {
    session: &'a Session,
    aggregates: OnceCell<HashSet<String>>,
}

impl Catalog for SessionCatalog<'_> {
    fn columns(&self, table: &TableReference) -> Option<Vec<String>> {
        if table.catalog.is_some() {
            return None;
        }
        let columns = self.session.columns_of_table(table.schema.as_deref(), &table.name).ok()??;
        Some(columns.into_iter().map(|(name, _)| name).collect())
    }

    fn is_aggregate(&self, function: &str) -> bool {
        let aggregates = self.aggregates.get_or_init(|| {
            let names = self.session.query_as_is(
                "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type = 'aggregate'",
            );
            let names = names.ok();
            names.iter().flat_map(|rows| rows.iter()).map(|row| row[0].to_string()).collect()
        });
        aggregates.contains(function)
    }
}

/// The text of a member; none where it is missing or empty.
fn text<'a>(node: &'a Value, member: &str) -> Option<&'a str> {
    node[member].as_str().filter(|text| !text.is_empty())
}

/// The elements of a member; none where it is missing.
fn elements<'a>(node: &'a Value, member: &str) -> &'a [Value] {
    node[member].as_array().map_or(&[], Vec::as_slice)
}

/// The texts in a member.
fn texts(node: &Value, member: &str) -> Vec<String> {
    elements(node, member).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
