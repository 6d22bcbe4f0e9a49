//! A catalogue as the pages show it.

use std::collections::HashSet;
use std::path::Path;

use duckpen_docs::{
    ColumnRow, Fact, FunctionEntry, LimitRow, Link, PipelineEntry, ProfileEntry, RunEntry, Site, Statement, StepRow,
    Thing,
};
use duckpen_lineage::{Node, NodeKind};
use duckpen_observe::{RunResults, numbers};
use duckpen_pipeline::{EngineMode, Profile};
use jiff::Timestamp;

use crate::abort::Abort;
use crate::arguments::ProjectOptions;
use crate::catalogue::{Catalogue, ColumnsFrom, Entry, PipelineSummary, Sources};
use crate::limits::{LimitInForce, LimitOrigins};
use crate::output::{Code, Report};

/// What the pages show of a project.
pub fn of(catalogue: &Catalogue, options: &ProjectOptions) -> Result<Site, Abort> {
    let root = catalogue.workbench.project.files.root();
    let nodes = catalogue.graph.nodes().iter().zip(&catalogue.entries).enumerate();
    Ok(Site {
        project: root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        made_at: time(Timestamp::now()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: catalogue.graph.clone(),
        things: nodes.map(|(number, (node, entry))| thing(catalogue, number, node, entry)).collect(),
        pipelines: catalogue.pipelines.iter().map(|pipeline| self::pipeline(catalogue, pipeline)).collect(),
        functions: functions(catalogue),
        limits: limits(catalogue, options),
        profiles: profiles(catalogue)?,
    })
}

/// Writes a page, and the folders it stands in.
pub fn write(file: &Path, page: &str) -> Result<(), Abort> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(file, page)).map_err(|error| {
        Abort::rejected(Report::error(Code::Usage, format!("{} cannot be written: {error}", file.display())))
    })
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn thing(catalogue: &Catalogue, number: usize, node: &Node, entry: &Entry) -> Thing {
    let from = entry.facts.iter().find(|(name, _)| name == "from").map(|(_, place)| place.clone());
    let columns = entry.columns.as_ref().map(Vec::len).unwrap_or_default();
    let summary = match (node.kind, from) {
        (NodeKind::Function, _) => "function".to_owned(),
        (NodeKind::Source, Some(place)) => format!("source · {place}"),
        (kind, _) if columns > 0 => format!("{} · {}", kind.as_str(), numbers::counted(columns as u64, "column")),
        (kind, _) => kind.as_str().to_owned(),
    };
    let mut facts: Vec<Fact> = entry
        .facts
        .iter()
        .filter(|(name, _)| name != "digest")
        .map(|(name, value)| Fact { name: name.clone(), value: value.clone() })
        .collect();
    facts.push(Fact { name: "in".to_owned(), value: entry.pipelines.join(", ") });
    let statements = entry.makers.iter().map(|maker| Statement {
        pipeline: maker.pipeline.clone(),
        step: maker.step.clone(),
        title: maker.title.clone(),
        place: maker.place.clone(),
        sql: maker.text.clone(),
    });
    let columns_note = match &entry.columns {
        _ if node.kind == NodeKind::Function => None,
        Err(why) => Some(format!("Columns are not known: {}", why.lines().next().unwrap_or_default())),
        Ok(_) if entry.columns_from == ColumnsFrom::Database => Some("Columns as they are in the database.".to_owned()),
        Ok(_) => Some("Columns as the files and queries have them; no run was looked at.".to_owned()),
    };
    Thing {
        summary,
        pipelines: entry.pipelines.clone(),
        facts,
        columns: columns_of(catalogue, number, entry),
        columns_note,
        statements: statements.collect(),
    }
}

fn columns_of(catalogue: &Catalogue, number: usize, entry: &Entry) -> Vec<ColumnRow> {
    let column = |(name, logical_type): &(String, String)| {
        let sources = catalogue.origins(number, name);
        ColumnRow {
            name: name.clone(),
            logical_type: logical_type.clone(),
            origins: sources.map(|sources| column_links(catalogue, sources)).unwrap_or_default(),
            unknown: sources.and_then(|sources| sources.unknown.clone()),
        }
    };
    entry.columns.iter().flatten().map(column).collect()
}

fn column_links(catalogue: &Catalogue, sources: &Sources) -> Vec<Link> {
    let link = |column: &(usize, String)| Link { node: Some(column.0), text: catalogue.column_name(column) };
    sources.columns.iter().map(link).collect()
}

fn pipeline(catalogue: &Catalogue, pipeline: &PipelineSummary) -> PipelineEntry {
    let last = catalogue.history.last_of(&pipeline.name);
    let link = |number: &usize| Link { node: Some(*number), text: catalogue.graph.nodes()[*number].name.clone() };
    let steps = pipeline.steps.iter().map(|step| {
        let result = last.and_then(|run| run.steps.iter().find(|result| result.id == step.id));
        StepRow {
            id: step.id.clone(),
            kind: step.kind.to_owned(),
            title: step.title.clone(),
            reads: step.reads.iter().map(link).collect(),
            writes: step.writes.iter().map(link).collect(),
            calls: step.calls.iter().map(link).collect(),
            status: result.map(|result| result.status.as_str().to_owned()),
            rows: result.and_then(|result| result.rows).map(numbers::thousands),
            time: result.filter(|result| result.seconds > 0.0).map(|result| numbers::seconds(result.seconds)),
        }
    });
    PipelineEntry {
        name: pipeline.name.clone(),
        path: pipeline.path.clone(),
        about: about(&pipeline.text),
        text: pipeline.text.clone(),
        steps: steps.collect(),
        problems: pipeline.problems.clone(),
        last_run: last.map(run),
    }
}

/// The comment that a pipeline begins with.
fn about(text: &str) -> Option<String> {
    let lines = text.lines().map_while(|line| line.trim().strip_prefix("--")).map(str::trim);
    let about = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
    (!about.is_empty()).then_some(about)
}

fn run(run: &RunResults) -> RunEntry {
    let errors = run.steps.iter().filter_map(|step| {
        let error = step.error.as_ref()?;
        Some(Fact { name: step.id.clone(), value: error.message.clone() })
    });
    RunEntry {
        run_id: run.run_id.clone(),
        status: run.status.as_str().to_owned(),
        finished_at: time(run.finished_at),
        time: numbers::seconds(run.seconds),
        errors: errors.collect(),
    }
}

fn functions(catalogue: &Catalogue) -> Vec<FunctionEntry> {
    let functions = catalogue.libraries.iter().flat_map(|library| library.functions().map(move |f| (library, f)));
    // Of functions of one name, which differ in their parameters, the first stands for all in the graph.
    let mut placed = HashSet::new();
    let entry = functions.map(|(library, function)| FunctionEntry {
        node: catalogue.graph.number(&format!("function:{}", function.name)).filter(|node| placed.insert(*node)),
        name: function.name.clone(),
        kind: function.kind.as_str().to_owned(),
        signature: function.signature(),
        doc: function.doc.as_ref().map(|doc| doc.trim().to_owned()),
        component: library.component().name().to_owned(),
        digest: format!("sha256:{}", library.component().digest()),
    });
    entry.collect()
}

fn limits(catalogue: &Catalogue, options: &ProjectOptions) -> Vec<LimitRow> {
    let origins = LimitOrigins::new(&catalogue.workbench.project, &options.limits);
    let row = |scope: &str, limit: LimitInForce| LimitRow {
        scope: scope.to_owned(),
        name: limit.name.to_owned(),
        value: limit.value,
        origin: limit.origin.to_string(),
    };
    let of_steps = origins.of_steps(catalogue.workbench.handlers.limits());
    let mut rows: Vec<LimitRow> = of_steps.into_iter().map(|limit| row("step handlers", limit)).collect();
    for library in &catalogue.libraries {
        let scope = format!("component {}", library.component().name());
        rows.extend(origins.of_component(library).into_iter().map(|limit| row(&scope, limit)));
    }
    rows
}

/// Names only: values may be secret.
fn profiles(catalogue: &Catalogue) -> Result<Vec<ProfileEntry>, Abort> {
    let project = &catalogue.workbench.project;
    let mut entries = Vec::new();
    for name in project.profile_names()? {
        // One that is wrong is told of by whoever uses it.
        if let Ok(profile) = project.profile(Some(&name)) {
            entries.push(profile_entry(name, &profile));
        }
    }
    Ok(entries)
}

fn profile_entry(name: String, profile: &Profile) -> ProfileEntry {
    let connectors = profile.connectors.iter();
    ProfileEntry {
        name,
        database: match &profile.engine.mode {
            EngineMode::Memory => "in memory".to_owned(),
            EngineMode::Persistent { path } => path.clone(),
        },
        variables: profile.variables.keys().chain(profile.unset.keys()).cloned().collect(),
        connectors: connectors
            .map(|(name, connector)| Fact { name: name.clone(), value: connector.connector_type.clone() })
            .collect(),
    }
}
