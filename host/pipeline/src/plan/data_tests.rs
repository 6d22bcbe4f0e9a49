//! Tests of data: what must hold of a table, and the query that finds the rows of which it does not.

use serde::{Deserialize, Serialize};

use super::steps::TableName;

/// `TEST`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestStep {
    /// The table that is tested, or the test's own name where it is a query.
    pub name: String,
    /// The table that is tested; none where the test is a query.
    pub table: Option<TableName>,
    /// What must hold.
    pub check: TestCheck,
    /// What becomes of the run where it does not.
    pub severity: TestSeverity,
    /// Finds the rows that must not be.
    pub query: String,
    /// Tables the query reads.
    pub reads: Vec<TableName>,
    /// Functions the query calls, in lower case.
    pub functions: Vec<String>,
}

/// What a test looks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum TestCheck {
    /// No NULL in these columns.
    NotNull {
        /// The columns.
        columns: Vec<String>,
    },
    /// No two rows with the same values in these columns. NULL is the same as nothing.
    Unique {
        /// The columns, together.
        columns: Vec<String>,
    },
    /// These values and no others. NULL is allowed.
    AcceptedValues {
        /// The columns.
        columns: Vec<String>,
        /// SQL in parentheses.
        values: String,
    },
    /// Every value is in another table. NULL is allowed.
    References {
        /// The columns.
        columns: Vec<String>,
        /// The other table.
        table: TableName,
        /// Its columns, one for each of `columns`.
        referenced: Vec<String>,
    },
    /// A query that finds no row.
    NoRows,
}

/// What becomes of a run in which a test fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestSeverity {
    /// The step fails, and what reads the table further down is skipped.
    #[default]
    Error,
    /// It is told, and the run goes on.
    Warn,
}

impl TestCheck {
    /// In the names of steps.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::NotNull { .. } => "not_null",
            Self::Unique { .. } => "unique",
            Self::AcceptedValues { .. } => "in",
            Self::References { .. } => "references",
            Self::NoRows => "no_rows",
        }
    }

    /// The columns of the tested table that have to be there.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        match self {
            Self::NotNull { columns }
            | Self::Unique { columns }
            | Self::AcceptedValues { columns, .. }
            | Self::References { columns, .. } => columns,
            Self::NoRows => &[],
        }
    }

    /// The query that finds the rows of `table` of which it does not hold; none for a test that is a query itself.
    pub(crate) fn query(&self, table: &TableName) -> Option<String> {
        let table = table.to_sql();
        let each = |columns: &[String], form: &dyn Fn(&str) -> String, between: &str| {
            columns.iter().map(|name| form(&quoted(name))).collect::<Vec<_>>().join(between)
        };
        let present = |columns: &[String]| each(columns, &|name| format!("tested.{name} IS NOT NULL"), " AND ");
        match self {
            Self::NotNull { columns } => {
                let absent = each(columns, &|name| format!("{name} IS NULL"), " OR ");
                Some(format!("SELECT * FROM {table} WHERE {absent}"))
            }
            Self::Unique { columns } => {
                let names = each(columns, &str::to_owned, ", ");
                Some(format!(
                    "SELECT {names}, count(*) AS occurrences FROM {table} AS tested WHERE {} GROUP BY {names} \
                     HAVING count(*) > 1",
                    present(columns)
                ))
            }
            Self::AcceptedValues { columns, values } => {
                let names = each(columns, &str::to_owned, ", ");
                let tested = if columns.len() == 1 { names } else { format!("({names})") };
                Some(format!("SELECT * FROM {table} AS tested WHERE {} AND {tested} NOT IN {values}", present(columns)))
            }
            Self::References { columns, table: other, referenced } => {
                let pairs = columns.iter().zip(referenced);
                let equal = pairs.map(|(own, its)| format!("tested.{} = other.{}", quoted(own), quoted(its)));
                Some(format!(
                    "SELECT * FROM {table} AS tested WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS other WHERE {})",
                    present(columns),
                    other.to_sql(),
                    equal.collect::<Vec<_>>().join(" AND ")
                ))
            }
            Self::NoRows => None,
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
