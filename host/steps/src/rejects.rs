//! Rows of a source that do not fit their table, put aside instead of failing the load: the option `rejects` of LOAD.
//!
//! A CSV file is read with the types that the table has, and DuckDB's reader notes every line that does not convert or has
//! another number of columns. From other sources rows come with types of their own: those whose values do not convert to
//! the table's are taken out here, before the handler sees the source.

use duckpen_connectors::REJECTED_LINES;
use duckpen_database::{Session, quote_identifier, quote_literal};
use duckpen_faults::{Point, reach};
use duckpen_pipeline::{LoadStep, TableName};

use crate::declaration::qualified;
use crate::fault::StepFault;
use crate::ledger::RunId;
use crate::writes::count;

/// Where the rows of a source wait that some of are rejected.
const ROWS: &str = "temp.main.\"duckpen rows of the source\"";
const NUMBER: &str = "duckpen row number";

/// What a load does with rows that do not fit.
pub(crate) struct Rejects {
    /// Where they are kept.
    table: TableName,
    source: String,
    found: Found,
}

/// How they are found.
enum Found {
    /// DuckDB's reader notes them.
    ByReader,
    /// By conversions of columns: name and type of the table.
    ByConversion(Vec<(String, String)>),
}

impl Rejects {
    /// Of a load from a CSV file.
    pub(crate) fn by_reader(table: &TableName, load: &LoadStep) -> Self {
        Self::new(table, load, Found::ByReader)
    }

    fn new(table: &TableName, load: &LoadStep, found: Found) -> Self {
        Self { table: table.clone(), source: load.source.clone(), found }
    }

    /// Of a load from rows that `query` has, into a table with these columns. Answers with the query of the rows that fit.
    pub(crate) fn by_conversion(
        table: &TableName,
        load: &LoadStep,
        session: &Session,
        query: &str,
        target: &[(String, String)],
    ) -> Result<(Self, String), StepFault> {
        let columns = session.columns_of(query)?;
        let conversions: Vec<(String, String)> = columns
            .into_iter()
            .filter_map(|(name, source)| {
                let (_, wanted) = target.iter().find(|(other, _)| other.eq_ignore_ascii_case(&name))?;
                may_fail(&source, wanted).then(|| (name, wanted.clone()))
            })
            .collect();
        if conversions.is_empty() {
            return Ok((Self::new(table, load, Found::ByConversion(conversions)), query.to_owned()));
        }
        let number = quote_identifier(NUMBER);
        session.execute(&format!(
            "CREATE OR REPLACE TEMP TABLE {ROWS} AS SELECT row_number() OVER () AS {number}, * FROM ({query})"
        ))?;
        let converted: Vec<String> = conversions
            .iter()
            .map(|(name, wanted)| (quote_identifier(name), wanted))
            .map(|(name, wanted)| format!("TRY_CAST({name} AS {wanted}) AS {name}"))
            .collect();
        let fitting = format!(
            "SELECT * EXCLUDE ({number}) REPLACE ({}) FROM {ROWS} WHERE NOT ({})",
            converted.join(", "),
            any_fails(&conversions)
        );
        Ok((Self::new(table, load, Found::ByConversion(conversions)), fitting))
    }

    /// Writes the rejected rows to their table, which is made where it is missing, and counts them.
    pub(crate) fn keep(&self, session: &Session, run: &RunId, step: &str) -> Result<u64, StepFault> {
        // The table is made even if there is nothing for it: later steps may read it.
        self.make_table(session)?;
        let (rejected, lines) = match &self.found {
            Found::ByReader => match reader_lines(session)? {
                Some(lines) => lines,
                None => return Ok(0),
            },
            Found::ByConversion(conversions) if conversions.is_empty() => return Ok(0),
            Found::ByConversion(conversions) => {
                let counted = format!("SELECT count(*) FROM {ROWS} WHERE {}", any_fails(conversions));
                (count(session.query(&counted)?.first()), conversion_lines(conversions))
            }
        };
        reach(Point::RejectsBeforeWrite)?;
        session.execute(&format!(
            "INSERT INTO {} BY NAME SELECT {} AS run_id, {} AS step_id, {} AS source, *, \
             now()::TIMESTAMP AS rejected_at FROM ({lines}) ORDER BY file, line, column_name",
            qualified(&self.table),
            quote_literal(run.as_str()),
            quote_literal(step),
            quote_literal(&self.source),
        ))?;
        reach(Point::RejectsWritten)?;
        Ok(rejected)
    }

    fn make_table(&self, session: &Session) -> Result<(), StepFault> {
        if let Some(schema) = &self.table.schema {
            session.execute(&format!("CREATE SCHEMA IF NOT EXISTS {}", quote_identifier(schema)))?;
        }
        session.execute(&format!(
            "CREATE TABLE IF NOT EXISTS {} (run_id VARCHAR, step_id VARCHAR, source VARCHAR, file VARCHAR, \
             line BIGINT, column_name VARCHAR, reason VARCHAR, row_text VARCHAR, rejected_at TIMESTAMP)",
            qualified(&self.table)
        ))?;
        Ok(())
    }
}

/// The number of lines that the reader has noted in its last scan, and the query of them; none where it has noted nothing.
fn reader_lines(session: &Session) -> Result<Option<(u64, String)>, StepFault> {
    let [errors, scans] = REJECTED_LINES.map(|name| format!("temp.main.{}", quote_identifier(name)));
    // The tables are there when a file was read in full.
    let last = match session.query(&format!("SELECT max(scan_id) FROM {scans}")) {
        Ok(rows) => count(rows.first()),
        Err(duckpen_database::Error::Query { message }) if message.starts_with("Catalog Error") => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let rejected = count(
        session
            .query(&format!(
                "SELECT count(*) FROM (SELECT DISTINCT file_id, line FROM {errors} WHERE scan_id = {last})"
            ))?
            .first(),
    );
    let lines = format!(
        "SELECT DISTINCT parse_filename(file_path) AS file, line, column_name, error_message AS reason, csv_line AS row_text \
         FROM {errors} JOIN {scans} USING (scan_id, file_id) WHERE scan_id = {last}"
    );
    Ok(Some((rejected, lines)))
}

/// A line for each value that does not convert.
fn conversion_lines(conversions: &[(String, String)]) -> String {
    let number = quote_identifier(NUMBER);
    let lines: Vec<String> = conversions
        .iter()
        .map(|conversion| {
            let (name, wanted) = conversion;
            let column = quote_identifier(name);
            format!(
                "SELECT NULL::VARCHAR AS file, {number} AS line, {} AS column_name, \
                 'Could not convert ' || {column}::VARCHAR || ' to ' || {} AS reason, \
                 to_json(r)::VARCHAR AS row_text FROM {ROWS} AS r WHERE {}",
                quote_literal(name),
                quote_literal(wanted),
                fails(conversion)
            )
        })
        .collect();
    lines.join(" UNION ALL ")
}

fn fails((name, wanted): &(String, String)) -> String {
    let name = quote_identifier(name);
    format!("({name} IS NOT NULL AND TRY_CAST({name} AS {wanted}) IS NULL)")
}

fn any_fails(conversions: &[(String, String)]) -> String {
    conversions.iter().map(fails).collect::<Vec<_>>().join(" OR ")
}

/// Whether some values of a type convert to another and some do not. Fractions are not rounded: they are no whole numbers,
/// and a column of them does not fit at all.
fn may_fail(source: &str, wanted: &str) -> bool {
    let is_whole = |name: &str| name.ends_with("INT") || name == "INTEGER";
    let is_number = |name: &str| is_whole(name) || name.starts_with("DECIMAL(");
    source != wanted
        && wanted != "VARCHAR"
        && (source == "VARCHAR"
            || is_whole(source) && is_number(wanted)
            || source.starts_with("DECIMAL(") && wanted.starts_with("DECIMAL("))
}
