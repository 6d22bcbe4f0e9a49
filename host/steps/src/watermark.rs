//! How far a source that is loaded incrementally has been read: kept per pipeline, source and table, and moved in the
//! transaction of the rows.

use duckpen_connectors::{Cancel, CursorRange, CursorValue, LowerBound, RowSource};
use duckpen_database::{Error, Session, quote_identifier, quote_literal};
use duckpen_pipeline::{LoadMode, LoadStep, Refresh, SourceStep};
use serde_json::{Map, Value};

use crate::fault::StepFault;

/// An incremental load: which column tells what is new, and since when.
pub(crate) struct Incremental {
    cursor: String,
    source: String,
    /// Rows that carry the watermark itself are read again: with a key that does no harm, and none is lost that was
    /// written within the same instant.
    inclusive: bool,
    /// Seconds, or units of a number, by which the watermark is moved back.
    lookback: Option<u64>,
    key: Key,
}

/// The part of a source that one load reads: after `low`, up to `high`.
pub(crate) struct Window {
    low: Option<Mark>,
    high: Option<Mark>,
}

impl Window {
    /// Whether no row has a cursor, so that none can be new.
    pub(crate) fn is_empty(&self) -> bool {
        self.low.is_some() && self.high.is_none()
    }
}

/// A value of the cursor column, as text, with its type.
struct Mark {
    value: String,
    kind: String,
}

impl Mark {
    fn sql(&self) -> String {
        format!("CAST({} AS {})", quote_literal(&self.value), self.kind)
    }
}

impl Incremental {
    /// What the source's parameters ask for; none for a full refresh. A load that replaces its table reads everything.
    pub(crate) fn of(
        pipeline: &str,
        source: &SourceStep,
        params: Option<&Map<String, Value>>,
        load: &LoadStep,
    ) -> Option<Self> {
        let params = params.unwrap_or(&source.params);
        if !is_incremental(params, load) {
            return None;
        }
        let cursor = params.get("cursor_field").and_then(Value::as_str)?.to_owned();
        let lookback = params.get("lookback_window").and_then(Value::as_u64);
        Some(Self {
            source: source.name.clone(),
            inclusive: matches!(load.mode, LoadMode::Upsert { .. }),
            lookback,
            key: Key::new(pipeline, source, load, &cursor),
            cursor,
        })
    }

    /// What is new in the rows of `query`, all of them in a refresh. The end is fixed before the rows are read, so that the
    /// watermark is never ahead of them.
    pub(crate) fn window(&self, session: &Session, query: &str, refresh: Refresh) -> Result<Window, StepFault> {
        let columns = session.columns_of(query)?;
        if !columns.iter().any(|(name, _)| name.eq_ignore_ascii_case(&self.cursor)) {
            let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
            return Err(StepFault::Handler {
                message: format!("the source '{}' has no cursor column '{}'", self.source, self.cursor),
                hint: Some(format!("its columns are {}", names.join(", "))),
            });
        }
        let low = self.low(session, refresh)?;
        let cursor = quote_identifier(&self.cursor);
        let newest = session.query(&format!("SELECT max({cursor})::VARCHAR, typeof(max({cursor})) FROM ({query})"))?;
        Ok(Window { low, high: mark(newest.iter().next()) })
    }

    /// As [`window`](Self::window), for rows that the host carries: the source itself is asked for the newest.
    pub(crate) fn window_of_rows(
        &self,
        session: &Session,
        source: &dyn RowSource,
        refresh: Refresh,
        cancel: &Cancel,
    ) -> Result<Window, StepFault> {
        let low = self.low(session, refresh)?;
        let newest = source.newest(&self.cursor, cancel)?;
        let high = newest.map(|CursorValue { text, logical_type }| Mark { value: text, kind: logical_type });
        Ok(Window { low, high })
    }

    /// Where the last load ended; nothing where all is to be read.
    fn low(&self, session: &Session, refresh: Refresh) -> Result<Option<Mark>, StepFault> {
        if !refresh.is_none() {
            return Ok(None);
        }
        match (self.key.kept(session)?, self.lookback) {
            (Some(low), Some(_)) if low.kind == "VARCHAR" => Err(StepFault::Handler {
                message: format!(
                    "lookback_window needs a cursor of numbers or times, and '{}' is VARCHAR",
                    self.cursor
                ),
                hint: None,
            }),
            (low, _) => Ok(low),
        }
    }

    /// The window as a source understands it that narrows its rows itself; none for all rows.
    pub(crate) fn range(&self, window: &Window) -> Option<CursorRange> {
        let value = |mark: &Mark| CursorValue { text: mark.value.clone(), logical_type: mark.kind.clone() };
        let lower = window.low.as_ref().map(|low| LowerBound {
            value: value(low),
            lookback: self.lookback,
            is_inclusive: self.inclusive || self.lookback.is_some(),
        });
        Some(CursorRange { column: self.cursor.clone(), lower, upper: value(window.high.as_ref()?) })
    }

    /// The rows of `query` that lie in the window.
    pub(crate) fn narrowed(&self, query: &str, window: &Window) -> String {
        let cursor = quote_identifier(&self.cursor);
        let (low, high) = match (&window.low, &window.high) {
            (None, None) => return query.to_owned(),
            // The first load has an end, too: a row that arrives meanwhile is the next one's. Rows without a cursor have
            // no other occasion to be loaded.
            (None, Some(high)) => {
                return format!("SELECT * FROM ({query}) WHERE {cursor} IS NULL OR {cursor} <= {}", high.sql());
            }
            // No row has a cursor, so none is new; nor has the column a type to compare with.
            (Some(_), None) => return format!("SELECT * FROM ({query}) LIMIT 0"),
            (Some(low), Some(high)) => (low, high),
        };
        let start = match self.lookback {
            None => low.sql(),
            Some(back) if low.kind.starts_with("TIMESTAMP") || low.kind == "DATE" => {
                format!("{} - to_seconds({back})", low.sql())
            }
            Some(back) => format!("{} - {back}", low.sql()),
        };
        let after = if self.inclusive || self.lookback.is_some() { ">=" } else { ">" };
        format!("SELECT * FROM ({query}) WHERE {cursor} {after} {start} AND {cursor} <= {}", high.sql())
    }

    /// Moves the watermark to the end of the window, in the transaction of its rows. It never moves back.
    pub(crate) fn advance(&self, session: &Session, window: &Window) -> Result<(), Error> {
        let Some(high) = &window.high else { return Ok(()) };
        if let Some(low) = &window.low {
            let moved = session.query(&format!("SELECT {} > {}", high.sql(), low.sql()))?;
            if moved.first() != Some(&duckpen_database::Value::Boolean(true)) {
                return Ok(());
            }
        }
        self.key.keep(session, &high.value, &high.kind)
    }
}

/// Whether the parameters of a source ask for what is new, and the load keeps what is there.
fn is_incremental(params: &Map<String, Value>, load: &LoadStep) -> bool {
    let mode = params.get("sync_mode").and_then(Value::as_str);
    mode.is_some_and(|mode| mode.eq_ignore_ascii_case("incremental")) && load.mode != LoadMode::Replace
}

/// What a watermark is kept under: pipeline, source, table and cursor, as literals.
struct Key(String);

impl Key {
    fn new(pipeline: &str, source: &SourceStep, load: &LoadStep, cursor: &str) -> Self {
        let parts = [pipeline, &source.name, &load.table.to_string(), cursor];
        Self(parts.map(|part| quote_literal(&part.to_lowercase())).join(", "))
    }

    fn kept(&self, session: &Session) -> Result<Option<Mark>, Error> {
        let kept = session.query(&format!(
            "SELECT value, type FROM duckpen.watermarks WHERE (pipeline, source, target, cursor) = ({})",
            self.0
        ))?;
        Ok(mark(kept.iter().next()))
    }

    fn keep(&self, session: &Session, value: &str, kind: &str) -> Result<(), Error> {
        session.execute(&format!(
            "DELETE FROM duckpen.watermarks WHERE (pipeline, source, target, cursor) = ({});
             INSERT INTO duckpen.watermarks VALUES ({}, {}, {}, now()::TIMESTAMP);",
            self.0,
            self.0,
            quote_literal(value),
            quote_literal(kind)
        ))?;
        Ok(())
    }
}

/// An incremental load of a source that goes on from a state of its own.
pub(crate) struct Resumption {
    key: Key,
}

impl Resumption {
    /// The type under which a state is kept beside the values of cursors.
    const KIND: &str = "STATE";

    /// What the source's parameters ask for; none for a full refresh. A load that replaces its table reads everything.
    pub(crate) fn of(
        pipeline: &str,
        source: &SourceStep,
        params: Option<&Map<String, Value>>,
        load: &LoadStep,
    ) -> Option<Self> {
        // It has no cursor.
        is_incremental(params.unwrap_or(&source.params), load)
            .then(|| Self { key: Key::new(pipeline, source, load, "") })
    }

    /// Where the last load ended; nothing where all is to be read.
    pub(crate) fn since(&self, session: &Session, refresh: Refresh) -> Result<Option<String>, StepFault> {
        if !refresh.is_none() {
            return Ok(None);
        }
        let kept = self.key.kept(session)?.filter(|mark| mark.kind == Self::KIND);
        Ok(kept.map(|mark| mark.value))
    }

    /// Keeps where this load has ended, in the transaction of its rows.
    pub(crate) fn keep(&self, session: &Session, state: &str) -> Result<(), Error> {
        self.key.keep(session, state, Self::KIND)
    }
}

fn mark(row: Option<&[duckpen_database::Value]>) -> Option<Mark> {
    match row? {
        [duckpen_database::Value::Null, _] => None,
        [value, kind] => Some(Mark { value: value.to_string(), kind: kind.to_string() }),
        _ => None,
    }
}
