use serde_json::{Map, Value};

use crate::compile::{CompileRequest, FlatStatement};
use crate::diagnostics::{Code, Diagnostic, Span};
use crate::names::suggest;
use crate::profile::Connector;
use crate::syntax::ast::{
    Check, Create, DataTest, Destination, Export, Exported, Json, Load, Mode, Name, Source, SourceOrigin, StatementKind,
};
use crate::syntax::template::Template;
use crate::variables::Scope;

use super::data_tests::{TestCheck, TestStep};
use super::steps::{
    ExportStep, LoadMode, LoadStep, Lookback, SourceStep, StepKind, TableName, TransformMode, TransformStep,
};
use super::sync_mode;

/// A step whose query is still to be looked at.
#[derive(Debug)]
pub(crate) struct Draft {
    pub kind: StepKind,
    pub position: usize,
    pub namespace: Vec<String>,
    pub tags: Vec<String>,
    /// The whole statement.
    pub span: Span,
    /// What it defines, or the destination it writes.
    pub name_span: Span,
    /// The source that a LOAD refers to.
    pub reference_span: Span,
    /// The query in the text.
    pub query: Option<Span>,
    /// A plain CREATE: it may not meet an older table of this pipeline.
    pub makes_anew: bool,
    /// Name of a source without its namespace.
    pub own_name: String,
    /// The table right after the query's first FROM, which names an export.
    pub first_table: Option<String>,
}

impl Draft {
    fn new(flat: &FlatStatement, kind: StepKind, name_span: Span) -> Self {
        Self {
            kind,
            position: flat.position,
            namespace: flat.namespace.clone(),
            tags: flat.tags.clone(),
            span: flat.statement.span,
            name_span,
            reference_span: name_span,
            query: None,
            makes_anew: false,
            own_name: String::new(),
            first_table: None,
        }
    }
}

/// Makes drafts: names and parameters get their values.
pub(crate) struct Drafter<'a, 'b, 'c> {
    request: &'a CompileRequest<'a>,
    scope: &'b mut Scope<'c>,
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a, 'b, 'c> Drafter<'a, 'b, 'c> {
    pub(crate) fn new(request: &'a CompileRequest<'a>, scope: &'b mut Scope<'c>) -> Self {
        Self { request, scope, diagnostics: Vec::new() }
    }

    /// `None` if something is undefined or wrong, which is then reported.
    pub(crate) fn draft(&mut self, flat: &FlatStatement) -> Option<Draft> {
        self.scope.enter(flat.position, "statement");
        match &flat.statement.kind {
            StatementKind::Source(source) => self.source(source, flat),
            StatementKind::Load(load) => self.load(load, flat),
            StatementKind::Create(create) => self.create(create, flat),
            StatementKind::Export(export) => self.export(export, flat),
            StatementKind::Test(test) => self.test(test, flat),
            StatementKind::Set(_) | StatementKind::Include(_) | StatementKind::If(_) => None,
        }
    }

    fn source(&mut self, source: &Source, flat: &FlatStatement) -> Option<Draft> {
        self.scope.at("SOURCE statement");
        let own_name = self.one_name(&source.name);
        let (SourceOrigin::Type(connector) | SourceOrigin::Profile(connector)) = &source.origin;
        let connector_name = self.scope.text(connector);
        self.scope.at("SOURCE parameters");
        let params = self.settings(source.settings.as_ref());
        let (own_name, connector_name, params) = (own_name?, connector_name?, params?);

        let (connector_type, from_profile) = match &source.origin {
            SourceOrigin::Type(_) => {
                self.check_sync_mode(&connector_name, &params, source.name.span);
                (connector_name.to_lowercase(), None)
            }
            SourceOrigin::Profile(template) => {
                let found = self.connector(&connector_name, template.span)?;
                let connector_type = found.connector_type.clone();
                match found.merged(&params, self.request.variables) {
                    Ok(settings) => self.check_sync_mode(&connector_type, settings.expose(), source.name.span),
                    Err(missing) => {
                        let message = format!("the connector '{connector_name}' cannot be used: {missing}");
                        let diagnostic = Diagnostic::error(Code::ConnectorVariable, message, template.span);
                        self.diagnostics.push(diagnostic.with_hint("set them in the environment or in the profile"));
                    }
                }
                (connector_type, Some(connector_name))
            }
        };
        let name = flat.namespace.iter().chain([&own_name]).cloned().collect::<Vec<_>>().join("_");
        let kind = StepKind::Source(SourceStep { name, connector_type, params, from_profile });
        Some(Draft { own_name, ..Draft::new(flat, kind, source.name.span) })
    }

    fn load(&mut self, load: &Load, flat: &FlatStatement) -> Option<Draft> {
        self.scope.at("LOAD statement");
        let table = self.table(&load.table);
        let source = self.scope.name(&load.source);
        let mode = match &load.mode {
            None | Some(Mode::Replace | Mode::Incremental { .. }) => Some(LoadMode::Replace),
            Some(Mode::Append) => Some(LoadMode::Append),
            Some(Mode::Upsert { keys }) => self.names(keys).map(|keys| LoadMode::Upsert { keys }),
        };
        self.scope.at("LOAD options");
        let options = self.settings(load.options.as_ref())?;
        let rejects = match options.get("rejects") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(self.rejects(name, load, table.as_ref())?),
            Some(_) => {
                self.wrong_option("the option 'rejects' takes the name of a table", load);
                return None;
            }
        };
        // A source of an included file may be written `alias.name`.
        let source = source?.join("_");
        let kind = StepKind::Load(LoadStep { table: table?, source, mode: mode?, options, rejects });
        Some(Draft { reference_span: load.source.span, ..Draft::new(flat, kind, load.table.span) })
    }

    /// The table that a LOAD writes what it rejects to.
    fn rejects(&mut self, name: &str, load: &Load, table: Option<&TableName>) -> Option<TableName> {
        let rejects = match name.split('.').collect::<Vec<_>>().as_slice() {
            [name] if !name.is_empty() => TableName::new(*name),
            [schema, name] if !schema.is_empty() && !name.is_empty() => TableName::in_schema(*schema, *name),
            _ => {
                self.wrong_option(&format!("the option 'rejects' takes the name of a table, and not '{name}'"), load);
                return None;
            }
        };
        if table.is_some_and(|table| table.key() == rejects.key()) {
            self.wrong_option("what is rejected cannot go into the table that is loaded", load);
            return None;
        }
        Some(rejects)
    }

    fn wrong_option(&mut self, message: &str, load: &Load) {
        let diagnostic = Diagnostic::error(Code::LoadOption, message, load.table.span);
        self.diagnostics.push(diagnostic.with_hint("OPTIONS {\"rejects\": \"orders_rejected\"}"));
    }

    fn test(&mut self, test: &DataTest, flat: &FlatStatement) -> Option<Draft> {
        self.scope.at("TEST statement");
        let (table, name) = match &test.check {
            Check::Query(_) => (None, self.one_name(&test.name)),
            _ => {
                let table = self.table(&test.name)?;
                let name = table.to_string();
                (Some(table), Some(name))
            }
        };
        let mut query = test.body;
        let check = match &test.check {
            Check::NotNull(columns) => self.names(columns).map(|columns| TestCheck::NotNull { columns }),
            Check::Unique(columns) => self.names(columns).map(|columns| TestCheck::Unique { columns }),
            // The values are SQL and come when the query is completed.
            Check::In { columns, values } => {
                query = *values;
                self.names(columns).map(|columns| TestCheck::AcceptedValues { columns, values: String::new() })
            }
            Check::References { columns, table, referenced } => {
                let (columns, table, referenced) = (self.names(columns), self.table(table), self.names(referenced));
                columns.zip(table).zip(referenced).map(|((columns, table), referenced)| TestCheck::References {
                    columns,
                    table,
                    referenced,
                })
            }
            Check::Query(span) => {
                query = *span;
                Some(TestCheck::NoRows)
            }
        };
        let step = TestStep {
            name: name?,
            table,
            check: check?,
            severity: test.severity,
            query: String::new(),
            reads: Vec::new(),
            functions: Vec::new(),
        };
        Some(Draft { query: Some(query), ..Draft::new(flat, StepKind::Test(step), test.name.span) })
    }

    fn create(&mut self, create: &Create, flat: &FlatStatement) -> Option<Draft> {
        self.scope.at("CREATE statement");
        let table = self.table(&create.name);
        let mode = match &create.mode {
            None | Some(Mode::Replace) => Some(TransformMode::Replace),
            Some(Mode::Append) => Some(TransformMode::Append),
            Some(Mode::Upsert { keys }) => self.names(keys).map(|keys| TransformMode::Upsert { keys }),
            Some(Mode::Incremental { time_column, lookback }) => {
                let time_column = self.one_name(time_column);
                let lookback = match lookback {
                    Some(lookback) => self.lookback(lookback).map(Some),
                    None => Some(None),
                };
                time_column
                    .zip(lookback)
                    .map(|(time_column, lookback)| TransformMode::Incremental { time_column, lookback })
            }
        };
        let kind = StepKind::Transform(TransformStep {
            table: table?,
            query: String::new(),
            mode: mode?,
            relation: create.relation,
            or_replace: create.or_replace,
            reads: Vec::new(),
            functions: Vec::new(),
        });
        let makes_anew = !create.or_replace && create.mode.is_none();
        Some(Draft { query: Some(create.query), makes_anew, ..Draft::new(flat, kind, create.name.span) })
    }

    fn export(&mut self, export: &Export, flat: &FlatStatement) -> Option<Draft> {
        self.scope.at("EXPORT statement");
        let (query, table) = match &export.what {
            Exported::Query(query) => (*query, Some(None)),
            Exported::Table(name) => (name.span, self.table(name).map(Some)),
        };
        let given_type = match &export.connector {
            Some(connector) => self.scope.text(connector).map(Some),
            None => Some(None),
        };
        let (destination_span, destination) = match &export.destination {
            Destination::Place(place) => (place.span, self.scope.text(place)),
            Destination::Connector(name) => (name.span, self.one_name(name)),
        };
        self.scope.at("EXPORT options");
        let options = self.settings(export.options.as_ref());
        let (table, given_type, destination, options) = (table?, given_type?, destination?, options?);

        let (connector_type, destination, from_profile) = match &export.destination {
            Destination::Place(_) => {
                let connector_type = match given_type {
                    Some(given) => given.to_lowercase(),
                    None => self.type_of(&destination, destination_span)?,
                };
                (connector_type, destination, None)
            }
            Destination::Connector(_) => {
                let connector = self.connector(&destination, destination_span)?;
                let connector_type = given_type.map_or_else(|| connector.connector_type.clone(), |t| t.to_lowercase());
                (connector_type, String::new(), Some(destination))
            }
        };
        let kind = StepKind::Export(ExportStep {
            query: table.as_ref().map_or_else(String::new, |table| format!("SELECT * FROM {}", table.to_sql())),
            table,
            destination,
            connector_type,
            options,
            from_profile,
            reads: Vec::new(),
            functions: Vec::new(),
        });
        Some(Draft { query: Some(query), ..Draft::new(flat, kind, destination_span) })
    }

    fn type_of(&mut self, destination: &str, span: Span) -> Option<String> {
        let path = destination.to_lowercase();
        let known = [
            (".csv", "csv"),
            (".tsv", "csv"),
            (".parquet", "parquet"),
            (".json", "json"),
            (".jsonl", "json"),
            (".ndjson", "json"),
        ];
        let found = known.iter().find(|(extension, _)| path.ends_with(extension)).map(|(_, name)| (*name).to_owned());
        if found.is_none() {
            let message = format!("Expected 'TYPE' after the destination: '{destination}' does not tell it");
            let diagnostic = Diagnostic::error(Code::ExportType, message, span);
            self.diagnostics.push(diagnostic.with_hint("EXPORT ... TO \"file\" TYPE CSV OPTIONS { ... };"));
        }
        found
    }

    fn connector(&mut self, name: &str, span: Span) -> Option<&'a Connector> {
        let connectors = self.request.profile.map(|profile| &profile.connectors);
        let found = connectors.and_then(|connectors| connectors.get(name));
        if found.is_none() {
            let message = format!("the profile has no connector '{name}'");
            let mut diagnostic = Diagnostic::error(Code::UnknownConnector, message, span);
            let known =
                connectors.into_iter().flat_map(|connectors| connectors.keys().map(String::as_str)).collect::<Vec<_>>();
            diagnostic.hint = Some(match suggest(name, known.iter().copied()) {
                Some(similar) => format!("did you mean '{similar}'?"),
                None => "add it to the section 'connectors' of the profile".to_owned(),
            });
            if !known.is_empty() {
                diagnostic = diagnostic.with_note(format!("available connectors: {}", known.join(", ")));
            }
            self.diagnostics.push(diagnostic);
        }
        found
    }

    fn check_sync_mode(&mut self, connector_type: &str, params: &Map<String, Value>, span: Span) {
        let problems = sync_mode::problems(connector_type, params);
        self.diagnostics.extend(problems.into_iter().map(|problem| Diagnostic::error(Code::SyncMode, problem, span)));
    }

    fn settings(&mut self, json: Option<&Json>) -> Option<Map<String, Value>> {
        let Some(json) = json else { return Some(Map::new()) };
        match self.scope.json(json)? {
            Value::Object(members) => Some(members),
            _ => Some(Map::new()),
        }
    }

    fn lookback(&mut self, template: &Template) -> Option<Lookback> {
        let text = self.scope.text(template)?;
        let lookback = Lookback::parse(&text);
        if lookback.is_none() {
            let message = format!("LOOKBACK '{text}' is no length of time");
            let diagnostic = Diagnostic::error(Code::Mode, message, template.span);
            self.diagnostics.push(diagnostic.with_hint("a whole number and a unit: 2 DAYS, 1 MONTH, 12 HOURS"));
        }
        lookback
    }

    fn table(&mut self, name: &Name) -> Option<TableName> {
        let mut parts = self.scope.name(name)?;
        let last = parts.pop()?;
        match (parts.pop(), parts.is_empty()) {
            (None, _) => Some(TableName::new(last)),
            (Some(schema), true) => Some(TableName::in_schema(schema, last)),
            (Some(_), false) => {
                let message = "a table name has at most two parts: schema.table";
                self.diagnostics.push(Diagnostic::error(Code::VariablePlace, message, name.span));
                None
            }
        }
    }

    fn names(&mut self, names: &[Name]) -> Option<Vec<String>> {
        let names = names.iter().map(|name| self.one_name(name)).collect::<Vec<_>>();
        names.into_iter().collect()
    }

    /// A name of one part.
    fn one_name(&mut self, name: &Name) -> Option<String> {
        Some(self.scope.name(name)?.join("."))
    }
}
