//! Queries that call a function over rows that are made for it.

use duckpen_database::LogicalType;
use duckpen_functions::{DeclaredFunction, FunctionKind};

/// The most rows a function is measured over.
pub const MOST_ROWS: u64 = 4_194_304;

/// How a function is called, and what the same costs without it.
pub enum Queries {
    /// Over a table of arguments.
    OverRows {
        /// What makes the columns of the table out of `i`.
        columns: String,
        with: String,
        without: &'static str,
    },
    /// A table function: each of its arguments as it is for so many rows.
    OfRows { name: String, parameters: Vec<LogicalType> },
}

impl Queries {
    /// None where no rows can be made for the function.
    pub fn of(function: &DeclaredFunction) -> Option<Self> {
        let parameters = || function.parameters.iter().map(|parameter| parameter.logical_type.clone());
        let is_nested = match function.kind {
            FunctionKind::Scalar => true,
            FunctionKind::Aggregate | FunctionKind::ResidentAggregate => false,
            FunctionKind::Table => {
                let parameters: Vec<_> = parameters().collect();
                let can_be_made = parameters.iter().all(|kind| argument(kind, 1).is_some());
                return can_be_made.then(|| Self::OfRows { name: function.name.clone(), parameters });
            }
            FunctionKind::Relation => return None,
        };
        let columns = parameters().enumerate().map(|(index, kind)| Some(format!("{} AS a{index}", generated(&kind)?)));
        let columns = columns.collect::<Option<Vec<_>>>().filter(|columns| !columns.is_empty())?;
        let names: Vec<String> = (0..columns.len()).map(|index| format!("a{index}")).collect();
        let call = format!("{}({})", function.name, names.join(", "));
        let value = if is_nested { format!("max({call})") } else { call };
        Some(Self::OverRows {
            columns: columns.join(", "),
            with: format!("SELECT count(*), {value} FROM given"),
            without: "SELECT count(*), max(a0) FROM given",
        })
    }

    /// What makes so many rows, where they have to be made.
    pub fn preparation(&self, rows: u64) -> Option<String> {
        match self {
            Self::OverRows { columns, .. } => {
                Some(format!("CREATE OR REPLACE TABLE given AS SELECT {columns} FROM range({rows}) AS numbers(i)"))
            }
            Self::OfRows { .. } => None,
        }
    }

    /// A query whose first value is how many rows it went over.
    pub fn with(&self, rows: u64) -> String {
        match self {
            Self::OverRows { with, .. } => with.clone(),
            Self::OfRows { name, parameters } => {
                // As ranges are mostly written: from the first to the last.
                let last = parameters.len().saturating_sub(1);
                let argument = |(index, kind)| argument(kind, if index == last { rows } else { 1 });
                let arguments: Vec<String> = parameters.iter().enumerate().filter_map(argument).collect();
                all_columns(&format!("{name}({})", arguments.join(", ")))
            }
        }
    }

    /// The same without the function.
    pub fn without(&self, rows: u64) -> String {
        match self {
            Self::OverRows { without, .. } => (*without).to_owned(),
            Self::OfRows { .. } => all_columns(&format!("range({rows})")),
        }
    }
}

/// Every column is asked for, and none kept. A function may have no end.
fn all_columns(source: &str) -> String {
    format!("SELECT count(*), any_value(COLUMNS(*)) FROM (FROM {source} LIMIT {MOST_ROWS})")
}

/// The value of a type in row `i`: positive, short, and not the same in neighbouring rows.
fn generated(kind: &LogicalType) -> Option<String> {
    let name = kind.to_string();
    let value = match name.as_str() {
        "BOOLEAN" => "i % 2 = 0".to_owned(),
        "VARCHAR" => "'Ada Lovelace ' || (i % 1000)".to_owned(),
        "BLOB" => "encode('Ada Lovelace ' || (i % 1000))".to_owned(),
        "DATE" => "DATE '2020-01-01' + CAST(i % 1000 AS INTEGER)".to_owned(),
        "TIMESTAMP" => "TIMESTAMP '2020-01-01' + to_seconds(i % 100000)".to_owned(),
        _ if largest(&name).is_some() => format!("CAST(i % 100 + 1 AS {name})"),
        _ if name.starts_with("DECIMAL") => format!("CAST(i % 9 + 1 AS {name})"),
        _ => return None,
    };
    Some(value)
}

/// A constant that stands for a number of rows, as far as the type has room for it.
fn argument(kind: &LogicalType, rows: u64) -> Option<String> {
    let name = kind.to_string();
    let value = match name.as_str() {
        "BOOLEAN" => "true".to_owned(),
        "VARCHAR" => "'Ada Lovelace'".to_owned(),
        "BLOB" => "encode('Ada Lovelace')".to_owned(),
        "DATE" => format!("DATE '2020-01-01' + {}", rows.saturating_sub(1)),
        "TIMESTAMP" => format!("TIMESTAMP '2020-01-01' + to_seconds({})", rows.saturating_sub(1)),
        _ => format!("CAST({} AS {name})", rows.min(largest(&name)?)),
    };
    Some(value)
}

/// The largest number of a type, as far as numbers of rows go.
fn largest(name: &str) -> Option<u64> {
    Some(match name {
        "TINYINT" => 127,
        "UTINYINT" => 255,
        "SMALLINT" => 32_767,
        "USMALLINT" => 65_535,
        "INTEGER" | "BIGINT" | "HUGEINT" | "UINTEGER" | "UBIGINT" | "UHUGEINT" | "FLOAT" | "DOUBLE" => MOST_ROWS,
        _ => return None,
    })
}
