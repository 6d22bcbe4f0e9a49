//! Which rows are written, and into which columns.

use duckpen::sql::Subquery;
use duckpen::{Error, Field, Projection, find_field};

/// The rows of a query.
pub struct Rows {
    /// The table that they go to.
    pub table: String,
    /// The query's columns.
    pub columns: Vec<Field>,
    pub query: String,
}

/// Rows in the shape of a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Write {
    /// The table's columns that the query's columns go to.
    pub columns: Vec<String>,
    pub query: String,
}

impl Rows {
    /// Their shape.
    pub fn none(&self) -> String {
        format!("SELECT * FROM {} LIMIT 0", Subquery(&self.query))
    }

    /// All of them, in the shape of a table that exists.
    pub fn fit(&self, existing: &[Field]) -> Result<Write, Error> {
        let table = &self.table;
        let projection = Projection::new(&self.columns, existing, |misfit| {
            format!("Schema validation failed for table {table}: {}", misfit.sentence(table))
        })?;
        let query = format!("SELECT {} FROM {}", projection.select, Subquery(&self.query));
        Ok(Write { columns: projection.columns, query })
    }

    /// Whether the query and the table have the time column that rows are told apart by. Of a table that is not there yet
    /// there are no columns, and nothing is asked.
    pub fn check_time(&self, time: Option<&str>, existing: &[Field]) -> Result<(), Error> {
        let Some(time) = time else { return Ok(()) };
        let table = &self.table;
        if find_field(&self.columns, time).is_none() {
            let available: Vec<&str> = self.columns.iter().map(|field| field.name.as_str()).collect();
            let message = format!(
                "INCREMENTAL BY {time}: the query of '{table}' has no column '{time}'. Available columns: {}",
                available.join(", ")
            );
            let hint = "add it to the query, or use MODE REPLACE, which makes the table anew in each run";
            return Err(Error::from(message).with_hint(hint));
        }
        if !existing.is_empty() && find_field(existing, time).is_none() {
            let message = format!("INCREMENTAL BY {time}: the table '{table}' has no column '{time}'");
            return Err(Error::from(message).with_hint("--full-refresh makes the table anew"));
        }
        Ok(())
    }

    /// Whether the query has the key columns.
    pub fn check_keys(&self, keys: &[String]) -> Result<(), Error> {
        let Some(missing) = keys.iter().find(|key| find_field(&self.columns, key).is_none()) else { return Ok(()) };
        let available: Vec<&str> = self.columns.iter().map(|field| field.name.as_str()).collect();
        Err(format!(
            "UPSERT operation failed: UPSERT key validation failed:\n  - Upsert key '{missing}' does not exist in the \
             query of '{}'. Available columns: {}",
            self.table,
            available.join(", ")
        )
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_ends_in_a_comment_composes() {
        let field = Field { name: "v".into(), logical_type: "BIGINT".into() };
        let rows = Rows { table: "t".into(), columns: vec![field.clone()], query: "SELECT v FROM u -- all".into() };
        let write = rows.fit(&[field]).expect("it fits");
        assert_eq!(write.query, "SELECT \"v\" FROM (\nSELECT v FROM u -- all\n)");
        assert_eq!(rows.none(), "SELECT * FROM (\nSELECT v FROM u -- all\n) LIMIT 0");
    }

    #[test]
    fn rows_without_their_time_are_refused() {
        let field = |name: &str| Field { name: name.into(), logical_type: "DATE".into() };
        let rows = |names: &[&str]| Rows {
            table: "t".into(),
            columns: names.iter().map(|name| field(name)).collect(),
            query: String::new(),
        };
        for (query, existing, expected) in [
            (&["day", "n"][..], &["Day", "n"][..], None),
            (&["day"], &[], None),
            (&["n"], &[], Some("the query of 't' has no column 'DAY'. Available columns: n")),
            (&["n"], &["day", "n"], Some("the query of 't' has no column 'DAY'. Available columns: n")),
            (&["day", "n"], &["n"], Some("the table 't' has no column 'DAY'")),
        ] {
            let existing: Vec<Field> = existing.iter().map(|name| field(name)).collect();
            let error = rows(query).check_time(Some("DAY"), &existing).err().map(|error| error.message);
            assert_eq!(error, expected.map(|expected| format!("INCREMENTAL BY DAY: {expected}")));
        }
    }

    #[test]
    fn a_key_that_the_query_lacks_is_named() {
        let columns = vec![Field { name: "id".into(), logical_type: "BIGINT".into() }];
        let rows = Rows { table: "t".into(), columns, query: "SELECT 1 AS id".into() };
        assert!(rows.check_keys(&["ID".to_owned()]).is_ok());
        let error = rows.check_keys(&["zz".to_owned()]).expect_err("it is missing").message;
        assert!(error.ends_with("'zz' does not exist in the query of 't'. Available columns: id"), "{error}");
    }
}
