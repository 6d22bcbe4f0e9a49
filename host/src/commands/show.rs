use std::path::Path;

use anyhow::Context;
use clap::Args;
use duckpen_database::{LockDown, Rows, Session, Value, quote_identifier};
use duckpen_observe::numbers::counted;
use duckpen_pipeline::TableName;
use duckpen_steps::{Completion, Ledger, Watermark};
use serde_json::json;

use crate::abort::Abort;
use crate::arguments::{Format, ProjectOptions};
use crate::exit::Exit;
use crate::output::{Code, Printer, Report, table};
use crate::project::Project;
use crate::words::StepWords;
use crate::workbench::Workbench;
use crate::{components, database};
use duckpen_pipeline::suggest;

#[derive(Debug, Args)]
pub struct ShowOptions {
    /// Name of the table or view, with its schema where that is not main
    pub table: String,
    #[command(flatten)]
    pub project: ProjectOptions,
    /// How many of the first rows to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub limit: u64,
    /// Count the NULLs of every column, which reads the whole table
    #[arg(long)]
    pub nulls: bool,
}

/// What is shown of a table.
struct Shown {
    table: TableName,
    is_view: bool,
    columns: Vec<(String, String)>,
    rows: u64,
    /// Of each column, where they were asked for.
    nulls: Option<Vec<u64>>,
    first: Rows,
    written_by: Vec<(Writer, Option<Completion>)>,
    watermarks: Vec<Watermark>,
}

/// A step that writes the table.
struct Writer {
    pipeline: String,
    step: String,
    title: String,
    place: Option<String>,
}

/// Shows a table of the project's database: its columns, its first rows, and the steps that wrote it. The database is
/// opened for reading only.
pub fn show(options: &ShowOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project.project)?;
    let profile = project.profile(options.project.profile.as_deref())?;
    let place = database::options(options.project.database.as_deref(), &profile.engine, &project.files)?;
    let Some(file) = database::file(&place) else {
        let report = Report::error(Code::Database, "there are no tables to show: the database is in memory");
        return Err(Abort::rejected(
            report.hint("let the profile keep it (engines.duckdb.mode: persistent), or give --database FILE"),
        ));
    };
    let Some(database) = database::open_to_read(&place)? else {
        let report = Report::error(Code::Database, format!("there is no database {}", file.display()));
        return Err(Abort::rejected(report.hint("a run of a pipeline makes it")));
    };
    let session = database.connect().context("no connection to the database")?;
    let wanted = find(&session, &options.table)?;
    let is_view = session.is_view(wanted.schema.as_deref(), &wanted.name).context("the table cannot be found")?;
    if is_view {
        // Its query may call functions of the project.
        let libraries = match project.components()?.is_empty() {
            true => Vec::new(),
            false => components::load(&components::engine()?, &project, &options.project.limits)?,
        };
        components::register(&libraries, &session)?;
    }
    database.lock_down(&LockDown::default()).context("the database cannot be locked down")?;
    let (completions, watermarks) = ledger(&session, &wanted)?;
    let shown = look(&session, wanted, is_view, options)?;
    let writers = writers(options, &shown.table)?;
    let written_by = writers.into_iter().map(|writer| {
        let is_own = |done: &&Completion| done.pipeline == writer.pipeline && done.step == writer.step;
        let done = completions.iter().find(is_own).cloned();
        (writer, done)
    });
    let shown = Shown { written_by: written_by.collect(), watermarks, ..shown };
    match printer.format {
        Format::Json => printer.document(&document(&shown, file)),
        Format::Text => printer.data(&text(&shown, file)),
    }
    Ok(Exit::Done)
}

/// The table of a name, in any case of letters.
fn find(session: &Session, wanted: &str) -> Result<TableName, Abort> {
    let tables = database::tables(session)?;
    let bare = wanted.replace('"', "");
    let is_wanted = |table: &&TableName| {
        let name = table.to_string().to_lowercase();
        name == bare.to_lowercase() || format!("main.{name}") == bare.to_lowercase()
    };
    if let Some(table) = tables.iter().find(is_wanted) {
        return Ok(table.clone());
    }
    let names: Vec<String> = tables.iter().map(ToString::to_string).collect();
    let report = Report::error(Code::Usage, format!("there is no table `{wanted}` in the database"));
    let report = match names.is_empty() {
        true => report.note("the database has no tables"),
        false => report.note(format!("tables are {}", names.join(", "))),
    };
    let near = suggest(&bare, names.iter().map(String::as_str)).map(|name| format!("did you mean `{name}`?"));
    Err(Abort::rejected(report.hint_if(near)))
}

fn look(session: &Session, table: TableName, is_view: bool, options: &ShowOptions) -> Result<Shown, Abort> {
    let failed = |error: duckpen_database::Error| Abort {
        exit: Exit::Failed,
        findings: vec![Report::error(Code::QueryFailed, format!("`{table}` cannot be read: {error}")).into()],
    };
    let sql = table.to_sql();
    let columns = session.columns_of(&format!("SELECT * FROM {sql}")).map_err(failed)?;
    let null_counts = match options.nulls {
        true => columns.iter().map(|(name, _)| format!(", count(*) - count({})", quote_identifier(name))).collect(),
        false => String::new(),
    };
    let counts = session.query(&format!("SELECT count(*){null_counts} FROM {sql}")).map_err(failed)?;
    let number = |value: &Value| match value {
        Value::Integer(number) => u64::try_from(*number).unwrap_or_default(),
        _ => 0,
    };
    let mut counts = counts.iter().next().unwrap_or_default().iter().map(number);
    let rows = counts.next().unwrap_or_default();
    let nulls = options.nulls.then(|| counts.collect());
    let first = session.query(&format!("SELECT * FROM {sql} LIMIT {}", options.limit)).map_err(failed)?;
    Ok(Shown { table, is_view, columns, rows, nulls, first, written_by: Vec::new(), watermarks: Vec::new() })
}

fn ledger(session: &Session, table: &TableName) -> Result<(Vec<Completion>, Vec<Watermark>), Abort> {
    let read = "the ledger cannot be read";
    let Some(ledger) = Ledger::find(session).context(read)? else { return Ok((Vec::new(), Vec::new())) };
    let completions = ledger.completions(session).context(read)?;
    let watermarks = ledger.watermarks(session, &table.to_string()).context(read)?;
    Ok((completions, watermarks))
}

/// The steps of the project's pipelines that write the table. A pipeline that does not compile writes nothing.
fn writers(options: &ShowOptions, table: &TableName) -> Result<Vec<Writer>, Abort> {
    let workbench = Workbench::open(&options.project)?;
    let mut writers = Vec::new();
    for name in workbench.project.pipelines()? {
        let pipeline = workbench.project.pipeline(&name.path)?;
        let Ok(approved) = workbench.check(&pipeline, &[])?.outcome else { continue };
        for words in StepWords::of(&approved.plan) {
            if words.step.kind.writes().is_some_and(|written| written.key() == table.key()) {
                writers.push(Writer {
                    pipeline: pipeline.name.clone(),
                    step: words.step.id.to_string(),
                    title: words.title(),
                    place: words.place(),
                });
            }
        }
    }
    Ok(writers)
}

fn document(shown: &Shown, file: &Path) -> serde_json::Value {
    let columns = shown.columns.iter().enumerate().map(|(index, (name, logical_type))| {
        let nulls = shown.nulls.as_ref().and_then(|nulls| nulls.get(index));
        json!({ "name": name, "type": logical_type, "nulls": nulls })
    });
    let written_by = shown.written_by.iter().map(|(writer, done)| {
        json!({
            "pipeline": writer.pipeline,
            "step": writer.step,
            "what": writer.title,
            "place": writer.place,
            "run_id": done.as_ref().map(|done| done.run_id.as_str()),
            "completed_at": done.as_ref().map(|done| &done.completed_at),
        })
    });
    let watermarks = shown.watermarks.iter().map(|mark| {
        json!({
            "pipeline": mark.pipeline,
            "source": mark.source,
            "cursor": mark.cursor,
            "value": mark.value,
            "type": mark.logical_type,
            "moved_at": mark.moved_at,
        })
    });
    json!({
        "table": shown.table.to_string(),
        "kind": if shown.is_view { "view" } else { "table" },
        "database": file,
        "rows": shown.rows,
        "columns": columns.collect::<Vec<_>>(),
        "first_rows": shown.first.to_json(),
        "written_by": written_by.collect::<Vec<_>>(),
        "watermarks": watermarks.collect::<Vec<_>>(),
    })
}

fn text(shown: &Shown, file: &Path) -> String {
    let kind = if shown.is_view { "view" } else { "table" };
    let mut head = vec![format!("{}  {kind}, {}, in {}", shown.table, counted(shown.rows, "row"), file.display())];
    if shown.written_by.is_empty() {
        head.push("no step of the project's pipelines writes it".to_owned());
    }
    for (writer, done) in &shown.written_by {
        let place = writer.place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
        let when = match done {
            Some(done) => format!("completed {} UTC in run {}", done.completed_at, done.run_id.as_str()),
            None => "not completed in any run of this database".to_owned(),
        };
        head.push(format!("{} of {}{place} ({}): {when}", writer.step, writer.pipeline, writer.title));
    }
    for mark in &shown.watermarks {
        head.push(format!(
            "watermark of {} in {}: {} = {}, moved {} UTC",
            mark.source, mark.pipeline, mark.cursor, mark.value, mark.moved_at
        ));
    }
    let columns = shown.columns.iter().enumerate().map(|(index, (name, logical_type))| {
        let nulls = shown.nulls.as_ref().and_then(|nulls| nulls.get(index)).map(ToString::to_string);
        [Some(name.clone()), Some(logical_type.clone()), nulls].into_iter().flatten().collect()
    });
    let headings: &[&str] = if shown.nulls.is_some() { &["column", "type", "nulls"] } else { &["column", "type"] };
    let mut parts = vec![head.join("\n"), table(headings.iter().copied(), columns)];
    if !shown.first.is_empty() {
        let names = shown.first.columns().iter().map(|column| column.name.as_str());
        parts.push(table(names, shown.first.iter().map(|row| row.iter().map(ToString::to_string).collect())));
    }
    parts.join("\n\n")
}
