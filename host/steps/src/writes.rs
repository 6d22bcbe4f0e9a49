//! What a handler may do to the one table it holds: each call is checked against what its step was granted, made into SQL,
//! and run in the step's transaction.

use duckpen_database::{Error, LogicalType, Session, Value, quote_identifier};
use duckpen_faults::{Point, reach};
use duckpen_pipeline::Relation as RelationKind;

use crate::bindings::duckpen::steps::tables::{Replaced, Upserted};
use crate::bindings::duckpen::steps::types::Field;
use crate::declaration::qualified;
use crate::fault::StepFault;
use crate::host::StepHost;

/// Where the rows of one call are gathered that the table is then changed by.
const INCOMING: &str = "temp.main.\"duckpen incoming rows\"";

impl StepHost {
    pub(crate) fn target(&self) -> Result<(String, RelationKind), StepFault> {
        let target = self.capabilities.target.as_ref();
        let target = target.ok_or_else(|| StepFault::Forbidden { what: "writing a table".into() })?;
        Ok((qualified(&target.table), target.relation))
    }

    pub(crate) fn replace(&mut self, query: &str) -> Result<u64, StepFault> {
        let (table, relation) = self.target()?;
        let session = self.checked(query)?;
        reach(Point::TableBeforeReplace)?;
        self.make_schema(session)?;
        let kind = match relation {
            RelationKind::Table => "TABLE",
            RelationKind::View => "VIEW",
        };
        let statement = format!("CREATE OR REPLACE {kind} {table} AS {query}\n");
        let rows = match session.execute(&statement) {
            // A view cannot be replaced by a table of its name, nor the other way round: the old one goes first.
            Err(Error::Query { message }) if message.starts_with("Catalog Error: Existing object") => {
                let other = if relation == RelationKind::Table { "VIEW" } else { "TABLE" };
                session.execute(&format!("DROP {other} {table}"))?;
                session.execute(&statement)?
            }
            outcome => outcome?,
        };
        reach(Point::TableReplaced)?;
        if relation == RelationKind::View {
            return Ok(0);
        }
        self.effects.rows = Some(rows);
        self.effects.rows_in = Some(rows);
        self.effects.inserted = Some(rows);
        Ok(rows)
    }

    fn make_schema(&self, session: &Session) -> Result<(), StepFault> {
        if let Some(schema) = self.capabilities.target.as_ref().and_then(|target| target.table.schema.as_ref()) {
            session.execute(&format!("CREATE SCHEMA IF NOT EXISTS {}", quote_identifier(schema)))?;
        }
        Ok(())
    }

    pub(crate) fn append(&mut self, columns: &[String], query: &str) -> Result<u64, StepFault> {
        let (table, _) = self.target()?;
        let columns = identifiers(columns);
        let session = self.checked(query)?;
        reach(Point::TableBeforeAppend)?;
        let rows = session.execute(&format!("INSERT INTO {table} ({columns}) {query}\n"))?;
        reach(Point::TableAppended)?;
        let add = |count: &mut Option<u64>| *count = Some(count.unwrap_or_default() + rows);
        add(&mut self.effects.rows);
        add(&mut self.effects.rows_in);
        add(&mut self.effects.inserted);
        Ok(rows)
    }

    pub(crate) fn upsert(&mut self, keys: &[String], columns: &[String], query: &str) -> Result<Upserted, StepFault> {
        let (table, _) = self.target()?;
        let session = self.checked(query)?;
        if keys.is_empty() {
            return Err(StepFault::Forbidden { what: "an upsert without keys".into() });
        }
        reach(Point::UpsertBeforeGather)?;
        let gathered = gather(session, columns, query)?;
        reach(Point::UpsertGathered)?;
        refuse_repeated_keys(session, INCOMING, keys)?;
        let matches: Vec<String> = keys
            .iter()
            .map(|key| quote_identifier(key))
            .map(|key| format!("existing.{key} = incoming.{key}"))
            .collect();
        let matches = matches.join(" AND ");
        let changes: Vec<String> = columns
            .iter()
            .filter(|column| !keys.iter().any(|key| key.eq_ignore_ascii_case(column)))
            .map(|column| quote_identifier(column))
            .map(|column| format!("{column} = incoming.{column}"))
            .collect();
        let updated = if changes.is_empty() {
            0
        } else {
            let changes = changes.join(", ");
            session.execute(&format!(
                "UPDATE {table} AS existing SET {changes} FROM {INCOMING} AS incoming WHERE {matches}"
            ))?
        };
        reach(Point::UpsertUpdated)?;
        let selected: Vec<String> =
            columns.iter().map(|column| format!("incoming.{}", quote_identifier(column))).collect();
        let inserted = session.execute(&format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {INCOMING} AS incoming \
             WHERE NOT EXISTS (SELECT 1 FROM {table} AS existing WHERE {matches})",
            identifiers(columns),
            selected.join(", "),
        ))?;
        reach(Point::UpsertInserted)?;
        session.execute(&format!("DROP TABLE {INCOMING}"))?;
        self.effects.rows = Some(inserted + updated);
        self.effects.rows_in = Some(gathered);
        self.effects.inserted = Some(inserted);
        self.effects.updated = Some(updated);
        Ok(Upserted { inserted, updated })
    }

    pub(crate) fn delete(&mut self, condition: &str) -> Result<u64, StepFault> {
        let (table, _) = self.target()?;
        let deleted = self.checked_condition(&table, condition)?.execute(&deletion(&table, condition))?;
        self.effects.deleted = Some(self.effects.deleted.unwrap_or_default() + deleted);
        Ok(deleted)
    }

    /// The query's rows are gathered before anything is deleted: it may ask the table what is new.
    pub(crate) fn replace_where(
        &mut self,
        condition: &str,
        columns: &[String],
        query: &str,
    ) -> Result<Replaced, StepFault> {
        let (table, _) = self.target()?;
        self.checked(query)?;
        let session = self.checked_condition(&table, condition)?;
        gather(session, columns, query)?;
        reach(Point::WindowGathered)?;
        let deleted = session.execute(&deletion(&table, condition))?;
        reach(Point::WindowDeleted)?;
        let columns = identifiers(columns);
        let inserted = session.execute(&format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM {INCOMING}"))?;
        reach(Point::WindowInserted)?;
        session.execute(&format!("DROP TABLE {INCOMING}"))?;
        self.effects.rows = Some(inserted);
        self.effects.rows_in = Some(inserted);
        self.effects.inserted = Some(inserted);
        self.effects.deleted = Some(deleted);
        Ok(Replaced { deleted, inserted })
    }

    pub(crate) fn add_column(&mut self, column: &Field) -> Result<(), StepFault> {
        let (table, _) = self.target()?;
        let (name, logical_type) = (quote_identifier(&column.name), known_type(column)?);
        reach(Point::ColumnBeforeChange)?;
        self.session()?.execute(&format!("ALTER TABLE {table} ADD COLUMN {name} {logical_type}"))?;
        reach(Point::ColumnChanged)?;
        Ok(())
    }

    /// That no value changes is made sure of, and not taken from whoever chose the type.
    pub(crate) fn widen(&mut self, column: &Field) -> Result<(), StepFault> {
        let (table, _) = self.target()?;
        let session = self.session()?;
        let Some(target) = &self.capabilities.target else { return Ok(()) };
        let columns = session.columns_of_table(target.table.schema.as_deref(), &target.table.name)?;
        let old = columns.into_iter().flatten().find(|(name, _)| name.eq_ignore_ascii_case(&column.name));
        let (name, new) = (quote_identifier(&column.name), known_type(column)?);
        let refused = |why: &str| StepFault::Handler {
            message: format!("the column '{}' cannot become {new}: {why}", column.name),
            hint: None,
        };
        let (_, old) = old.ok_or_else(|| refused("the table does not have it"))?;
        let changed = session.query(&format!(
            "SELECT {name} FROM {table} WHERE TRY_CAST(TRY_CAST({name} AS {new}) AS {old}) IS DISTINCT FROM {name} LIMIT 1"
        ))?;
        if let Some(value) = changed.first() {
            return Err(refused(&format!("its value {value} would be another one")));
        }
        reach(Point::ColumnBeforeChange)?;
        session.execute(&format!("ALTER TABLE {table} ALTER COLUMN {name} TYPE {new}"))?;
        reach(Point::ColumnChanged)?;
        Ok(())
    }

    /// Checked as part of a query, so that it is an expression and nothing more.
    fn checked_condition(&self, table: &str, condition: &str) -> Result<&Session, StepFault> {
        self.checked(&format!("SELECT 1 FROM {table} WHERE ({condition}\n)"))
    }
}

fn deletion(table: &str, condition: &str) -> String {
    format!("DELETE FROM {table} WHERE ({condition}\n)")
}

/// A type that a handler names stands in a statement, so it has to be a type.
fn known_type(column: &Field) -> Result<String, StepFault> {
    let parsed: Result<LogicalType, _> = column.logical_type.parse();
    parsed.map(|known| known.to_string()).map_err(|error| StepFault::Handler {
        message: format!("the column '{}' has no usable type: {error}", column.name),
        hint: None,
    })
}

/// Puts the rows of a query aside and counts them.
fn gather(session: &Session, columns: &[String], query: &str) -> Result<u64, StepFault> {
    let columns = identifiers(columns);
    Ok(session.execute(&format!("CREATE OR REPLACE TEMP TABLE {INCOMING}({columns}) AS {query}\n"))?)
}

/// Of several rows with one key none is the right one, so they are refused. A NULL key equals nothing.
fn refuse_repeated_keys(session: &Session, rows: &str, keys: &[String]) -> Result<(), StepFault> {
    let names = identifiers(keys);
    let present: Vec<String> = keys.iter().map(|key| format!("{} IS NOT NULL", quote_identifier(key))).collect();
    let repeated = session.query(&format!(
        "SELECT {names} FROM {rows} WHERE {} GROUP BY {names} HAVING count(*) > 1 ORDER BY {names} LIMIT 1",
        present.join(" AND ")
    ))?;
    match repeated.iter().next() {
        None => Ok(()),
        Some(values) => {
            let key: Vec<String> = keys.iter().zip(values).map(|(key, value)| format!("{key} = {value}")).collect();
            Err(StepFault::RepeatedKey { key: key.join(", ") })
        }
    }
}

pub(crate) fn identifiers(names: &[String]) -> String {
    names.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>().join(", ")
}

/// A count that a query has answered with.
pub(crate) fn count(value: Option<&Value>) -> u64 {
    match value {
        Some(Value::Integer(count)) => u64::try_from(*count).unwrap_or_default(),
        Some(Value::Unsigned(count)) => u64::try_from(*count).unwrap_or_default(),
        _ => 0,
    }
}
