use serde_json::Value;

use super::origins::Origins;
use super::query::Tracer;
use super::relation::{Column, is_excluded, same};
use super::scope::{Frame, resolve};
use super::{elements, text, texts};

/// Functions one of whose arguments is a lambda. In all others `a -> b` takes a member out of JSON.
const TAKE_LAMBDAS: &[&str] = &[
    "apply",
    "array_apply",
    "array_filter",
    "array_reduce",
    "array_transform",
    "filter",
    "list_apply",
    "list_filter",
    "list_reduce",
    "list_transform",
    "reduce",
];

impl Tracer<'_> {
    /// The columns that an expression is made of, those of its subqueries included.
    pub(super) fn expression(&mut self, node: &Value) -> Origins {
        match node {
            Value::Array(items) => self.all(items.iter()),
            Value::Object(members) => match text(node, "class") {
                Some("CONSTANT") => Origins::default(),
                Some("COLUMN_REF") => resolve(&self.frames, &texts(node, "column_names")),
                Some("STAR") => self.star_within(node),
                Some("SUBQUERY") => self.subquery(node),
                Some("POSITIONAL_REFERENCE") => self.positional(node),
                Some("FUNCTION") if takes_lambdas(node) => {
                    let arguments = elements(node, "children").iter();
                    let mut origins = Origins::default();
                    for argument in arguments {
                        let found = match text(argument, "class") {
                            Some("LAMBDA") => self.lambda(argument),
                            _ => self.expression(argument),
                        };
                        origins.add(&found);
                    }
                    origins
                }
                _ => self.all(members.values()),
            },
            _ => Origins::default(),
        }
    }

    fn all<'v>(&mut self, nodes: impl Iterator<Item = &'v Value>) -> Origins {
        let mut origins = Origins::default();
        for node in nodes {
            origins.add(&self.expression(node));
        }
        origins
    }

    fn lambda(&mut self, lambda: &Value) -> Origins {
        let lhs = &lambda["lhs"];
        let parameters = match text(lhs, "class") {
            Some("COLUMN_REF") => texts(lhs, "column_names"),
            _ => elements(lhs, "children").iter().flat_map(|parameter| texts(parameter, "column_names")).collect(),
        };
        self.within(Frame::of_parameters(parameters), |tracer| tracer.expression(&lambda["expr"])).0
    }

    fn subquery(&mut self, node: &Value) -> Origins {
        let traced = self.query(&node["subquery"]["node"]);
        let mut origins = match text(node, "subquery_type") {
            // Whether there is a row, and not what is in it.
            Some("EXISTS" | "NOT_EXISTS") => traced.rows,
            _ => traced.everything(),
        };
        origins.add(&self.expression(&node["child"]));
        origins
    }

    /// A star inside of an expression: the one column it stands for at the moment, or all of them as arguments.
    fn star_within(&mut self, star: &Value) -> Origins {
        if let Some(picked) = &self.picked {
            return picked.clone();
        }
        match self.star(star) {
            Ok(columns) => columns.iter().map(|column| &column.origins).collect(),
            Err(why) => Origins::unknown(why),
        }
    }

    /// `#2`: a column of FROM by its number.
    fn positional(&mut self, node: &Value) -> Origins {
        let columns = match self.frame().from.star() {
            Ok(columns) => columns,
            Err(why) => return Origins::unknown(why),
        };
        let number = node["index"].as_u64().and_then(|number| usize::try_from(number).ok());
        let column = number.and_then(|number| columns.get(number.checked_sub(1)?));
        column.map_or_else(|| Origins::unknown("a column by its number"), |column| column.origins.clone())
    }

    /// The innermost frame that has a FROM.
    fn frame(&self) -> &Frame {
        self.frames.iter().rev().find(|frame| frame.parameters.is_empty()).unwrap_or(&self.outside)
    }

    /// The columns that a star stands for, in order.
    pub(super) fn star(&mut self, star: &Value) -> Result<Vec<Column>, String> {
        let frame = self.frame();
        let mut columns = match text(star, "relation_name") {
            None => frame.from.star()?,
            Some(name) => match frame.from.relation(None, name, None) {
                Some(relation) => relation.all()?.to_vec(),
                None => return Err(format!("`{name}.*` takes a value apart")),
            },
        };
        let is_other_star = star["columns"].as_bool() == Some(true) && !star["expr"].is_null();
        if is_other_star {
            columns = picked(&star["expr"], &columns)?;
        }
        self.adjusted(star, columns)
    }

    /// EXCLUDE, REPLACE and RENAME.
    fn adjusted(&mut self, star: &Value, columns: Vec<Column>) -> Result<Vec<Column>, String> {
        if !elements(star, "qualified_exclude_list").is_empty() {
            return Err("EXCLUDE names the column of one table".to_owned());
        }
        let mut adjusted = Vec::new();
        for mut column in columns {
            let Some(name) = column.name.clone() else {
                adjusted.push(column);
                continue;
            };
            if is_excluded(star, &name) {
                continue;
            }
            let replaced = elements(star, "replace_list")
                .iter()
                .find(|entry| text(entry, "key").is_some_and(|key| same(key, &name)));
            if let Some(entry) = replaced {
                column.origins = self.expression(&entry["value"]);
            }
            let renamed = elements(star, "rename_list")
                .iter()
                .find(|entry| text(&entry["key"], "column").is_some_and(|key| same(key, &name)));
            if let Some(entry) = renamed {
                column.name = text(entry, "value").map(str::to_owned);
            }
            adjusted.push(column);
        }
        Ok(adjusted)
    }
}

fn takes_lambdas(function: &Value) -> bool {
    text(function, "function_name").is_some_and(|name| TAKE_LAMBDAS.contains(&name.to_lowercase().as_str()))
}

/// The argument of COLUMNS: names in a list, or else a pattern.
fn picked(argument: &Value, columns: &[Column]) -> Result<Vec<Column>, String> {
    let pattern = || "columns are picked by a pattern".to_owned();
    if text(argument, "function_name") != Some("list_value") {
        return Err(pattern());
    }
    let names = elements(argument, "children").iter().map(|name| name["value"]["value"].as_str());
    let names = names.collect::<Option<Vec<_>>>().ok_or_else(pattern)?;
    let column = |name: &&str| columns.iter().find(|column| column.is_called(name)).cloned();
    names.iter().map(column).collect::<Option<Vec<_>>>().ok_or_else(pattern)
}
