use duckpen_lineage::Graph;

/// What is known of a project.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// The project's name.
    pub project: String,
    /// When the page was made, as it is to be shown.
    pub made_at: String,
    /// The version of the command that made it.
    pub version: String,
    /// What is made of what.
    pub graph: Graph,
    /// What is known of each node of the graph, by its number.
    pub things: Vec<Thing>,
    /// The pipelines, in order.
    pub pipelines: Vec<PipelineEntry>,
    /// The functions of the project's components.
    pub functions: Vec<FunctionEntry>,
    /// The limits in force.
    pub limits: Vec<LimitRow>,
    /// The profiles of the project.
    pub profiles: Vec<ProfileEntry>,
}

/// What is known of a node of the graph.
#[derive(Debug, Clone, Default)]
pub struct Thing {
    /// A few words under its name.
    pub summary: String,
    /// Pipelines it appears in.
    pub pipelines: Vec<String>,
    /// Names with values, in order.
    pub facts: Vec<Fact>,
    /// Its columns.
    pub columns: Vec<ColumnRow>,
    /// Where the columns are known from, or why they are not known.
    pub columns_note: Option<String>,
    /// The statements that make it.
    pub statements: Vec<Statement>,
}

/// A name with a value.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Fact {
    pub name: String,
    pub value: String,
}

/// A column.
#[derive(Debug, Clone)]
pub struct ColumnRow {
    /// Its name.
    pub name: String,
    /// Its type, in DuckDB's spelling.
    pub logical_type: String,
    /// The columns it is made of.
    pub origins: Vec<Link>,
    /// Why there may be others.
    pub unknown: Option<String>,
}

/// Something of another node.
#[derive(Debug, Clone)]
pub struct Link {
    /// The number of the node, if it is in the graph.
    pub node: Option<usize>,
    /// What is shown.
    pub text: String,
}

/// A statement of a pipeline.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The pipeline.
    pub pipeline: String,
    /// The step's name.
    pub step: String,
    /// What the step does, in a few words: `load, upsert by product_id`.
    pub title: String,
    /// Where it is written: `pipelines/daily.sf:10`.
    pub place: Option<String>,
    /// Its text.
    pub sql: Option<String>,
}

/// A pipeline.
#[derive(Debug, Clone, Default)]
pub struct PipelineEntry {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: String,
    /// The comment it begins with.
    pub about: Option<String>,
    /// The whole text.
    pub text: String,
    /// Its steps, in the order of the plan.
    pub steps: Vec<StepRow>,
    /// What is wrong with it; then it has no steps.
    pub problems: Vec<String>,
    /// Its last run.
    pub last_run: Option<RunEntry>,
}

/// A step of a pipeline.
#[derive(Debug, Clone, Default)]
pub struct StepRow {
    /// Its name.
    pub id: String,
    /// Its kind, in one word.
    pub kind: String,
    /// What it does, in a few words.
    pub title: String,
    /// What it reads.
    pub reads: Vec<Link>,
    /// What it writes.
    pub writes: Vec<Link>,
    /// Functions of components that it calls.
    pub calls: Vec<Link>,
    /// How it ended in the last run: `success`.
    pub status: Option<String>,
    /// Rows in the last run.
    pub rows: Option<String>,
    /// Time in the last run.
    pub time: Option<String>,
}

/// A run.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub struct RunEntry {
    pub run_id: String,
    pub status: String,
    pub finished_at: String,
    pub time: String,
    /// What went wrong, each with the name of its step.
    pub errors: Vec<Fact>,
}

/// A function of a component.
#[derive(Debug, Clone)]
pub struct FunctionEntry {
    /// Its node in the graph, if anything calls it.
    pub node: Option<usize>,
    /// Its name.
    pub name: String,
    /// `scalar`, `aggregate` or `table`.
    pub kind: String,
    /// `slugify(text VARCHAR) -> VARCHAR`
    pub signature: String,
    /// What its author says of it.
    pub doc: Option<String>,
    /// The component.
    pub component: String,
    /// The digest of the component.
    pub digest: String,
}

/// A limit in force.
#[derive(Debug, Clone)]
pub struct LimitRow {
    /// What it holds for: `step handlers`, `component text`.
    pub scope: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where the value comes from.
    pub origin: String,
}

/// A profile.
#[derive(Debug, Clone)]
pub struct ProfileEntry {
    /// Its name.
    pub name: String,
    /// Where tables are kept.
    pub database: String,
    /// The names of its variables.
    pub variables: Vec<String>,
    /// Its connectors: names with kinds.
    pub connectors: Vec<Fact>,
}
