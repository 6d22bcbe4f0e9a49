use std::collections::HashSet;

use crate::diagnostics::{Code, Diagnostic, SourceMap, Span};
use crate::file_reads::file_reads;
use crate::seams::{SqlAnalyzer, SqlError, SqlFacts};
use crate::syntax::lexer::{self, TokenKind};
use crate::syntax::swallowed_statement;
use crate::variables::{FormattedSql, Scope, format_sql};

use super::data_tests::{TestCheck, TestStep};
use super::draft::Draft;
use super::references::python_table_reads;
use super::steps::{StepKind, TableName};

/// A query with the values of variables in it.
struct Written {
    /// Where it stands.
    span: Span,
    formatted: FormattedSql,
    /// The same without the aliases of included files, where it has some.
    without_aliases: Option<String>,
}

impl Written {
    fn sql(&self) -> &str {
        self.without_aliases.as_deref().unwrap_or(&self.formatted.text)
    }

    fn into_sql(self) -> String {
        self.without_aliases.unwrap_or(self.formatted.text)
    }
}

fn fill(draft: &mut Draft, query: String, facts: SqlFacts) {
    let reads = reads(&facts, &query);
    draft.first_table = first_table(&query, &reads);
    match &mut draft.kind {
        StepKind::Transform(step) => {
            step.query = query;
            step.reads = reads;
            step.functions = functions(facts);
        }
        StepKind::Export(step) => {
            step.query = query;
            step.reads = reads;
            step.functions = functions(facts);
        }
        StepKind::Test(step) => {
            step.query = query;
            step.reads = reads;
            step.functions = functions(facts);
        }
        StepKind::Source(_) | StepKind::Load(_) => {}
    }
}

/// Writes the values of variables into queries and learns what they read.
pub(crate) struct Queries<'a> {
    analyzer: &'a dyn SqlAnalyzer,
    sources: &'a SourceMap,
    /// Tables of included files, as `(alias, table)` in lower case.
    included: HashSet<(String, String)>,
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Queries<'a> {
    pub(crate) fn new(analyzer: &'a dyn SqlAnalyzer, sources: &'a SourceMap, drafts: &[Draft]) -> Self {
        let included = drafts.iter().filter_map(|draft| {
            let table = draft.kind.writes()?;
            Some((draft.namespace.last()?.to_lowercase(), table.name.to_lowercase()))
        });
        Self { analyzer, sources, included: included.collect(), diagnostics: Vec::new() }
    }

    /// All queries together, since DuckDB takes many at once in less time than one by one.
    pub(crate) fn complete(&mut self, drafts: &mut [Draft], scope: &mut Scope<'_>) {
        let mut written = Vec::new();
        for (index, draft) in drafts.iter_mut().enumerate() {
            if let Some(query) = self.write(draft, scope) {
                written.push((index, query));
            }
        }
        let queries = written.iter().map(|(_, query)| query.sql()).collect::<Vec<_>>();
        let facts = self.analyzer.analyze_all(&queries);
        for ((index, query), facts) in written.into_iter().zip(facts) {
            match facts {
                Ok(facts) => fill(&mut drafts[index], query.into_sql(), facts),
                Err(error) => self.report(&error, &query),
            }
        }
    }

    /// The query of a draft with the values of variables in it. None if there is none to look at, or a variable is wrong.
    fn write(&self, draft: &mut Draft, scope: &mut Scope<'_>) -> Option<Written> {
        let span = draft.query?;
        if let StepKind::Export(export) = &mut draft.kind
            && let Some(table) = &mut export.table
        {
            self.resolve_alias(table);
            export.query = format!("SELECT * FROM {}", table.to_sql());
            export.reads = vec![table.clone()];
            return None;
        }
        if let StepKind::Test(test) = &mut draft.kind {
            self.resolve_aliases(test);
            if let Some(table) = &test.table
                && !matches!(test.check, TestCheck::AcceptedValues { .. })
            {
                test.query = test.check.query(table).unwrap_or_default();
                test.reads = vec![table.clone()];
                if let TestCheck::References { table, .. } = &test.check {
                    test.reads.push(table.clone());
                }
                return None;
            }
        }
        scope.enter(draft.position, "SQL query");
        let mut formatted = format_sql(self.sources.text(span.file), span, scope)?;
        if let StepKind::Test(TestStep { table: Some(table), check, .. }) = &mut draft.kind {
            if let TestCheck::AcceptedValues { values, .. } = check {
                values.clone_from(&formatted.text);
            }
            if let Some(before) = check.query(table).as_deref().and_then(|query| query.strip_suffix(&formatted.text)) {
                formatted = formatted.after(before);
            }
        }
        let without_aliases = self.without_aliases(&formatted.text);
        Some(Written { span, formatted, without_aliases })
    }

    /// `alias.table` of an included file is the table.
    fn resolve_alias(&self, table: &mut TableName) {
        if let Some(schema) = &table.schema
            && self.included.contains(&(schema.to_lowercase(), table.name.to_lowercase()))
        {
            table.schema = None;
        }
    }

    fn resolve_aliases(&self, test: &mut TestStep) {
        test.table.iter_mut().for_each(|table| self.resolve_alias(table));
        if let TestCheck::References { table, .. } = &mut test.check {
            self.resolve_alias(table);
        }
    }

    /// `alias.table` of an included file is the table. `None` if there is nothing to change.
    fn without_aliases(&self, sql: &str) -> Option<String> {
        if self.included.is_empty() {
            return None;
        }
        let tokens = lexer::significant(sql);
        let mut changed = String::new();
        let mut from = 0;
        for window in tokens.windows(3) {
            let [alias, dot, table] = window else { continue };
            let name = |token: &lexer::Token| match token.kind {
                TokenKind::Word => Some(sql[token.start..token.end].to_lowercase()),
                TokenKind::QuotedName => Some(sql[token.start + 1..token.end - 1].replace("\"\"", "\"").to_lowercase()),
                _ => None,
            };
            if dot.is(b'.')
                && let (Some(alias_name), Some(table_name)) = (name(alias), name(table))
                && self.included.contains(&(alias_name, table_name))
            {
                changed.push_str(&sql[from..alias.start]);
                from = table.start;
            }
        }
        if from == 0 {
            return None;
        }
        changed.push_str(&sql[from..]);
        Some(changed)
    }

    fn report(&mut self, error: &SqlError, written: &Written) {
        let query = written.span;
        // Without its aliases the query has other offsets.
        let formatted = Some(&written.formatted).filter(|_| written.without_aliases.is_none());
        let origin = error.offset.zip(formatted).and_then(|(offset, formatted)| formatted.origin(offset));
        let text = self.sources.text(query.file);
        let span = match origin.filter(|origin| (query.start..query.end).contains(origin)) {
            Some(origin) if text.is_char_boundary(origin) => {
                let token = lexer::token_at(&text[..query.end], origin);
                Span::new(query.file, token.start, token.end)
            }
            _ => query,
        };
        let message = error.message.lines().next().unwrap_or_default();
        let message = message.strip_prefix("Parser Error: ").unwrap_or(message);
        let mut diagnostic = Diagnostic::error(Code::Sql, format!("DuckDB cannot parse the query: {message}"), span);
        if let Some(swallowed) = swallowed_statement(text, query) {
            diagnostic = diagnostic
                .also_at(swallowed, "this is still a part of the query")
                .with_hint("end the query before it with ';'");
        }
        self.diagnostics.push(diagnostic);
    }
}

pub(super) fn reads(facts: &SqlFacts, sql: &str) -> Vec<TableName> {
    let mut seen = HashSet::new();
    let files = file_reads(sql).reads;
    let is_file = |table: &TableName| table.schema.is_none() && files.iter().any(|read| read.is_for(&table.name, sql));
    let all = facts.tables.iter().cloned().chain(python_table_reads(sql));
    all.filter(|table| !is_file(table) && seen.insert(table.key())).collect()
}

pub(super) fn functions(facts: SqlFacts) -> Vec<String> {
    let mut functions = facts.functions;
    functions.sort();
    functions.dedup();
    functions
}

/// The table after the first FROM or JOIN that reads one.
fn first_table(sql: &str, reads: &[TableName]) -> Option<String> {
    let tokens = lexer::significant(sql);
    let written = |at: usize| tokens.get(at).map(|token| sql[token.start..token.end].trim_matches('"').to_owned());
    (0..tokens.len()).find_map(|at| {
        let word = written(at)?;
        if !(word.eq_ignore_ascii_case("FROM") || word.eq_ignore_ascii_case("JOIN")) {
            return None;
        }
        let is_qualified = tokens.get(at + 2).is_some_and(|token| token.is(b'.'));
        let name = written(if is_qualified { at + 3 } else { at + 1 })?;
        reads.iter().any(|read| read.name.eq_ignore_ascii_case(&name)).then_some(name)
    })
}
