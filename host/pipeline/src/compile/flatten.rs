//! Decides IF, takes in INCLUDE, evaluates SET: what remains is a list of the statements that make steps.

use crate::conditions;
use crate::diagnostics::{Code, Diagnostic, SourceMap, Span};
use crate::syntax::{
    self,
    ast::{If, Include, Name, Statement, StatementKind},
};
use crate::variables::{Scope, evaluate_set};

use super::{CompileRequest, paths};

/// Files that a pipeline can include in all. Each file may include others several times, so the number can explode.
const MAX_INCLUDES: usize = 1_000;

/// Includes within includes.
const MAX_DEPTH: usize = 50;

/// A statement that makes a step.
#[derive(Debug)]
pub(crate) struct FlatStatement {
    pub statement: Statement,
    /// Counts the statements from 0, SET included and IF not, as SQLFlow does.
    pub position: usize,
    /// Aliases of the includes it came through, the outermost first.
    pub namespace: Vec<String>,
    /// Its own tags and those of the includes it came through.
    pub tags: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Flat<'a> {
    pub statements: Vec<FlatStatement>,
    pub scope: Scope<'a>,
    pub diagnostics: Vec<Diagnostic>,
    /// Every condition could be decided.
    pub decided: bool,
}

pub(super) struct Flattener<'a, 'm> {
    request: &'m CompileRequest<'a>,
    sources: &'m mut SourceMap,
    flat: Flat<'a>,
    position: usize,
    namespace: Vec<String>,
    /// Tags of the includes being read.
    tags: Vec<String>,
    /// Paths of the files being read, the pipeline's first.
    open: Vec<String>,
    included: usize,
}

impl<'a, 'm> Flattener<'a, 'm> {
    pub(super) fn new(request: &'m CompileRequest<'a>, scope: Scope<'a>, sources: &'m mut SourceMap) -> Self {
        Self {
            request,
            sources,
            flat: Flat { statements: Vec::new(), scope, diagnostics: Vec::new(), decided: true },
            position: 0,
            namespace: Vec::new(),
            tags: Vec::new(),
            open: vec![request.path.to_owned()],
            included: 0,
        }
    }

    pub(super) fn finish(self) -> Flat<'a> {
        self.flat
    }

    pub(super) fn run(&mut self, statements: Vec<Statement>) {
        for statement in statements {
            match statement.kind {
                StatementKind::If(conditional) => self.conditional(conditional),
                StatementKind::Include(include) => self.include(&include, &statement.tags, statement.span),
                StatementKind::Set(set) => {
                    self.flat.scope.enter(self.position, "SET statement");
                    let text = self.sources.text(set.value.file);
                    if let Some(value) = evaluate_set(text, set.value, &mut self.flat.scope) {
                        self.flat.scope.assign(set.name, value, statement.span);
                    }
                    self.position += 1;
                }
                _ => {
                    let tags = self.tags(&statement.tags, "statement");
                    let namespace = self.namespace.clone();
                    self.flat.statements.push(FlatStatement { statement, position: self.position, namespace, tags });
                    self.position += 1;
                }
            }
        }
    }

    /// The first branch that holds. If one cannot be decided, neither can those after it.
    fn conditional(&mut self, conditional: If) {
        for branch in conditional.branches {
            self.flat.scope.enter(self.position, "IF condition");
            match conditions::holds(&branch.condition, &mut self.flat.scope) {
                Some(true) => return self.run(branch.statements),
                Some(false) => {}
                None => {
                    self.flat.decided = false;
                    return;
                }
            }
        }
        self.run(conditional.otherwise);
    }

    /// The tags of a statement, with those of the includes it is in.
    fn tags(&mut self, own: &[Name], place: &'static str) -> Vec<String> {
        self.flat.scope.enter(self.position, place);
        let mut tags = self.tags.clone();
        for tag in own {
            let tag = self.flat.scope.name(tag).map(|parts| parts.join("."));
            tags.extend(tag.filter(|tag| !tags.contains(tag)));
        }
        tags
    }

    fn include(&mut self, include: &Include, tags: &[Name], span: Span) {
        self.flat.scope.enter(self.position, "INCLUDE path");
        let Some(written) = self.flat.scope.text(&include.path) else {
            self.flat.decided = false;
            return;
        };
        let at = include.path.span;
        let including = self.open.last().cloned().unwrap_or_default();
        let Some(path) = paths::join(&including, &written) else {
            return self.fail(Code::IncludeMissing, format!("'{written}' is outside the project"), at);
        };
        if let Some(first) = self.open.iter().position(|open| *open == path) {
            let chain = self.open[first..].iter().chain([&path]).cloned().collect::<Vec<_>>().join(" -> ");
            return self.fail(Code::IncludeCycle, format!("Circular include detected: {chain}"), at);
        }
        if self.included == MAX_INCLUDES || self.open.len() > MAX_DEPTH {
            let message = format!("more than {MAX_INCLUDES} includes, or more than {MAX_DEPTH} within each other");
            return self.fail(Code::Nesting, message, span);
        }
        let text = match self.request.sources.read(&path) {
            Ok(text) => text,
            Err(error) => {
                let diagnostic =
                    Diagnostic::error(Code::IncludeMissing, format!("cannot include '{path}': {error}"), at);
                self.flat.decided = false;
                let hint = format!("the path is relative to '{including}'");
                return self.flat.diagnostics.push(diagnostic.with_hint(hint));
            }
        };
        self.included += 1;
        let file = self.sources.add(&path, text);
        let (statements, diagnostics) = syntax::parse(self.sources.text(file), file);
        self.flat.diagnostics.extend(diagnostics);
        let tags = self.tags(tags, "INCLUDE statement");
        let outer = std::mem::replace(&mut self.tags, tags);
        self.open.push(path);
        self.namespace.push(include.alias.clone());
        self.run(statements);
        self.namespace.pop();
        self.open.pop();
        self.tags = outer;
    }

    fn fail(&mut self, code: Code, message: String, span: Span) {
        self.flat.decided = false;
        self.flat.diagnostics.push(Diagnostic::error(code, message, span));
    }
}
