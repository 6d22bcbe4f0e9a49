//! What a handler's query may read and call. DuckDB's lock-down is the wall behind this one.

use duckpen_database::{Analysis, Session, TableReference};
use duckpen_pipeline::TableName;

use crate::Analyses;
use crate::fault::StepFault;

/// Table functions that make rows of their arguments and of nothing else.
const TABLE_FUNCTIONS: &[&str] =
    &["generate_series", "generate_subscripts", "json_each", "json_tree", "range", "repeat", "repeat_row", "unnest"];

/// Functions that look out of the database or behind it.
const FORBIDDEN_FUNCTIONS: &[&str] = &["current_setting", "getenv", "getvariable", "query", "query_table"];

/// Beginnings of the names of functions that read files or the inside of the database.
const FORBIDDEN_PREFIXES: &[&str] =
    &["read_", "parquet_", "pragma_", "duckdb_", "sniff_", "glob", "which_secret", "iceberg_"];

/// Whether a query of a pipeline may call this function.
pub(crate) fn is_forbidden(function: &str) -> bool {
    FORBIDDEN_FUNCTIONS.contains(&function) || FORBIDDEN_PREFIXES.iter().any(|prefix| function.starts_with(prefix))
}

/// Checks one query of a handler against what its step is granted: these tables, and of table functions, beside DuckDB's,
/// those of the project.
pub(crate) fn check(
    analyses: &Analyses,
    session: &Session,
    query: &str,
    granted: &[TableName],
    table_functions: &[String],
) -> Result<(), StepFault> {
    analyses.with(session, query, |analysis| check_analysis(analysis, granted, table_functions))?
}

fn check_analysis(analysis: &Analysis, granted: &[TableName], table_functions: &[String]) -> Result<(), StepFault> {
    let mut functions = analysis.functions.iter().chain(&analysis.table_functions);
    if let Some(function) = functions.find(|name| is_forbidden(name)) {
        return Err(StepFault::Forbidden { what: format!("the function `{function}`") });
    }
    let is_known = |name: &String| TABLE_FUNCTIONS.contains(&name.as_str()) || table_functions.contains(name);
    if let Some(function) = analysis.table_functions.iter().find(|name| !is_known(name)) {
        return Err(StepFault::Forbidden { what: format!("the table function `{function}`") });
    }
    match analysis.tables.iter().find(|table| !is_granted(table, granted)) {
        Some(table) => Err(StepFault::Ungranted { table: table.name.clone() }),
        None => Ok(()),
    }
}

fn is_granted(table: &TableReference, granted: &[TableName]) -> bool {
    let named = TableName { schema: table.schema.clone(), name: table.name.clone() };
    table.catalog.is_none() && granted.iter().any(|granted| granted.key() == named.key())
}
