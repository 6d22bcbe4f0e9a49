use std::collections::HashSet;
use std::sync::OnceLock;

use crate::{Database, Error, Options};

/// The words that DuckDB's grammar keeps for itself before a parenthesis, in alphabetical order.
#[rustfmt::skip]
const NOT_CALLABLE: &[&str] = &[
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "between", "bigint", "bit",
    "boolean", "both", "case", "cast", "char", "character", "check", "coalesce", "collate", "column", "constraint",
    "create", "dec", "decimal", "default", "deferrable", "desc", "describe", "distinct", "do", "else", "end",
    "except", "exists", "extract", "false", "fetch", "float", "for", "foreign", "from", "group", "grouping",
    "grouping_id", "having", "in", "initially", "inout", "int", "integer", "intersect", "interval", "into", "lambda",
    "lateral", "leading", "limit", "national", "nchar", "none", "not", "null", "nullif", "numeric", "offset", "on",
    "only", "or", "order", "out", "overlay", "pivot", "pivot_longer", "pivot_wider", "placing", "position",
    "precision", "primary", "qualify", "real", "references", "returning", "row", "select", "setof", "show",
    "smallint", "some", "substring", "summarize", "symmetric", "table", "then", "time", "timestamp", "to", "trailing",
    "treat", "trim", "true", "union", "unique", "unpivot", "using", "values", "varchar", "variadic", "when", "where",
    "window", "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces",
    "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
];

/// Whether a function of this name could not be called without quotes: SQL takes the word for something else.
pub fn is_reserved(name: &str) -> bool {
    NOT_CALLABLE.binary_search(&name.to_ascii_lowercase().as_str()).is_ok()
}

/// The names of all functions that DuckDB has by itself, in lower case. The first call opens a database in memory to ask it.
///
/// # Errors
/// When that one cannot be opened or asked.
pub fn built_in_functions() -> Result<&'static HashSet<String>, Error> {
    static NAMES: OnceLock<HashSet<String>> = OnceLock::new();
    if let Some(names) = NAMES.get() {
        return Ok(names);
    }
    let session = Database::open(Options::in_memory())?.connect()?;
    let rows = session.query("SELECT DISTINCT lower(function_name) FROM duckdb_functions()")?;
    let names = rows.iter().map(|row| row[0].to_string()).collect();
    Ok(NAMES.get_or_init(|| names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_the_database_are_known_by_name() {
        let names = built_in_functions().unwrap();
        assert!(["reverse", "sum", "range", "abs"].iter().all(|name| names.contains(*name)));
        assert!(!names.contains("slugify"));
    }

    #[test]
    fn the_words_are_those_of_the_database() {
        let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
        let sql = "SELECT keyword_name FROM duckdb_keywords() \
                   WHERE keyword_category IN ('reserved', 'column_name') ORDER BY 1";
        let words: Vec<String> = session.query(sql).unwrap().iter().map(|row| row[0].to_string()).collect();
        assert_eq!(NOT_CALLABLE, words);
        assert!(is_reserved("SELECT") && !is_reserved("slugify"));
    }
}
