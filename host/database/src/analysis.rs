//! What a query reads and calls, by DuckDB's own parser.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Error, Session, quote_literal};

/// A table that a query names. Names of CTEs and aliases are not among them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableReference {
    /// The catalog, where the query names one.
    pub catalog: Option<String>,
    /// The schema, where the query names one.
    pub schema: Option<String>,
    /// The name without quotes, in the query's spelling. For `FROM 'file.csv'` it is the file's name.
    pub name: String,
}

/// What a query reads and calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Analysis {
    /// Tables, views and files, sorted.
    pub tables: Vec<TableReference>,
    /// Functions of every kind but table functions, in lower case, sorted. Operators are not among them.
    pub functions: Vec<String>,
    /// Table functions, in lower case, sorted.
    pub table_functions: Vec<String>,
}

impl Session {
    /// Parses one SELECT statement and tells what it names. Nothing is bound: the tables need not exist.
    ///
    /// # Errors
    /// [`Error::Query`] with the parser's words, also when `sql` is several statements or none;
    /// [`Error::Forbidden`] when it is a statement other than SELECT.
    pub fn analyze(&self, sql: &str) -> Result<Analysis, Error> {
        Ok(Walk::default().run(&self.select_statement(sql)?))
    }

    /// The syntax tree of one SELECT statement.
    ///
    /// # Errors
    /// As [`analyze`](Self::analyze).
    pub(crate) fn select_statement(&self, sql: &str) -> Result<Value, Error> {
        let mut tree = self.syntax_tree(sql)?;
        if let Some(message) = error_of(&tree) {
            if message.starts_with("Only SELECT statements") {
                // A PIVOT that has to look for its values first is several statements to DuckDB.
                let what = "a statement other than one SELECT (PIVOT needs its values: `ON k IN (...)`)";
                return Err(Error::Forbidden { what: what.into() });
            }
            return Err(Error::Query { message: format!("Parser Error: {message}") });
        }
        match tree["statements"].as_array_mut().map(Vec::as_mut_slice) {
            Some([statement]) => Ok(statement.take()),
            Some([]) | None => Err(Error::Query { message: "Parser Error: there is no query".into() }),
            Some(_) => {
                Err(Error::Query { message: "Parser Error: one query is expected, and here are several".into() })
            }
        }
    }

    fn syntax_tree(&self, sql: &str) -> Result<Value, Error> {
        let serialized = self.query_as_is(&format!("SELECT json_serialize_sql({})::VARCHAR", quote_literal(sql)))?;
        let text = serialized.first().map(ToString::to_string).unwrap_or_default();
        serde_json::from_str(&text).map_err(|error| Error::Unexpected(format!("no syntax tree: {error}")))
    }
}

fn error_of(tree: &Value) -> Option<&str> {
    (tree["error"].as_bool() == Some(true))
        .then(|| tree["error_message"].as_str().unwrap_or("the query cannot be parsed"))
}

/// Gathers names from a serialized syntax tree. CTE names hold inside the query node that defines them.
#[derive(Default)]
struct Walk {
    tables: BTreeSet<TableReference>,
    functions: BTreeSet<String>,
    table_functions: BTreeSet<String>,
    common_tables: Vec<String>,
}

impl Walk {
    fn run(mut self, statement: &Value) -> Analysis {
        self.visit(statement);
        Analysis {
            tables: self.tables.into_iter().collect(),
            functions: self.functions.into_iter().collect(),
            table_functions: self.table_functions.into_iter().collect(),
        }
    }

    fn visit(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.visit(item)),
            Value::Object(object) => {
                let outside = self.common_tables.len();
                let entries = object.get("cte_map").and_then(|map| map["map"].as_array());
                for name in entries.into_iter().flatten().filter_map(|entry| entry["key"].as_str()) {
                    self.common_tables.push(name.to_lowercase());
                }
                if let Some(name) = object.get("cte_name").or(object.get("ctename")).and_then(Value::as_str) {
                    self.common_tables.push(name.to_lowercase());
                }
                self.note(value);
                match object.get("function") {
                    // The call inside a table function is that function: only its arguments are looked at.
                    Some(call) if value["type"] == "TABLE_FUNCTION" => self.visit(&call["children"]),
                    _ => object.values().for_each(|member| self.visit(member)),
                }
                self.common_tables.truncate(outside);
            }
            _ => {}
        }
    }

    fn note(&mut self, node: &Value) {
        let text = |name: &str| node[name].as_str().filter(|text| !text.is_empty());
        match (text("type"), text("class")) {
            (Some("BASE_TABLE"), _) => {
                if let Some(name) = text("table_name") {
                    let qualified = text("schema_name").is_some();
                    if qualified || !self.common_tables.contains(&name.to_lowercase()) {
                        self.tables.insert(TableReference {
                            catalog: text("catalog_name").map(str::to_owned),
                            schema: text("schema_name").map(str::to_owned),
                            name: name.to_owned(),
                        });
                    }
                }
            }
            (Some("TABLE_FUNCTION"), _) => {
                if let Some(name) = node["function"]["function_name"].as_str() {
                    self.table_functions.insert(name.to_lowercase());
                }
            }
            (_, Some("FUNCTION" | "WINDOW")) if node["is_operator"].as_bool() != Some(true) => {
                if let Some(name) = text("function_name") {
                    self.functions.insert(name.to_lowercase());
                }
            }
            _ => {}
        }
    }
}
