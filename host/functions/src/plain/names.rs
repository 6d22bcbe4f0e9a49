//! The names of a component's functions in SQL.

use std::collections::{HashMap, HashSet};

use duckpen_database::is_reserved;

use super::callee::Callee;
use crate::Names;
use crate::declaration::Draft;

/// Finds a name for each function, all of them together: the one it is given; otherwise `interface_function` where another
/// function has the same name, and the name of the function alone where none has, behind the prefix of all.
///
/// # Errors
/// A function that is given a name and is not there; for each function apart: its name cannot be called, or something else
/// has it.
pub(crate) fn in_sql(
    callees: &[Callee],
    given: &Names,
    built_in: &HashSet<String>,
) -> Result<Vec<Result<String, String>>, String> {
    let alone = count(callees.iter().map(|callee| identifier(&callee.name)));
    // What each would be called in SQL, and what WIT calls it.
    let own = |callee: &Callee| {
        let name = identifier(&callee.name);
        let in_sql = match &callee.interface {
            Some(interface) if alone[&name.to_lowercase()] > 1 => format!("{}_{name}", identifier(base(interface))),
            _ => name,
        };
        [in_sql, in_wit(callee.interface.as_deref(), &callee.name)]
    };
    let own: Vec<[String; 2]> = callees.iter().map(own).collect();
    if let Some(name) = given.unknown(own.iter().flatten().map(String::as_str)) {
        return Err(name.to_owned());
    }
    let names: Vec<String> = own.iter().map(|[in_sql, in_wit]| given.of(&[in_sql, in_wit])).collect();
    let taken = count(names.iter().cloned());
    let check = |name: String| {
        if is_reserved(&name) {
            Err(format!("`{name}` is a reserved word of SQL"))
        } else if built_in.contains(&name.to_lowercase()) {
            Err(format!("DuckDB has a function `{name}` of its own"))
        } else if taken[&name.to_lowercase()] > 1 {
            Err(format!("another function would be called `{name}` too"))
        } else {
            Draft::new(name).map(Draft::into_name)
        }
    };
    Ok(names.into_iter().map(check).collect())
}

/// `interface.function`, or `function` of the component itself.
pub(crate) fn in_wit(interface: Option<&str>, name: &str) -> String {
    interface.map_or_else(|| name.to_owned(), |interface| format!("{interface}.{name}"))
}

/// A name of WIT as SQL takes it without quotes.
pub(crate) fn identifier(name: &str) -> String {
    name.replace('-', "_")
}

/// How often each name is there. SQL makes no difference between upper and lower case.
fn count(names: impl Iterator<Item = String>) -> HashMap<String, usize> {
    names.fold(HashMap::new(), |mut counts, name| {
        *counts.entry(name.to_lowercase()).or_default() += 1;
        counts
    })
}

/// `math` of `shop:numbers/math@1.2.0`.
fn base(interface: &str) -> &str {
    let name = interface.rsplit('/').next().unwrap_or(interface);
    name.split('@').next().unwrap_or(name)
}
