use std::collections::HashSet;
use std::sync::Arc;

use duckpen_database::TableColumn;
use tokio_postgres::types::Type;

use super::names::{list, qualified, quoted};
use super::scan::{PostgresScan, Wanted};
use super::server::Server;
use super::types::PgColumn;
use crate::rows::{Cancel, CursorRange, CursorValue, Relation, RowScan, RowSource, ScanRequest};
use crate::{ConnectorError, RemoteError, RemoteFailure};

/// An end of a range: the setting that holds it, and its value.
type End = (&'static str, String);

/// The settings by which the ends of a range reach the server: values never stand in statements, and COPY takes no
/// parameters.
const LOW: &str = "duckpen.cursor_low";
const HIGH: &str = "duckpen.cursor_high";

/// A table, a view or a query of a server.
pub(super) struct PostgresSource {
    server: Arc<Server>,
    /// What stands behind FROM.
    from: String,
    columns: Vec<PgColumn>,
    table_columns: Vec<TableColumn>,
    estimated_rows: Option<u64>,
}

impl PostgresSource {
    /// Looks at the columns.
    pub(super) fn open(server: Arc<Server>, relation: Relation, cancel: &Cancel) -> Result<Self, ConnectorError> {
        let from = match &relation {
            Relation::Table { schema, table } => qualified(schema.as_deref(), table),
            Relation::Query(query) => format!("({query}\n) AS rows_of_query"),
            Relation::Selection(_) => return Err(Relation::no_table()),
        };
        let (columns, estimated_rows) = server.call(cancel, || describe(&server, &from, &relation))?;
        let mut names = HashSet::new();
        if let Some(column) = columns.iter().find(|column| !names.insert(column.name.to_lowercase())) {
            let reason = "the rows have two columns of this name";
            return Err(ConnectorError::unfit(&column.name, reason, "give each of them a name of its own with AS"));
        }
        let table_columns = columns
            .iter()
            .map(|column| TableColumn { name: column.name.clone(), logical_type: column.logical_type.clone() })
            .collect();
        Ok(Self { server, from, columns, table_columns, estimated_rows })
    }

    fn cursor(&self, name: &str) -> Result<(&PgColumn, &'static str), ConnectorError> {
        let exact = self.columns.iter().find(|column| column.name == name);
        let column = exact.or_else(|| self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)));
        let column = column.ok_or_else(|| {
            let available = self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
            let message = format!("there is no column `{name}` to read by; there are {available}");
            RemoteError::new(self.server.place(), RemoteFailure::NoSuchRelation, message)
        })?;
        let cursor_type = column.cursor_type.ok_or_else(|| {
            let reason = "its type has no order to read by";
            ConnectorError::unfit(name, reason, "a cursor is a number, a date, a time stamp or a text")
        })?;
        Ok((column, cursor_type))
    }

    /// The condition of a range, and the ends that it refers to.
    fn condition(&self, range: &CursorRange) -> Result<(String, Vec<End>), ConnectorError> {
        let (column, cursor_type) = self.cursor(&range.column)?;
        let name = quoted(&column.name);
        let end = |setting: &str| format!("current_setting('{setting}')::{cursor_type}");
        let mut ends = vec![(HIGH, range.upper.text.clone())];
        let condition = match &range.lower {
            None => format!("{name} IS NULL OR {name} <= {}", end(HIGH)),
            Some(lower) => {
                ends.push((LOW, lower.value.text.clone()));
                let is_time = matches!(cursor_type, "date" | "timestamp" | "timestamptz");
                let start = match lower.lookback {
                    None => end(LOW),
                    Some(seconds) if is_time => format!("{} - make_interval(secs => {seconds})", end(LOW)),
                    Some(units) => format!("{} - {units}", end(LOW)),
                };
                format!("{name} {} {start} AND {name} <= {}", lower.operator(), end(HIGH))
            }
        };
        Ok((condition, ends))
    }
}

async fn describe(
    server: &Server,
    from: &str,
    relation: &Relation,
) -> Result<(Vec<PgColumn>, Option<u64>), ConnectorError> {
    let client = server.client().await?;
    // Types may have been changed since they were looked at last.
    client.clear_type_cache();
    let statement = server.answer(client.prepare(&format!("SELECT * FROM {from}"))).await?;
    let columns: Vec<PgColumn> = statement
        .columns()
        .iter()
        .map(|column| {
            let known = PgColumn::new(column.name(), column.type_(), column.type_modifier());
            if known.as_text {
                server.observer().read_as_text(server.place(), column.name(), column.type_().name());
            }
            known
        })
        .collect();
    if columns.is_empty() {
        let message = format!("{} has no columns", relation.describe());
        return Err(RemoteError::new(server.place(), RemoteFailure::Rejected, message).into());
    }
    let Relation::Table { .. } = relation else { return Ok((columns, None)) };
    let question = "SELECT reltuples::float8 FROM pg_class WHERE oid = to_regclass($1)";
    let rows = server.answer(client.query_typed(question, &[(&from, Type::TEXT)])).await?;
    let estimate = rows.first().and_then(|row| row.try_get::<_, f64>(0).ok()).filter(|rows| *rows > 0.0);
    Ok((columns, estimate.map(|rows| rows as u64)))
}

impl RowSource for PostgresSource {
    fn columns(&self) -> &[TableColumn] {
        &self.table_columns
    }

    fn estimated_rows(&self) -> Option<u64> {
        self.estimated_rows
    }

    fn newest(&self, column: &str, cancel: &Cancel) -> Result<Option<CursorValue>, ConnectorError> {
        let (column, cursor_type) = self.cursor(column)?;
        // Texts in the order of their bytes, which is DuckDB's.
        let collation = cursor_type.strip_prefix("text").unwrap_or_default();
        let question = format!("SELECT max({}{collation})::text FROM {}", quoted(&column.name), self.from);
        let newest: Option<String> = self.server.call(cancel, || async {
            let client = self.server.client().await?;
            let row = self.server.answer(client.query_one(&question, &[])).await?;
            self.server.answer(async { row.try_get(0) }).await
        })?;
        Ok(newest.map(|text| CursorValue { text, logical_type: column.logical_type.to_string() }))
    }

    fn scan(&self, request: &ScanRequest) -> Result<Box<dyn RowScan>, ConnectorError> {
        let columns: Vec<PgColumn> =
            request.projection.iter().filter_map(|index| self.columns.get(*index).cloned()).collect();
        let selected = columns.iter().map(|column| match column.as_text {
            true => format!("{}::text", quoted(&column.name)),
            false => list([column.name.as_str()]),
        });
        let selected = selected.collect::<Vec<_>>().join(", ");
        let (filter, ends) = match &request.range {
            None => (String::new(), Vec::new()),
            Some(range) => {
                let (condition, ends) = self.condition(range)?;
                (format!(" WHERE {condition}"), ends)
            }
        };
        let copy = format!("COPY (SELECT {selected} FROM {}{filter}) TO STDOUT (FORMAT BINARY)", self.from);
        let wanted = Wanted { copy, ends };
        Ok(Box::new(PostgresScan::begin(Arc::clone(&self.server), wanted, columns, request.cancel.clone())))
    }
}
