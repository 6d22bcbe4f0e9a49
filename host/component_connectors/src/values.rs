//! The values of parameters: looked up, judged, and brought into the form in which a connector gets them.

use std::borrow::Cow;

use duckpen_connectors::{HttpSettings, ParameterProblem};
use serde_json::{Map, Value};
use url::Url;

use crate::declaration::{Parameter, ParameterKind};

/// Parameters of a step that are the host's own matter, whatever the connector. How far an incremental read reaches back is
/// none: where a read goes on is the connector's to know.
const OF_STEPS: &[&str] = &["sync_mode", "primary_key", "batch_size"];

/// What stands for a secret wherever one would be shown.
const HIDDEN: &str = "***";

/// Values of which those structures are objects that were given as a text of JSON and may have secrets inside.
pub(crate) fn unpacked<'v>(parameters: &[Parameter], values: &'v Map<String, Value>) -> Cow<'v, Map<String, Value>> {
    let mut unpacked = Cow::Borrowed(values);
    for outer in parameters.iter().filter(|outer| outer.kind == ParameterKind::Structure) {
        let has_secrets = parameters.iter().any(|inner| inner.is_inside(outer));
        if let (true, Some(Value::String(text))) = (has_secrets, values.get(&outer.name))
            && let Ok(object @ Value::Object(_)) = serde_json::from_str(text)
        {
            unpacked.to_mut().insert(outer.name.clone(), object);
        }
    }
    unpacked
}

/// The value of a parameter, which may stand inside of objects or be given under its whole name.
pub(crate) fn find<'v>(parameter: &Parameter, values: &'v Map<String, Value>) -> Option<&'v Value> {
    let whole = values.get(&parameter.name);
    let inside = || {
        let mut names = parameter.path();
        let first = values.get(names.next()?)?;
        names.try_fold(first, |value, name| value.as_object()?.get(name))
    };
    whole.or_else(inside).filter(|value| !value.is_null())
}

/// A value as its parameter's kind has it; what was expected where it has not.
pub(crate) fn of_kind(parameter: &Parameter, value: &Value) -> Result<Value, &'static str> {
    let text = || match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    // A value that a variable gave is a text.
    let trimmed = || text().map(|text| text.trim().to_owned());
    match parameter.kind {
        ParameterKind::Text => {
            let text = text().ok_or("a string")?;
            let choice = parameter.one_of.iter().find(|choice| choice.eq_ignore_ascii_case(&text));
            Ok(choice.cloned().unwrap_or(text).into())
        }
        ParameterKind::Secret => text().filter(|text| !text.is_empty()).map(Value::from).ok_or("a string"),
        ParameterKind::Count => {
            let number = trimmed().and_then(|text| text.parse::<u64>().ok());
            number.map(Value::from).ok_or("a whole number of 0 or more")
        }
        ParameterKind::Number => {
            let number = trimmed().and_then(|text| text.parse::<f64>().ok()).filter(|number| number.is_finite());
            match (value, number) {
                (Value::Number(number), _) => Ok(number.clone().into()),
                (_, number) => number.map(Value::from).ok_or("a number"),
            }
        }
        ParameterKind::Flag => match trimmed().map(|text| text.to_lowercase()).as_deref() {
            Some("true") => Ok(true.into()),
            Some("false") => Ok(false.into()),
            _ => Err("a boolean"),
        },
        ParameterKind::Texts => match value {
            Value::String(text) => Ok(vec![text.clone()].into()),
            Value::Array(texts) if texts.iter().all(Value::is_string) => Ok(value.clone()),
            _ => Err("a string or a list of strings"),
        },
        ParameterKind::Structure => match value {
            Value::Object(_) | Value::Array(_) => Ok(value.clone()),
            // A variable may give one as JSON.
            Value::String(text) => match serde_json::from_str(text) {
                Ok(value @ (Value::Object(_) | Value::Array(_))) => Ok(value),
                _ => Err("an object or a list"),
            },
            _ => Err("an object or a list"),
        },
        ParameterKind::Url => {
            let text = value.as_str().ok_or("a URL")?;
            address(text).map(|_| text.into())
        }
    }
}

/// The address that a parameter has; a host alone is asked over https.
pub(crate) fn address(text: &str) -> Result<Url, &'static str> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&whole).map_err(|_| "a URL such as https://api.example.com/v1")?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("a URL that begins with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL without credentials, which have parameters of their own");
    }
    Ok(url)
}

/// The values that a connector gets, as an object: those of its declared parameters, in the objects in which they stand;
/// `true` in the place of a secret. Values that are not of their kind were refused before, and are left out.
pub(crate) fn told(parameters: &[Parameter], values: &Map<String, Value>) -> Map<String, Value> {
    let mut told = Map::new();
    // A structure may have secrets inside, which take the places of what it has there.
    let (inside, others): (Vec<_>, Vec<_>) =
        parameters.iter().partition(|parameter| parameters.iter().any(|outer| parameter.is_inside(outer)));
    for parameter in others.into_iter().chain(inside) {
        let Some(value) = find(parameter, values).and_then(|value| of_kind(parameter, value).ok()) else { continue };
        let value = if parameter.kind == ParameterKind::Secret { true.into() } else { value };
        put(&mut told, parameter, value);
    }
    told
}

/// Those of the values that are a connector's, as they were given.
pub(crate) fn selected(parameters: &[Parameter], values: &Map<String, Value>) -> Map<String, Value> {
    let mut selected = Map::new();
    for parameter in parameters {
        if let Some(value) = find(parameter, values) {
            put(&mut selected, parameter, value.clone());
        }
    }
    selected
}

fn put(object: &mut Map<String, Value>, parameter: &Parameter, value: Value) {
    let names: Vec<&str> = parameter.path().collect();
    let Some((last, objects)) = names.split_last() else { return };
    let mut place = object;
    for name in objects {
        let entry = place.entry(*name).or_insert_with(|| Map::new().into());
        match entry.as_object_mut() {
            Some(inner) => place = inner,
            // No parameter but a structure has others inside: the declaration was checked.
            None => return,
        }
    }
    place.insert((*last).to_owned(), value);
}

/// What is wrong with the values that a step or a profile gives. `owner` is who has the parameters, for messages. `others`
/// are declared, too, and are for another use of the connector.
pub(crate) fn problems(
    owner: &str,
    parameters: &[&Parameter],
    others: &[&Parameter],
    values: &Map<String, Value>,
) -> Vec<ParameterProblem> {
    let mut problems = Vec::new();
    let problem = |message: String, hint: Option<String>, parameter: &str| ParameterProblem {
        message,
        hint,
        parameter: Some(parameter.to_owned()),
    };
    for parameter in parameters {
        let name = &parameter.name;
        let Some(value) = find(parameter, values) else {
            if parameter.is_required {
                let hint = Some(parameter.doc.clone()).filter(|doc| !doc.is_empty());
                problems.push(problem(format!("Required field '{name}' is missing"), hint, name));
            }
            continue;
        };
        match of_kind(parameter, value) {
            Ok(value) if parameter.kind == ParameterKind::Secret && value == HIDDEN => {
                let hint = "name a connector of a profile, which has it, or a variable: ${API_TOKEN}";
                let message = format!("Field '{name}' was hidden when the plan was written");
                problems.push(problem(message, Some(hint.to_owned()), name));
            }
            Err(expected) => problems.push(problem(format!("Field '{name}' must be {expected}"), None, name)),
            Ok(Value::String(text)) if !parameter.one_of.is_empty() && !parameter.one_of.contains(&text) => {
                let hint = format!("Allowed values: {}", parameter.one_of.join(", "));
                problems.push(problem(format!("Field '{name}' has an unknown value: {text}"), Some(hint), name));
            }
            Ok(_) => {}
        }
    }
    let known: Vec<&str> = parameters.iter().chain(others).map(|parameter| parameter.name.as_str()).collect();
    let known: Vec<&str> = known.into_iter().chain(OF_STEPS.iter().chain(HttpSettings::PARAMETERS).copied()).collect();
    let unknown = unknown_members(&known, values);
    if let Some(first) = unknown.first() {
        let message = format!("Unknown parameters for {owner}: {}", unknown.join(", "));
        let mut names = parameters.iter().map(|parameter| parameter.name.as_str()).collect::<Vec<_>>();
        names.sort_unstable();
        let hint = format!("its parameters are {}", names.join(", "));
        problems.push(problem(message, Some(hint), first));
    }
    problems
}

/// Names of values that nobody knows; inside of objects too, where something of them is known.
fn unknown_members(known: &[&str], members: &Map<String, Value>) -> Vec<String> {
    let mut unknown = Vec::new();
    for (name, value) in members {
        if known.contains(&name.as_str()) {
            continue;
        }
        let inside = format!("{name}.");
        let below: Vec<&str> = known.iter().filter_map(|known| known.strip_prefix(&inside)).collect();
        match value {
            Value::Object(members) if !below.is_empty() => {
                let found = unknown_members(&below, members);
                unknown.extend(found.into_iter().map(|member| format!("{name}.{member}")));
            }
            _ => unknown.push(name.clone()),
        }
    }
    unknown
}

/// The values as they may be shown and kept.
pub(crate) fn disclosed<'p>(
    parameters: impl Iterator<Item = &'p Parameter>,
    values: &Map<String, Value>,
) -> Map<String, Value> {
    let mut shown = values.clone();
    for parameter in parameters.filter(|parameter| parameter.kind == ParameterKind::Secret) {
        hide(&mut shown, &[&parameter.name]);
        hide(&mut shown, &parameter.path().collect::<Vec<_>>());
    }
    shown
}

fn hide(object: &mut Map<String, Value>, path: &[&str]) {
    let Some((first, rest)) = path.split_first() else { return };
    match object.get_mut(*first) {
        Some(Value::Object(inner)) if !rest.is_empty() => hide(inner, rest),
        Some(value) if rest.is_empty() && !value.is_null() => *value = HIDDEN.into(),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parameter(name: &str, kind: ParameterKind) -> Parameter {
        let one_of = if name == "mode" { vec!["fast".to_owned(), "slow".to_owned()] } else { Vec::new() };
        Parameter { name: name.to_owned(), kind, is_required: name == "url", one_of, doc: String::new() }
    }

    fn parameters() -> Vec<Parameter> {
        use ParameterKind::*;
        [
            ("url", Url),
            ("auth.type", Text),
            ("auth.token", Secret),
            ("page.size", Count),
            ("ratio", Number),
            ("flat", Flag),
            ("columns", Texts),
            ("headers", Structure),
            ("headers.Authorization", Secret),
            ("mode", Text),
        ]
        .map(|(name, kind)| parameter(name, kind))
        .to_vec()
    }

    #[test]
    fn a_connector_is_told_its_values_and_no_secret() {
        let given = json!({
            "url": "https://api.example.com", "auth": {"type": "bearer", "token": "hunter2"}, "page.size": "50",
            "ratio": "0.5", "flat": "TRUE", "columns": "id", "headers": "{\"a\": 1}", "mode": "FAST", "other": 1,
        });
        let told = told(&parameters(), given.as_object().expect("an object"));
        let expected = json!({
            "url": "https://api.example.com", "auth": {"type": "bearer", "token": true}, "page": {"size": 50},
            "ratio": 0.5, "flat": true, "columns": ["id"], "headers": {"a": 1}, "mode": "fast",
        });
        assert_eq!(Value::from(told), expected);
    }

    #[test]
    fn a_secret_inside_of_a_structure_is_one_however_it_is_given() {
        let parameters = parameters();
        for headers in
            [json!({"a": 1, "Authorization": "hunter2"}), json!("{\"a\": 1, \"Authorization\": \"hunter2\"}")]
        {
            let given = json!({"url": "https://api.example.com", "headers": headers});
            let given = unpacked(&parameters, given.as_object().expect("an object")).into_owned();
            let told = told(&parameters, &given);
            assert_eq!(told["headers"], json!({"a": 1, "Authorization": true}));
            let shown = disclosed(parameters.iter(), &given);
            assert_eq!(shown["headers"], json!({"a": 1, "Authorization": "***"}));
            let secret =
                parameters.iter().find(|parameter| parameter.name == "headers.Authorization").expect("it is there");
            assert_eq!(find(secret, &given), Some(&json!("hunter2")));
        }
        let text = json!({"headers": "no JSON", "mode": "{}"});
        assert!(matches!(unpacked(&parameters, text.as_object().expect("an object")), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_wrong_with_values_is_told_by_name() {
        for (given, expected) in [
            (json!({"url": "https://a.example"}), vec![]),
            (json!({"url": "a.example", "sync_mode": "incremental", "max_retries": 1}), vec![]),
            (json!({}), vec!["Required field 'url' is missing"]),
            (json!({"url": null}), vec!["Required field 'url' is missing"]),
            (
                json!({"url": "https://u:p@a.example"}),
                vec!["Field 'url' must be a URL without credentials, which have parameters of their own"],
            ),
            (json!({"url": "ftp://a.example"}), vec!["Field 'url' must be a URL that begins with https:// or http://"]),
            (json!({"url": "a.example", "mode": "swift"}), vec!["Field 'mode' has an unknown value: swift"]),
            (
                json!({"url": "a.example", "page": {"size": -1}}),
                vec!["Field 'page.size' must be a whole number of 0 or more"],
            ),
            (
                json!({"url": "a.example", "page": {"sise": 1}, "foo": 1, "auth": 3}),
                vec!["Unknown parameters for TEST connector: page.sise, foo, auth"],
            ),
            (
                json!({"url": "a.example", "sync_mode": "incremental", "lookback_window": 1}),
                vec!["Unknown parameters for TEST connector: lookback_window"],
            ),
            (
                json!({"url": "a.example", "flat": "maybe", "columns": [1], "headers": 1, "ratio": "x"}),
                vec![
                    "Field 'ratio' must be a number",
                    "Field 'flat' must be a boolean",
                    "Field 'columns' must be a string or a list of strings",
                    "Field 'headers' must be an object or a list",
                ],
            ),
        ] {
            let parameters = parameters();
            let all: Vec<&Parameter> = parameters.iter().collect();
            let found = problems("TEST connector", &all, &[], given.as_object().expect("an object"));
            let messages: Vec<String> = found.into_iter().map(|problem| problem.message).collect();
            assert_eq!(messages, expected, "{given}");
        }
    }

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        for (given, expected) in [
            (json!({"auth": {"token": "t", "type": "x"}}), json!({"auth": {"token": "***", "type": "x"}})),
            (json!({"auth.token": "t"}), json!({"auth.token": "***"})),
            (json!({"auth": "t"}), json!({"auth": "t"})),
            (json!({}), json!({})),
        ] {
            let shown = disclosed(parameters().iter(), given.as_object().expect("an object"));
            assert_eq!(Value::from(shown), expected);
        }
    }
}
