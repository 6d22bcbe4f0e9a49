//! The table that is written, and the mark of who has written it.

use deadpool_postgres::Client;
use duckpen_database::StreamColumn;
use tokio_postgres::types::Type;

use super::encode::natural_type;
use super::names::{list, qualified, quoted};
use super::server::Server;
use crate::rows::{Target, WriteMode, Written};
use crate::{ConnectorError, RemoteError, RemoteFailure};

/// The table of marks, beside the tables that are written.
const MARKS: &str = "duckpen_exports";
/// How long marks are kept: longer than anybody continues a run.
const KEPT: &str = "30 days";
/// Any number that others are unlikely to lock.
const LOCK: i64 = 0x6475_636b_7065_6e00;

/// A table, as the rows that are to be written see it.
pub(super) struct PgTarget {
    /// Its name in statements.
    pub(super) table: String,
    /// The marks' table.
    marks: String,
    /// For each column of the rows: the table's column and its type.
    pub(super) columns: Vec<TargetColumn>,
}

pub(super) struct TargetColumn {
    pub(super) name: String,
    pub(super) type_name: String,
    /// The type that the rows' values have without conversion.
    pub(super) natural: String,
}

impl PgTarget {
    /// Looks at the table, and makes it where it is missing. Within a transaction.
    pub(super) async fn prepare(
        server: &Server,
        client: &Client,
        target: &Target,
        columns: &[StreamColumn],
    ) -> Result<Self, ConnectorError> {
        let schema = target.schema.as_deref();
        let table = qualified(schema, &target.table);
        let marks = qualified(schema, MARKS);
        let natural = |column: &StreamColumn| {
            natural_type(column).ok_or_else(|| {
                let reason = format!("a {} has no counterpart on the server", column.logical_type);
                ConnectorError::unfit(&column.name, reason, "convert it in the query")
            })
        };
        let naturals = columns.iter().map(natural).collect::<Result<Vec<_>, _>>()?;
        let mut existing = existing_columns(server, client, &table).await?;
        if existing.is_empty() {
            create(server, client, &table, target, columns, &naturals).await?;
            existing = existing_columns(server, client, &table).await?;
        }
        let find = |wanted: &str| {
            let exact = existing.iter().find(|(name, _)| name == wanted);
            exact.or_else(|| existing.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)))
        };
        let columns = columns.iter().zip(naturals).map(|(column, natural)| match find(&column.name) {
            Some((name, type_name)) => Ok(TargetColumn { name: name.clone(), type_name: type_name.clone(), natural }),
            None => {
                let reason = format!("the table {} has no such column", target.table);
                Err(ConnectorError::unfit(&column.name, reason, "leave it out of the query, or add it to the table"))
            }
        });
        Ok(Self { table, marks, columns: columns.collect::<Result<_, _>>()? })
    }

    /// Whether values can be written as they are.
    pub(super) fn takes_natural_types(&self) -> bool {
        self.columns.iter().all(|column| column.type_name == column.natural)
    }

    /// The table's columns, quoted.
    pub(super) fn names(&self) -> String {
        list(self.columns.iter().map(|column| column.name.as_str()))
    }

    /// The table's spelling of keys.
    ///
    /// # Errors
    /// A key that the rows do not have.
    pub(super) fn keys(&self, keys: &[String]) -> Result<Vec<&str>, ConnectorError> {
        keys.iter()
            .map(|key| {
                let found = self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(key));
                found.map(|column| column.name.as_str()).ok_or_else(|| {
                    ConnectorError::unfit(key, "the rows have no such column to be a key", "look at `upsert_keys`")
                })
            })
            .collect()
    }

    /// Marks that the step writes. If it has written before, answers what.
    pub(super) async fn mark(
        &self,
        server: &Server,
        client: &Client,
        target: &Target,
    ) -> Result<Option<Written>, ConnectorError> {
        let insert = format!(
            "INSERT INTO {} (run_id, step_id) VALUES ($1, $2) ON CONFLICT (run_id, step_id) DO NOTHING",
            self.marks
        );
        let who: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
            [(&target.run, Type::TEXT), (&target.step, Type::TEXT)];
        if server.answer(client.execute_typed(&insert, &who)).await? == 1 {
            return Ok(None);
        }
        let select = format!("SELECT inserted, updated FROM {} WHERE run_id = $1 AND step_id = $2", self.marks);
        let rows = server.answer(client.query_typed(&select, &who)).await?;
        let number = |index| rows.first().and_then(|row| row.try_get::<_, i64>(index).ok()).unwrap_or_default();
        Ok(Some(Written { inserted: number(0).cast_unsigned(), updated: number(1).cast_unsigned() }))
    }

    /// Completes the mark, forgets old ones, and commits.
    pub(super) async fn commit(
        &self,
        server: &Server,
        client: &Client,
        target: &Target,
        written: Written,
    ) -> Result<(), ConnectorError> {
        let update =
            format!("UPDATE {} SET inserted = $3, updated = $4 WHERE run_id = $1 AND step_id = $2", self.marks);
        let (inserted, updated) = (written.inserted.cast_signed(), written.updated.cast_signed());
        let values: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 4] =
            [(&target.run, Type::TEXT), (&target.step, Type::TEXT), (&inserted, Type::INT8), (&updated, Type::INT8)];
        server.answer(client.execute_typed(&update, &values)).await?;
        let commit = format!("DELETE FROM {} WHERE written_at < now() - interval '{KEPT}'; COMMIT", self.marks);
        server.answer(client.batch_execute(&commit)).await
    }

    /// Makes the marks' table where it is missing, in a transaction of its own: two steps that need it at once make it
    /// once.
    pub(super) async fn prepare_marks(server: &Server, client: &Client, target: &Target) -> Result<(), ConnectorError> {
        let marks = qualified(target.schema.as_deref(), MARKS);
        let found = "SELECT to_regclass($1) IS NOT NULL";
        let row = server.answer(client.query_typed(found, &[(&marks, Type::TEXT)])).await?;
        if row.first().and_then(|row| row.try_get::<_, bool>(0).ok()) == Some(true) {
            return Ok(());
        }
        let create = format!(
            "BEGIN; SELECT pg_advisory_xact_lock({LOCK}); \
             CREATE TABLE IF NOT EXISTS {marks} (run_id text, step_id text, inserted bigint NOT NULL DEFAULT 0, \
             updated bigint NOT NULL DEFAULT 0, written_at timestamptz NOT NULL DEFAULT now(), \
             PRIMARY KEY (run_id, step_id)); COMMIT"
        );
        match server.answer(client.batch_execute(&create)).await {
            Err(ConnectorError::Remote(mut error)) if error.kind == RemoteFailure::Permission => {
                error.hint = Some(format!(
                    "the table {MARKS} keeps a repeated step from writing twice: let the role create tables in the \
                     schema, or create it for the role"
                ));
                Err(error.into())
            }
            outcome => outcome,
        }
    }
}

/// Names and types of a table's columns, in order; none where there is no such table.
async fn existing_columns(
    server: &Server,
    client: &Client,
    table: &str,
) -> Result<Vec<(String, String)>, ConnectorError> {
    let question = "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute \
                    WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
    let rows = server.answer(client.query_typed(question, &[(&table, Type::TEXT)])).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, tokio_postgres::Error>>()
        .map_err(|error| RemoteError::new(server.place(), RemoteFailure::Unexpected, error.to_string()).into())
}

async fn create(
    server: &Server,
    client: &Client,
    table: &str,
    target: &Target,
    columns: &[StreamColumn],
    naturals: &[String],
) -> Result<(), ConnectorError> {
    let mut parts: Vec<String> =
        columns.iter().zip(naturals).map(|(column, natural)| format!("{} {natural}", quoted(&column.name))).collect();
    if let WriteMode::Upsert { keys } = &target.mode {
        let spelled = keys.iter().map(|key| {
            let found = columns.iter().find(|column| column.name.eq_ignore_ascii_case(key));
            found.map_or(key.as_str(), |column| column.name.as_str())
        });
        parts.push(format!("UNIQUE ({})", list(spelled)));
    }
    server.answer(client.batch_execute(&format!("CREATE TABLE {table} ({})", parts.join(", ")))).await
}
