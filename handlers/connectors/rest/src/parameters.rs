//! The parameters, and what they are read into.

use duckpen::connectors::{Authentication, JsonPath, Kind, Parameter};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How the API is reached.
pub const CONFIGURATION: &[Parameter] = &[
    Parameter::required("url", Kind::Url, "The address of the API, or of the resource itself"),
    Parameter::optional("headers", Kind::Structure, "Headers that go with each request: names and values"),
    Parameter::optional("headers.Authorization", Kind::Secret, "What shows who asks, where `auth` does not"),
    Parameter::optional("headers.authorization", Kind::Secret, "The same"),
    Parameter::optional("auth.type", Kind::Text, "How a request shows who asks")
        .one_of(&["basic", "bearer", "api_key", "oauth2"]),
    Parameter::optional("auth.token", Kind::Secret, "bearer: the token"),
    Parameter::optional("auth.username", Kind::Text, "basic: the user"),
    Parameter::optional("auth.password", Kind::Secret, "basic: the password"),
    Parameter::optional("auth.key_name", Kind::Text, "api_key: the header that has the key; X-API-Key if not given"),
    Parameter::optional("auth.query_name", Kind::Text, "api_key: the parameter of the query that has the key"),
    Parameter::optional("auth.key_value", Kind::Secret, "api_key: the key"),
    Parameter::optional("auth.token_url", Kind::Url, "oauth2: the address that gives tokens"),
    Parameter::optional("auth.client_id", Kind::Text, "oauth2: the client's name"),
    Parameter::optional("auth.client_secret", Kind::Secret, "oauth2: the client's secret"),
    Parameter::optional("auth.scope", Kind::Text, "oauth2: what is asked for"),
];

/// The first whose parameters are all there is used.
pub const AUTHENTICATION: &[Authentication] = &[
    Authentication::ClientCredentials {
        url: "auth.token_url",
        client_id: "auth.client_id",
        client_secret: "auth.client_secret",
        scope: Some("auth.scope"),
    },
    Authentication::Bearer("auth.token"),
    Authentication::Basic("auth.username", "auth.password"),
    Authentication::NamedQuery("auth.query_name", "auth.key_value"),
    Authentication::NamedHeader("auth.key_name", "auth.key_value"),
    Authentication::Header("X-API-Key", "auth.key_value"),
    Authentication::Header("Authorization", "headers.Authorization"),
    Authentication::Header("Authorization", "headers.authorization"),
];

/// What is read.
pub const SOURCE: &[Parameter] = &[
    Parameter::optional("path", Kind::Text, "The resource, behind the url"),
    Parameter::optional("method", Kind::Text, "GET if not given").one_of(&["GET", "POST"]),
    Parameter::optional("params", Kind::Structure, "Parameters of the query: names and values, or lists of values"),
    Parameter::optional("body", Kind::Structure, "What a POST sends, as JSON"),
    Parameter::optional("pagination", Kind::Structure, "How one page follows another"),
    Parameter::optional("data_path", Kind::Text, "Where the rows stand in an answer: data.items"),
    Parameter::optional("flatten_response", Kind::Flag, "Whether fields of objects become columns: address.city; true"),
    Parameter::optional("columns", Kind::Structure, "The columns and their types, or types and paths"),
    Parameter::optional("types", Kind::Structure, "Types of some of the columns; those of the others are found"),
    Parameter::optional("sample_rows", Kind::Count, "Rows that columns and types are found in; 1000 if not given"),
    Parameter::optional("cursor_field", Kind::Text, "The field by whose greatest value a read goes on"),
    Parameter::optional("since_param", Kind::Text, "The parameter of the query that carries this value"),
];

/// What is written, and how.
pub const SINK: &[Parameter] = &[
    Parameter::optional("path", Kind::Text, "The resource, behind the url; what EXPORT TO names if not given"),
    Parameter::optional("method", Kind::Text, "POST if not given").one_of(&["POST", "PUT", "PATCH"]),
    Parameter::optional("params", Kind::Structure, "Parameters of the query: names and values"),
    Parameter::optional("batch_size", Kind::Count, "Rows of a request at the most; 100 if not given"),
    Parameter::optional("format", Kind::Text, "A list of rows, or one row a request; array if not given")
        .one_of(&["array", "object"]),
    Parameter::optional("rows_path", Kind::Text, "Where the list of rows stands in what is sent: records"),
    Parameter::optional("body", Kind::Structure, "An object that the rows are put into, at rows_path"),
    Parameter::optional("idempotency_header", Kind::Text, "Idempotency-Key if not given; none where it is empty"),
    Parameter::optional("max_request_bytes", Kind::Count, "Bytes of a request, unless one row has more; 4 MiB"),
];

/// What is read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the parameters say it")]
pub struct SourceSelection {
    pub path: String,
    pub method: Option<String>,
    pub params: Map<String, Value>,
    pub body: Option<Value>,
    pub pagination: Option<Value>,
    pub data_path: JsonPath,
    pub flatten_response: Option<bool>,
    pub columns: Option<Map<String, Value>>,
    pub types: Map<String, Value>,
    pub sample_rows: Option<usize>,
    pub cursor_field: Option<String>,
    pub since_param: Option<String>,
}

/// What is written, and how.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the parameters say it")]
pub struct SinkSelection {
    pub path: String,
    pub method: Option<String>,
    pub params: Map<String, Value>,
    pub batch_size: Option<usize>,
    pub format: Option<String>,
    pub rows_path: Option<String>,
    pub body: Option<Value>,
    pub idempotency_header: Option<String>,
    pub max_request_bytes: Option<usize>,
}
