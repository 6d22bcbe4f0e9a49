//! Columns of objects, made into columns of their fields: `address.city`.

use std::collections::HashSet;

use duckpen_database::{Session, quote_identifier, quote_literal};

use crate::ConnectorError;

/// How deep objects become columns, unless it is said.
pub(crate) const DEPTH: usize = 10;

/// A query with the rows of `query`, in which the fields of objects are columns, down to `depth` objects within each other.
/// Lists stay as they are. Names that are equal but for the case of letters are counted.
///
/// # Errors
/// Those of the database.
pub(crate) fn flattened(session: &Session, query: &str, depth: usize) -> Result<String, ConnectorError> {
    let columns = session.columns_of(query)?;
    if !columns.iter().any(|(_, kind)| is_object(kind)) {
        return Ok(query.to_owned());
    }
    let mut fields = Vec::new();
    for (name, kind) in columns {
        let expression = quote_identifier(&name);
        Fields { session, query }.collect(Field { name, kind, expression }, depth, &mut fields)?;
    }
    let mut names = HashSet::new();
    let selected = fields.into_iter().map(|Field { name, expression, .. }| {
        let mut unique = name.clone();
        let mut number = 2_u32;
        while !names.insert(unique.to_lowercase()) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        format!("{expression} AS {}", quote_identifier(&unique))
    });
    Ok(format!("SELECT {} FROM ({query})", selected.collect::<Vec<_>>().join(", ")))
}

struct Field {
    name: String,
    /// Its type.
    kind: String,
    /// What its value is, over the columns of the query.
    expression: String,
}

struct Fields<'a> {
    session: &'a Session,
    query: &'a str,
}

impl Fields<'_> {
    fn collect(&self, field: Field, depth: usize, into: &mut Vec<Field>) -> Result<(), ConnectorError> {
        if depth == 0 || !is_object(&field.kind) {
            into.push(field);
            return Ok(());
        }
        for (name, kind) in
            self.session.columns_of(&format!("SELECT unnest({}) FROM ({})", field.expression, self.query))?
        {
            let expression = format!("struct_extract({}, {})", field.expression, quote_literal(&name));
            let name = format!("{}.{name}", field.name);
            self.collect(Field { name, kind, expression }, depth - 1, into)?;
        }
        Ok(())
    }
}

fn is_object(kind: &str) -> bool {
    kind.starts_with("STRUCT(") && kind.ends_with(')')
}
