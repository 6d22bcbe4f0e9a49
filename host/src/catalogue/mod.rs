//! What a project consists of: its pipelines with their steps, what is made of what, and the columns of everything. Found
//! by compiling and binding; nothing is run.

mod build;
pub mod columns;

use std::collections::BTreeSet;

use duckpen_functions::Library;
use duckpen_lineage::Graph;
use duckpen_steps::PlannedColumn;

use crate::history::History;
use crate::output::Finding;
use crate::workbench::Workbench;

pub use build::Scope;

/// A project, looked through.
pub struct Catalogue {
    pub workbench: Workbench,
    pub libraries: Vec<Library>,
    pub history: History,
    /// What is made of what.
    pub graph: Graph,
    /// What is known of each node, by its number.
    pub entries: Vec<Entry>,
    pub pipelines: Vec<PipelineSummary>,
    /// What is odd about the project, or keeps parts of it out.
    pub findings: Vec<Finding>,
}

/// What is known of a node.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Names with values, for people.
    pub facts: Vec<(String, String)>,
    /// Its columns, or why they are not known.
    pub columns: Result<Vec<PlannedColumn>, String>,
    pub columns_from: ColumnsFrom,
    /// What its columns are made of, by the columns' lower-case names.
    pub origins: Vec<(String, Sources)>,
    /// The steps that make it.
    pub makers: Vec<Maker>,
    /// Pipelines it appears in.
    pub pipelines: Vec<String>,
}

/// Where columns are known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnsFrom {
    /// The database, as the last run has left it.
    Database,
    /// The files and the queries.
    Analysis,
}

impl ColumnsFrom {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Analysis => "analysis",
        }
    }
}

/// Columns of nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Numbers of nodes, with names of columns.
    pub columns: BTreeSet<(usize, String)>,
    /// Why there may be others.
    pub unknown: Option<String>,
}

/// A step that makes a node.
#[derive(Debug, Clone)]
pub struct Maker {
    pub pipeline: String,
    pub step: String,
    /// `load, UPSERT by id`
    pub title: String,
    /// `pipelines/daily.sf:10`
    pub place: Option<String>,
    /// The statement.
    pub text: Option<String>,
    /// What decides on the rows, of a step with a query.
    pub rows: Option<Sources>,
}

/// A pipeline of the catalogue.
#[derive(Debug)]
pub struct PipelineSummary {
    pub name: String,
    pub path: String,
    pub text: String,
    pub steps: Vec<StepSummary>,
    /// Why it has no steps.
    pub problems: Vec<String>,
}

/// A step of the catalogue.
#[derive(Debug)]
pub struct StepSummary {
    pub id: String,
    pub kind: &'static str,
    pub title: String,
    /// Nodes it reads, writes and calls.
    pub reads: Vec<usize>,
    pub writes: Option<usize>,
    pub calls: Vec<usize>,
}

impl Catalogue {
    /// What a column is made of.
    pub fn origins(&self, node: usize, column: &str) -> Option<&Sources> {
        let name = column.to_lowercase();
        self.entries[node].origins.iter().find(|(own, _)| *own == name).map(|(_, sources)| sources)
    }

    /// `table.column`
    pub fn column_name(&self, (node, column): &(usize, String)) -> String {
        format!("{}.{column}", self.graph.nodes()[*node].name)
    }
}

impl Sources {
    /// Adds those of something else. The first reason not to know stays.
    pub fn add(&mut self, other: &Sources) {
        self.columns.extend(other.columns.iter().cloned());
        if self.unknown.is_none() {
            self.unknown.clone_from(&other.unknown);
        }
    }
}
