use duckpen_database::{Error, LogicalType, Session, quote_identifier};

/// The query with its columns as a row sink takes them: nested values as JSON, but for lists of plain ones, and the names of
/// an ENUM as text.
///
/// # Errors
/// When the query does not bind.
pub fn exportable(session: &Session, query: &str) -> Result<String, Error> {
    in_forms(session, query, Form::of)
}

/// The query with each column in the form that `form` gives its type.
pub(crate) fn in_forms(session: &Session, query: &str, form: impl Fn(&str) -> Form) -> Result<String, Error> {
    let query = query.trim_end().trim_end_matches(';');
    let columns = session.columns_of(query)?;
    let mut selected = Vec::new();
    let mut aliases = Vec::new();
    let mut is_plain = true;
    for (index, (name, kind)) in columns.iter().enumerate() {
        let alias = format!("c{index}");
        let expression = match form(kind) {
            Form::AsIs => alias.clone(),
            Form::Json => format!("to_json({alias})"),
            Form::Text => format!("CAST({alias} AS VARCHAR)"),
        };
        is_plain &= expression == alias;
        selected.push(format!("{expression} AS {}", quote_identifier(name)));
        aliases.push(alias);
    }
    if is_plain {
        return Ok(query.to_owned());
    }
    Ok(format!("SELECT {} FROM ({query}\n) AS q({})", selected.join(", "), aliases.join(", ")))
}

/// How the values of a column are handed over.
pub(crate) enum Form {
    AsIs,
    Json,
    Text,
}

impl Form {
    fn of(kind: &str) -> Self {
        let is_nested = |kind: &LogicalType| kind.element().is_some() || !kind.fields().is_empty();
        match kind.parse::<LogicalType>() {
            Ok(LogicalType::Enum(_)) => Self::Text,
            Ok(LogicalType::List(element)) if !is_nested(&element) && !matches!(*element, LogicalType::Enum(_)) => {
                Self::AsIs
            }
            Ok(kind) if is_nested(&kind) => Self::Json,
            Ok(_) => Self::AsIs,
            // JSON has a name of its own, and lies as text. Of the types without a counterpart a stream makes text.
            Err(_) if kind.starts_with("STRUCT") || kind.starts_with("UNION") || kind.ends_with(']') => Self::Json,
            Err(_) => Self::AsIs,
        }
    }
}
