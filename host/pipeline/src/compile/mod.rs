//! From the text of a pipeline to its plan.

mod flatten;
mod paths;

use crate::diagnostics::{Diagnostic, SourceMap};
use crate::plan::{Plan, Resolver, TableName};
use crate::profile::Profile;
use crate::seams::{Sources, SqlAnalyzer};
use crate::syntax;
use crate::variables::{Scope, Variables};

pub(crate) use flatten::FlatStatement;
use flatten::Flattener;

/// What [`compile`] needs.
#[derive(Clone, Copy)]
pub struct CompileRequest<'a> {
    /// Name of the pipeline.
    pub pipeline: &'a str,
    /// Its file, relative to the project; includes are relative to its folder.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Reads included files.
    pub sources: &'a dyn Sources,
    /// Looks into SQL.
    pub analyzer: &'a dyn SqlAnalyzer,
    /// Values from outside. The profile's are to be among them.
    pub variables: &'a Variables,
    /// Where named connectors come from.
    pub profile: Option<&'a Profile>,
    /// Tables that the database has already, as far as that is known: to read them is no mistake.
    pub existing_tables: &'a [TableName],
}

/// What came of a compilation.
#[derive(Debug)]
pub struct Compilation {
    /// `None` if there is an error.
    pub plan: Option<Plan>,
    /// Errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics point into.
    pub sources: SourceMap,
}

/// Makes a plan of a pipeline. An error does not end it: as many as can be found are found at once.
#[must_use]
pub fn compile(request: CompileRequest<'_>) -> Compilation {
    let mut sources = SourceMap::new();
    let root = sources.add(request.path, request.text);
    let (statements, mut diagnostics) = syntax::parse(request.text, root);

    let mut flattener = Flattener::new(&request, Scope::new(request.variables), &mut sources);
    flattener.run(statements);
    let flat = flattener.finish();
    diagnostics.extend(flat.diagnostics);

    let is_whole = diagnostics.is_empty() && flat.decided;
    let mut resolver = Resolver::new(&request, &sources, flat.scope);
    let (plan, found) = resolver.plan(&flat.statements, is_whole);
    diagnostics.extend(found);

    diagnostics.sort_by_key(|diagnostic| (!diagnostic.is_error(), diagnostic.span));
    diagnostics.dedup();
    let plan = plan.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
    Compilation { plan, diagnostics, sources }
}
