//! What a query with calls of Python functions becomes.

use duckpen_database::quote_identifier;
use duckpen_functions::{ModuleScalar, RelationFunction};
use duckpen_pipeline::{PythonArgument, PythonCall, PythonPlace, rewrite_python_calls};

use super::catalogue::{Catalogue, Function};
use super::error::{UdfError, UdfWarning};

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
    /// The function.
    pub function: RelationFunction,
    /// The query whose rows it is given: text of the pipeline, to be checked.
    pub input: String,
    /// Its other arguments, by parameter: expressions of the pipeline, to be checked.
    pub arguments: Vec<(String, String)>,
    /// The temporary table that the query reads.
    pub table: String,
}

/// Finds the functions that a query calls.
///
/// # Errors
/// The first call that cannot be made.
pub fn expand(catalogue: &Catalogue, query: &str) -> Result<Expanded, UdfError> {
    let mut expanded = Expanded::default();
    let query = rewrite_python_calls(query, |call| {
        let found = catalogue.find(&call.reference)?;
        expanded.warnings.extend(found.warning);
        expanded.functions.push(found.function.name().to_owned());
        match found.function {
            Function::Scalar(scalar) => scalar_call(scalar, call),
            Function::Relation(relation) => {
                let table = format!("duckpen relation {}", expanded.relations.len());
                let replaced = quote_identifier(&table);
                expanded.relations.push(relation_job(relation, call, table)?);
                Ok(replaced)
            }
        }
    })?;
    Ok(Expanded { query, ..expanded })
}

fn scalar_call(scalar: &ModuleScalar, call: PythonCall) -> Result<String, UdfError> {
    let name = scalar.name.clone();
    if call.place == PythonPlace::Relation {
        return Err(UdfError::Place { name, takes_relation: false });
    }
    let arguments = in_order(scalar, call.arguments)?;
    Ok(format!("{}({})", quote_identifier(&name), arguments.join(", ")))
}

/// Arguments by position: DuckDB's scalar functions have no named ones. What lies between is given its default.
fn in_order(scalar: &ModuleScalar, arguments: Vec<PythonArgument>) -> Result<Vec<String>, UdfError> {
    let wrong = |what: String| UdfError::Arguments { name: scalar.name.clone(), what };
    let mut given: Vec<Option<String>> = Vec::new();
    let mut named = false;
    for argument in arguments {
        match argument.name {
            None if named => return Err(wrong("an argument without a name behind one that has a name".into())),
            None => given.push(Some(argument.sql)),
            Some(parameter) => {
                named = true;
                let at = position(scalar.parameters.iter().map(|(name, _)| name), &parameter, &scalar.name)?;
                if given.len() <= at {
                    given.resize(at + 1, None);
                }
                if given[at].replace(argument.sql).is_some() {
                    return Err(wrong(format!("`{parameter}` twice")));
                }
            }
        }
    }
    let fill = |(at, value): (usize, Option<String>)| {
        let (parameter, default) = match scalar.parameters.get(at) {
            Some((name, default)) => (name.as_str(), default.clone()),
            None => ("", None),
        };
        value.or(default).ok_or_else(|| wrong(format!("no `{parameter}`, and others behind it")))
    };
    given.into_iter().enumerate().map(fill).collect()
}

fn relation_job(relation: &RelationFunction, call: PythonCall, table: String) -> Result<RelationJob, UdfError> {
    let name = relation.name().to_owned();
    if call.place == PythonPlace::Expression {
        return Err(UdfError::Place { name, takes_relation: true });
    }
    let mut arguments = call.arguments.into_iter();
    let input = arguments.next().filter(|input| input.name.is_none());
    let input = input.ok_or_else(|| UdfError::Arguments { name: name.clone(), what: "no table".into() })?;
    let input = relation_input(&input.sql, &name)?;
    let names: Vec<&String> = relation.named_parameters().iter().map(|parameter| &parameter.name).collect();
    let mut given: Vec<(String, String)> = Vec::new();
    for (at, argument) in arguments.enumerate() {
        let parameter = match argument.name {
            Some(parameter) => names[position(names.iter().copied(), &parameter, &name)?].clone(),
            None => match names.get(at) {
                Some(parameter) => (*parameter).clone(),
                None => {
                    let what = format!("{} arguments beside the table, where it has {}", at + 1, names.len());
                    return Err(UdfError::Arguments { name, what });
                }
            },
        };
        if given.iter().any(|(other, _)| *other == parameter) {
            return Err(UdfError::Arguments { name, what: format!("`{parameter}` twice") });
        }
        given.push((parameter, argument.sql));
    }
    Ok(RelationJob { function: relation.clone(), input, arguments: given, table })
}

fn position<'a>(
    mut parameters: impl Iterator<Item = &'a String> + Clone,
    argument: &str,
    function: &str,
) -> Result<usize, UdfError> {
    let known = parameters.clone();
    parameters.position(|name| name.eq_ignore_ascii_case(argument)).ok_or_else(|| UdfError::Parameter {
        name: function.to_owned(),
        argument: argument.to_owned(),
        parameters: known.cloned().collect(),
    })
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

    fn scalar() -> ModuleScalar {
        let parameter = |name: &str, default: Option<&str>| (name.to_owned(), default.map(str::to_owned));
        ModuleScalar {
            name: "python_udfs.m.tax".to_owned(),
            parameters: vec![parameter("price", None), parameter("rate", Some("0.1")), parameter("note", None)],
        }
    }

    #[test]
    fn named_arguments_of_scalar_functions_find_their_places() {
        let argument =
            |name: Option<&str>, sql: &str| PythonArgument { name: name.map(str::to_owned), sql: sql.to_owned() };
        for (arguments, expected) in [
            (vec![argument(None, "v")], "v"),
            (vec![argument(None, "v"), argument(Some("RATE"), "0.2")], "v, 0.2"),
            (vec![argument(None, "v"), argument(Some("note"), "'x'")], "v, 0.1, 'x'"),
            (vec![argument(None, "1"), argument(None, "2"), argument(None, "3"), argument(None, "4")], "1, 2, 3, 4"),
            (
                vec![argument(Some("rate"), "1")],
                "the Python function `python_udfs.m.tax` is given no `price`, and others behind it",
            ),
            (
                vec![argument(None, "v"), argument(Some("price"), "1")],
                "the Python function `python_udfs.m.tax` is given `price` twice",
            ),
            (
                vec![argument(Some("price"), "1"), argument(None, "v")],
                "the Python function `python_udfs.m.tax` is given an argument without a name behind one that has a name",
            ),
            (
                vec![argument(Some("cost"), "1")],
                "the Python function `python_udfs.m.tax` has no parameter `cost`; it has price, rate, note",
            ),
        ] {
            let found = in_order(&scalar(), arguments).map_or_else(|error| error.to_string(), |found| found.join(", "));
            assert_eq!(found, expected);
        }
    }

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
