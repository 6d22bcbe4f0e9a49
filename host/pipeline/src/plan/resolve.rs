//! From statements to steps: names and parameters with their values, queries with their tables, checks over all of them.

use std::collections::{HashMap, HashSet};

use crate::compile::{CompileRequest, FlatStatement};
use crate::diagnostics::{Code, Diagnostic, SourceMap, Span};
use crate::names::suggest;
use crate::variables::Scope;

use super::data_tests::TestSeverity;
use super::draft::{Draft, Drafter};
use super::graph::{self, Node};
use super::ids::Ids;
use super::queries::Queries;
use super::references::References;
use super::steps::{Plan, Refresh, Relation, Step, StepId, StepKind};

pub(crate) struct Resolver<'a> {
    request: &'a CompileRequest<'a>,
    sources: &'a SourceMap,
    scope: Scope<'a>,
    references: References,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(request: &'a CompileRequest<'a>, sources: &'a SourceMap, scope: Scope<'a>) -> Self {
        Self { request, sources, scope, references: References::default(), diagnostics: Vec::new() }
    }

    /// The plan and what is wrong. What refers to other statements is checked only if `is_whole`: otherwise the statement
    /// referred to may be one that could not be read.
    pub(crate) fn plan(&mut self, statements: &[FlatStatement], is_whole: bool) -> (Option<Plan>, Vec<Diagnostic>) {
        let mut drafter = Drafter::new(self.request, &mut self.scope);
        let mut drafts = statements.iter().filter_map(|statement| drafter.draft(statement)).collect::<Vec<_>>();
        self.diagnostics.append(&mut drafter.diagnostics);
        let is_whole = is_whole && drafts.len() == statements.len();

        self.define(&drafts);
        let loads = self.connect_loads(&mut drafts, is_whole);
        let mut queries = Queries::new(self.request.analyzer, self.sources, &drafts);
        queries.complete(&mut drafts, &mut self.scope);
        self.diagnostics.append(&mut queries.diagnostics);
        if is_whole {
            self.check_tables(&drafts);
        }
        let plan = self.order(&drafts, &loads);
        if is_whole && !self.diagnostics.iter().any(Diagnostic::is_error) {
            self.check_unused(&drafts);
        }
        self.scope.report_undefined(self.request.profile.map(|profile| &profile.unset));
        self.diagnostics.append(&mut self.scope.diagnostics);
        (plan, std::mem::take(&mut self.diagnostics))
    }

    /// Sources and tables, and those defined twice.
    fn define(&mut self, drafts: &[Draft]) {
        for table in self.request.existing_tables {
            self.references.exists(table);
        }
        let mut sources: HashMap<String, Span> = HashMap::new();
        let mut tables: HashMap<_, Span> = HashMap::new();
        let mut relations: HashMap<_, (Relation, Span)> = HashMap::new();
        for draft in drafts {
            if let StepKind::Source(source) = &draft.kind {
                self.references.source(&source.name);
                if let Some(first) = sources.insert(source.name.to_lowercase(), draft.name_span) {
                    let message = format!("Duplicate source definition: '{}'", source.name);
                    let diagnostic = Diagnostic::error(Code::DuplicateSource, message, draft.name_span);
                    self.diagnostics.push(
                        diagnostic.also_at(first, "first defined here").with_hint("give each SOURCE a name of its own"),
                    );
                }
            }
            draft.kind.all_writes().for_each(|table| self.references.define(table));
            let Some(table) = draft.kind.writes() else { continue };
            let first = tables.insert(table.key(), draft.name_span);
            let relation = match &draft.kind {
                StepKind::Transform(step) => step.relation,
                _ => Relation::Table,
            };
            let (made, place) = *relations.entry(table.key()).or_insert((relation, draft.name_span));
            if made != relation {
                let message = format!("'{table}' is a {made} in an earlier step, and a {relation} here");
                let diagnostic = Diagnostic::error(Code::TableAndView, message, draft.name_span);
                let hint = format!("give the {relation} another name");
                self.diagnostics.push(diagnostic.also_at(place, format!("the {made}")).with_hint(hint));
                continue;
            }
            if let Some(first) = first.filter(|_| draft.makes_anew) {
                let line = |span: Span| self.sources.location(span).line;
                let message = format!(
                    "Duplicate table definitions found: Table '{table}' defined at line {}, but already defined at line {}",
                    line(draft.name_span),
                    line(first)
                );
                let path = |span: Span| self.sources.path(span.file);
                let is_same_statement = first.start == draft.name_span.start && path(first) == path(draft.name_span);
                let hint = if is_same_statement {
                    "the file is included twice: make a variable a part of the name, as in sales_${region}"
                } else {
                    "write CREATE OR REPLACE TABLE to replace it, or give it another name"
                };
                let diagnostic = Diagnostic::error(Code::DuplicateTable, message, draft.name_span);
                self.diagnostics.push(diagnostic.also_at(first, "first defined here").with_hint(hint));
            }
        }
    }

    /// For each LOAD, the draft of its source.
    fn connect_loads(&mut self, drafts: &mut [Draft], is_whole: bool) -> HashMap<usize, usize> {
        let mut by_name: HashMap<String, usize> = HashMap::new();
        let mut by_own_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut names = Vec::new();
        for (index, draft) in drafts.iter().enumerate() {
            if let StepKind::Source(source) = &draft.kind {
                by_name.entry(source.name.to_lowercase()).or_insert(index);
                by_own_name.entry(draft.own_name.to_lowercase()).or_default().push(index);
                names.push((index, source.name.clone()));
            }
        }
        let mut loads = HashMap::new();
        for (index, draft) in drafts.iter_mut().enumerate() {
            let StepKind::Load(load) = &mut draft.kind else { continue };
            let wanted = load.source.to_lowercase();
            // From the inside out, then a name that only one included file has.
            let scoped = (0..=draft.namespace.len()).rev().find_map(|depth| {
                let mut name = draft.namespace[..depth].iter().map(|alias| alias.to_lowercase()).collect::<Vec<_>>();
                name.push(wanted.clone());
                by_name.get(&name.join("_")).copied()
            });
            let only = || by_own_name.get(&wanted).filter(|found| found.len() == 1).map(|found| found[0]);
            match scoped.or_else(only) {
                Some(source) => {
                    if let Some((_, name)) = names.iter().find(|(at, _)| *at == source) {
                        load.source.clone_from(name);
                    }
                    loads.insert(index, source);
                }
                None if is_whole => {
                    let message = format!("LOAD references undefined source: '{}'", load.source);
                    let mut diagnostic = Diagnostic::error(Code::UndefinedSource, message, draft.reference_span);
                    let known = names.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>();
                    if !known.is_empty() {
                        diagnostic = diagnostic.with_note(format!("available sources: {}", known.join(", ")));
                    }
                    diagnostic.hint = Some(match suggest(&load.source, known) {
                        Some(similar) => format!("did you mean '{similar}'?"),
                        None => format!("define it: SOURCE {} TYPE CSV PARAMS {{ ... }};", load.source),
                    });
                    self.diagnostics.push(diagnostic);
                }
                None => {}
            }
        }
        loads
    }

    fn check_tables(&mut self, drafts: &[Draft]) {
        for draft in drafts {
            let Some(query) = draft.query else { continue };
            for table in draft.kind.reads() {
                let found = self.references.check(table, self.sources.text(query.file), query);
                self.diagnostics.extend(found);
            }
        }
    }

    fn order(&mut self, drafts: &[Draft], loads: &HashMap<usize, usize>) -> Option<Plan> {
        let mut source_index = HashMap::new();
        let mut destinations: HashMap<&str, usize> = HashMap::new();
        let mut nodes = Vec::with_capacity(drafts.len());
        for (index, draft) in drafts.iter().enumerate() {
            if let StepKind::Source(source) = &draft.kind {
                source_index.entry(source.name.to_lowercase()).or_insert(index);
            }
            let mut needs = loads.get(&index).copied().into_iter().collect::<Vec<_>>();
            if let StepKind::Export(export) = &draft.kind
                && export.from_profile.is_none()
                && let Some(earlier) = destinations.insert(&export.destination, index)
            {
                needs.push(earlier);
                // The address of a system alone does not say what is written there.
                let is_system = export.destination.split_once("://").is_some_and(|(scheme, _)| scheme != "s3");
                if !is_system {
                    self.warn_same_destination(&export.destination, draft.name_span, drafts[earlier].name_span);
                }
            }
            nodes.push(Node {
                writes: draft.kind.all_writes().map(super::TableName::key).collect(),
                reads: draft.kind.reads().iter().map(super::TableName::key).collect(),
                is_view: matches!(&draft.kind, StepKind::Transform(step) if step.relation == Relation::View),
                is_test: matches!(draft.kind, StepKind::Test(_)),
                is_gate: matches!(&draft.kind, StepKind::Test(test) if test.severity == TestSeverity::Error),
                needs,
            });
        }
        for (index, draft) in drafts.iter().enumerate() {
            let sources = draft.kind.reads().iter().filter_map(|table| self.references.source_read(table));
            nodes[index].needs.extend(sources.filter_map(|name| source_index.get(&name.to_lowercase()).copied()));
        }
        let ids = self.ids(drafts);
        for (index, node) in nodes.iter().enumerate() {
            if node.is_view && node.writes.iter().any(|own| node.reads.contains(own)) {
                self.report_cycle(&[index, index], drafts, &ids);
            }
        }
        match graph::order(&nodes) {
            Ok(order) => {
                let steps = order.nodes.iter().map(|index| Step {
                    id: ids[*index].clone(),
                    kind: drafts[*index].kind.clone(),
                    depends_on: order.dependencies[*index].iter().map(|need| ids[*need].clone()).collect(),
                    tags: drafts[*index].tags.clone(),
                    refresh: Refresh::None,
                    location: Some(self.sources.location(drafts[*index].span)),
                });
                Some(Plan {
                    pipeline: self.request.pipeline.to_owned(),
                    steps: steps.collect(),
                    external_tables: self.references.external(),
                    variables: self.scope.used(),
                })
            }
            Err(cycles) => {
                for cycle in cycles {
                    self.report_cycle(&cycle, drafts, &ids);
                }
                None
            }
        }
    }

    fn ids(&self, drafts: &[Draft]) -> Vec<StepId> {
        let mut ids = Ids::default();
        let id = |draft: &Draft| match &draft.kind {
            StepKind::Source(source) => ids.source(&source.name, draft.position),
            StepKind::Load(load) => ids.load(&load.table, &load.mode, draft.position),
            StepKind::Transform(step) => ids.transform(&step.table, step.or_replace, draft.position),
            StepKind::Export(export) => {
                let table = match &export.table {
                    Some(table) => Some(table.name.clone()),
                    None => draft.first_table.as_deref().map(str::to_lowercase),
                };
                ids.export(&export.connector_type, table.as_deref(), draft.position)
            }
            StepKind::Test(test) => ids.test(test, draft.position),
        };
        drafts.iter().map(id).collect()
    }

    fn report_cycle(&mut self, cycle: &[usize], drafts: &[Draft], ids: &[StepId]) {
        let chain = cycle.iter().map(|node| ids[*node].as_str()).collect::<Vec<_>>().join(" -> ");
        let Some((first, others)) = cycle.split_first() else { return };
        let message = format!("Circular dependency detected: {chain}");
        let mut diagnostic = Diagnostic::error(Code::Cycle, message, drafts[*first].name_span);
        let needs = |from: usize| format!("needs {}", ids[from]);
        diagnostic.label = others.first().map(|next| needs(*next));
        for pair in others.windows(2) {
            diagnostic = diagnostic.also_at(drafts[pair[0]].name_span, needs(pair[1]));
        }
        self.diagnostics.push(diagnostic);
    }

    fn warn_same_destination(&mut self, destination: &str, span: Span, first: Span) {
        let message = format!("two exports write '{destination}': the later one replaces what the earlier one wrote");
        let diagnostic = Diagnostic::warning(Code::SameDestination, message, span);
        self.diagnostics.push(diagnostic.also_at(first, "written here first"));
    }

    fn check_unused(&mut self, drafts: &[Draft]) {
        let mut used = HashSet::new();
        for draft in drafts {
            if let StepKind::Load(load) = &draft.kind {
                used.insert(load.source.to_lowercase());
            }
            let read = draft.kind.reads().iter().filter_map(|table| self.references.source_read(table));
            used.extend(read.map(str::to_lowercase));
        }
        for draft in drafts {
            if let StepKind::Source(source) = &draft.kind
                && !used.contains(&source.name.to_lowercase())
            {
                let message = format!("the source '{}' is never loaded", source.name);
                let diagnostic = Diagnostic::warning(Code::UnusedSource, message, draft.name_span);
                self.diagnostics.push(diagnostic.with_hint(format!("LOAD a table FROM {}, or remove it", source.name)));
            }
        }
    }
}
