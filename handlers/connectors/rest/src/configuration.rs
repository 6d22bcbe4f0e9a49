//! How the API is reached.

use duckpen::Error;
use duckpen::connectors::url;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::misconfigured;

/// The address, and what goes with each request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Configuration {
    /// The address of the API.
    pub url: String,
    /// Names and values.
    pub headers: Map<String, Value>,
    /// Which credentials there are; their values are the host's.
    pub auth: Auth,
}

/// What is known of the credentials.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the parameters say it")]
pub struct Auth {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub token: Option<IgnoredAny>,
    pub username: Option<IgnoredAny>,
    pub password: Option<IgnoredAny>,
    pub key_name: Option<IgnoredAny>,
    pub query_name: Option<IgnoredAny>,
    pub key_value: Option<IgnoredAny>,
    pub token_url: Option<IgnoredAny>,
    pub client_id: Option<IgnoredAny>,
    pub client_secret: Option<IgnoredAny>,
}

impl Configuration {
    /// Looks at all of it.
    pub fn check(&self) -> Result<(), Error> {
        self.auth.check()?;
        self.headers()?;
        self.address("").map(|_| ())
    }

    /// The address of a resource: `path` behind the url, or an address of its own.
    pub fn address(&self, path: &str) -> Result<String, Error> {
        let base = url::complete(&self.url);
        if url::origin(&base).is_none() {
            let message = format!("`{}` is no address of http", url::without_query(&self.url));
            return Err(misconfigured(message).with_hint("write `url` as https://api.example.com/v1"));
        }
        let path = path.trim();
        if url::origin(path).is_some() {
            return Ok(path.to_owned());
        }
        Ok(url::join(&base, path))
    }

    /// The headers, with one that asks for JSON.
    pub fn headers(&self) -> Result<Vec<(String, String)>, Error> {
        let mut headers = Vec::new();
        for (name, value) in &self.headers {
            // The host has it, and puts it into each request.
            if matches!(name.as_str(), "Authorization" | "authorization") && value == &Value::Bool(true) {
                continue;
            }
            if name.eq_ignore_ascii_case("authorization") {
                let message = "`headers` may not have Authorization: what stands there is shown to the connector";
                let hint = "give credentials as `auth`: {\"type\": \"bearer\", \"token\": ...}";
                return Err(misconfigured(message).with_hint(hint));
            }
            let value = scalar(value).ok_or_else(|| misconfigured(format!("the header `{name}` has to be a text")))?;
            headers.push((name.clone(), value));
        }
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept")) {
            headers.push(("accept".to_owned(), "application/json".to_owned()));
        }
        Ok(headers)
    }
}

impl Auth {
    /// Whether what its type needs is there.
    fn check(&self) -> Result<(), Error> {
        let Some(kind) = &self.kind else { return Ok(()) };
        let needed: &[(&str, bool)] = match kind.to_ascii_lowercase().as_str() {
            "basic" => &[("auth.username", self.username.is_some()), ("auth.password", self.password.is_some())],
            "bearer" => &[("auth.token", self.token.is_some())],
            "api_key" => &[("auth.key_value", self.key_value.is_some())],
            "oauth2" => &[
                ("auth.token_url", self.token_url.is_some()),
                ("auth.client_id", self.client_id.is_some()),
                ("auth.client_secret", self.client_secret.is_some()),
            ],
            other => return Err(misconfigured(format!("there is no `auth.type` `{other}`"))),
        };
        match needed.iter().find(|(_, is_there)| !is_there) {
            Some((missing, _)) => Err(misconfigured(format!("`auth.type` is `{kind}`, which needs `{missing}`"))),
            None => Ok(()),
        }
    }
}

/// The parameters of a query: a list is a parameter that is there several times, `null` one that is not.
pub fn query(params: &Map<String, Value>) -> Result<Vec<(String, String)>, Error> {
    let mut query = Vec::new();
    for (name, value) in params {
        let values = match value {
            Value::Null => continue,
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            let wrong =
                || misconfigured(format!("the parameter `{name}` of `params` has to be a text, a number or a boolean"));
            query.push((name.clone(), scalar(value).ok_or_else(wrong)?));
        }
    }
    Ok(query)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn configuration(values: Value) -> Configuration {
        serde_json::from_value(values).unwrap()
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (values, expected) in [
            (json!({"url": "api.example.com"}), None),
            (json!({"url": "https://a.example", "auth": {"type": "Bearer", "token": true}}), None),
            (json!({"url": "https://a.example", "headers": {"Authorization": true}}), None),
            (json!({"url": "ftp://a.example"}), Some("`ftp://a.example` is no address of http")),
            (json!({"url": ""}), Some("`` is no address of http")),
            (
                json!({"url": "https://a.example", "auth": {"type": "basic", "username": "u"}}),
                Some("`auth.type` is `basic`, which needs `auth.password`"),
            ),
            (
                json!({"url": "https://a.example", "headers": {"AUTHORIZATION": "Bearer x"}}),
                Some("`headers` may not have Authorization: what stands there is shown to the connector"),
            ),
            (json!({"url": "https://a.example", "headers": {"X-A": [1]}}), Some("the header `X-A` has to be a text")),
        ] {
            let found = configuration(values.clone()).check().err().map(|error| error.message);
            assert_eq!(found.as_deref(), expected, "{values}");
        }
    }

    #[test]
    fn a_path_stands_behind_the_address() {
        let configuration = configuration(json!({"url": "https://a.example/v1"}));
        for (path, expected) in [
            ("", "https://a.example/v1"),
            ("/orders", "https://a.example/v1/orders"),
            ("https://b.example/x", "https://b.example/x"),
        ] {
            assert_eq!(configuration.address(path).unwrap(), expected);
        }
    }

    #[test]
    fn parameters_of_the_query_may_be_there_several_times() {
        let params = json!({"a": 1, "b": ["x", true], "c": null});
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(query(params.as_object().unwrap()).unwrap(), [pair("a", "1"), pair("b", "x"), pair("b", "true")]);
        assert!(query(json!({"a": {}}).as_object().unwrap()).is_err());
    }
}
