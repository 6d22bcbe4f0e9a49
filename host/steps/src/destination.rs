//! What the destination of an EXPORT says, where it is the address of a system and no place of the project.

use std::borrow::Cow;

use duckpen_connectors::{ConnectorKinds, RowFormat};
use duckpen_pipeline::ExportStep;
use serde_json::{Map, Value};

/// The options of an EXPORT, or those that the profile's connector and the statement give together, with what the destination
/// says: of an address of the web a connector's `url`, of that of a database the connection and, where it names one behind the
/// database, the table: `postgresql://user:password@host/database/schema/table`.
pub fn completed<'o>(
    export: &'o ExportStep,
    given: Option<&'o Map<String, Value>>,
    kinds: &ConnectorKinds,
) -> Cow<'o, Map<String, Value>> {
    let given = Cow::Borrowed(given.unwrap_or(&export.options));
    let Some((scheme, _)) = export.destination.split_once("://") else { return given };
    match kinds.row_format(&export.connector_type) {
        None => given,
        Some(RowFormat::Brought(_)) => {
            let is_web = ["http", "https"].iter().any(|known| known.eq_ignore_ascii_case(scheme));
            if !is_web || given.get("url").is_some_and(|url| !url.is_null()) {
                return given;
            }
            with(given, [("url", export.destination.clone())])
        }
        Some(_) => {
            let (connection, table) = without_table(&export.destination);
            let is_named =
                ["table", "table_name"].iter().any(|name| given.get(*name).is_some_and(|name| !name.is_null()));
            let table = table.filter(|_| !is_named).map(|table| ("table", table));
            with(given, [("connection_string", connection)].into_iter().chain(table))
        }
    }
}

fn with<'o>(
    mut options: Cow<'o, Map<String, Value>>,
    further: impl IntoIterator<Item = (&'static str, String)>,
) -> Cow<'o, Map<String, Value>> {
    options.to_mut().extend(further.into_iter().map(|(name, value)| (name.to_owned(), value.into())));
    options
}

/// The address of a database, and the table behind it, with its schema where that is named: `shop.orders`.
fn without_table(address: &str) -> (String, Option<String>) {
    let whole = || (address.to_owned(), None);
    let Some((scheme, rest)) = address.split_once("://") else { return whole() };
    let (path, query) = rest.find('?').map_or((rest, ""), |at| rest.split_at(at));
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    match parts.as_slice() {
        [server, database, table @ ..] if (1..=2).contains(&table.len()) && !server.is_empty() => {
            (format!("{scheme}://{server}/{database}{query}"), Some(table.join(".")))
        }
        _ => whole(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_stands_behind_its_database() {
        for (address, connection, table) in [
            ("postgresql://u:p@h:5432/shop", "postgresql://u:p@h:5432/shop", None),
            ("postgres://u:p@h/shop/", "postgres://u:p@h/shop/", None),
            ("postgres://u:p@h:5432/shop/orders_2026-01-31", "postgres://u:p@h:5432/shop", Some("orders_2026-01-31")),
            (
                "postgresql://u@h/shop/sales/orders?sslmode=require",
                "postgresql://u@h/shop?sslmode=require",
                Some("sales.orders"),
            ),
            ("postgresql://h/a/b/c/d", "postgresql://h/a/b/c/d", None),
            ("postgresql:///shop/orders", "postgresql:///shop/orders", None),
            ("postgresql://h", "postgresql://h", None),
        ] {
            assert_eq!(without_table(address), (connection.to_owned(), table.map(str::to_owned)), "{address}");
        }
    }
}
