//! Which rows are written, and into which columns.

use duckpen::{Error, Field, Misfit, Projection, find_field};

use crate::declaration::Declaration;
use crate::keys;
use crate::options::schema_policy;
use crate::schema::Change;

/// The rows of the source.
pub struct Rows<'d> {
    pub declaration: &'d Declaration,
    /// The source's columns.
    pub columns: Vec<Field>,
    /// The source's name in a query.
    pub from: String,
}

/// One call of `append` or `upsert`.
#[derive(Debug, PartialEq, Eq)]
pub struct Write {
    /// The table's key columns.
    pub keys: Vec<String>,
    /// The table's columns that the query's columns go to.
    pub columns: Vec<String>,
    pub query: String,
}

impl Rows<'_> {
    /// All of them, as they are.
    pub fn all(&self) -> String {
        format!("SELECT * FROM {}", self.from)
    }

    /// Their shape.
    pub fn none(&self) -> String {
        format!("SELECT * FROM {} LIMIT 0", self.from)
    }

    /// What the policy of the step changes about a table that exists, before they are written.
    pub fn changes(&self, existing: &[Field]) -> Vec<Change> {
        schema_policy(&self.declaration.options).changes(&self.columns, existing)
    }

    /// All of them, in the shape of a table that exists.
    pub fn append_to(&self, existing: &[Field]) -> Result<Write, Error> {
        let table = &self.declaration.table;
        let message =
            |misfit: Misfit<'_>| format!("Schema validation failed for table {table}: {}", misfit.sentence(table));
        let projection =
            Projection::new(&self.columns, existing, message).map_err(|text| self.misfit(text, existing))?;
        Ok(self.write(Vec::new(), projection))
    }

    /// Whether the source has the keys.
    pub fn check_keys(&self) -> Result<(), Error> {
        let place = format!("source '{}'", self.declaration.source);
        keys::resolve(&self.declaration.upsert_keys, &self.columns, &place).map(drop)
    }

    /// All of them, in the shape of a table that exists and has the keys.
    pub fn upsert_into(&self, existing: &[Field]) -> Result<Write, Error> {
        let Declaration { table, upsert_keys, .. } = self.declaration;
        let keys = keys::resolve(upsert_keys, existing, &format!("target table '{table}'"))?;
        let message = |misfit: Misfit<'_>| match misfit {
            Misfit::Types { column, source, target } if keys.iter().any(|key| key.eq_ignore_ascii_case(column)) => {
                keys::mismatch(column, source, target)
            }
            _ => {
                let sentence = misfit.sentence(table);
                format!("UPSERT operation failed: Schema validation failed for table {table}: {sentence}")
            }
        };
        let projection =
            Projection::new(&self.columns, existing, message).map_err(|text| self.misfit(text, existing))?;
        Ok(self.write(keys, projection))
    }

    /// The error for a table that the source does not fit.
    fn misfit(&self, message: String, existing: &[Field]) -> Error {
        let policy = schema_policy(&self.declaration.options);
        let lacks = self.columns.iter().any(|field| find_field(existing, &field.name).is_none());
        let error = Error::from(message);
        match (lacks, policy.add_columns, policy.widen) {
            (true, false, _) => error.with_hint("OPTIONS {\"on_schema_change\": \"add_columns\"} adds columns to the table"),
            (false, _, false) => error.with_hint(
                "OPTIONS {\"on_schema_change\": \"widen\"} gives the table wider types, and {\"rejects\": \"TABLE\"} puts rows \
                 that do not fit aside",
            ),
            _ => error,
        }
    }

    fn write(&self, keys: Vec<String>, projection: Projection) -> Write {
        let query = format!("SELECT {} FROM {}", projection.select, self.from);
        Write { keys, columns: projection.columns, query }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declaration::Mode;

    fn fields(columns: &[(&str, &str)]) -> Vec<Field> {
        let field = |(name, ty): &(&str, &str)| Field { name: (*name).to_owned(), logical_type: (*ty).to_owned() };
        columns.iter().map(field).collect()
    }

    fn declaration(keys: &[&str]) -> Declaration {
        Declaration {
            table: "t".into(),
            source: "b".into(),
            mode: Mode::Upsert,
            upsert_keys: keys.iter().map(|&key| key.to_owned()).collect(),
            options: serde_json::Map::new(),
        }
    }

    const TABLE: &[(&str, &str)] = &[("id", "BIGINT"), ("name", "VARCHAR"), ("v", "BIGINT")];

    fn upsert(keys: &[&str], source: &[(&str, &str)]) -> Result<Write, String> {
        let declaration = declaration(keys);
        let rows = Rows { declaration: &declaration, columns: fields(source), from: "\"b\"".into() };
        rows.check_keys().and_then(|()| rows.upsert_into(&fields(TABLE))).map_err(|error| error.message)
    }

    #[test]
    fn an_append_names_the_columns_it_fills() {
        let declaration = declaration(&[]);
        let rows =
            Rows { declaration: &declaration, columns: fields(&[("V", "BIGINT"), ("id", "BIGINT")]), from: "b".into() };
        let write = rows.append_to(&fields(TABLE)).expect("it fits");
        assert_eq!(write.columns, ["v", "id"]);
        assert_eq!(write.query, r#"SELECT "V", "id" FROM b"#);
    }

    #[test]
    fn what_does_not_fit_is_said_in_sqlflows_words() {
        let declaration = declaration(&[]);
        let cases = [
            (
                ("z", "BIGINT"),
                "Schema validation failed for table t: Column 'z' in source does not exist in target table 't'",
            ),
            (
                ("v", "DOUBLE"),
                "Schema validation failed for table t: Column 'v' has incompatible types: source=DOUBLE, target=BIGINT",
            ),
        ];
        for (column, message) in cases {
            let rows = Rows { declaration: &declaration, columns: fields(&[column]), from: "b".into() };
            assert_eq!(rows.append_to(&fields(TABLE)).expect_err("it does not fit").message, message);
        }
    }

    #[test]
    fn an_upsert_takes_the_tables_spelling_of_its_keys() {
        let write = upsert(&["ID"], &[("Id", "BIGINT"), ("v", "INTEGER")]).expect("it fits");
        assert_eq!((write.keys, write.columns), (vec!["id".to_owned()], vec!["id".to_owned(), "v".to_owned()]));
    }

    #[test]
    fn every_missing_key_is_named() {
        let error = upsert(&["zz", "id", "region"], TABLE).expect_err("two keys are missing");
        assert_eq!(
            error,
            "UPSERT operation failed: UPSERT key validation failed:\n  \
             - Upsert key 'zz' does not exist in source 'b'. Available columns: id, name, v\n  \
             - Upsert key 'region' does not exist in source 'b'. Available columns: id, name, v"
        );
    }

    #[test]
    fn a_key_of_another_type_is_refused_unless_it_has_no_value() {
        let error = upsert(&["id"], &[("id", "DOUBLE")]).expect_err("a fraction is no integer");
        assert!(error.contains("Upsert key 'id' has incompatible types: source='DOUBLE', target='BIGINT'."), "{error}");
        let write = upsert(&["id"], &[("id", "VARCHAR")]).expect("it is known when rows are read");
        assert!(write.query.contains("Upsert key ''id'' has incompatible types"), "{}", write.query);
    }
}
