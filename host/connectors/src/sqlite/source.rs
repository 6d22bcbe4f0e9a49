use duckpen_database::{LogicalType, TableColumn, quote_identifier};
use rusqlite::types::Value;

use super::scan::SqliteScan;
use super::{SqliteFile, types};
use crate::rows::{Cancel, CursorRange, CursorValue, Relation, RowScan, RowSource, ScanRequest};
use crate::{ConnectorError, RemoteError, RemoteFailure};

/// A table, a view or a query of a file.
pub(super) struct SqliteSource {
    file: SqliteFile,
    /// What stands behind FROM.
    from: String,
    columns: Vec<TableColumn>,
}

impl SqliteSource {
    /// Looks at the columns; where nothing is declared, at the values.
    pub(super) fn open(file: SqliteFile, relation: &Relation) -> Result<Self, ConnectorError> {
        let from = match relation {
            Relation::Table { schema: None, table } => quote_identifier(table),
            Relation::Table { schema: Some(schema), table } => {
                format!("{}.{}", quote_identifier(schema), quote_identifier(table))
            }
            Relation::Query(query) => format!("({query}\n)"),
            Relation::Selection(_) => return Err(Relation::no_table()),
        };
        let connection = file.open()?;
        let explain = |error| file.explain(&error);
        let statement = connection.prepare(&format!("SELECT * FROM {from}")).map_err(explain)?;
        let found: Vec<(String, Option<LogicalType>)> =
            statement.columns().map(|column| (column.name().to_owned(), types::declared(column.decl_type()))).collect();
        let mut columns = Vec::new();
        for (name, declared) in found {
            let logical_type = match declared {
                Some(logical_type) => logical_type,
                None => {
                    let question =
                        format!("SELECT group_concat(DISTINCT typeof({})) FROM {from}", quote_identifier(&name));
                    let kinds: Option<String> =
                        connection.query_row(&question, [], |row| row.get(0)).map_err(explain)?;
                    types::of_kinds(&kinds.unwrap_or_default())
                }
            };
            columns.push(TableColumn { name, logical_type });
        }
        drop(statement);
        Ok(Self { file, from, columns })
    }

    fn cursor(&self, name: &str) -> Result<&TableColumn, ConnectorError> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
            let message = format!("there is no column `{name}` to read by");
            RemoteError::new(&self.file.place, RemoteFailure::NoSuchRelation, message).into()
        })
    }

    /// The condition of a range, and its parameters.
    fn condition(&self, range: &CursorRange) -> Result<(String, Vec<Value>), ConnectorError> {
        let column = self.cursor(&range.column)?;
        let name = quote_identifier(&column.name);
        let mut parameters = vec![parameter(column, &range.upper.text)];
        let Some(lower) = &range.lower else {
            return Ok((format!("{name} IS NULL OR {name} <= ?1"), parameters));
        };
        parameters.push(parameter(column, &lower.value.text));
        let start = match (lower.lookback, &column.logical_type) {
            (None, _) => "?2".to_owned(),
            (Some(seconds), LogicalType::Date) => format!("date(?2, '-{seconds} seconds')"),
            (Some(seconds), LogicalType::Timestamp) => format!("datetime(?2, '-{seconds} seconds')"),
            (Some(units), _) => format!("?2 - {units}"),
        };
        Ok((format!("{name} {} {start} AND {name} <= ?1", lower.operator()), parameters))
    }
}

/// A value of a cursor as the file has it: times are texts there, and are compared as texts.
fn parameter(column: &TableColumn, text: &str) -> Value {
    match column.logical_type {
        LogicalType::BigInt => text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Integer),
        LogicalType::Double => text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Real),
        _ => Value::Text(text.to_owned()),
    }
}

impl RowSource for SqliteSource {
    fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    fn newest(&self, column: &str, _: &Cancel) -> Result<Option<CursorValue>, ConnectorError> {
        let column = self.cursor(column)?;
        // Texts in the order of their bytes, whatever order the column prefers.
        let question =
            format!("SELECT CAST(max({} COLLATE BINARY) AS TEXT) FROM {}", quote_identifier(&column.name), self.from);
        let newest: Option<String> =
            self.file.open()?.query_row(&question, [], |row| row.get(0)).map_err(|error| self.file.explain(&error))?;
        Ok(newest.map(|text| CursorValue { text, logical_type: column.logical_type.to_string() }))
    }

    fn scan(&self, request: &ScanRequest) -> Result<Box<dyn RowScan>, ConnectorError> {
        let columns: Vec<TableColumn> =
            request.projection.iter().filter_map(|index| self.columns.get(*index).cloned()).collect();
        let names: Vec<String> = columns.iter().map(|column| quote_identifier(&column.name)).collect();
        // Rows that are only counted have a column all the same.
        let selected = if names.is_empty() { "NULL".to_owned() } else { names.join(", ") };
        let (filter, parameters) = match &request.range {
            None => (String::new(), Vec::new()),
            Some(range) => {
                let (condition, parameters) = self.condition(range)?;
                (format!(" WHERE {condition}"), parameters)
            }
        };
        let query = format!("SELECT {selected} FROM {}{filter}", self.from);
        Ok(Box::new(SqliteScan::begin(self.file.clone(), query, parameters, columns, request.cancel.clone())?))
    }
}
