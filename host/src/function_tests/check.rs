//! Rows of a table against a function, in DuckDB.

use duckpen_database::{LogicalType, Session};
use duckpen_functions::{DeclaredFunction, FunctionKind};

use super::table::{Case, Expected};

/// Relative difference within which numbers with a point are equal: expectations are written by hand.
const TOLERANCE: f64 = 1e-9;
/// The same for FLOAT, which has seven digits.
const FLOAT_TOLERANCE: f64 = 1e-6;

/// A row that does not hold.
#[derive(Debug, PartialEq)]
pub struct Failure {
    pub expected: String,
    pub got: String,
}

/// Checks one row against the functions that a component declares, which the session knows.
pub fn check(session: &Session, functions: &[&DeclaredFunction], case: &Case) -> Result<(), Failure> {
    let failure = |expected: &str, got: String| Failure { expected: expected.to_owned(), got };
    let of_table = |got: String| failure("a row that can be tested", got);
    let function = find(functions, case).map_err(of_table)?;
    let returns = function.returns.as_ref().ok_or_else(|| of_table("a table function".to_owned()))?;
    let call = call(function, case).map_err(of_table)?;
    match &case.expected {
        Expected::Error(words) => {
            match session.query_untrusted(&format!("SELECT CAST(got AS VARCHAR) FROM ({call})")) {
                Err(error) if error.to_string().contains(words.as_str()) => Ok(()),
                Err(error) => Err(failure(&format!("an error with `{words}`"), error.to_string())),
                Ok(rows) => {
                    let got = rows.first().map(ToString::to_string).unwrap_or_default();
                    Err(failure(&format!("an error with `{words}`"), got))
                }
            }
        }
        Expected::Value(expected) => {
            let equal = equality(returns);
            let query = format!(
                "SELECT CAST(got AS VARCHAR), CAST(want AS VARCHAR), {equal} \
                 FROM (SELECT got, CAST(({expected}) AS {returns}) AS want FROM ({call}))"
            );
            let rows = session.query_untrusted(&query).map_err(|error| failure(expected, error.to_string()))?;
            match rows.iter().next() {
                Some([_, _, equal]) if equal.to_string() == "true" => Ok(()),
                Some([got, want, _]) => Err(failure(&want.to_string(), got.to_string())),
                _ => Err(failure(expected, "no row".to_owned())),
            }
        }
    }
}

/// The function that has the signature of the row.
fn find<'a>(functions: &[&'a DeclaredFunction], case: &Case) -> Result<&'a DeclaredFunction, String> {
    let types: Vec<LogicalType> = case
        .types
        .iter()
        .map(|name| name.parse().map_err(|_| format!("there is no type {name}")))
        .collect::<Result<_, _>>()?;
    let fits = |function: &&&DeclaredFunction| {
        function.name.eq_ignore_ascii_case(&case.function)
            && (function.varargs.is_some()
                || function.parameters.iter().map(|parameter| &parameter.logical_type).eq(types.iter()))
    };
    functions.iter().find(fits).copied().ok_or_else(|| {
        let known: Vec<String> = functions.iter().map(|function| function.signature()).collect();
        format!("the component has no {}({}), but {}", case.function, case.types.join(", "), known.join("; "))
    })
}

/// A query with one row, the result, as `got`. The arguments are columns, so that nothing is computed while planning.
fn call(function: &DeclaredFunction, case: &Case) -> Result<String, String> {
    let names: Vec<String> = (0..case.types.len()).map(|index| format!("a{index}")).collect();
    let rows = match function.kind {
        FunctionKind::Aggregate => {
            case.rows().ok_or("rows of an aggregate stand in brackets, those of several arguments in parentheses")?
        }
        _ => vec![case.arguments()],
    };
    if let Some(row) = rows.iter().find(|row| row.len() != names.len()) {
        return Err(format!("{} arguments where {} are declared", row.len(), names.len()));
    }
    let row = |row: &Vec<String>| {
        let values = row.iter().zip(&case.types).map(|(value, kind)| format!("CAST(({value}) AS {kind})"));
        format!("({})", values.collect::<Vec<_>>().join(", "))
    };
    let source = if names.is_empty() {
        String::new()
    } else if rows.is_empty() {
        let columns = names.iter().zip(&case.types).map(|(name, kind)| format!("CAST(NULL AS {kind}) AS {name}"));
        format!(" FROM (SELECT {}) WHERE false", columns.collect::<Vec<_>>().join(", "))
    } else {
        let rows = rows.iter().map(row).collect::<Vec<_>>().join(", ");
        format!(" FROM (VALUES {rows}) AS given({})", names.join(", "))
    };
    Ok(format!("SELECT {}({}) AS got{source}", function.name, names.join(", ")))
}

fn equality(returns: &LogicalType) -> String {
    let tolerance = match returns.to_string().as_str() {
        "DOUBLE" => TOLERANCE,
        "FLOAT" => FLOAT_TOLERANCE,
        _ => return "got IS NOT DISTINCT FROM want".to_owned(),
    };
    format!(
        "got IS NOT DISTINCT FROM want OR \
         coalesce(abs(got - want) <= {tolerance:e} * greatest(abs(got), abs(want)), false)"
    )
}
