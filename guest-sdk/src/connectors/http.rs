//! Requests, and what is answered.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::contract::http;
use super::host::Host;
use super::{links, url};
use crate::{Error, ErrorKind};

/// Characters of an answer that stand in an error.
const MOST_QUOTED: usize = 300;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method of a name, in any case of letters.
    pub fn named(name: &str) -> Option<Self> {
        const ALL: [Method; 6] = [Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete];
        ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(name))
    }

    /// As it stands in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl From<Method> for http::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::Get,
            Method::Head => Self::Head,
            Method::Post => Self::Post,
            Method::Put => Self::Put,
            Method::Patch => Self::Patch,
            Method::Delete => Self::Delete,
        }
    }
}

/// A request that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What it asks for.
    pub method: Method,
    /// Absolute.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// What it sends.
    pub body: Option<Vec<u8>>,
    /// Whether it does no harm if it arrives twice.
    pub is_repeatable: bool,
}

impl Request {
    /// One without headers and body. Those of GET and HEAD may be repeated.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        let is_repeatable = matches!(method, Method::Get | Method::Head);
        Self { method, url: url.into(), headers: Vec::new(), body: None, is_repeatable }
    }

    /// The first header of a name, in any case of letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The body as JSON; None where it is none.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(self.body.as_deref()?).ok()
    }
}

/// A request that is being made.
///
/// ```
/// # use duckpen_guest::connectors::{Host, Response, testing::TestServer};
/// # let server = TestServer::new(|_| Response::json_of(200, &serde_json::json!([{"id": 1}])));
/// # let host = server.host();
/// let orders: Vec<serde_json::Value> =
///     host.get("https://shop.example/orders").query("page", "1").send_expecting_success()?.json()?;
/// # assert_eq!(orders.len(), 1);
/// # Ok::<(), duckpen_guest::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a request that is not sent does nothing"]
pub struct RequestBuilder<'h> {
    host: &'h Host,
    request: Request,
}

impl<'h> RequestBuilder<'h> {
    pub(super) fn new(host: &'h Host, request: Request) -> Self {
        Self { host, request }
    }

    /// One parameter of the query more.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.request.url = url::with_query(&self.request.url, [(name, value)]);
        self
    }

    /// One header more.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A body of JSON.
    ///
    /// # Errors
    /// When `value` cannot be written as JSON.
    pub fn json(self, value: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(value)
            .map_err(|error| Error::new(ErrorKind::Internal, format!("a request cannot be written: {error}")))?;
        Ok(self.body("application/json", body))
    }

    /// A body of the given type.
    pub fn body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.request.body = Some(body);
        self.header("content-type", content_type)
    }

    /// Says that it does no harm if it arrives twice: then it is tried again where it fails in a way that may pass.
    pub fn repeatable(mut self) -> Self {
        self.request.is_repeatable = true;
        self
    }

    /// Sends it. A response of any status is one.
    ///
    /// # Errors
    /// When there was no response, or the request was refused.
    pub fn send(self) -> Result<Response, Error> {
        self.host.send(&self.request)
    }

    /// Sends it; a status that is no success is an error.
    ///
    /// # Errors
    /// Those of [`send`](Self::send) and of [`Response::success`].
    pub fn send_expecting_success(self) -> Result<Response, Error> {
        let what = format!("{} {}", self.request.method.as_str(), url::without_query(&self.request.url));
        self.send()?.success(&what)
    }
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// 200, 404 and so on.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// As it came, without compression.
    pub body: Vec<u8>,
}

impl Response {
    /// A response of JSON, for tests.
    pub fn json_of(status: u16, value: &impl Serialize) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: serde_json::to_vec(value).unwrap_or_default() }
    }

    /// The first header of a name, in any case of letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Whether the status is one of success, 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The address with a relation in the `Link` headers: `next`.
    pub fn link(&self, relation: &str) -> Option<String> {
        let mut links = self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("link"));
        links.find_map(|(_, value)| links::find(value, relation))
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// When it is none, or not of this shape; the error shows how it begins.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let message =
                format!("the answer is not the JSON that is expected: {error}; it begins: {}", self.excerpt());
            Error::from(message)
        })
    }

    /// The response itself where it is a success. `what` is what was asked: `GET https://shop.example/orders`.
    ///
    /// # Errors
    /// What was answered otherwise: the status and the beginning of the body.
    pub fn success(self, what: &str) -> Result<Self, Error> {
        if self.is_success() {
            return Ok(self);
        }
        let (kind, hint) = match self.status {
            401 | 403 => (ErrorKind::InvalidConfiguration, Some("look at the credentials, and at what they may do")),
            404 | 410 => (ErrorKind::InvalidConfiguration, Some("look at the address")),
            408 | 425 | 429 | 500..=599 => (ErrorKind::Retryable, None),
            300..=399 => (ErrorKind::InvalidConfiguration, Some("it leads elsewhere; look at the address")),
            _ => (ErrorKind::InvalidInput, None),
        };
        let excerpt = match self.excerpt() {
            empty if empty.is_empty() => String::new(),
            excerpt => format!(": {excerpt}"),
        };
        let error = Error::new(kind, format!("{what} was answered with status {}{excerpt}", self.status));
        Err(match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        })
    }

    /// The beginning of the body in one line, for an error.
    pub fn excerpt(&self) -> String {
        // Four bytes a character at the most, and blanks that are joined.
        let start = &self.body[..self.body.len().min(MOST_QUOTED * 8)];
        let text = String::from_utf8_lossy(start);
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        match line.char_indices().nth(MOST_QUOTED) {
            Some((end, _)) => format!("{}...", &line[..end]),
            None => line,
        }
    }
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_refusal_says_what_was_asked_and_what_was_answered() {
        for (status, body, kind, message) in [
            (
                401,
                "{\n  \"error\": \"no\"\n}",
                ErrorKind::InvalidConfiguration,
                "with status 401: { \"error\": \"no\" }",
            ),
            (404, "", ErrorKind::InvalidConfiguration, "with status 404"),
            (422, "email is taken", ErrorKind::InvalidInput, "with status 422: email is taken"),
            (500, "\u{7}oops", ErrorKind::Retryable, "with status 500: oops"),
        ] {
            let error = response(status, body).success("POST https://a.example/x").unwrap_err();
            assert_eq!((error.kind, error.message), (kind, format!("POST https://a.example/x was answered {message}")));
        }
        assert!(response(204, "").success("it").is_ok());
    }

    #[test]
    fn an_excerpt_is_short_and_whole_characters() {
        assert_eq!(response(200, &"é".repeat(5_000)).excerpt(), format!("{}...", "é".repeat(MOST_QUOTED)));
        assert_eq!(Response { status: 200, headers: vec![], body: vec![0xff, b'a'] }.excerpt(), "\u{fffd}a");
    }

    #[test]
    fn json_that_is_none_is_shown() {
        let error = response(200, "<html>no</html>").json::<serde_json::Value>().unwrap_err();
        assert!(error.message.ends_with("it begins: <html>no</html>"), "{error}");
    }
}
