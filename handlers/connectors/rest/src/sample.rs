//! Columns and types, as they are found in the first rows.
//!
//! | in the rows | type |
//! |---|---|
//! | booleans | BOOLEAN |
//! | whole numbers | BIGINT; HUGEINT where one is larger |
//! | numbers | DOUBLE |
//! | texts | VARCHAR; DATE, TIMESTAMP or TIMESTAMPTZ where all are days, moments without or with a zone |
//! | lists, objects | VARCHAR, as JSON; with `flatten`, each field of an object is a column |
//! | several of these | VARCHAR |
//! | nothing but `null` | VARCHAR |

use duckpen::connectors::{JsonPath, has_zone};
use serde_json::{Map, Value};

/// How deep objects become columns.
const MOST_DEPTH: usize = 16;

/// A column that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Where its values stand.
    pub path: JsonPath,
    /// Its type in DuckDB's spelling.
    pub logical_type: &'static str,
}

/// What the values of one place were.
#[derive(Debug, Clone, Default)]
struct Seen {
    booleans: bool,
    wholes: bool,
    /// Whether one of them is no BIGINT.
    huge: bool,
    numbers: bool,
    texts: bool,
    /// Texts of other forms than a day, a moment without and one with a zone.
    not_days: bool,
    not_local: bool,
    not_zoned: bool,
    lists: bool,
    objects: bool,
    /// Fields of the objects, in the order in which they came.
    fields: Vec<(String, Seen)>,
}

/// What rows were seen.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    root: Seen,
}

impl Sample {
    /// One row more.
    pub fn add(&mut self, row: &Value) {
        self.root.add(row, 0);
    }

    /// Whether there were rows that are objects, and rows that are not.
    pub fn is_mixed(&self) -> bool {
        let seen = &self.root;
        seen.objects && (seen.booleans || seen.wholes || seen.numbers || seen.texts || seen.lists)
    }

    /// The columns. Rows that are no objects have one, `value`. Names that are equal but for the case of letters, as they are
    /// in SQL, are counted.
    pub fn columns(&self, flatten: bool) -> Vec<Found> {
        let mut columns = Vec::new();
        if self.root.objects {
            self.root.collect("", &JsonPath::default(), flatten, 0, &mut columns);
        } else if !self.root.is_empty() {
            let logical_type = self.root.logical_type();
            columns.push(Found { name: "value".to_owned(), path: JsonPath::default(), logical_type });
        }
        let mut names = std::collections::HashSet::new();
        for column in &mut columns {
            let mut name = column.name.clone();
            let mut number = 2u32;
            while !names.insert(name.to_lowercase()) {
                name = format!("{}_{number}", column.name);
                number += 1;
            }
            column.name = name;
        }
        columns
    }

    /// A field that a row has and the sample had not, where it would have become a column.
    pub fn unknown_field(&self, row: &Value, flatten: bool) -> Option<String> {
        self.root.unknown_field(row.as_object()?, flatten, 0)
    }
}

impl Seen {
    fn is_empty(&self) -> bool {
        !(self.booleans || self.wholes || self.numbers || self.texts || self.lists || self.objects)
    }

    fn add(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Null => {}
            Value::Bool(_) => self.booleans = true,
            Value::Number(number) if number.is_i64() => self.wholes = true,
            Value::Number(number) if number.is_u64() => (self.wholes, self.huge) = (true, true),
            Value::Number(_) => self.numbers = true,
            Value::String(text) => self.add_text(text),
            Value::Array(_) => self.lists = true,
            Value::Object(object) => {
                self.objects = true;
                if depth < MOST_DEPTH {
                    for (name, value) in object {
                        self.field(name).add(value, depth + 1);
                    }
                }
            }
        }
    }

    fn add_text(&mut self, text: &str) {
        self.texts = true;
        if self.not_days && self.not_local && self.not_zoned {
            return;
        }
        let zone = has_zone(text);
        self.not_zoned |= zone != Some(true);
        self.not_local |= zone != Some(false);
        self.not_days |= !is_day(text);
    }

    fn field(&mut self, name: &str) -> &mut Seen {
        let place = match self.fields.iter().position(|(found, _)| found == name) {
            Some(place) => place,
            None => {
                self.fields.push((name.to_owned(), Seen::default()));
                self.fields.len() - 1
            }
        };
        &mut self.fields[place].1
    }

    fn logical_type(&self) -> &'static str {
        let kinds = [self.booleans, self.wholes || self.numbers, self.texts, self.lists || self.objects];
        if kinds.iter().filter(|kind| **kind).count() != 1 {
            return "VARCHAR";
        }
        match self {
            Self { booleans: true, .. } => "BOOLEAN",
            Self { numbers: true, .. } => "DOUBLE",
            Self { wholes: true, huge: true, .. } => "HUGEINT",
            Self { wholes: true, .. } => "BIGINT",
            Self { texts: true, not_days: false, .. } => "DATE",
            Self { texts: true, not_local: false, .. } => "TIMESTAMP",
            Self { texts: true, not_zoned: false, .. } => "TIMESTAMP WITH TIME ZONE",
            _ => "VARCHAR",
        }
    }

    /// Whether its fields become columns, in its place.
    fn is_flattened(&self, depth: usize) -> bool {
        let others = self.booleans || self.wholes || self.numbers || self.texts || self.lists;
        self.objects && !others && !self.fields.is_empty() && depth < MOST_DEPTH
    }

    fn collect(&self, prefix: &str, path: &JsonPath, flatten: bool, depth: usize, columns: &mut Vec<Found>) {
        for (name, seen) in &self.fields {
            let path = path.below(name);
            let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            if flatten && seen.is_flattened(depth + 1) {
                seen.collect(&name, &path, flatten, depth + 1, columns);
            } else {
                let name = if name.is_empty() { "_".to_owned() } else { name };
                columns.push(Found { name, path, logical_type: seen.logical_type() });
            }
        }
    }

    fn unknown_field(&self, row: &Map<String, Value>, flatten: bool, depth: usize) -> Option<String> {
        row.iter().filter(|(_, value)| !value.is_null()).find_map(|(name, value)| {
            let Some((_, seen)) = self.fields.iter().find(|(found, _)| found == name) else {
                return Some(name.clone());
            };
            let inner = value.as_object().filter(|_| flatten && seen.is_flattened(depth + 1))?;
            Some(format!("{name}.{}", seen.unknown_field(inner, flatten, depth + 1)?))
        })
    }
}

/// `2025-01-31`.
fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
        // And a day that there is.
        && has_zone(&format!("{text}T00:00:00")) == Some(false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(rows: &[Value], flatten: bool) -> Vec<(String, String, &'static str)> {
        let mut sample = Sample::default();
        rows.iter().for_each(|row| sample.add(row));
        let columns = sample.columns(flatten).into_iter();
        columns.map(|column| (column.name, column.path.to_string(), column.logical_type)).collect()
    }

    #[test]
    fn types_are_those_that_hold_all_values() {
        for (values, expected) in [
            (json!([true, null]), "BOOLEAN"),
            (json!([1, -2]), "BIGINT"),
            (json!([1, u64::MAX]), "HUGEINT"),
            (json!([1, 2.5]), "DOUBLE"),
            (json!([1, "a"]), "VARCHAR"),
            (json!([1, true]), "VARCHAR"),
            (json!(["a"]), "VARCHAR"),
            (json!([null]), "VARCHAR"),
            (json!([[1], [2]]), "VARCHAR"),
            (json!([{"a": 1}]), "VARCHAR"),
            (json!(["2025-01-31", "2025-02-28"]), "DATE"),
            (json!(["2025-01-31", "2025-02-30"]), "VARCHAR"),
            (json!(["2025-01-31T10:00:00"]), "TIMESTAMP"),
            (json!(["2025-01-31T10:00:00Z", "2025-01-31T10:00:00+02:00"]), "TIMESTAMP WITH TIME ZONE"),
            (json!(["2025-01-31T10:00:00Z", "2025-01-31T10:00:00"]), "VARCHAR"),
            (json!(["2025-01-31", "2025-01-31T10:00:00"]), "VARCHAR"),
            (json!(["20250131", "12:00"]), "VARCHAR"),
        ] {
            let rows: Vec<_> = values.as_array().unwrap().iter().map(|value| json!({"x": value})).collect();
            assert_eq!(found(&rows, false), [("x".to_owned(), "x".to_owned(), expected)], "{values}");
        }
    }

    #[test]
    fn columns_stand_in_the_order_of_their_keys_and_objects_become_columns() {
        let rows = [
            json!({"z": 1, "address": {"city": "Oslo", "at": {"lat": 1.5}}, "tags": ["a"], "odd": {"a": 1}}),
            json!({"a": null, "address": null, "odd": "text", "none": {}}),
        ];
        let column = |name: &str, path: &str, logical_type| (name.to_owned(), path.to_owned(), logical_type);
        assert_eq!(
            found(&rows, true),
            [
                column("z", "z", "BIGINT"),
                column("address.city", "address.city", "VARCHAR"),
                column("address.at.lat", "address.at.lat", "DOUBLE"),
                column("tags", "tags", "VARCHAR"),
                column("odd", "odd", "VARCHAR"),
                column("a", "a", "VARCHAR"),
                column("none", "none", "VARCHAR"),
            ]
        );
        let names: Vec<_> = found(&rows, false).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["z", "address", "tags", "odd", "a", "none"]);
    }

    #[test]
    fn names_are_told_apart_as_sql_does() {
        let rows = [json!({"Id": 1, "id": 2, "a.b": 1, "a": {"b": 2}, "": 3, "x_y": 4})];
        let names: Vec<_> = found(&rows, true).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["Id", "id_2", "a.b", "a.b_2", "_", "x_y"]);
    }

    #[test]
    fn rows_that_are_no_objects_have_one_column() {
        assert_eq!(found(&[json!(1), json!(2)], true), [("value".to_owned(), String::new(), "BIGINT")]);
        assert_eq!(found(&[], true), []);
    }

    #[test]
    fn a_field_that_comes_late_is_noticed() {
        let mut sample = Sample::default();
        sample.add(&json!({"id": 1, "a": {"b": 1}}));
        for (row, flatten, expected) in [
            (json!({"id": 2, "a": {"b": 2}}), true, None),
            (json!({"id": 2, "new": 1}), true, Some("new")),
            (json!({"id": 2, "new": null}), true, None),
            (json!({"a": {"c": 1}}), true, Some("a.c")),
            (json!({"a": {"c": 1}}), false, None),
            (json!(7), true, None),
        ] {
            assert_eq!(sample.unknown_field(&row, flatten).as_deref(), expected, "{row}");
        }
    }
}
