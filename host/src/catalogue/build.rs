use std::collections::HashMap;

use duckpen_database::{ColumnReference, Origins};
use duckpen_functions::Library;
use duckpen_lineage::{EdgeKind, Graph, NodeKind};
use duckpen_pipeline::{Engine, EngineMode, Location, Relation, StepKind, TableName};
use duckpen_steps::{PlannedColumn, PlannedColumns};
use serde_json::Value;

use crate::abort::Abort;
use crate::arguments::ProjectOptions;
use crate::components;
use crate::history::History;
use crate::output::Finding;
use crate::project::Pipeline;
use crate::words::{StepWords, destination};
use crate::workbench::{Approved, Texts, Workbench};

use super::columns::{self, Tables};
use super::{Catalogue, ColumnsFrom, Entry, Maker, PipelineSummary, Sources, StepSummary};

/// Which pipelines a catalogue is of.
pub enum Scope<'a> {
    /// One, which has to be right.
    Pipeline(&'a str),
    /// All; one that is wrong is kept out, and told of.
    Project,
}

impl Catalogue {
    /// Looks through a project.
    pub fn of(options: &ProjectOptions, scope: &Scope<'_>) -> Result<Self, Abort> {
        let workbench = Workbench::open(options)?;
        let pipelines = match scope {
            Scope::Pipeline(name) => vec![workbench.project.pipeline(name)?],
            Scope::Project => {
                let names = workbench.project.pipelines()?;
                names.iter().map(|name| workbench.project.pipeline(&name.path)).collect::<Result<_, _>>()?
            }
        };
        let libraries = components::load(&workbench.engine, &workbench.project, &options.limits)?;
        let in_database = columns::of_database(&workbench, options)?;
        let is_shared = options.database.is_some() || is_durable(&workbench.profile.engine);
        let mut builder = Builder::new(is_shared, in_database.clone());
        for pipeline in pipelines {
            let known: Vec<TableName> = builder.tables.iter().map(|(table, _)| table.clone()).collect();
            let checked = workbench.check(&pipeline, &known)?;
            let texts = checked.texts.clone();
            match checked.outcome {
                Ok(approved) => {
                    let existing = if is_shared { builder.tables.clone() } else { in_database.clone() };
                    let found = columns::of_plan(&workbench, &libraries, &approved, existing)?;
                    builder.pipeline(pipeline, &approved, &texts, &libraries, &found);
                }
                Err(exit) if matches!(scope, Scope::Pipeline(_)) => {
                    return Err(Abort { exit, findings: checked.findings });
                }
                Err(_) => builder.broken(pipeline, &checked.findings),
            }
        }
        builder.see_database(&in_database);
        builder.join_files();
        let history = History::read(&workbench.project);
        let Builder { graph, entries, pipelines, findings, .. } = builder;
        Ok(Self { workbench, libraries, history, graph, entries, pipelines, findings })
    }
}

/// Whether tables outlive a run.
fn is_durable(engine: &Engine) -> bool {
    matches!(engine.mode, EngineMode::Persistent { .. })
}

struct Builder {
    /// Tables of one name are the same table in all pipelines: they are kept. In memory each run has its own.
    is_shared: bool,
    tables: Tables,
    graph: Graph,
    entries: Vec<Entry>,
    pipelines: Vec<PipelineSummary>,
    findings: Vec<Finding>,
    /// Nodes by what they are, which may be more than their names say.
    numbers: HashMap<String, usize>,
}

/// The names of one pipeline.
struct Names {
    pipeline: String,
    sources: HashMap<String, usize>,
    written: Vec<(String, String)>,
}

impl Builder {
    fn new(is_shared: bool, tables: Tables) -> Self {
        Self {
            is_shared,
            tables,
            graph: Graph::default(),
            entries: Vec::new(),
            pipelines: Vec::new(),
            findings: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    fn broken(&mut self, pipeline: Pipeline, findings: &[Finding]) {
        let errors = findings.iter().filter(|finding| finding.is_error());
        let problems = errors.map(|finding| finding.message().to_owned()).collect();
        self.findings.extend(findings.iter().filter(|finding| finding.is_error()).cloned());
        let Pipeline { name, path, text } = pipeline;
        self.pipelines.push(PipelineSummary { name, path, text, steps: Vec::new(), problems });
    }

    /// The node of something, made where it is missing. `key` tells it from others of its name.
    fn node(&mut self, key: String, kind: NodeKind, name: &str, pipeline: &str) -> usize {
        let number = match self.numbers.get(&key) {
            Some(number) => *number,
            None => {
                let id = format!("{}:{name}", if kind == NodeKind::External { "table" } else { kind.as_str() });
                let id = match self.graph.number(&id) {
                    Some(_) => format!("{}:{pipeline}/{name}", kind.as_str()),
                    None => id,
                };
                let number = self.graph.node(id, kind, name);
                self.numbers.insert(key, number);
                number
            }
        };
        self.entries.resize_with(self.graph.nodes().len(), || Entry {
            facts: Vec::new(),
            columns: Err("its columns are not known".to_owned()),
            columns_from: ColumnsFrom::Analysis,
            origins: Vec::new(),
            makers: Vec::new(),
            pipelines: Vec::new(),
        });
        let pipelines = &mut self.entries[number].pipelines;
        if !pipelines.iter().any(|own| own == pipeline) {
            pipelines.push(pipeline.to_owned());
        }
        number
    }

    fn table(&mut self, table: &TableName, kind: NodeKind, pipeline: &str) -> usize {
        let (schema, name) = table.key();
        let scope = if self.is_shared { "" } else { pipeline };
        self.node(format!("table\n{scope}\n{schema}\n{name}"), kind, &table.to_string(), pipeline)
    }

    /// What a query means by a name: a table of the pipeline, a source, or a table that has to be there.
    fn read(&mut self, table: &TableName, names: &Names) -> usize {
        let is_written = names.written.contains(&table.key());
        match names.sources.get(&table.name.to_lowercase()) {
            Some(source) if !is_written && table.schema.is_none() => *source,
            _ => self.table(table, NodeKind::External, &names.pipeline),
        }
    }

    fn pipeline(
        &mut self,
        pipeline: Pipeline,
        approved: &Approved,
        texts: &Texts,
        libraries: &[Library],
        found: &HashMap<String, PlannedColumns>,
    ) {
        let plan = &approved.plan;
        let written = plan.steps.iter().filter_map(|step| step.kind.writes()).map(TableName::key).collect();
        let mut names = Names { pipeline: pipeline.name.clone(), sources: HashMap::new(), written };
        let mut steps = Vec::new();
        for words in StepWords::of(plan) {
            let mut summary = StepSummary {
                id: words.step.id.to_string(),
                kind: words.kind(),
                title: words.title(),
                reads: Vec::new(),
                writes: None,
                calls: Vec::new(),
            };
            let node = match &words.step.kind {
                StepKind::Source(source) => {
                    let params = Value::Object(source.params.clone());
                    let key = format!(
                        "source\n{}\n{}\n{params}\n{:?}",
                        source.name, source.connector_type, source.from_profile
                    );
                    let node = self.node(key, NodeKind::Source, &source.name, &names.pipeline);
                    names.sources.insert(source.name.to_lowercase(), node);
                    let mut facts = vec![("connector".to_owned(), source.connector_type.clone())];
                    facts.extend(words.reads().into_iter().map(|place| ("from".to_owned(), place)));
                    self.entries[node].facts = facts;
                    Some(node)
                }
                StepKind::Load(load) => {
                    let node = self.table(&load.table, NodeKind::Table, &names.pipeline);
                    self.made(node, NodeKind::Table);
                    if let Some(source) = names.sources.get(&load.source.to_lowercase()).copied() {
                        summary.reads.push(source);
                        self.loaded(node, source);
                    }
                    Some(node)
                }
                StepKind::Transform(transform) => {
                    let kind = if transform.relation == Relation::View { NodeKind::View } else { NodeKind::Table };
                    let node = self.table(&transform.table, kind, &names.pipeline);
                    self.made(node, kind);
                    Some(node)
                }
                other => self.export(other, &names.pipeline),
            };
            for read in words.step.kind.file_reads().reads {
                let node =
                    self.node(format!("file\n{}", read.relation), NodeKind::Source, &read.relation, &names.pipeline);
                self.entries[node].facts = vec![("from".to_owned(), read.places.join(", "))];
                names.sources.insert(read.relation.to_lowercase(), node);
                summary.reads.push(node);
            }
            for table in words.step.kind.reads() {
                let read = self.read(table, &names);
                summary.reads.push(read);
            }
            for function in words.functions() {
                if let Some(declared) = declared(libraries, function) {
                    let key = format!("function\n{function}");
                    let call = self.node(key, NodeKind::Function, &declared.0, &names.pipeline);
                    self.entries[call].facts = declared.1;
                    self.entries[call].columns = Ok(Vec::new());
                    summary.calls.push(call);
                }
            }
            summary.writes = node;
            if let Some(node) = node {
                self.connect(node, &summary);
                self.columns(node, &words, found.get(&summary.id), texts, &names);
            }
            steps.push(summary);
        }
        for (table, columns) in tables_of(approved, found) {
            self.tables.retain(|(known, _)| known.key() != table.key());
            self.tables.push((table, columns));
        }
        let Pipeline { name, path, text } = pipeline;
        self.pipelines.push(PipelineSummary { name, path, text, steps, problems: Vec::new() });
    }

    /// The node of an export. Steps that leave nothing behind have none.
    fn export(&mut self, kind: &StepKind, pipeline: &str) -> Option<usize> {
        let StepKind::Export(export) = kind else { return None };
        let place = destination(&export.destination, export.from_profile.as_deref());
        let node = self.node(format!("export\n{place}"), NodeKind::Export, &place, pipeline);
        self.entries[node].facts = vec![("connector".to_owned(), export.connector_type.clone())];
        Some(node)
    }

    /// Says that a pipeline makes a table, which may have been read before that was known.
    fn made(&mut self, node: usize, kind: NodeKind) {
        self.graph.set_kind(node, kind);
    }

    /// Columns of a source become the table's by their names.
    fn loaded(&mut self, table: usize, source: usize) {
        let columns = self.entries[source].columns.clone().unwrap_or_default();
        for (name, _) in columns {
            let sources = Sources { columns: [(source, name.clone())].into(), unknown: None };
            self.add_origins(table, &name, &sources);
        }
    }

    fn add_origins(&mut self, node: usize, column: &str, sources: &Sources) {
        let key = column.to_lowercase();
        let origins = &mut self.entries[node].origins;
        match origins.iter_mut().find(|(own, _)| *own == key) {
            Some((_, known)) => known.add(sources),
            None => origins.push((key, sources.clone())),
        }
    }

    fn connect(&mut self, node: usize, summary: &StepSummary) {
        if summary.kind == "source" {
            return;
        }
        for read in &summary.reads {
            self.graph.edge(*read, node, EdgeKind::Data);
        }
        for call in &summary.calls {
            self.graph.edge(*call, node, EdgeKind::Call);
        }
    }

    fn columns(
        &mut self,
        node: usize,
        words: &StepWords<'_>,
        found: Option<&PlannedColumns>,
        texts: &Texts,
        names: &Names,
    ) {
        let mut rows = None;
        if let Some(PlannedColumns { columns, lineage, .. }) = found {
            let entry = &mut self.entries[node];
            // What one step knows, another that adds to the table need not know again.
            if columns.is_ok() || entry.columns.is_err() {
                entry.columns.clone_from(columns);
            }
            if let Some(Ok(lineage)) = lineage {
                rows = Some(self.sources(&lineage.rows, names));
                for column in &lineage.columns {
                    let sources = self.sources(&column.origins, names);
                    self.add_origins(node, &column.name, &sources);
                }
            }
        }
        self.entries[node].makers.push(Maker {
            pipeline: names.pipeline.clone(),
            step: words.step.id.to_string(),
            title: words.title(),
            place: words.place(),
            text: words.step.location.as_ref().and_then(|location: &Location| texts.statement(location)),
            rows,
        });
    }

    fn sources(&mut self, origins: &Origins, names: &Names) -> Sources {
        let node = |builder: &mut Self, reference: &ColumnReference| {
            let table = TableName { schema: reference.table.schema.clone(), name: reference.table.name.clone() };
            (builder.read(&table, names), reference.column.clone())
        };
        let columns = origins.columns.iter().map(|reference| node(self, reference)).collect();
        Sources { columns, unknown: origins.unknown.clone() }
    }

    /// A source may read the file that an export has written, of this pipeline or another.
    fn join_files(&mut self) {
        let place = |text: &str| text.trim_start_matches("./").to_owned();
        let nodes = self.graph.nodes();
        let exports: HashMap<String, usize> = (0..nodes.len())
            .filter(|node| nodes[*node].kind == NodeKind::Export)
            .map(|node| (place(&nodes[node].name), node))
            .collect();
        let read = |node: usize| {
            let from = self.entries[node].facts.iter().find(|(name, _)| name == "from")?;
            Some((*exports.get(&place(&from.1))?, node))
        };
        let sources = (0..nodes.len()).filter(|node| nodes[*node].kind == NodeKind::Source);
        for (export, source) in sources.filter_map(read).collect::<Vec<_>>() {
            self.graph.edge(export, source, EdgeKind::Data);
            if self.entries[source].columns.is_err() {
                // The file is not written yet, but what will be in it is known.
                self.entries[source].columns = self.entries[export].columns.clone();
            }
            self.loaded(source, export);
        }
    }

    /// Where the last run has left a table, its columns are those.
    fn see_database(&mut self, tables: &Tables) {
        if !self.is_shared {
            return;
        }
        for (table, columns) in tables {
            let (schema, name) = table.key();
            if let Some(number) = self.numbers.get(&format!("table\n\n{schema}\n{name}")) {
                self.entries[*number].columns = Ok(columns.clone());
                self.entries[*number].columns_from = ColumnsFrom::Database;
            }
        }
    }
}

/// The tables that a plan leaves, with their columns.
fn tables_of(approved: &Approved, found: &HashMap<String, PlannedColumns>) -> Vec<(TableName, Vec<PlannedColumn>)> {
    let table = |step: &duckpen_pipeline::Step| {
        let table = step.kind.writes()?.clone();
        let columns = found.get(step.id.as_str())?.columns.as_ref().ok()?.clone();
        Some((table, columns))
    };
    approved.plan.steps.iter().filter_map(table).collect()
}

/// The function of a component, by its lower-case name: its own spelling and what is to be told of it.
fn declared(libraries: &[Library], name: &str) -> Option<(String, Vec<(String, String)>)> {
    libraries.iter().find_map(|library| {
        let function = library.functions().find(|function| function.name.to_lowercase() == name)?;
        let facts = [
            ("signature", function.signature()),
            ("component", library.component().name().to_owned()),
            ("digest", format!("sha256:{}", library.component().digest())),
        ];
        let mut facts: Vec<(String, String)> =
            facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        facts.extend(function.doc.iter().map(|doc| ("what it does".to_owned(), doc.trim().to_owned())));
        Some((function.name.clone(), facts))
    })
}
