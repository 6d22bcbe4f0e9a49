use duckpen_pipeline::{Entry, Node, NodeValue, Problem, Severity};
use serde_json::{Number, Value as Json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads TOML. With problems, what could be read may be something else than was meant.
pub fn parse(text: &str) -> (Node, Vec<Problem>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let problems = errors.into_iter().map(|error| Problem {
        severity: Severity::Error,
        message: error.message().to_owned(),
        span: error.span(),
        hint: None,
    });
    let span = document.span();
    (Node { value: table(document.into_inner()), span }, problems.collect())
}

fn table(table: DeTable<'_>) -> NodeValue {
    let entries = table.into_iter().map(|(key, value)| {
        let key_span = key.span();
        Entry { key: key.into_inner().into_owned(), key_span, node: node(value) }
    });
    let mut entries: Vec<Entry> = entries.collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    NodeValue::Table(entries)
}

fn node(value: Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::Table(members) => table(members),
        DeValue::Array(elements) => NodeValue::List(elements.into_iter().map(node).collect()),
        DeValue::String(text) => NodeValue::Scalar(Json::String(text.into_owned())),
        DeValue::Boolean(value) => NodeValue::Scalar(Json::Bool(value)),
        DeValue::Integer(integer) => {
            let value = i64::from_str_radix(integer.as_str(), integer.radix()).map(Json::from);
            NodeValue::Scalar(value.unwrap_or_else(|_| Json::String(integer.as_str().to_owned())))
        }
        DeValue::Float(float) => {
            let value = float.as_str().parse().ok().and_then(Number::from_f64).map(Json::Number);
            NodeValue::Scalar(value.unwrap_or_else(|| Json::String(float.as_str().to_owned())))
        }
        DeValue::Datetime(time) => NodeValue::Scalar(Json::String(time.to_string())),
    };
    Node { value, span }
}
