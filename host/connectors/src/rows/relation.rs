use serde_json::{Map, Value};

use crate::{ConnectorError, Setting};

/// What is read of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// A table or view.
    Table {
        /// Its schema; the connector's default where it is not said.
        schema: Option<String>,
        /// Its name.
        table: String,
    },
    /// The rows of a query, in the source's own dialect.
    Query(String),
    /// What these parameters say, among all of the step: for a connector that has no tables.
    Selection(Map<String, Value>),
    /// All rows there are: of files that are one table.
    Whole,
}

/// Where rows are written, and how they meet those already there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its schema; the connector's default where it is not said.
    pub schema: Option<String>,
    /// The table, made where it is missing.
    pub table: String,
    /// How rows meet those already there.
    pub mode: WriteMode,
    /// The run and the step that write. What they have written once they do not write again.
    pub run: String,
    /// See [`run`](Self::run).
    pub step: String,
}

/// How written rows meet those already there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteMode {
    /// They are added.
    Append,
    /// They take their place, for all readers at one moment.
    Replace,
    /// Those with an equal key are updated, others added. A NULL key equals nothing.
    Upsert {
        /// Key columns, at least one.
        keys: Vec<String>,
    },
}

impl Relation {
    /// Reads the settings `table`, `schema` and `query`.
    ///
    /// # Errors
    /// Neither or both of table and query, or another setting.
    pub fn of_settings(format: &str, settings: &[Setting]) -> Result<Self, ConnectorError> {
        let (mut schema, mut table, mut query) = (None, None, None);
        for setting in settings {
            match setting.name.as_str() {
                "schema" => schema = Some(setting.text()?.to_owned()),
                "table" => table = Some(setting.text()?.to_owned()),
                "query" => query = Some(setting.text()?.trim().trim_end_matches(';').to_owned()),
                _ => return Err(setting.unknown(format, "reading")),
            }
        }
        match (table, query) {
            (Some(table), None) => {
                let (schema, table) = split_schema(schema, table);
                Ok(Self::Table { schema, table })
            }
            (None, Some(query)) => Ok(Self::Query(query)),
            _ => Err(ConnectorError::BadSetting { setting: "table".into(), expected: "either a table or a query" }),
        }
    }

    /// As it stands in a message: `shop.orders`, `the query`.
    pub fn describe(&self) -> String {
        match self {
            Self::Table { schema: Some(schema), table } => format!("{schema}.{table}"),
            Self::Table { schema: None, table } => table.clone(),
            Self::Query(_) => "the query".to_owned(),
            Self::Selection(_) => "the selection".to_owned(),
            Self::Whole => "all rows".to_owned(),
        }
    }

    /// For a connector that has tables and was asked for something else.
    pub(crate) fn no_table() -> ConnectorError {
        ConnectorError::BadSetting { setting: "table".into(), expected: "either a table or a query" }
    }
}

impl Target {
    /// Reads the settings `table`, `schema`, `mode` and `keys`.
    ///
    /// # Errors
    /// No table, an upsert without keys, keys without an upsert, or another setting.
    pub fn of_settings(format: &str, settings: &[Setting], run: &str, step: &str) -> Result<Self, ConnectorError> {
        let (mut schema, mut table, mut mode, mut keys) = (None, None, "append".to_owned(), Vec::new());
        for setting in settings {
            match setting.name.as_str() {
                "schema" => schema = Some(setting.text()?.to_owned()),
                "table" => table = Some(setting.text()?.to_owned()),
                "mode" => mode = setting.text()?.to_lowercase(),
                "keys" => keys = setting.texts()?.to_vec(),
                _ => return Err(setting.unknown(format, "writing")),
            }
        }
        let missing = |setting: &str, expected| ConnectorError::BadSetting { setting: setting.into(), expected };
        let mode = match (mode.as_str(), keys.is_empty()) {
            ("append", true) => WriteMode::Append,
            ("replace", true) => WriteMode::Replace,
            ("upsert", false) => WriteMode::Upsert { keys },
            ("upsert", true) => return Err(missing("keys", "the key columns of an upsert")),
            ("append" | "replace", false) => return Err(missing("keys", "none, unless mode is upsert")),
            _ => return Err(missing("mode", "append, replace or upsert")),
        };
        let table = table.ok_or_else(|| missing("table", "the table to write"))?;
        let (schema, table) = split_schema(schema, table);
        Ok(Self { schema, table, mode, run: run.to_owned(), step: step.to_owned() })
    }
}

/// `shop.orders` names a schema, unless one is given beside it.
fn split_schema(schema: Option<String>, table: String) -> (Option<String>, String) {
    match (schema, table.split_once('.')) {
        (None, Some((schema, name))) if !schema.is_empty() && !name.is_empty() && !name.contains('.') => {
            (Some(schema.to_owned()), name.to_owned())
        }
        (schema, _) => (schema, table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SettingValue;

    fn settings(pairs: &[(&str, &str)]) -> Vec<Setting> {
        let setting = |(name, value): &(&str, &str)| Setting {
            name: (*name).to_owned(),
            value: match *name {
                "keys" => SettingValue::Texts(value.split(',').map(str::to_owned).collect()),
                _ => SettingValue::Text((*value).to_owned()),
            },
        };
        pairs.iter().map(setting).collect()
    }

    #[test]
    fn a_relation_is_a_table_or_a_query() {
        let table = |schema: Option<&str>, table: &str| Relation::Table {
            schema: schema.map(str::to_owned),
            table: table.to_owned(),
        };
        for (given, expected) in [
            (&[("table", "orders")][..], Some(table(None, "orders"))),
            (&[("table", "shop.orders")], Some(table(Some("shop"), "orders"))),
            (&[("table", "a.b"), ("schema", "s")], Some(table(Some("s"), "a.b"))),
            (&[("query", "SELECT 1; ")], Some(Relation::Query("SELECT 1".into()))),
            (&[("table", "a"), ("query", "SELECT 1")], None),
            (&[], None),
            (&[("table", "a"), ("path", "x")], None),
        ] {
            assert_eq!(Relation::of_settings("postgres", &settings(given)).ok(), expected, "{given:?}");
        }
    }

    #[test]
    fn a_target_has_keys_exactly_for_an_upsert() {
        for (given, expected) in [
            (&[("table", "t")][..], Some(WriteMode::Append)),
            (&[("table", "t"), ("mode", "REPLACE")], Some(WriteMode::Replace)),
            (
                &[("table", "t"), ("mode", "upsert"), ("keys", "a,b")],
                Some(WriteMode::Upsert { keys: vec!["a".into(), "b".into()] }),
            ),
            (&[("table", "t"), ("mode", "upsert")], None),
            (&[("table", "t"), ("keys", "a")], None),
            (&[("table", "t"), ("mode", "merge")], None),
            (&[("mode", "append")], None),
        ] {
            let target = Target::of_settings("postgres", &settings(given), "r", "s");
            assert_eq!(target.ok().map(|target| target.mode), expected, "{given:?}");
        }
    }
}
