//! Names in statements for PostgreSQL. Values never stand in them: they are bound, or set for the transaction.

use postgres_protocol::escape::escape_identifier;

/// A name, quoted.
pub(super) fn quoted(name: &str) -> String {
    // A zero byte cannot be sent; the server then knows no such name.
    escape_identifier(&name.replace('\0', ""))
}

/// A table of a schema, or of the server's search path.
pub(super) fn qualified(schema: Option<&str>, name: &str) -> String {
    match schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(name)),
        None => quoted(name),
    }
}

pub(super) fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}
