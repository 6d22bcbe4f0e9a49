use crate::conditions::Condition;
use crate::diagnostics::Span;

use super::template::{Template, VariableRef};

/// A statement and where it stands, from its keyword to before its semicolon.
#[derive(Debug)]
pub(crate) struct Statement {
    pub kind: StatementKind,
    pub span: Span,
    /// `TAGS (a, b)`: words by which its steps are selected.
    pub tags: Vec<Name>,
}

#[derive(Debug)]
pub(crate) enum StatementKind {
    Source(Source),
    Load(Load),
    Create(Create),
    Export(Export),
    Test(DataTest),
    Set(Set),
    Include(Include),
    If(If),
}

/// `SOURCE name TYPE connector PARAMS {...}` or `SOURCE name FROM "connector" OPTIONS {...}`
#[derive(Debug)]
pub(crate) struct Source {
    pub name: Name,
    pub origin: SourceOrigin,
    pub settings: Option<Json>,
}

#[derive(Debug)]
pub(crate) enum SourceOrigin {
    Type(Template),
    Profile(Template),
}

/// `LOAD table FROM source [MODE mode] [OPTIONS {...}]`
#[derive(Debug)]
pub(crate) struct Load {
    pub table: Name,
    pub source: Name,
    pub mode: Option<Mode>,
    pub options: Option<Json>,
}

/// `CREATE [OR REPLACE] TABLE|VIEW name [MODE mode] [TAGS (...)] AS query`
#[derive(Debug)]
pub(crate) struct Create {
    pub name: Name,
    pub relation: crate::plan::Relation,
    pub or_replace: bool,
    pub mode: Option<Mode>,
    pub tags: Vec<Name>,
    pub query: Span,
}

/// `EXPORT query|table TO destination [TYPE connector] [OPTIONS {...}]`
#[derive(Debug)]
pub(crate) struct Export {
    pub what: Exported,
    pub destination: Destination,
    pub connector: Option<Template>,
    pub options: Option<Json>,
}

#[derive(Debug)]
pub(crate) enum Exported {
    Query(Span),
    Table(Name),
}

#[derive(Debug)]
pub(crate) enum Destination {
    Place(Template),
    /// A connector of the profile, by name.
    Connector(Name),
}

/// `TEST table check [SEVERITY level]` or `TEST name [SEVERITY level] AS query`
#[derive(Debug)]
pub(crate) struct DataTest {
    /// The table; the test's own name where its check is a query.
    pub name: Name,
    pub check: Check,
    pub severity: crate::plan::TestSeverity,
    /// From the name to the end of the check.
    pub body: Span,
}

#[derive(Debug)]
pub(crate) enum Check {
    NotNull(Vec<Name>),
    Unique(Vec<Name>),
    In {
        columns: Vec<Name>,
        /// With its parentheses.
        values: Span,
    },
    References {
        columns: Vec<Name>,
        table: Name,
        referenced: Vec<Name>,
    },
    /// A query that must find nothing.
    Query(Span),
}

/// `SET name = value`
#[derive(Debug)]
pub(crate) struct Set {
    pub name: String,
    pub value: Span,
}

/// `INCLUDE "path" AS alias`
#[derive(Debug)]
pub(crate) struct Include {
    pub path: Template,
    pub alias: String,
}

/// `IF condition THEN ... ELSEIF condition THEN ... ELSE ... END IF`
#[derive(Debug)]
pub(crate) struct If {
    pub branches: Vec<Branch>,
    pub otherwise: Vec<Statement>,
}

#[derive(Debug)]
pub(crate) struct Branch {
    pub condition: Condition,
    pub statements: Vec<Statement>,
}

#[derive(Debug)]
pub(crate) enum Mode {
    Replace,
    Append,
    Upsert {
        keys: Vec<Name>,
    },
    Incremental {
        time_column: Name,
        /// `2 DAYS`, variables still in it.
        lookback: Option<Template>,
    },
}

/// A name of one or more parts, each of which may hold variables.
#[derive(Debug)]
pub(crate) struct Name {
    pub parts: Vec<Template>,
    pub span: Span,
}

/// A JSON value with variables in it.
#[derive(Debug)]
pub(crate) enum Json {
    Object(Vec<(Template, Json)>),
    Array(Vec<Json>),
    Text(Template),
    /// A variable outside quotes: its value keeps its kind.
    Variable(VariableRef),
    /// A number, `true`, `false` or `null`.
    Plain(serde_json::Value),
}
