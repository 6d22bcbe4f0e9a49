use serde_json::Value;

use crate::TableReference;

use super::names::without_repetition;
use super::origins::Origins;
use super::{elements, text, texts};

/// A column on its way through a query.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// None where it is DuckDB's text for the expression.
    pub name: Option<String>,
    pub origins: Origins,
}

impl Column {
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.as_deref().is_some_and(|own| same(own, name))
    }
}

/// Whether two names are the same to DuckDB.
pub(super) fn same(left: &str, right: &str) -> bool {
    left == right || left.to_lowercase() == right.to_lowercase()
}

/// Why a relation may have columns that are not known.
#[derive(Debug, Clone)]
pub(super) enum Open {
    /// A table of which nothing else is known: every name is one of its columns.
    Table(TableReference),
    /// Rows that are made in a way this walk does not follow.
    Made(String),
}

/// Something in FROM.
#[derive(Debug, Clone, Default)]
pub(super) struct Relation {
    pub name: Option<String>,
    pub schema: Option<String>,
    pub columns: Vec<Column>,
    pub open: Option<Open>,
}

impl Relation {
    /// The rows of a query.
    pub(super) fn of_query(name: Option<&str>, columns: Result<Vec<Column>, String>, aliases: &[String]) -> Self {
        let name = name.map(str::to_owned);
        match columns {
            Ok(columns) => {
                let names = without_repetition(columns.iter().map(|column| column.name.clone()));
                let columns = columns.into_iter().zip(names).map(|(column, name)| Column { name, ..column }).collect();
                Self { name, schema: None, columns: renamed(columns, aliases), open: None }
            }
            Err(why) => Self::made(name.as_deref(), why),
        }
    }

    /// Rows that are not followed.
    pub(super) fn made(name: Option<&str>, why: impl Into<String>) -> Self {
        Self { name: name.map(str::to_owned), open: Some(Open::Made(why.into())), ..Self::default() }
    }

    /// A table or view of the database.
    pub(super) fn of_table(node: &Value, table: TableReference, columns: Option<Vec<String>>) -> Self {
        let alias = text(node, "alias");
        let name = Some(alias.unwrap_or(&table.name).to_owned());
        let schema = if alias.is_none() { Some(table.schema.clone().unwrap_or_else(|| "main".into())) } else { None };
        match columns {
            Some(columns) => {
                let column = |name: String| Column { origins: Origins::column(&table, &name), name: Some(name) };
                let columns = columns.into_iter().map(column).collect();
                Self { name, schema, columns: renamed(columns, &texts(node, "column_name_alias")), open: None }
            }
            None => Self { name, schema, columns: Vec::new(), open: Some(Open::Table(table)) },
        }
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.as_deref().is_some_and(|own| same(own, name))
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.is_called(name))
    }

    /// The column of this name; none where the relation surely has no such column.
    pub(super) fn origins_of(&self, name: &str) -> Option<Origins> {
        if let Some(column) = self.column(name) {
            return Some(column.origins.clone());
        }
        match &self.open {
            Some(Open::Table(table)) => Some(Origins::column(table, name)),
            Some(Open::Made(why)) => Some(Origins::unknown(why.clone())),
            None if self.has_unnamed() => {
                Some(Origins::unknown(format!("the column `{name}` has no name in the text")))
            }
            None => None,
        }
    }

    /// Whether a name that is not among the columns may still be one of them.
    pub(super) fn may_have_more(&self) -> bool {
        self.open.is_some() || self.has_unnamed()
    }

    fn has_unnamed(&self) -> bool {
        self.columns.iter().any(|column| column.name.is_none())
    }

    /// A whole row.
    pub(super) fn row(&self) -> Origins {
        match self.all() {
            Ok(columns) => columns.iter().map(|column| &column.origins).collect(),
            Err(why) => Origins::unknown(why),
        }
    }

    /// All columns, or why they are not known.
    pub(super) fn all(&self) -> Result<&[Column], String> {
        match &self.open {
            None => Ok(&self.columns),
            Some(Open::Table(table)) => Err(format!("the columns of `{}` are not known", table.name)),
            Some(Open::Made(why)) => Err(why.clone()),
        }
    }
}

/// `AS t(x, y)`: the first columns get other names.
pub(super) fn renamed(mut columns: Vec<Column>, aliases: &[String]) -> Vec<Column> {
    for (column, alias) in columns.iter_mut().zip(aliases) {
        column.name = Some(alias.clone());
    }
    columns
}

/// A column that JOIN ... USING has made of one column of each side.
#[derive(Debug, Clone)]
pub(super) struct Merged {
    pub name: String,
    pub origins: Origins,
    /// The relations, by number, whose own column does not show in `*`.
    pub members: Vec<usize>,
}

/// A whole FROM, or the part of it to the left of a join.
#[derive(Debug, Clone, Default)]
pub(super) struct Relations {
    pub relations: Vec<Relation>,
    pub merged: Vec<Merged>,
}

/// What a name stands for.
pub(super) enum Found {
    /// These columns.
    Origins(Origins),
    /// Perhaps a column of a relation whose columns are not all known.
    Perhaps(Origins),
    /// Nothing here.
    Nothing,
}

impl Relations {
    pub(super) fn of(relation: Relation) -> Self {
        Self { relations: vec![relation], merged: Vec::new() }
    }

    /// The column of a name without a relation.
    pub(super) fn unqualified(&self, name: &str) -> Found {
        if let Some(merged) = self.merged.iter().find(|merged| same(&merged.name, name)) {
            return Found::Origins(merged.origins.clone());
        }
        if let Some(column) = self.relations.iter().find_map(|relation| relation.column(name)) {
            return Found::Origins(column.origins.clone());
        }
        let mut open = self.relations.iter().filter(|relation| relation.may_have_more());
        match (open.next(), open.next()) {
            (None, _) => Found::Nothing,
            (Some(one), None) => Found::Perhaps(one.origins_of(name).unwrap_or_default()),
            (Some(_), Some(_)) => {
                Found::Perhaps(Origins::unknown(format!("`{name}` may be a column of several tables")))
            }
        }
    }

    /// The relation of a name; where several have it, the one with the column.
    pub(super) fn relation(&self, schema: Option<&str>, name: &str, column: Option<&str>) -> Option<&Relation> {
        let fits = |relation: &&Relation| {
            relation.is_called(name)
                && schema.is_none_or(|schema| relation.schema.as_deref().is_some_and(|own| same(own, schema)))
        };
        let mut named = self.relations.iter().filter(fits);
        let first = named.next()?;
        let has_it = |relation: &&Relation| column.is_none_or(|column| relation.column(column).is_some());
        Some(if has_it(&first) { first } else { named.find(has_it).unwrap_or(first) })
    }

    /// What `*` stands for: the columns of all relations, those that a join has merged once.
    pub(super) fn star(&self) -> Result<Vec<Column>, String> {
        let mut columns = Vec::new();
        let mut shown: Vec<usize> = Vec::new();
        for (number, relation) in self.relations.iter().enumerate() {
            for column in relation.all()? {
                let merged = self
                    .merged
                    .iter()
                    .position(|merged| merged.members.contains(&number) && column.is_called(&merged.name));
                match merged {
                    None => columns.push(column.clone()),
                    Some(index) if shown.contains(&index) => {}
                    Some(index) => {
                        shown.push(index);
                        let merged = &self.merged[index];
                        columns.push(Column { name: column.name.clone(), origins: merged.origins.clone() });
                    }
                }
            }
        }
        Ok(columns)
    }

    /// Joins what stands to the right.
    pub(super) fn join(mut self, right: Relations) -> Self {
        let shift = self.relations.len();
        self.relations.extend(right.relations);
        self.merged.extend(right.merged.into_iter().map(|mut merged| {
            merged.members.iter_mut().for_each(|member| *member += shift);
            merged
        }));
        self
    }

    /// The names of all columns of `*`.
    pub(super) fn names(&self) -> Result<Vec<String>, String> {
        self.star()?
            .into_iter()
            .map(|column| column.name.ok_or_else(|| "a column has no name in the text".to_owned()))
            .collect()
    }

    /// The relations, by number, that have a column.
    pub(super) fn owners(&self, name: &str) -> Vec<usize> {
        let owners = self.relations.iter().enumerate();
        owners.filter(|(_, relation)| relation.column(name).is_some()).map(|(number, _)| number).collect()
    }
}

/// EXCLUDE of a star, as the names it takes away.
pub(super) fn is_excluded(star: &Value, name: &str) -> bool {
    elements(star, "exclude_list").iter().filter_map(Value::as_str).any(|excluded| same(excluded, name))
}
