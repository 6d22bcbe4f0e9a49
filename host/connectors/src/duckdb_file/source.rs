use duckpen_database::{Database, Error, LogicalType, TableColumn, Value, quote_identifier, quote_literal};

use super::scan::DuckdbFileScan;
use crate::ConnectorError;
use crate::rows::{Cancel, CursorRange, CursorValue, Relation, RowScan, RowSource, ScanRequest};

/// A table, a view or a query of a file.
pub(super) struct DuckdbFileSource {
    database: Database,
    /// What stands behind FROM.
    from: String,
    columns: Vec<TableColumn>,
    /// Whether a column is asked for as text, its type being none that is exchanged.
    as_text: Vec<bool>,
}

impl DuckdbFileSource {
    pub(super) fn open(database: Database, relation: &Relation) -> Result<Self, ConnectorError> {
        let from = match relation {
            Relation::Table { schema, table } => {
                format!("{}.{}", quote_identifier(schema.as_deref().unwrap_or("main")), quote_identifier(table))
            }
            Relation::Query(query) => format!("({query}\n)"),
            Relation::Selection(_) => return Err(Relation::no_table()),
        };
        let described = database.connect()?.columns_of(&format!("SELECT * FROM {from}"))?;
        let mut columns = Vec::new();
        let mut as_text = Vec::new();
        for (name, kind) in described {
            let known = kind.parse::<LogicalType>().ok();
            as_text.push(known.is_none());
            columns.push(TableColumn { name, logical_type: known.unwrap_or(LogicalType::Varchar) });
        }
        Ok(Self { database, from, columns, as_text })
    }

    fn condition(range: &CursorRange) -> String {
        let name = quote_identifier(&range.column);
        let sql = |value: &CursorValue| format!("CAST({} AS {})", quote_literal(&value.text), value.logical_type);
        let upper = sql(&range.upper);
        let Some(lower) = &range.lower else {
            return format!("{name} IS NULL OR {name} <= {upper}");
        };
        let start = match lower.lookback {
            None => sql(&lower.value),
            Some(seconds)
                if lower.value.logical_type.starts_with("TIMESTAMP") || lower.value.logical_type == "DATE" =>
            {
                format!("{} - to_seconds({seconds})", sql(&lower.value))
            }
            Some(units) => format!("{} - {units}", sql(&lower.value)),
        };
        format!("{name} {} {start} AND {name} <= {upper}", lower.operator())
    }
}

impl RowSource for DuckdbFileSource {
    fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    fn newest(&self, column: &str, _: &Cancel) -> Result<Option<CursorValue>, ConnectorError> {
        let name = quote_identifier(column);
        let question = format!("SELECT max({name})::VARCHAR, typeof(max({name})) FROM {}", self.from);
        let rows = self.database.connect()?.query(&question)?;
        Ok(match rows.iter().next() {
            Some([Value::Null, _]) | None => None,
            Some([text, kind]) => Some(CursorValue { text: text.to_string(), logical_type: kind.to_string() }),
            Some(_) => return Err(Error::Unexpected("two columns were asked for".to_owned()).into()),
        })
    }

    fn scan(&self, request: &ScanRequest) -> Result<Box<dyn RowScan>, ConnectorError> {
        let wanted = request.projection.iter().filter_map(|index| Some((self.columns.get(*index)?, *index)));
        let selected: Vec<String> = wanted
            .map(|(column, index)| match self.as_text[index] {
                true => format!("CAST({} AS VARCHAR)", quote_identifier(&column.name)),
                false => quote_identifier(&column.name),
            })
            .collect();
        // Rows that are only counted have a column all the same.
        let selected = if selected.is_empty() { "NULL::BOOLEAN".to_owned() } else { selected.join(", ") };
        let filter = request.range.as_ref().map(|range| format!(" WHERE {}", Self::condition(range)));
        let query = format!("SELECT {selected} FROM {}{}", self.from, filter.unwrap_or_default());
        Ok(Box::new(DuckdbFileScan::begin(self.database.clone(), query, request.cancel.clone())?))
    }
}
