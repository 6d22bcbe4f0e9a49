//! What a query with calls of Python functions becomes.

use duckpen_database::quote_identifier;
use duckpen_functions::RelationFunction;
use duckpen_pipeline::{PythonCall, PythonPlace, rewrite_python_calls};

use super::catalogue::Catalogue;
use super::error::{UdfError, UdfWarning};
use super::signature::Signature;

/// A query without calls that only we understand.
#[derive(Clone, Default)]
pub struct Expanded {
    /// The query for DuckDB.
    pub query: String,
    /// What has to be run before it, in this order.
    pub relations: Vec<RelationJob>,
    /// The names of all functions that are called.
    pub functions: Vec<String>,
    /// What was not meant quite so.
    pub warnings: Vec<UdfWarning>,
}

/// A function of a table that is to be run.
#[derive(Clone)]
pub struct RelationJob {
    /// The function; none where only the text of its module is known, so that it cannot run.
    pub function: Option<RelationFunction>,
    /// Its name.
    pub name: String,
    /// The query whose rows it is given: text of the pipeline, to be checked.
    pub input: String,
    /// Its other arguments, by parameter: expressions of the pipeline, to be checked.
    pub arguments: Vec<(String, String)>,
    /// The temporary table that the query reads.
    pub table: String,
}

/// A call that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UdfProblem {
    /// The function as the call names it.
    pub reference: String,
    /// Why not.
    pub error: UdfError,
}

/// Finds the functions that a query calls.
///
/// # Errors
/// The first call that cannot be made.
pub fn expand(catalogue: &Catalogue, query: &str) -> Result<Expanded, UdfError> {
    let (expanded, problems) = look(catalogue, query);
    match problems.into_iter().next() {
        Some(problem) => Err(problem.error),
        None => Ok(expanded),
    }
}

/// As [`expand`], with all calls that cannot be made. Where there are some, the query is none to be run.
pub fn look(catalogue: &Catalogue, query: &str) -> (Expanded, Vec<UdfProblem>) {
    let mut expanded = Expanded::default();
    let mut problems = Vec::new();
    let query = rewrite_python_calls::<std::convert::Infallible>(query, |call| {
        let (reference, place) = (call.reference.clone(), call.place);
        Ok(replaced(catalogue, call, &mut expanded).unwrap_or_else(|error| {
            problems.push(UdfProblem { reference, error });
            // The calls around it are looked at, too.
            match place {
                PythonPlace::Expression => "NULL".to_owned(),
                PythonPlace::Relation => "unknown".to_owned(),
            }
        }))
    });
    match query {
        Ok(query) => (Expanded { query, ..expanded }, problems),
        Err(never) => match never {},
    }
}

/// What stands in the query in the place of a call.
fn replaced(catalogue: &Catalogue, call: PythonCall, expanded: &mut Expanded) -> Result<String, UdfError> {
    let found = catalogue.find(&call.reference)?;
    expanded.warnings.extend(found.warning);
    let name = found.function.name.clone();
    expanded.functions.push(name.clone());
    match (found.function.takes_relation, call.place) {
        (false, PythonPlace::Relation) => Err(UdfError::Place { name, takes_relation: false }),
        (true, PythonPlace::Expression) => Err(UdfError::Place { name, takes_relation: true }),
        (false, PythonPlace::Expression) => {
            let arguments = found.function.in_order(call.arguments)?;
            Ok(format!("{}({})", quote_identifier(&name), arguments.join(", ")))
        }
        (true, PythonPlace::Relation) => {
            let table = format!("duckpen relation {}", expanded.relations.len());
            let replaced = quote_identifier(&table);
            let (input, arguments) = relation_arguments(found.function, call)?;
            let function = catalogue.relation(&name).cloned();
            expanded.relations.push(RelationJob { function, name, input, arguments, table });
            Ok(replaced)
        }
    }
}

/// The query for the table that a call is given, and its other arguments.
fn relation_arguments(
    signature: &Signature,
    mut call: PythonCall,
) -> Result<(String, Vec<(String, String)>), UdfError> {
    if call.arguments.first().is_none_or(|input| input.name.is_some()) {
        return Err(UdfError::Arguments { name: signature.name.clone(), what: "no table".into() });
    }
    let input = relation_input(&call.arguments.remove(0).sql, &signature.name)?;
    Ok((input, signature.by_name(call.arguments)?))
}

/// The query for what stands in the place of a table: a name, or a query in parentheses.
fn relation_input(sql: &str, function: &str) -> Result<String, UdfError> {
    let sql = sql.trim();
    if let Some(inner) = sql.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return Ok(inner.trim().to_owned());
    }
    let is_name = sql.starts_with('"') || sql.starts_with(|first: char| first.is_alphabetic() || first == '_');
    if is_name && !sql.contains(['(', '\'', '+', '*', ' ']) || sql.starts_with('"') && sql.ends_with('"') {
        return Ok(format!("SELECT * FROM {sql}"));
    }
    Err(UdfError::NoRelation { name: function.to_owned(), given: sql.chars().take(60).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_is_a_name_or_a_query_in_parentheses() {
        for (sql, expected) in [
            ("u", Some("SELECT * FROM u")),
            ("main.u", Some("SELECT * FROM main.u")),
            ("\"my table\"", Some("SELECT * FROM \"my table\"")),
            ("(SELECT 1)", Some("SELECT 1")),
            ("( FROM u )", Some("FROM u")),
            ("42", None),
            ("'u'", None),
            ("f(x)", None),
        ] {
            assert_eq!(relation_input(sql, "f").ok().as_deref(), expected, "{sql}");
        }
    }
}
