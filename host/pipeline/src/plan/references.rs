//! Tables that queries read: which the plan knows, which are probably misspelt, which have to be in the database.

use std::collections::BTreeMap;

use crate::diagnostics::{Code, Diagnostic, Span};
use crate::names::suggest;
use crate::python_calls::{PythonPlace, python_calls};
use crate::syntax::lexer::{self, TokenKind};

use super::steps::TableName;

/// The tables that exist or will, by key.
#[derive(Debug, Default)]
pub(crate) struct References {
    defined: BTreeMap<(String, String), TableName>,
    existing: BTreeMap<(String, String), TableName>,
    sources: BTreeMap<String, String>,
    external: BTreeMap<(String, String), TableName>,
}

impl References {
    /// A table that a step makes.
    pub(crate) fn define(&mut self, table: &TableName) {
        self.defined.entry(table.key()).or_insert_with(|| table.clone());
    }

    /// A table that is in the database before the run.
    pub(crate) fn exists(&mut self, table: &TableName) {
        self.existing.entry(table.key()).or_insert_with(|| table.clone());
    }

    /// A source: queries may read it by its name, too.
    pub(crate) fn source(&mut self, name: &str) {
        self.sources.insert(name.to_lowercase(), name.to_owned());
    }

    pub(crate) fn is_defined(&self, table: &TableName) -> bool {
        self.defined.contains_key(&table.key())
    }

    /// The source that a query reads by this name, if no table has it.
    pub(crate) fn source_read(&self, table: &TableName) -> Option<&str> {
        let name = table.schema.is_none().then(|| self.sources.get(&table.name.to_lowercase()))??;
        (!self.is_defined(table)).then_some(name.as_str())
    }

    pub(crate) fn external(&self) -> Vec<TableName> {
        self.external.values().cloned().collect()
    }

    /// Looks at one table of a query at `span`.
    pub(crate) fn check(&mut self, table: &TableName, text: &str, span: Span) -> Option<Diagnostic> {
        if self.is_defined(table) || self.source_read(table).is_some() || is_of_the_engine(table) {
            return None;
        }
        let key = table.key();
        if self.existing.contains_key(&key) {
            self.external.entry(key).or_insert_with(|| table.clone());
            return None;
        }
        let known = self.defined.values().chain(self.existing.values()).filter(|known| known.key().0 == key.0);
        let mut known = known.map(|known| known.name.as_str()).collect::<Vec<_>>();
        let place = find_name(text, span, &table.name).unwrap_or(span);
        if let Some(similar) = suggest(&table.name, known.iter().copied()) {
            known.sort_unstable();
            let message = format!("Referenced table '{table}' might not be defined");
            return Some(
                Diagnostic::error(Code::MisspeltTable, message, place)
                    .with_note(format!("available tables: {}", known.join(", ")))
                    .with_hint(format!("did you mean '{similar}' instead of '{table}'?")),
            );
        }
        let first = self.external.insert(key, table.clone()).is_none();
        first.then(|| {
            Diagnostic::warning(Code::ExternalTable, format!("no step defines the table '{table}'"), place)
                .with_hint("it has to be in the database when the pipeline runs")
        })
    }
}

/// Catalogs, and file names that DuckDB would read as tables: those are for the policy on access to judge.
pub(super) fn is_of_the_engine(table: &TableName) -> bool {
    let (schema, name) = table.key();
    matches!(schema.as_str(), "information_schema" | "pg_catalog")
        || name.starts_with("duckdb_")
        || name.starts_with("pragma_")
        || name.starts_with("sqlite_")
        || name.starts_with("pg_")
        || name.contains(['/', '.', '*', ':', '\\'])
}

/// Where a name stands in a query.
pub(crate) fn find_name(text: &str, span: Span, name: &str) -> Option<Span> {
    let mut at = span.start;
    while at < span.end {
        let token = lexer::token_at(&text[..span.end], at);
        let slice = &text[token.start..token.end];
        let found = match token.kind {
            TokenKind::Word => slice.eq_ignore_ascii_case(name),
            TokenKind::QuotedName => slice[1..slice.len() - 1].replace("\"\"", "\"").eq_ignore_ascii_case(name),
            TokenKind::End => return None,
            _ => false,
        };
        if found {
            return Some(Span::new(span.file, token.start, token.end));
        }
        at = token.end;
    }
    None
}

/// Tables given to functions of tables in SQLFlow's spelling, `FROM PYTHON_FUNC("module.function", table)`: to DuckDB the
/// table is an argument like any other.
pub(crate) fn python_table_reads(sql: &str) -> Vec<TableName> {
    let calls = python_calls(sql).into_iter().filter(|call| call.place == PythonPlace::Relation);
    calls.filter_map(|call| table_of(&call.arguments.first()?.sql)).collect()
}

/// The table that an argument names, if that is all it does.
fn table_of(argument: &str) -> Option<TableName> {
    let tokens = lexer::significant(argument);
    let name = |token: &lexer::Token| match token.kind {
        TokenKind::Word => Some(argument[token.start..token.end].to_owned()),
        TokenKind::QuotedName => Some(argument[token.start + 1..token.end - 1].replace("\"\"", "\"")),
        _ => None,
    };
    match tokens.as_slice() {
        [table] => Some(TableName::new(name(table)?)),
        [schema, dot, table] if dot.is(b'.') => Some(TableName::in_schema(name(schema)?, name(table)?)),
        _ => None,
    }
}
