use std::rc::Rc;

use serde_json::Value;

use super::names::implied;
use super::origins::Origins;
use super::relation::{Column, Relation, Relations, renamed, same};
use super::scope::Frame;
use super::{Catalog, elements, text, texts};

/// The columns of a query, as far as the tree tells, and what decides on its rows.
#[derive(Debug, Clone)]
pub(super) struct Traced {
    /// Or why they are not known.
    pub columns: Result<Vec<Column>, String>,
    pub rows: Origins,
}

impl Traced {
    pub(super) fn unknown(why: &str) -> Self {
        Self { columns: Err(why.to_owned()), rows: Origins::unknown(why) }
    }

    /// What all columns together are made of.
    pub(super) fn values(&self) -> Origins {
        match &self.columns {
            Ok(columns) => columns.iter().map(|column| &column.origins).collect(),
            Err(why) => Origins::unknown(why.clone()),
        }
    }

    /// What all columns are made of, and what decides on the rows: what a value taken from the query is made of.
    pub(super) fn everything(&self) -> Origins {
        let mut origins = self.values();
        origins.add(&self.rows);
        origins
    }
}

/// The walk.
pub(super) struct Tracer<'a> {
    pub catalog: &'a dyn Catalog,
    /// What names mean, the innermost last.
    pub frames: Vec<Frame>,
    /// What names mean outside of all queries: nothing.
    pub outside: Frame,
    /// What COLUMNS(...) stands for, while an expression is repeated for each of its columns.
    pub picked: Option<Origins>,
}

impl<'a> Tracer<'a> {
    pub(super) fn new(catalog: &'a dyn Catalog) -> Self {
        Self { catalog, frames: Vec::new(), outside: Frame::default(), picked: None }
    }

    /// A whole statement.
    pub(super) fn statement(&mut self, statement: &Value) -> Traced {
        self.query(&statement["node"])
    }

    /// Does something inside of a frame, and gives the frame back.
    pub(super) fn within<T>(&mut self, frame: Frame, work: impl FnOnce(&mut Self) -> T) -> (T, Frame) {
        self.frames.push(frame);
        let outcome = work(self);
        (outcome, self.frames.pop().unwrap_or_default())
    }

    pub(super) fn query(&mut self, node: &Value) -> Traced {
        // COLUMNS of a query is no concern of the queries inside of it.
        let picked = self.picked.take();
        let (traced, _) = self.within(Frame::default(), |tracer| {
            for entry in elements(&node["cte_map"], "map") {
                let Some(name) = text(entry, "key") else { continue };
                let traced = tracer.common_table(name, &entry["value"]);
                if let Some(frame) = tracer.frames.last_mut() {
                    frame.common.insert(name.to_lowercase(), Rc::new(traced));
                }
            }
            match text(node, "type") {
                Some("SELECT_NODE") => tracer.select(node),
                Some("SET_OPERATION_NODE") => tracer.set_operation(node),
                Some("RECURSIVE_CTE_NODE") => tracer.recursive(node),
                other => Traced::unknown(&format!("a query of the kind {}", other.unwrap_or("unknown"))),
            }
        });
        self.picked = picked;
        traced
    }

    fn common_table(&mut self, name: &str, entry: &Value) -> Traced {
        if !elements(entry, "key_targets").is_empty() {
            return Traced::unknown(&format!("`{name}` is recursive with USING KEY"));
        }
        let traced = self.query(&entry["query"]["node"]);
        let columns = traced.columns.map(|columns| renamed(columns, &texts(entry, "aliases")));
        Traced { columns, ..traced }
    }

    /// Rows that are made of earlier ones until there are no new ones: what they are made of is gathered until there is
    /// nothing new, either.
    fn recursive(&mut self, node: &Value) -> Traced {
        let name = text(node, "cte_name").unwrap_or_default();
        let aliases = texts(node, "aliases");
        let mut sum = self.query(&node["left"]);
        sum.columns = sum.columns.map(|columns| renamed(columns, &aliases));
        loop {
            let mut frame = Frame::default();
            frame.common.insert(name.to_lowercase(), Rc::new(sum.clone()));
            let (step, _) = self.within(frame, |tracer| tracer.query(&node["right"]));
            let next = union(&sum, &step);
            let is_same = match (&sum.columns, &next.columns) {
                (Ok(old), Ok(new)) => old.iter().zip(new).all(|(old, new)| old.origins == new.origins),
                (_, Err(_)) => true,
                (Err(_), Ok(_)) => false,
            };
            if is_same && sum.rows == next.rows {
                sum = next;
                break;
            }
            sum = next;
        }
        if node["union_all"].as_bool() != Some(true) {
            let values = sum.values();
            sum.rows.add(&values);
        }
        sum
    }

    fn set_operation(&mut self, node: &Value) -> Traced {
        let kind = text(node, "setop_type").unwrap_or_default();
        let (left, right) = (self.query(&node["left"]), self.query(&node["right"]));
        let is_all = node["setop_all"].as_bool() == Some(true);
        let mut traced = match kind {
            "UNION" => union(&left, &right),
            "UNION_BY_NAME" => union_by_name(&left, &right),
            // Which rows of the left remain is decided by all columns of both.
            "EXCEPT" | "INTERSECT" => {
                let rows = [&left.rows, &right.rows].into_iter().collect();
                Traced { columns: left.columns.clone(), rows }
            }
            other => return Traced::unknown(&format!("{other} of two queries")),
        };
        if !is_all || kind == "EXCEPT" || kind == "INTERSECT" {
            traced.rows.add(&left.values());
            traced.rows.add(&right.values());
        }
        // ORDER BY sees the columns of the result.
        let relation = Relation::of_query(None, traced.columns.clone(), &[]);
        let (rows, _) =
            self.within(Frame::of(Relations::of(relation)), |tracer| tracer.modifiers(node, &traced.columns));
        traced.rows.add(&rows);
        traced
    }

    fn select(&mut self, node: &Value) -> Traced {
        let (from, mut rows) = self.from(&node["from_table"]);
        if let Some(frame) = self.frames.last_mut() {
            frame.from = from;
        }
        let mut columns = Ok(Vec::new());
        let mut per_item = Vec::new();
        for item in elements(node, "select_list") {
            let found = self.item(item);
            if makes_rows(item) {
                let values = found.iter().flatten().map(|column| &column.origins);
                rows.add(&values.collect());
            }
            if let (Some(alias), Ok([column]), Some(frame)) =
                (text(item, "alias"), found.as_deref(), self.frames.last_mut())
            {
                frame.aliases.push((alias.to_owned(), column.origins.clone()));
            }
            match (&mut columns, &found) {
                (Ok(columns), Ok(found)) => columns.extend(found.iter().cloned()),
                (Ok(_), Err(why)) => columns = Err(why.clone()),
                (Err(_), _) => {}
            }
            per_item.push(found);
        }
        for clause in ["where_clause", "having", "qualify"] {
            rows.add(&self.expression(&node[clause]));
        }
        for group in elements(node, "group_expressions") {
            rows.add(&self.group(group, &columns));
        }
        if text(node, "aggregate_handling") == Some("FORCE_AGGREGATES") {
            rows.add(&self.keys_of_all(elements(node, "select_list"), &per_item));
        }
        rows.add(&self.modifiers(node, &columns));
        Traced { columns, rows }
    }

    /// The columns that one expression of a select list gives.
    fn item(&mut self, item: &Value) -> Result<Vec<Column>, String> {
        if text(item, "class") == Some("STAR") {
            return self.star(item);
        }
        if self.is_star_with_pattern(item) {
            return Err("columns are picked by a pattern".to_owned());
        }
        let Some(star) = columns_call(item) else {
            return Ok(vec![Column { name: implied(item), origins: self.expression(item) }]);
        };
        let mut columns = Vec::new();
        for Column { name, origins } in self.star(star)? {
            self.picked = Some(origins);
            let origins = self.expression(item);
            self.picked = None;
            let name = text(item, "alias").map(str::to_owned).or(name);
            columns.push(Column { name, origins });
        }
        Ok(columns)
    }

    /// `* LIKE 'a%'`
    fn is_star_with_pattern(&self, item: &Value) -> bool {
        let first = elements(item, "children").first();
        item["is_operator"].as_bool() == Some(true)
            && first
                .is_some_and(|first| text(first, "class") == Some("STAR") && first["columns"].as_bool() != Some(true))
    }

    /// The key of a group: an expression, a name, or the number of a column.
    fn group(&mut self, group: &Value, columns: &Result<Vec<Column>, String>) -> Origins {
        numbered(group, columns).unwrap_or_else(|| self.expression(group))
    }

    /// GROUP BY ALL: every expression without an aggregate in it is a key.
    fn keys_of_all(&self, items: &[Value], found: &[Result<Vec<Column>, String>]) -> Origins {
        let mut keys = Origins::default();
        for (_, found) in items.iter().zip(found).filter(|(item, _)| !self.has_aggregate(item)) {
            match found {
                Ok(columns) => columns.iter().for_each(|column| keys.add(&column.origins)),
                Err(why) => keys.add(&Origins::unknown(why.clone())),
            }
        }
        keys
    }

    fn has_aggregate(&self, expression: &Value) -> bool {
        match expression {
            Value::Array(items) => items.iter().any(|item| self.has_aggregate(item)),
            Value::Object(members) => match text(expression, "class") {
                Some("SUBQUERY") => false,
                Some("FUNCTION")
                    if text(expression, "function_name")
                        .is_some_and(|name| self.catalog.is_aggregate(&name.to_lowercase())) =>
                {
                    true
                }
                _ => members.values().any(|member| self.has_aggregate(member)),
            },
            _ => false,
        }
    }

    /// What DISTINCT, ORDER BY and LIMIT add to what decides on the rows.
    fn modifiers(&mut self, node: &Value, columns: &Result<Vec<Column>, String>) -> Origins {
        let everything = || match columns {
            Ok(columns) => columns.iter().map(|column| &column.origins).collect(),
            Err(why) => Origins::unknown(why.clone()),
        };
        let mut rows = Origins::default();
        for modifier in elements(node, "modifiers") {
            match text(modifier, "type") {
                Some("DISTINCT_MODIFIER") if elements(modifier, "distinct_on_targets").is_empty() => {
                    rows.add(&everything());
                }
                Some("ORDER_MODIFIER") => {
                    for order in elements(modifier, "orders") {
                        rows.add(&self.sort_key(&order["expression"], columns));
                    }
                }
                _ => {
                    for target in elements(modifier, "distinct_on_targets") {
                        rows.add(&self.sort_key(target, columns));
                    }
                    rows.add(&self.expression(&modifier["limit"]));
                    rows.add(&self.expression(&modifier["offset"]));
                }
            }
        }
        rows
    }

    /// A key to sort by: the number or the name of a column of the result, or else an expression over the rows.
    fn sort_key(&mut self, key: &Value, columns: &Result<Vec<Column>, String>) -> Origins {
        if let Some(origins) = numbered(key, columns) {
            return origins;
        }
        match (text(key, "class"), columns) {
            // ORDER BY ALL
            (Some("STAR"), Ok(columns)) => columns.iter().map(|column| &column.origins).collect(),
            (Some("STAR"), Err(why)) => Origins::unknown(why.clone()),
            (Some("COLUMN_REF"), Ok(columns)) => match texts(key, "column_names").as_slice() {
                [name] => {
                    let named = columns.iter().find(|column| column.is_called(name));
                    named.map_or_else(|| self.expression(key), |column| column.origins.clone())
                }
                _ => self.expression(key),
            },
            _ => self.expression(key),
        }
    }
}

/// The column of the result whose number an expression is.
fn numbered(expression: &Value, columns: &Result<Vec<Column>, String>) -> Option<Origins> {
    let is_number = text(expression, "class") == Some("CONSTANT");
    let number = expression["value"]["value"].as_u64().filter(|_| is_number)?;
    Some(match columns {
        Ok(columns) => {
            let index = usize::try_from(number).ok()?.checked_sub(1)?;
            columns.get(index)?.origins.clone()
        }
        Err(why) => Origins::unknown(why.clone()),
    })
}

/// Whether an expression of a select list makes several rows of one.
fn makes_rows(expression: &Value) -> bool {
    match expression {
        Value::Array(items) => items.iter().any(makes_rows),
        Value::Object(members) => match (text(expression, "class"), text(expression, "function_name")) {
            (Some("SUBQUERY"), _) => false,
            (Some("FUNCTION"), Some(name))
                if ["unnest", "unlist", "generate_subscripts"].iter().any(|known| same(known, name)) =>
            {
                true
            }
            _ => members.values().any(makes_rows),
        },
        _ => false,
    }
}

/// COLUMNS(...) within an expression, but not where it is spread out as arguments.
fn columns_call(expression: &Value) -> Option<&Value> {
    match expression {
        Value::Array(items) => items.iter().find_map(columns_call),
        Value::Object(members) => match text(expression, "class") {
            Some("STAR") => (expression["columns"].as_bool() == Some(true)).then_some(expression),
            Some("SUBQUERY") => None,
            _ if text(expression, "type") == Some("OPERATOR_UNPACK") => None,
            _ => members.values().find_map(columns_call),
        },
        _ => None,
    }
}

/// Rows of both, column by column.
fn union(left: &Traced, right: &Traced) -> Traced {
    let columns = match (&left.columns, &right.columns) {
        (Ok(left), Ok(right)) if left.len() == right.len() => Ok(left
            .iter()
            .zip(right)
            .map(|(left, right)| Column {
                name: left.name.clone(),
                origins: [&left.origins, &right.origins].into_iter().collect(),
            })
            .collect()),
        (Ok(_), Ok(_)) => Err("the two sides of a UNION do not have as many columns".to_owned()),
        (Err(why), _) | (_, Err(why)) => Err(why.clone()),
    };
    Traced { columns, rows: [&left.rows, &right.rows].into_iter().collect() }
}

/// Rows of both; columns of one name are one, and what a side does not have is NULL in its rows.
fn union_by_name(left: &Traced, right: &Traced) -> Traced {
    let rows = [&left.rows, &right.rows].into_iter().collect();
    let columns = match (&left.columns, &right.columns) {
        (Ok(left), Ok(right)) => by_name(left, right),
        (Err(why), _) | (_, Err(why)) => Err(why.clone()),
    };
    Traced { columns, rows }
}

fn by_name(left: &[Column], right: &[Column]) -> Result<Vec<Column>, String> {
    let mut columns = left.to_vec();
    for column in right {
        let Some(name) = &column.name else {
            return Err("a column has no name in the text, and UNION BY NAME wants one".to_owned());
        };
        if columns.iter().any(|known| known.name.is_none()) {
            return Err("a column has no name in the text, and UNION BY NAME wants one".to_owned());
        }
        match columns.iter_mut().find(|known| known.name.as_deref().is_some_and(|own| same(own, name))) {
            Some(known) => known.origins.add(&column.origins),
            None => columns.push(column.clone()),
        }
    }
    Ok(columns)
}
