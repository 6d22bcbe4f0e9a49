//! The grammar for editors: its expressions compile, it knows the parser's words and no others, and it takes pipelines
//! apart as the parser does.
#![allow(clippy::unwrap_used)]

#[path = "support/textmate.rs"]
mod textmate;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;
use textmate::{Grammar, Token};

fn grammar() -> Grammar {
    Grammar::new(include_str!("../editor/sf.tmLanguage.json"))
}

#[test]
fn every_expression_compiles() {
    assert!(grammar().expressions().len() > 30);
}

/// The words that the parser asks for, as they stand in its source.
fn words_of_the_parser() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files =
        ["syntax/parser.rs", "syntax/statements.rs", "syntax/modes.rs", "syntax/data_tests.rs", "conditions/parser.rs"];
    let asked = Regex::new(r#"(?:eat_word|expect_word|at_word|is_word|eat_joined)\([^;{]*?"([A-Z]{2,})""#).unwrap();
    let listed = Regex::new(r"(?s)const [A-Z_]+: &\[&str\] = &\[(.*?)\];").unwrap();
    let quoted = Regex::new(r#""([A-Z]{2,})""#).unwrap();
    let mut words = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        words.extend(asked.captures_iter(&text).map(|found| found[1].to_owned()));
        for list in listed.captures_iter(&text) {
            words.extend(quoted.captures_iter(&list[1]).map(|found| found[1].to_owned()));
        }
    }
    // Refused by name, so that they are no words of the language.
    for refused in ["TEMP", "TEMPORARY"] {
        words.remove(refused);
    }
    words
}

/// The words in the expressions of the grammar, those of SQL left out: what begins a query is SQL's.
fn words_of_the_grammar(grammar: &Grammar) -> BTreeSet<String> {
    let word = Regex::new(r"\b[A-Z]{2,}\b").unwrap();
    let mut words = BTreeSet::new();
    for expression in grammar.expressions() {
        // The letters of `\\b` and `\\s` belong to no word.
        let expression = expression.replace("\\b", " ").replace("\\s", " ");
        words.extend(word.find_iter(&expression).map(|found| found.as_str().to_owned()));
    }
    words
}

#[test]
fn the_words_of_the_grammar_are_those_of_the_parser() {
    let mut parser = words_of_the_parser();
    let mut grammar = words_of_the_grammar(&grammar());
    for query in ["SELECT", "WITH", "FROM", "VALUES", "PIVOT", "UNPIVOT"] {
        grammar.remove(query);
        parser.remove(query);
    }
    // Values, which the grammar has as constants in small letters.
    for value in ["NULL", "NONE"] {
        parser.remove(value);
    }
    assert_eq!(grammar, parser);
}

/// A token of the text and a scope it has to have, in their order.
#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let tokens = grammar().tokens(text);
    let mut rest = tokens.iter();
    for (word, scope) in expected {
        let found = rest.find(|token| token.text == *word);
        let found = found.unwrap_or_else(|| panic!("no '{word}' in {tokens:#?}"));
        assert!(found.scopes.iter().any(|found| found == scope), "'{word}' is {:?}, not {scope}", found.scopes);
    }
}

#[test]
fn statements_are_taken_apart() {
    check(
        "SOURCE users_csv TYPE CSV PARAMS {\"path\": \"${dir|data}/u.csv\", \"n\": 5};",
        &[
            ("SOURCE", "keyword.other.statement.sf"),
            ("TYPE", "keyword.other.clause.sf"),
            ("{", "meta.embedded.block.json"),
            ("\"path\"", "support.type.property-name.json"),
            ("dir", "variable.other.readwrite.sf"),
            ("data", "string.unquoted.default.sf"),
            ("5", "constant.numeric.json"),
            ("}", "punctuation.definition.dictionary.end.json"),
            (";", "punctuation.terminator.statement.sf"),
        ],
    );
    check(
        "TEST orders NOT NULL (id) SEVERITY WARN;",
        &[
            ("TEST", "keyword.other.statement.sf"),
            ("NOT NULL", "keyword.other.clause.sf"),
            ("SEVERITY", "keyword.other.clause.sf"),
            ("WARN", "constant.language.severity.sf"),
        ],
    );
    check(
        "load t from s mode upsert key (id) tags (nightly);",
        &[
            ("load", "keyword.other.statement.sf"),
            ("mode", "keyword.other.clause.sf"),
            ("upsert", "storage.modifier.mode.sf"),
            ("key", "keyword.other.clause.sf"),
            ("tags", "keyword.other.clause.sf"),
        ],
    );
    check(
        "SET n = ${m} + 10; -- why",
        &[
            ("SET", "keyword.other.statement.sf"),
            ("n", "variable.other.readwrite.sf"),
            ("m", "variable.other.readwrite.sf"),
            ("+", "keyword.operator.sf"),
            ("10", "constant.numeric.sf"),
            ("-- why", "comment.line.double-dash.sf"),
        ],
    );
}

#[test]
fn queries_are_sql_up_to_their_end() {
    check(
        "CREATE OR REPLACE TABLE t MODE INCREMENTAL BY d LOOKBACK 2 DAYS AS\nSELECT 'a;b ''${v}''' AS x, \"TO\"\nFROM u; EXPORT u TO \"x.csv\";",
        &[
            ("CREATE", "keyword.other.statement.sf"),
            ("REPLACE", "storage.modifier.mode.sf"),
            ("LOOKBACK", "keyword.other.clause.sf"),
            ("AS", "keyword.other.clause.sf"),
            ("SELECT ", "meta.embedded.block.sql"),
            ("a;b ", "string.quoted.single.sf"),
            ("v", "variable.other.readwrite.sf"),
            ("FROM u", "meta.embedded.block.sql"),
            (";", "punctuation.terminator.statement.sf"),
            ("EXPORT", "keyword.other.statement.sf"),
            ("TO", "keyword.other.clause.sf"),
        ],
    );
    check(
        "EXPORT SELECT * FROM t ORDER BY a\n  TO \"out.csv\" TYPE CSV OPTIONS {\"header\": true};\nLOAD t FROM s;",
        &[
            ("SELECT * FROM t ORDER BY a", "meta.embedded.block.sql"),
            ("TO", "keyword.other.clause.sf"),
            ("out.csv", "string.quoted.double.sf"),
            ("true", "constant.language.json"),
            (";", "punctuation.terminator.statement.sf"),
            ("LOAD", "keyword.other.statement.sf"),
        ],
    );
    check(
        "CREATE TABLE t AS SELECT $t$ ; ${v} $t$ /* one /* two */ ; */ AS y; LOAD t FROM s;",
        &[
            ("$t$", "string.unquoted.dollar.sql"),
            (" ; ", "string.unquoted.dollar.sql"),
            ("v", "variable.other.readwrite.sf"),
            (" ; ", "comment.block.sf"),
            (";", "punctuation.terminator.statement.sf"),
            ("LOAD", "keyword.other.statement.sf"),
        ],
    );
}

#[test]
fn conditions_end_with_then() {
    check(
        "IF ${env} == 'prod' AND ${n} >= 5 THEN\n  LOAD t FROM s;\nELSE IF ${env} = 'x' THEN\n  SET a = 1;\nELSE\n  SET a = 2;\nEND IF;",
        &[
            ("IF", "keyword.control.conditional.sf"),
            ("==", "keyword.operator.comparison.sf"),
            ("AND", "keyword.operator.logical.sf"),
            ("THEN", "keyword.control.conditional.sf"),
            ("LOAD", "keyword.other.statement.sf"),
            ("ELSE IF", "keyword.control.conditional.sf"),
            ("=", "invalid.illegal.equals.sf"),
            ("SET", "keyword.other.statement.sf"),
            ("ELSE", "keyword.control.conditional.sf"),
            ("END IF", "keyword.control.conditional.sf"),
        ],
    );
}

fn pipelines(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            found.extend(pipelines(&path));
        } else if path.extension().is_some_and(|extension| extension == "sf") {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_example_pipelines_are_read_to_their_end_and_nothing_in_them_is_marked_as_wrong() {
    let grammar = grammar();
    let found = pipelines(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples"));
    assert!(found.len() >= 5, "{found:?}");
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        let tokens = grammar.tokens(&format!("{text}\nthe_end"));
        let wrong = tokens.iter().find(|token| token.scopes.iter().any(|scope| scope.starts_with("invalid")));
        assert_eq!(wrong, None, "{}", path.display());
        let last = tokens.last().unwrap();
        assert_eq!(last, &Token { text: "the_end".to_owned(), scopes: Vec::new() }, "{}", path.display());
    }
}

#[test]
fn the_extension_names_files_that_are_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("editor");
    let package: Value = serde_json::from_str(&fs::read_to_string(folder.join("package.json")).unwrap()).unwrap();
    let contributed = &package["contributes"];
    for file in [&contributed["grammars"][0]["path"], &contributed["languages"][0]["configuration"]] {
        let text = fs::read_to_string(folder.join(file.as_str().unwrap())).unwrap();
        serde_json::from_str::<Value>(&text).unwrap();
    }
}
