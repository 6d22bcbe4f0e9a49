use std::collections::HashMap;
use std::rc::Rc;

use super::origins::Origins;
use super::query::Traced;
use super::relation::{Found, Relations, same};

/// What names mean within one part of a query. Parts stand inside each other; an inner one sees those around it.
#[derive(Default)]
pub(super) struct Frame {
    /// Common table expressions, by lower-case name.
    pub common: HashMap<String, Rc<Traced>>,
    /// What stands in FROM.
    pub from: Relations,
    /// Names of the select list so far.
    pub aliases: Vec<(String, Origins)>,
    /// Parameters of a lambda: what they stand for is counted where the list is.
    pub parameters: Vec<String>,
}

impl Frame {
    pub(super) fn of(from: Relations) -> Self {
        Self { from, ..Self::default() }
    }

    /// A frame of the parameters of a lambda.
    pub(super) fn of_parameters(parameters: Vec<String>) -> Self {
        Self { parameters, ..Self::default() }
    }

    /// What a name of one or more parts means here. DuckDB takes the first of these that exists: a column, a name of the
    /// select list, a field of either, a whole row.
    fn find(&self, parts: &[String]) -> Found {
        let Some(first) = parts.first() else { return Found::Nothing };
        if self.parameters.iter().any(|parameter| same(parameter, first)) {
            return Found::Origins(Origins::default());
        }
        if let Some(origins) = self.qualified(parts) {
            return Found::Origins(origins);
        }
        let column = self.from.unqualified(first);
        if matches!(column, Found::Origins(_)) {
            return column;
        }
        let alias = self.aliases.iter().rev().find(|(alias, _)| same(alias, first));
        match (alias, &column) {
            (Some((_, origins)), Found::Nothing) => return Found::Origins(origins.clone()),
            (Some(_), _) => {
                let why = format!("`{first}` is a name of the select list, and may be a column as well");
                return Found::Origins(Origins::unknown(why));
            }
            (None, _) => {}
        }
        match self.from.relation(None, first, None) {
            Some(relation) if parts.len() == 1 => Found::Origins(relation.row()),
            _ => column,
        }
    }

    /// `table.column`, `schema.table.column`, `catalog.schema.table.column`, each with fields behind it.
    fn qualified(&self, parts: &[String]) -> Option<Origins> {
        let by_table = match parts {
            [table, column, ..] => self.from.relation(None, table, Some(column)).map(|found| (found, column)),
            _ => None,
        };
        let by_schema = || match parts {
            [schema, table, column, ..] => {
                self.from.relation(Some(schema), table, Some(column)).map(|found| (found, column))
            }
            _ => None,
        };
        let by_catalog = || match parts {
            [_, schema, table, column, ..] => {
                self.from.relation(Some(schema), table, Some(column)).map(|found| (found, column))
            }
            _ => None,
        };
        let (relation, column) = by_table.or_else(by_schema).or_else(by_catalog)?;
        relation.origins_of(column)
    }
}

/// What a name means inside all of these frames, the innermost last.
pub(super) fn resolve(frames: &[Frame], parts: &[String]) -> Origins {
    let mut perhaps: Option<Origins> = None;
    for frame in frames.iter().rev() {
        match (frame.find(parts), &perhaps) {
            (Found::Origins(origins), None) => return origins,
            (Found::Origins(_) | Found::Perhaps(_), Some(_)) => {
                return Origins::unknown(format!("`{}` may be a column of several tables", parts.join(".")));
            }
            (Found::Perhaps(origins), None) => perhaps = Some(origins),
            (Found::Nothing, _) => {}
        }
    }
    match (perhaps, parts) {
        (Some(origins), _) => origins,
        // The place of a row is made of no column.
        (None, [name] | [_, name]) if same(name, "rowid") => Origins::default(),
        (None, _) => Origins::unknown(format!("the column `{}` is not known", parts.join("."))),
    }
}
