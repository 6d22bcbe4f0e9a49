//! The columns of a read: those that users give, or those of a sample with the types that users give.

use duckpen::connectors::{JsonColumn, JsonPath, kind_of};
use duckpen::{Error, ErrorKind};
use serde_json::{Map, Value};

use crate::misconfigured;
use crate::sample::Sample;

/// Columns of a table.
const MOST_COLUMNS: usize = 1_000;

/// The columns that users give: a type, or an object with a type and a path.
pub fn given(columns: &Map<String, Value>) -> Result<Vec<JsonColumn>, Error> {
    if columns.is_empty() {
        return Err(misconfigured("`columns` has none"));
    }
    let column = |(name, value): (&String, &Value)| match value {
        Value::String(logical_type) => JsonColumn::of_key(name, logical_type),
        Value::Object(object) => {
            let text = |key: &str| object.get(key).and_then(Value::as_str);
            let logical_type =
                text("type").ok_or_else(|| misconfigured(format!("the column `{name}` has no `type`")))?;
            let path = match text("path") {
                Some(path) => path.parse()?,
                None => JsonPath::key(name),
            };
            JsonColumn::new(name, path, logical_type)
        }
        other => {
            let message = format!("the column `{name}` is {}, and no type", kind_of(other));
            Err(misconfigured(message).with_hint("write columns as {\"id\": \"BIGINT\"}"))
        }
    };
    limited(columns.iter().map(column).collect::<Result<_, _>>()?)
}

/// The columns of a sample, some of which have the types that users give. A column that the sample lacks is there too.
pub fn found(sample: &Sample, types: &Map<String, Value>, flatten: bool) -> Result<Vec<JsonColumn>, Error> {
    if sample.is_mixed() {
        return Err(Error::from("some rows are objects and others are not").with_hint("look at `data_path`"));
    }
    let mut given: Vec<(&str, &str)> = Vec::new();
    for (name, value) in types {
        let logical_type = value.as_str();
        let wrong = || misconfigured(format!("the type of `{name}` is {}, and no text", kind_of(value)));
        given.push((name, logical_type.ok_or_else(wrong)?));
    }
    let mut columns = Vec::new();
    for column in sample.columns(flatten) {
        let place = given.iter().position(|(name, _)| name.eq_ignore_ascii_case(&column.name));
        let logical_type = place.map_or(column.logical_type, |place| given.swap_remove(place).1);
        columns.push(JsonColumn::new(column.name, column.path, logical_type)?);
    }
    // In the order in which they were given.
    for (name, value) in types {
        if let Some(logical_type) = value.as_str().filter(|_| given.iter().any(|(left, _)| left == name)) {
            columns.push(JsonColumn::of_key(name, logical_type)?);
        }
    }
    if columns.is_empty() {
        let hint = "give them as `columns`: {\"id\": \"BIGINT\"}";
        let message = "there are no rows in which columns could be found";
        return Err(Error::new(ErrorKind::InvalidInput, message).with_hint(hint));
    }
    limited(columns)
}

fn limited(columns: Vec<JsonColumn>) -> Result<Vec<JsonColumn>, Error> {
    if columns.len() <= MOST_COLUMNS {
        return Ok(columns);
    }
    let message = format!("the rows have {} columns, more than {MOST_COLUMNS}", columns.len());
    Err(Error::from(message).with_hint("give those that are wanted as `columns`, or set `flatten_response` to false"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(columns: Result<Vec<JsonColumn>, Error>) -> Result<Vec<String>, String> {
        let line = |column: &JsonColumn| format!("{} {} {}", column.name(), column.path(), column.field().logical_type);
        columns.map(|columns| columns.iter().map(line).collect()).map_err(|error| error.message)
    }

    #[test]
    fn columns_are_given_by_type_or_by_type_and_path() {
        let columns = |value: Value| shown(given(value.as_object().unwrap()));
        assert_eq!(
            columns(
                json!({"id": "bigint", "city": {"type": "VARCHAR", "path": "address.city"}, "a.b": {"type": "DATE"}})
            ),
            Ok(vec!["id id BIGINT".to_owned(), "city address.city VARCHAR".to_owned(), "a.b \"a.b\" DATE".to_owned()])
        );
        for (value, expected) in [
            (json!({}), "`columns` has none"),
            (json!({"id": 1}), "the column `id` is a number, and no type"),
            (json!({"id": {}}), "the column `id` has no `type`"),
            (json!({"id": "JSONB"}), "there is no type `JSONB` that connectors exchange"),
            (json!({"id": "VARCHAR[]"}), "column `id`: values of JSON are not read as VARCHAR[]"),
        ] {
            assert_eq!(columns(value), Err(expected.to_owned()));
        }
    }

    #[test]
    fn types_that_are_given_take_the_place_of_those_found() {
        let mut sample = Sample::default();
        sample.add(&json!({"id": 1, "paid": "1.50", "at": "2025-01-01"}));
        let types = json!({"PAID": "DECIMAL(18,2)", "note": "VARCHAR", "at": "VARCHAR", "last": "DOUBLE"});
        assert_eq!(
            shown(found(&sample, types.as_object().unwrap(), false)).unwrap(),
            ["id id BIGINT", "paid paid DECIMAL(18,2)", "at at VARCHAR", "note note VARCHAR", "last last DOUBLE"]
        );
        let none = shown(found(&Sample::default(), &Map::new(), false));
        assert_eq!(none.unwrap_err(), "there are no rows in which columns could be found");
        sample.add(&json!(1));
        assert_eq!(shown(found(&sample, &Map::new(), false)).unwrap_err(), "some rows are objects and others are not");
    }
}
