//! Stand-ins for what the compiler needs from outside, and short ways to use it.
#![allow(dead_code, clippy::unwrap_used, clippy::missing_panics_doc, missing_docs)]

use std::collections::BTreeMap;

use duckpen_pipeline::{
    Color, Compilation, CompileRequest, Plan, Profile, SourceError, Sources, SqlAnalyzer, SqlError, SqlFacts, StepKind,
    TableName, TransformStep, Value, Variables, compile, render,
};

/// A project in memory.
#[derive(Default, Clone)]
pub struct Project {
    pub files: BTreeMap<String, String>,
    pub variables: Variables,
    pub profile: Option<Profile>,
    pub existing: Vec<TableName>,
}

impl Project {
    pub fn new(text: &str) -> Self {
        let files = BTreeMap::from([("pipelines/p.sf".to_owned(), text.to_owned())]);
        Self { files, ..Self::default() }
    }

    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    pub fn vars(mut self, json: serde_json::Value) -> Self {
        let serde_json::Value::Object(members) = json else { panic!("variables are an object") };
        let values = members.into_iter().map(|(name, value)| (name, Value::try_from(value).unwrap()));
        self.variables = self.variables.with_command_line(values);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables = self.variables.with_environment([(name.to_owned(), value.to_owned())]);
        self
    }

    pub fn profile(mut self, yaml: &str) -> Self {
        let profile = Profile::parse(yaml, "profiles/dev.yml", &|_| None).unwrap();
        self.variables = self.variables.with_profile(profile.variables.clone());
        self.profile = Some(profile);
        self
    }

    pub fn existing(mut self, table: &str) -> Self {
        self.existing.push(TableName::new(table));
        self
    }

    pub fn compile(&self) -> Compilation {
        compile(CompileRequest {
            pipeline: "p",
            path: "pipelines/p.sf",
            text: &self.files["pipelines/p.sf"],
            sources: &Files(&self.files),
            analyzer: &WordAnalyzer,
            variables: &self.variables,
            profile: self.profile.as_ref(),
            existing_tables: &self.existing,
        })
    }

    /// The plan; all diagnostics if there is none.
    pub fn plan(&self) -> Plan {
        let compilation = self.compile();
        let shown = shown(&compilation);
        compilation.plan.unwrap_or_else(|| panic!("no plan:\n{shown}"))
    }

    /// Names of the steps in order.
    pub fn order(&self) -> Vec<String> {
        self.plan().steps.iter().map(|step| step.id.to_string()).collect()
    }

    /// All diagnostics as people see them.
    pub fn shown(&self) -> String {
        shown(&self.compile())
    }

    pub fn transform(&self, name: &str) -> TransformStep {
        let found = self.plan().steps.into_iter().find_map(|step| match step.kind {
            StepKind::Transform(transform) if transform.table.name == name => Some(transform),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no transform of {name}"))
    }
}

pub fn shown(compilation: &Compilation) -> String {
    let shown = compilation.diagnostics.iter().map(|found| render(found, &compilation.sources, Color::Never));
    shown.collect::<Vec<_>>().join("\n\n")
}

struct Files<'a>(&'a BTreeMap<String, String>);

impl Sources for Files<'_> {
    fn read(&self, path: &str) -> Result<String, SourceError> {
        self.0.get(path).cloned().ok_or(SourceError::NotFound)
    }
}

/// Stands in for DuckDB's parser: tables are the names after FROM, JOIN and the commas of a FROM clause. A query with the
/// word `broken` has a syntax error there.
pub struct WordAnalyzer;

impl SqlAnalyzer for WordAnalyzer {
    fn analyze(&self, sql: &str) -> Result<SqlFacts, SqlError> {
        if let Some(offset) = sql.find("broken") {
            let message = "Parser Error: syntax error at or near \"broken\"".to_owned();
            return Err(SqlError { message, offset: Some(offset) });
        }
        let words = words(sql);
        let mut facts = SqlFacts::default();
        let ctes =
            words.windows(2).filter(|pair| pair[1].eq_ignore_ascii_case("as")).map(|pair| pair[0].to_lowercase());
        let ctes = ctes.collect::<Vec<_>>();
        let mut clauses = vec![false];
        for (at, word) in words.iter().enumerate() {
            let expects_table = match word.to_lowercase().as_str() {
                "(" => {
                    clauses.push(false);
                    false
                }
                ")" => {
                    clauses.pop();
                    false
                }
                "from" | "join" => {
                    *clauses.last_mut().unwrap() = true;
                    true
                }
                "where" | "group" | "order" | "select" | "union" => {
                    *clauses.last_mut().unwrap() = false;
                    false
                }
                "," => clauses.last() == Some(&true),
                _ => false,
            };
            let next = words.get(at + 1).map_or("", String::as_str);
            if expects_table {
                read_table(&mut facts, &words[at + 1..], &ctes);
            }
            if next == "(" && is_name(word) && !word.starts_with('"') {
                facts.functions.push(word.to_lowercase());
            }
        }
        Ok(facts)
    }
}

fn read_table(facts: &mut SqlFacts, rest: &[String], ctes: &[String]) {
    let Some(next) = rest.first().filter(|next| is_name(next)) else { return };
    if rest.get(1).is_some_and(|word| word == "(") {
        return;
    }
    let unquote = |word: &str| match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => word.to_owned(),
    };
    let table = match rest {
        [schema, dot, name, ..] if dot == "." => TableName::in_schema(unquote(schema), unquote(name)),
        _ => TableName::new(unquote(next)),
    };
    if !ctes.contains(&table.name.to_lowercase()) && !facts.tables.contains(&table) {
        facts.tables.push(table);
    }
}

/// The tokens of a query, what is in quotes left out: two queries of one skeleton have the same structure. Written apart
/// from the compiler's own lexer, so that it does not repeat its mistakes.
pub fn skeleton(sql: &str) -> Vec<String> {
    let sql = sql.chars().collect::<Vec<_>>();
    let at = |index: usize| sql.get(index).copied().unwrap_or('\0');
    let mut tokens = Vec::new();
    let mut index = 0;
    while index < sql.len() {
        let first = sql[index];
        if first == '-' && at(index + 1) == '-' {
            while index < sql.len() && sql[index] != '\n' {
                index += 1;
            }
        } else if first == '/' && at(index + 1) == '*' {
            let mut depth = 0;
            loop {
                if at(index) == '/' && at(index + 1) == '*' {
                    depth += 1;
                    index += 2;
                } else if at(index) == '*' && at(index + 1) == '/' {
                    depth -= 1;
                    index += 2;
                } else {
                    index += 1;
                }
                if depth == 0 || index >= sql.len() {
                    break;
                }
            }
        } else if first == '\'' || first == '"' {
            let escapes = index > 0 && sql[index - 1] == 'E' && first == '\'';
            index += 1;
            loop {
                if index >= sql.len() {
                    tokens.push("unterminated".to_owned());
                    break;
                }
                let is_escape = escapes && sql[index] == '\\';
                if is_escape || sql[index] == first && at(index + 1) == first {
                    index += 2;
                } else if sql[index] == first {
                    index += 1;
                    break;
                } else {
                    index += 1;
                }
            }
            tokens.push(format!("{first}{first}"));
        } else if first.is_alphanumeric() || first == '_' {
            let start = index;
            let in_number = |index: usize| {
                let exponent = matches!(at(index), '+' | '-') && at(index - 1) == 'e' && at(index + 1).is_numeric();
                first.is_numeric() && (at(index) == '.' || exponent)
            };
            while at(index).is_alphanumeric() || at(index) == '_' || index > start && in_number(index) {
                index += 1;
            }
            let word = sql[start..index].iter().collect::<String>();
            tokens.push(if first.is_numeric() { "number".to_owned() } else { word });
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            index += 1;
        }
    }
    tokens
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_' || first == '"')
}

fn words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut characters = sql.chars().peekable();
    while let Some(first) = characters.next() {
        let mut word = String::from(first);
        match first {
            '-' if characters.peek() == Some(&'-') => {
                for next in characters.by_ref() {
                    if next == '\n' {
                        break;
                    }
                }
                continue;
            }
            '\'' | '"' => {
                while let Some(next) = characters.next() {
                    word.push(next);
                    if next == first {
                        if characters.peek() == Some(&first) {
                            word.push(first);
                            characters.next();
                        } else {
                            break;
                        }
                    }
                }
            }
            _ if first.is_whitespace() => continue,
            _ if first.is_alphanumeric() || first == '_' => {
                while let Some(next) = characters.next_if(|next| next.is_alphanumeric() || *next == '_') {
                    word.push(next);
                }
            }
            _ => {}
        }
        words.push(word);
    }
    words
}
