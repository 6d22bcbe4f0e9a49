//! Tests of data. The host runs them itself: a test only reads, and there is nothing that a handler could decide.

use duckpen_database::{Session, Value, quote_identifier};
use duckpen_faults::{Point, reach};
use duckpen_pipeline::{TableName, TestCheck, TestSeverity, TestStep};

use crate::capabilities::Capabilities;
use crate::fault::StepFault;
use crate::output::{FailedTest, StepOutput};
use crate::query_check::check;
use crate::writes::count;

/// Rows that are shown of those that a test found.
const SHOWN: usize = 5;
/// Characters of a value that are shown.
const MOST_CHARACTERS: usize = 60;

/// Looks for the rows that must not be.
pub(crate) fn run(test: &TestStep, capabilities: &Capabilities, session: &Session) -> Result<StepOutput, StepFault> {
    if let Some(table) = &test.table {
        check_columns(session, table, test.check.columns())?;
    }
    if let TestCheck::References { table, referenced, .. } = &test.check {
        check_columns(session, table, referenced)?;
    }
    check(&capabilities.analyses, session, &test.query, &capabilities.granted, &capabilities.table_functions)?;
    reach(Point::TestBeforeQuery)?;
    let found = count(session.query(&format!("SELECT count(*) FROM ({}\n)", test.query))?.first());
    let sample = if found == 0 { Vec::new() } else { sample(session, &test.query)? };
    reach(Point::TestLooked)?;
    let output = StepOutput { rows: Some(found), ..StepOutput::default() };
    if found == 0 {
        return Ok(output);
    }
    let failed = FailedTest { what: sentence(test, found), found, sample };
    match test.severity {
        TestSeverity::Error => Err(StepFault::Test(failed)),
        TestSeverity::Warn => Ok(StepOutput { warning: Some(failed), ..output }),
    }
}

/// What was found, in a sentence.
fn sentence(test: &TestStep, found: u64) -> String {
    let columns = || test.check.columns().join(", ");
    let (rows, have, values) =
        if found == 1 { ("1 row".to_owned(), "has", "1 value") } else { (format!("{found} rows"), "have", "values") };
    let name = &test.name;
    match &test.check {
        TestCheck::NotNull { .. } => format!("{rows} of `{name}` {have} no value in {}", columns()),
        TestCheck::Unique { .. } if found == 1 => {
            format!("{values} of {} in `{name}` occurs more than once", columns())
        }
        TestCheck::Unique { .. } => format!("{found} {values} of {} in `{name}` occur more than once", columns()),
        TestCheck::AcceptedValues { values, .. } => {
            format!("{rows} of `{name}` {have} another value in {} than {values}", columns())
        }
        TestCheck::References { table, referenced, .. } => {
            let other = format!("{table} ({})", referenced.join(", "));
            format!("{rows} of `{name}` {have} a value in {} that is not in {other}", columns())
        }
        TestCheck::NoRows => format!("`{name}` found {rows}, and must find none"),
    }
}

/// Some of the rows, each as text.
fn sample(session: &Session, query: &str) -> Result<Vec<String>, StepFault> {
    let rows = session.query(&format!("SELECT * FROM ({query}\n) LIMIT {SHOWN}"))?;
    let line = |values: &[Value]| {
        let cells =
            rows.columns().iter().zip(values).map(|(column, value)| format!("{}: {}", column.name, shown(value)));
        cells.collect::<Vec<_>>().join(", ")
    };
    Ok(rows.iter().map(line).collect())
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::Text(text) => format!("'{text}'"),
        value => value.to_string(),
    };
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// A test of a column that is not there is a mistake in the pipeline, and is told as one.
fn check_columns(session: &Session, table: &TableName, wanted: &[String]) -> Result<(), StepFault> {
    let columns = match session.columns_of_table(table.schema.as_deref(), &table.name)? {
        Some(columns) => columns,
        // A source that no table has the name of.
        None => session.columns_of(&format!("FROM {}", quote_identifier(&table.name)))?,
    };
    let names: Vec<String> = columns.into_iter().map(|(name, _)| name).collect();
    match wanted.iter().find(|name| !names.iter().any(|column| column.eq_ignore_ascii_case(name))) {
        None => Ok(()),
        Some(missing) => Err(StepFault::NoColumn { column: missing.clone(), table: table.to_string(), columns: names }),
    }
}
