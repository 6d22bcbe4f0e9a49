use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::data_tests::TestStep;
use crate::diagnostics::Location;
use crate::file_reads::{FileReads, file_reads};
use crate::variables::Origin;

/// Name of a step, unique in its plan and made as SQLFlow makes it: `source_users`, `load_users_append_3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub(crate) String);

impl StepId {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A table as it was written, without quotes. Two names are the same table if they differ only in the case of letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableName {
    /// `None` is the schema `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Name within the schema.
    pub name: String,
}

impl TableName {
    /// A table of the schema `main`.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { schema: None, name: name.into() }
    }

    /// A table of a schema.
    #[must_use]
    pub fn in_schema(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: Some(schema.into()), name: name.into() }
    }

    /// As it stands in SQL: every part in double quotes.
    #[must_use]
    pub fn to_sql(&self) -> String {
        let quote = |part: &str| format!("\"{}\"", part.replace('"', "\"\""));
        match &self.schema {
            Some(schema) => format!("{}.{}", quote(schema), quote(&self.name)),
            None => quote(&self.name),
        }
    }

    /// Equal for names of the same table.
    #[must_use]
    pub fn key(&self) -> (String, String) {
        let schema = self.schema.as_deref().map_or_else(|| "main".to_owned(), str::to_lowercase);
        (schema, self.name.to_lowercase())
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// What a pipeline does: steps in an order in which they can run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Name of the pipeline.
    pub pipeline: String,
    /// Every step stands after all it depends on; beyond that, as in the text.
    pub steps: Vec<Step>,
    /// Tables read that no step makes: they have to be in the database.
    pub external_tables: Vec<TableName>,
    /// The variables used, with the origin of their values. The values are not kept: they may be secret.
    pub variables: BTreeMap<String, Origin>,
}

impl Plan {
    /// The step of this name.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Unique in the plan.
    pub id: StepId,
    /// What it does.
    pub kind: StepKind,
    /// Steps that have to be complete before it starts, in the order of the plan.
    pub depends_on: Vec<StepId>,
    /// Words by which it is selected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What of the past it forgets.
    #[serde(default, skip_serializing_if = "Refresh::is_none")]
    pub refresh: Refresh,
    /// The statement; `None` in plans compiled by SQLFlow, which drops it.
    pub location: Option<Location>,
}

/// What a step forgets of earlier runs before it does its work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refresh {
    /// Nothing.
    #[default]
    None,
    /// How far its source has been read: it is read from the beginning.
    Watermark,
    /// That, and the table it writes.
    Table,
}

impl Refresh {
    /// Whether it goes on from where earlier runs have come.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum StepKind {
    /// Defines where rows come from.
    Source(SourceStep),
    /// Moves rows of a source into a table.
    Load(LoadStep),
    /// Makes a table or view by a query.
    Transform(TransformStep),
    /// Writes rows of a query to a destination.
    Export(ExportStep),
    /// Looks for rows that must not be.
    Test(TestStep),
}

/// `SOURCE`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceStep {
    /// Name by which LOAD and queries refer to it.
    pub name: String,
    /// In lower case: `csv`, `postgres`.
    pub connector_type: String,
    /// PARAMS, or OPTIONS of a source whose connector is in the profile: these do not contain the connector's own
    /// parameters, so that no secret gets into a plan. `Connector::merged` lays them over each other.
    pub params: Map<String, serde_json::Value>,
    /// Name of the connector in the profile.
    pub from_profile: Option<String>,
}

/// `LOAD`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadStep {
    /// The table written.
    pub table: TableName,
    /// Name of the source, as its step has it.
    pub source: String,
    /// How rows meet those already there.
    pub mode: LoadMode,
    /// OPTIONS.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, serde_json::Value>,
    /// The table for rows that cannot be converted, which the option `rejects` names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejects: Option<TableName>,
}

/// How LOAD treats the rows already in the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "mode")]
pub enum LoadMode {
    /// They are replaced.
    Replace,
    /// They stay, rows are added.
    Append,
    /// Those with an equal key are updated, others added.
    Upsert {
        /// Key columns.
        keys: Vec<String>,
    },
}

/// `CREATE TABLE` or `CREATE VIEW`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransformStep {
    /// What is made.
    pub table: TableName,
    /// SQL as written, with the values of variables in it.
    pub query: String,
    /// How rows meet those already there.
    pub mode: TransformMode,
    /// Table or view.
    pub relation: Relation,
    /// `OR REPLACE` was written: an earlier step may make the same table.
    pub or_replace: bool,
    /// Tables the query reads.
    pub reads: Vec<TableName>,
    /// Functions the query calls, in lower case.
    pub functions: Vec<String>,
}

/// How CREATE TABLE treats the rows already in the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "mode")]
pub enum TransformMode {
    /// They are replaced.
    Replace,
    /// They stay, rows are added.
    Append,
    /// Those with an equal key are updated, others added.
    Upsert {
        /// Key columns.
        keys: Vec<String>,
    },
    /// Those of a window of time are replaced.
    Incremental {
        /// The column of time.
        time_column: String,
        /// How far the window reaches back before what is already there.
        lookback: Option<Lookback>,
    },
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookback {
    /// How many units.
    pub amount: u32,
    /// Of what.
    pub unit: LookbackUnit,
}

impl Lookback {
    /// Reads `2 DAYS`, `1 month`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.bytes().position(|byte| !byte.is_ascii_digit())?;
        Some(Self { amount: text[..digits].parse().ok()?, unit: LookbackUnit::parse(text[digits..].trim())? })
    }
}

/// As an INTERVAL has it: `2 day`.
impl fmt::Display for Lookback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.unit.as_str())
    }
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookbackUnit {
    /// Seconds.
    Second,
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// Seven days.
    Week,
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}

impl LookbackUnit {
    const ALL: [Self; 7] = [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// DuckDB's name of it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let text = text.strip_suffix('s').unwrap_or(&text);
        Self::ALL.into_iter().find(|unit| unit.as_str() == text)
    }
}

/// What CREATE makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Rows of its own.
    Table,
    /// A query with a name.
    View,
}

impl Relation {
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Relation::Table => "TABLE",
            Relation::View => "VIEW",
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Relation::Table => "table",
            Relation::View => "view",
        })
    }
}

/// `EXPORT`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportStep {
    /// SQL as written; `SELECT * FROM "t"` where a table was.
    pub query: String,
    /// The table, where one was written instead of a query.
    pub table: Option<TableName>,
    /// Path or URI; empty if the profile's connector says it all.
    pub destination: String,
    /// In lower case: `csv`, `postgres`.
    pub connector_type: String,
    /// OPTIONS. The parameters of the profile's connector are not in them, as in [`SourceStep::params`].
    pub options: Map<String, serde_json::Value>,
    /// Name of the connector in the profile, where one was given as destination.
    pub from_profile: Option<String>,
    /// Tables the query reads.
    pub reads: Vec<TableName>,
    /// Functions the query calls, in lower case.
    pub functions: Vec<String>,
}

impl StepKind {
    /// The table or view the step writes.
    #[must_use]
    pub fn writes(&self) -> Option<&TableName> {
        match self {
            StepKind::Load(load) => Some(&load.table),
            StepKind::Transform(transform) => Some(&transform.table),
            StepKind::Source(_) | StepKind::Export(_) | StepKind::Test(_) => None,
        }
    }

    /// The table that a LOAD writes what it rejects to.
    #[must_use]
    pub fn rejects(&self) -> Option<&TableName> {
        match self {
            StepKind::Load(load) => load.rejects.as_ref(),
            _ => None,
        }
    }

    /// All tables and views the step writes.
    pub fn all_writes(&self) -> impl Iterator<Item = &TableName> {
        self.writes().into_iter().chain(self.rejects())
    }

    /// The type of a SOURCE or EXPORT step's connector, and what the statement says to it.
    #[must_use]
    pub fn connector(&self) -> Option<(&str, &Map<String, serde_json::Value>)> {
        match self {
            StepKind::Source(source) => Some((&source.connector_type, &source.params)),
            StepKind::Export(export) => Some((&export.connector_type, &export.options)),
            StepKind::Load(_) | StepKind::Transform(_) | StepKind::Test(_) => None,
        }
    }

    /// As [`connector`](Self::connector), to change what the statement says.
    pub fn connector_mut(&mut self) -> Option<(&str, &mut Map<String, serde_json::Value>)> {
        match self {
            StepKind::Source(source) => Some((&source.connector_type, &mut source.params)),
            StepKind::Export(export) => Some((&export.connector_type, &mut export.options)),
            StepKind::Load(_) | StepKind::Transform(_) | StepKind::Test(_) => None,
        }
    }

    /// The step's query.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        match self {
            StepKind::Transform(transform) => Some(&transform.query),
            StepKind::Export(export) => Some(&export.query),
            StepKind::Test(test) => Some(&test.query),
            StepKind::Source(_) | StepKind::Load(_) => None,
        }
    }

    /// The files that the step's query reads by their names.
    #[must_use]
    pub fn file_reads(&self) -> FileReads {
        self.query().map(file_reads).unwrap_or_default()
    }

    /// The tables the step's query reads.
    #[must_use]
    pub fn reads(&self) -> &[TableName] {
        match self {
            StepKind::Transform(transform) => &transform.reads,
            StepKind::Export(export) => &export.reads,
            StepKind::Test(test) => &test.reads,
            StepKind::Source(_) | StepKind::Load(_) => &[],
        }
    }

    /// The functions the step's query calls, in lower case.
    #[must_use]
    pub fn functions(&self) -> &[String] {
        match self {
            StepKind::Transform(transform) => &transform.functions,
            StepKind::Export(export) => &export.functions,
            StepKind::Test(test) => &test.functions,
            StepKind::Source(_) | StepKind::Load(_) => &[],
        }
    }
}
