//! What a query reads and calls, by DuckDB's own parser.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::depth::{self, with_room};
use crate::syntax_tree::SyntaxTree;
use crate::{Error, Session, quote_literal};

/// Queries that are looked at in one statement.
const MOST_AT_ONCE: usize = 1_000;

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
    /// [`Error::Syntax`] with the parser's words, also when `sql` is several statements or none;
    /// [`Error::Forbidden`] when it is a statement other than SELECT.
    pub fn analyze(&self, sql: &str) -> Result<Analysis, Error> {
        analysis_of(&self.syntax_tree(sql)?, sql)
    }

    /// Gives the whole syntax tree of one SELECT statement to `work`, which may go down into it.
    ///
    /// # Errors
    /// As [`analyze`](Self::analyze); what `work` fails with.
    pub(crate) fn with_statement<T: Send>(
        &self,
        sql: &str,
        work: impl FnOnce(&Value) -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        let call = format!("SELECT json_serialize_sql({})::VARCHAR", quote_literal(sql));
        let text = self.query_as_is(&call)?.first().map(ToString::to_string).unwrap_or_default();
        with_room(&text, || {
            statement_of(&text, sql)?;
            let tree: Value = depth::read(&text)?;
            work(&tree["statements"][0])
        })
    }

    /// As [`Session::analyze`] for many queries at once, which takes a small part of the time. The answers are in the order
    /// of the queries.
    ///
    /// # Errors
    /// When DuckDB does not answer at all.
    pub fn analyze_all(&self, queries: &[&str]) -> Result<Vec<Result<Analysis, Error>>, Error> {
        let mut all = Vec::with_capacity(queries.len());
        for part in queries.chunks(MOST_AT_ONCE) {
            let list = part.iter().map(|sql| quote_literal(sql)).collect::<Vec<_>>().join(", ");
            let trees = format!("SELECT {} FROM (SELECT unnest([{list}]) AS sql)", serialize("sql"));
            let rows = self.query_as_is(&trees)?;
            if rows.len() != part.len() {
                return Err(Error::Unexpected("not a syntax tree for each query".into()));
            }
            for (row, sql) in rows.iter().zip(part) {
                all.push(analysis_of(&row.first().map(ToString::to_string).unwrap_or_default(), sql));
            }
        }
        Ok(all)
    }

    fn syntax_tree(&self, sql: &str) -> Result<String, Error> {
        let serialized = self.query_as_is(&format!("SELECT {}", serialize(&quote_literal(sql))))?;
        Ok(serialized.first().map(ToString::to_string).unwrap_or_default())
    }
}

/// The call that gives the tree of a query, without what is not there.
fn serialize(query: &str) -> String {
    format!("json_serialize_sql({query}, skip_default := true, skip_empty := true, skip_null := true)::VARCHAR")
}

fn analysis_of(tree: &str, sql: &str) -> Result<Analysis, Error> {
    with_room(tree, || Ok(Walk::default().run(&statement_of(tree, sql)?)))
}

/// The one statement in a serialized tree.
fn statement_of<'tree>(tree: &'tree str, sql: &str) -> Result<SyntaxTree<'tree>, Error> {
    let tree: SyntaxTree<'tree> = depth::read(tree)?;
    if tree["error"].is_true() {
        return Err(error_of(&tree, sql));
    }
    let several = "Parser Error: one query is expected, and here are several";
    match tree["statements"].items() {
        [statement] => Ok(statement.clone()),
        [] => Err(Error::Syntax { message: "Parser Error: there is no query".into(), offset: None }),
        _ => Err(Error::Syntax { message: several.into(), offset: None }),
    }
}

fn error_of(tree: &SyntaxTree<'_>, sql: &str) -> Error {
    let message = tree["error_message"].as_str().unwrap_or("the query cannot be parsed");
    if message.starts_with("Only SELECT statements") {
        // A PIVOT that has to look for its values first is several statements to DuckDB.
        let what = "a statement other than one SELECT (PIVOT needs its values: `ON k IN (...)`)";
        return Error::Forbidden { what: what.into() };
    }
    if message.starts_with("Max expression depth limit") || message.starts_with("memory exhausted at") {
        return depth::too_deep();
    }
    // The parser counts characters.
    let position = tree["position"].as_str().and_then(|position| position.parse().ok());
    let offset = position.and_then(|position| sql.char_indices().nth(position)).map(|(offset, _)| offset);
    Error::Syntax { message: format!("Parser Error: {message}"), offset }
}

/// Gathers names from a syntax tree. The name of a CTE holds from its own query on, inside the node that defines it.
#[derive(Default)]
struct Walk {
    tables: BTreeSet<TableReference>,
    functions: BTreeSet<String>,
    table_functions: BTreeSet<String>,
    common_tables: Vec<String>,
}

impl Walk {
    fn run(mut self, statement: &SyntaxTree<'_>) -> Analysis {
        self.visit(statement);
        Analysis {
            tables: self.tables.into_iter().collect(),
            functions: self.functions.into_iter().collect(),
            table_functions: self.table_functions.into_iter().collect(),
        }
    }

    fn visit(&mut self, tree: &SyntaxTree<'_>) {
        match tree {
            SyntaxTree::List(items) => items.iter().for_each(|item| self.visit(item)),
            SyntaxTree::Node(members) => {
                let outside = self.common_tables.len();
                if let Some(name) = tree["cte_name"].as_str().or(tree["ctename"].as_str()) {
                    self.common_tables.push(name.to_lowercase());
                }
                for entry in tree["cte_map"]["map"].items() {
                    self.common_tables.extend(entry["key"].as_str().map(str::to_lowercase));
                    self.visit(&entry["value"]);
                }
                self.note(tree);
                match tree["type"].as_str() {
                    // The call inside a table function is that function: only its arguments are looked at.
                    Some("TABLE_FUNCTION") => self.visit(&tree["function"]["children"]),
                    _ => {
                        let others = members.iter().filter(|(name, _)| name != "cte_map");
                        others.for_each(|(_, member)| self.visit(member));
                    }
                }
                self.common_tables.truncate(outside);
            }
            SyntaxTree::Text(_) | SyntaxTree::Truth(_) | SyntaxTree::Other => {}
        }
    }

    fn note(&mut self, node: &SyntaxTree<'_>) {
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
            (_, Some("FUNCTION" | "WINDOW")) if !node["is_operator"].is_true() => {
                if let Some(name) = text("function_name") {
                    self.functions.insert(name.to_lowercase());
                }
            }
            _ => {}
        }
    }
}
