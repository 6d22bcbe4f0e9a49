use serde_json::Value;

use crate::TableReference;

use super::origins::Origins;
use super::query::Tracer;
use super::relation::{Column, Merged, Relation, Relations, same};
use super::scope::Frame;
use super::{elements, text, texts};

/// Table functions that make rows of their arguments alone, in one column of their own name.
const ONE_COLUMN: &[&str] = &["generate_series", "range", "unnest"];

impl Tracer<'_> {
    /// What stands in FROM, and what decides on its rows.
    pub(super) fn from(&mut self, table: &Value) -> (Relations, Origins) {
        match text(table, "type") {
            None | Some("EMPTY") => (Relations::default(), Origins::default()),
            Some("BASE_TABLE") => self.base_table(table),
            Some("SUBQUERY") => {
                let traced = self.query(&table["subquery"]["node"]);
                let aliases = texts(table, "column_name_alias");
                let relation = Relation::of_query(text(table, "alias"), traced.columns, &aliases);
                (Relations::of(relation), traced.rows)
            }
            Some("JOIN") => self.join(table),
            Some("TABLE_FUNCTION") => self.table_function(table),
            Some("EXPRESSION_LIST") => self.values(table),
            Some("PIVOT") => not_followed(table, "PIVOT and UNPIVOT are not followed"),
            Some(other) => not_followed(table, &format!("{other} is not followed")),
        }
    }

    fn base_table(&mut self, table: &Value) -> (Relations, Origins) {
        let name = text(table, "table_name").unwrap_or_default();
        let schema = text(table, "schema_name");
        // `recurring.r` is the whole of a recursive query so far.
        if schema.is_none_or(|schema| same(schema, "recurring")) {
            let key = name.to_lowercase();
            let common = self.frames.iter().rev().find_map(|frame| frame.common.get(&key).cloned());
            if let Some(traced) = common {
                let alias = text(table, "alias").unwrap_or(name);
                let aliases = texts(table, "column_name_alias");
                let relation = Relation::of_query(Some(alias), traced.columns.clone(), &aliases);
                return (Relations::of(relation), traced.rows.clone());
            }
        }
        let reference = TableReference {
            catalog: text(table, "catalog_name").map(str::to_owned),
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
        };
        let columns = self.catalog.columns(&reference);
        (Relations::of(Relation::of_table(table, reference, columns)), Origins::default())
    }

    fn join(&mut self, join: &Value) -> (Relations, Origins) {
        let (left, mut rows) = self.from(&join["left"]);
        // What stands to the right may use what stands to the left.
        let ((right, right_rows), frame) = self.within(Frame::of(left), |tracer| tracer.from(&join["right"]));
        rows.add(&right_rows);
        let left = frame.from;
        let keys = match text(join, "ref_type") {
            Some("NATURAL") => match common_names(&left, &right) {
                Ok(names) => names,
                Err(why) => {
                    rows.add(&Origins::unknown(why.clone()));
                    return (Relations::of(Relation::made(None, why)), rows);
                }
            },
            _ => texts(join, "using_columns"),
        };
        let kind = text(join, "join_type").unwrap_or("INNER");
        let merged = keys.iter().map(|key| merge(key, kind, &left, &right)).collect::<Vec<_>>();
        for (_, both) in &merged {
            rows.add(both);
        }
        let (joined, only_left) = match kind {
            // The right side only decides which rows of the left remain, or add nothing but a mark.
            "SEMI" | "ANTI" => (left.clone().join(right), Some(left)),
            _ => (left.join(right), None),
        };
        let (condition, frame) = self.within(Frame::of(joined), |tracer| tracer.expression(&join["condition"]));
        rows.add(&condition);
        let mut relations = only_left.unwrap_or(frame.from);
        for (merged, _) in merged {
            // A join of a join: the new column takes the place of the merged ones.
            relations.merged.retain(|earlier| !same(&earlier.name, &merged.name));
            if merged.members.iter().all(|member| *member < relations.relations.len()) {
                relations.merged.push(merged);
            }
        }
        (relations, rows)
    }

    fn table_function(&mut self, table: &Value) -> (Relations, Origins) {
        let function = &table["function"];
        let name = text(function, "function_name").unwrap_or_default().to_lowercase();
        let arguments = elements(function, "children").iter().map(|argument| self.expression(unnamed(argument)));
        let arguments = arguments.collect::<Vec<_>>().iter().collect::<Origins>();
        let alias = text(table, "alias").unwrap_or(&name);
        let is_numbered = text(table, "with_ordinality").is_some_and(|with| with != "WITHOUT_ORDINALITY");
        let relation = if ONE_COLUMN.contains(&name.as_str()) && !is_numbered {
            let column = Column { name: Some(name.clone()), origins: arguments.clone() };
            Relation::of_query(Some(alias), Ok(vec![column]), &texts(table, "column_name_alias"))
        } else {
            Relation::made(Some(alias), format!("the table function `{name}` makes it"))
        };
        (Relations::of(relation), arguments)
    }

    /// VALUES: a column is made of what stands in its place in any row.
    fn values(&mut self, table: &Value) -> (Relations, Origins) {
        let mut columns: Vec<Column> = Vec::new();
        for row in elements(table, "values") {
            for (index, value) in row.as_array().into_iter().flatten().enumerate() {
                let origins = self.expression(value);
                match columns.get_mut(index) {
                    Some(column) => column.origins.add(&origins),
                    None => columns.push(Column { name: Some(format!("col{index}")), origins }),
                }
            }
        }
        let relation = Relation::of_query(text(table, "alias"), Ok(columns), &texts(table, "column_name_alias"));
        (Relations::of(relation), Origins::default())
    }
}

/// The value of an argument of a table function: `name = value` gives it by name.
fn unnamed(argument: &Value) -> &Value {
    let is_named = text(argument, "type") == Some("COMPARE_EQUAL")
        && text(&argument["left"], "class") == Some("COLUMN_REF")
        && elements(&argument["left"], "column_names").len() == 1;
    if is_named { &argument["right"] } else { argument }
}

fn not_followed(table: &Value, why: &str) -> (Relations, Origins) {
    (Relations::of(Relation::made(text(table, "alias"), why)), Origins::unknown(why))
}

fn common_names(left: &Relations, right: &Relations) -> Result<Vec<String>, String> {
    let right = right.names()?;
    let names = left.names()?;
    Ok(names.into_iter().filter(|name| right.iter().any(|other| same(name, other))).collect())
}

/// The one column that a key of USING becomes, and what both sides of it are made of.
fn merge(key: &str, kind: &str, left: &Relations, right: &Relations) -> (Merged, Origins) {
    let side = |relations: &Relations| match relations.unqualified(key) {
        super::relation::Found::Origins(origins) | super::relation::Found::Perhaps(origins) => origins,
        super::relation::Found::Nothing => Origins::unknown(format!("the column `{key}` is not known")),
    };
    let (left_origins, right_origins) = (side(left), side(right));
    let both: Origins = [&left_origins, &right_origins].into_iter().collect();
    let origins = match kind {
        "RIGHT" => right_origins,
        "OUTER" | "FULL" => both.clone(),
        _ => left_origins,
    };
    let shift = left.relations.len();
    let mut members = left.owners(key);
    if !matches!(kind, "SEMI" | "ANTI") {
        members.extend(right.owners(key).into_iter().map(|member| member + shift));
    }
    (Merged { name: key.to_owned(), origins, members }, both)
}
