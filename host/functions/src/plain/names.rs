//! The names of a component's functions in SQL.

use std::collections::HashMap;

use duckpen_database::is_reserved;

use super::callee::Callee;
use crate::declaration::Draft;

/// Finds a name for each function, all of them together: `interface_function` where another function has the same name,
/// the name of the function alone otherwise. A function of the component itself keeps its name.
///
/// # Errors
/// For each function apart: its name cannot be called, or another has it too.
pub(crate) fn in_sql(callees: &[Callee]) -> Vec<Result<String, String>> {
    let alone = count(callees.iter().map(|callee| identifier(&callee.name)));
    let name = |callee: &Callee| {
        let name = identifier(&callee.name);
        match &callee.interface {
            Some(interface) if alone[&name.to_lowercase()] > 1 => format!("{}_{name}", identifier(base(interface))),
            _ => name,
        }
    };
    let names: Vec<String> = callees.iter().map(name).collect();
    let taken = count(names.iter().cloned());
    let check = |name: String| {
        if is_reserved(&name) {
            Err(format!("`{name}` is a reserved word of SQL"))
        } else if taken[&name.to_lowercase()] > 1 {
            Err(format!("another function would be called `{name}` too"))
        } else {
            Draft::new(name).map(Draft::into_name)
        }
    };
    names.into_iter().map(check).collect()
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
