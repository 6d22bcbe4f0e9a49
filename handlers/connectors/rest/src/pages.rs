//! The pages of a resource, one after the other.

use std::collections::HashSet;

use duckpen::Error;
use duckpen::connectors::{Host, JsonPath, Method, Request, digest, digest_of, url};
use serde_json::{Map, Value};

use crate::configuration::{Configuration, query};
use crate::misconfigured;
use crate::pagination::{Answer, Kind, Next, Pagination};
use crate::parameters::SourceSelection;

/// So many equal pages one behind another are an error.
const MOST_EQUAL_PAGES: u64 = 3;

/// What is asked, whatever the page.
#[derive(Debug, Clone)]
pub struct Resource {
    method: Method,
    address: String,
    headers: Vec<(String, String)>,
    params: Vec<(String, String)>,
    body: Option<Value>,
    data_path: JsonPath,
    pagination: Pagination,
}

impl Resource {
    /// What a selection asks.
    pub fn new(configuration: &Configuration, selection: &SourceSelection) -> Result<Self, Error> {
        configuration.check()?;
        let method = match selection.method.as_deref() {
            None => Method::Get,
            Some(name) => Method::named(name)
                .filter(|method| matches!(method, Method::Get | Method::Post))
                .ok_or_else(|| misconfigured(format!("`method` is GET or POST, not `{name}`")))?,
        };
        let pagination = Pagination::new(selection.pagination.as_ref())?;
        let mut body = selection.body.clone().filter(|body| !body.is_null());
        if body.is_some() && method == Method::Get {
            return Err(misconfigured("`body` needs the `method` POST"));
        }
        if pagination.is_in_body {
            let is_object = body.get_or_insert_with(|| Value::Object(Map::new())).is_object();
            if method == Method::Get || !is_object {
                return Err(misconfigured(
                    "`pagination` in the body needs the `method` POST, and a `body` that is an object",
                ));
            }
        }
        Ok(Self {
            method,
            address: configuration.address(&selection.path)?,
            headers: configuration.headers()?,
            params: query(&selection.params)?,
            body,
            data_path: selection.data_path.clone(),
            pagination,
        })
    }

    /// The same with one parameter of the query, in the place of those of its name.
    #[must_use]
    pub fn with_param(mut self, name: &str, value: String) -> Self {
        self.params.retain(|(found, _)| found != name);
        self.params.push((name.to_owned(), value));
        self
    }

    fn request(&self, next: &Next) -> Request {
        let mut params = self.params.clone();
        let mut body = self.body.clone();
        let mut put = |name: &str, value: String, number: Option<u64>| match &mut body {
            Some(Value::Object(body)) if self.pagination.is_in_body => {
                body.insert(name.to_owned(), number.map_or(Value::String(value), Value::from));
            }
            _ => {
                params.retain(|(found, _)| found != name);
                params.push((name.to_owned(), value));
            }
        };
        if !matches!(next, Next::Address(_)) {
            if let Some((name, size)) = &self.pagination.size {
                put(name, size.to_string(), Some(*size));
            }
            if let Next::Param(name, value) = next {
                let is_number = !matches!(self.pagination.kind, Kind::Cursor { .. });
                put(name, value.clone(), value.parse().ok().filter(|_| is_number));
            }
        }
        let address = match next {
            // It carries its own.
            Next::Address(address) => address.clone(),
            _ => url::with_query(&self.address, params.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
        };
        let mut request = Request::new(self.method, address);
        request.headers.clone_from(&self.headers);
        if let Some(body) = body {
            request.headers.push(("content-type".to_owned(), "application/json".to_owned()));
            request.body = Some(body.to_string().into_bytes());
        }
        // It asks for rows, whatever its method.
        request.is_repeatable = true;
        request
    }
}

/// The pages that are still to come.
#[derive(Debug)]
pub struct Pages {
    host: Host,
    resource: Resource,
    next: Option<Next>,
    /// How many came.
    pages: u64,
    /// Rows of those.
    rows: u64,
    /// What asked for the pages, so that none is asked for twice.
    asked: HashSet<u64>,
    /// A digest of the last page that had rows, and how many pages in a row had it.
    last_rows: Option<u64>,
    equal_pages: u64,
}

impl Pages {
    /// All of them.
    pub fn new(host: Host, resource: Resource) -> Self {
        let next = Some(resource.pagination.first());
        Self { host, resource, next, pages: 0, rows: 0, asked: HashSet::new(), last_rows: None, equal_pages: 0 }
    }

    /// Whether the last one came.
    pub fn is_at_end(&self) -> bool {
        self.next.is_none()
    }

    /// The rows of the next page; None behind the last one.
    pub fn next_page(&mut self) -> Result<Option<Vec<Value>>, Error> {
        let Some(next) = self.next.take() else { return Ok(None) };
        let most = self.resource.pagination.most_pages;
        if self.pages >= most {
            let message = format!("there are more than {most} pages");
            return Err(Error::from(message).with_hint("`pagination.max_pages` sets how many may be read"));
        }
        let request = self.resource.request(&next);
        self.remember(&next, &request)?;
        let page = self.pages + 1;
        let what = format!("{} {}", request.method.as_str(), url::without_query(&request.url));
        let on_page = |error: Error| Error { message: format!("page {page}: {}", error.message), ..error };
        let response = self.host.send(&request).map_err(on_page)?.success(&what).map_err(on_page)?;
        // 204 and the like.
        if response.body.iter().all(u8::is_ascii_whitespace) {
            self.pages = page;
            return Ok(Some(Vec::new()));
        }
        let mut document: Value = response.json().map_err(on_page)?;
        let is_there = self.resource.data_path.find(&document).is_some();
        let missing = (!is_there).then(|| self.resource.data_path.explain(&document));
        let rows = match self.resource.data_path.take(&mut document) {
            Some(Value::Array(rows)) => rows,
            Some(Value::Null) => Vec::new(),
            Some(row) => {
                // It was taken out, and may say what follows.
                let rows = vec![row.clone()];
                if self.resource.data_path == JsonPath::default() {
                    document = row;
                }
                rows
            }
            None => {
                let message = format!("page {page}: there are no rows: {}", missing.unwrap_or_default());
                return Err(Error::from(message).with_hint("`data_path` says where the rows stand in an answer"));
            }
        };
        self.refuse_repetition(page, &rows)?;
        let answer = Answer {
            page: self.pages,
            rows: rows.len(),
            before: self.rows,
            address: &request.url,
            document: &document,
            response: &response,
        };
        self.next = self.resource.pagination.next(&answer).map_err(on_page)?;
        self.pages = page;
        self.rows += rows.len() as u64;
        Ok(Some(rows))
    }

    /// A page that was asked for before would be followed by the same ones for ever.
    fn remember(&mut self, next: &Next, request: &Request) -> Result<(), Error> {
        let mut asked = request.url.clone().into_bytes();
        asked.extend_from_slice(request.body.as_deref().unwrap_or_default());
        if self.asked.insert(digest_of(&asked)) {
            return Ok(());
        }
        let what = match next {
            Next::Param(name, _) => format!("the same `{name}`"),
            _ => "the same address".to_owned(),
        };
        let message = format!("page {}: {what} came twice, so that the pages would never end", self.pages + 1);
        Err(Error::from(message).with_hint("look at what `pagination` reads of an answer"))
    }

    /// Where pages are counted, an API that does not know the parameter gives the first page again and again. Two equal pages
    /// may be what there is, and three are not believed.
    fn refuse_repetition(&mut self, page: u64, rows: &[Value]) -> Result<(), Error> {
        if rows.is_empty() || !matches!(self.resource.pagination.kind, Kind::Page { .. } | Kind::Offset { .. }) {
            return Ok(());
        }
        let digest = rows.iter().fold(0, |sum: u64, row| sum.rotate_left(1) ^ digest(row));
        self.equal_pages = match self.last_rows.replace(digest) {
            Some(last) if last == digest => self.equal_pages + 1,
            _ => 1,
        };
        if self.equal_pages < MOST_EQUAL_PAGES {
            return Ok(());
        }
        let message = format!(
            "pages {} to {page} are the same: the API does not know the parameter",
            page + 1 - MOST_EQUAL_PAGES
        );
        Err(Error::from(message).with_hint("look at `page_param` or `offset_param` of `pagination`"))
    }
}

#[cfg(test)]
mod tests {
    use duckpen::connectors::Response;
    use duckpen::connectors::testing::TestServer;
    use serde_json::json;

    use super::*;

    fn pages(server: &TestServer, selection: Value) -> Pages {
        let configuration: Configuration = serde_json::from_value(json!({"url": "https://a.example/v1"})).unwrap();
        let selection: SourceSelection = serde_json::from_value(selection).unwrap();
        Pages::new(server.host(), Resource::new(&configuration, &selection).unwrap())
    }

    fn all(server: &TestServer, selection: Value) -> Result<Vec<Value>, String> {
        let mut pages = pages(server, selection);
        let mut rows = Vec::new();
        loop {
            match pages.next_page() {
                Ok(Some(page)) => rows.extend(page),
                Ok(None) => return Ok(rows),
                Err(error) => return Err(error.message),
            }
        }
    }

    /// 25 rows in pages of 10, by parameter of the query or of the body.
    fn counted(request: &Request) -> Response {
        let query = url::query(&request.url);
        let body = request.json().unwrap_or_default();
        let number = |name: &str| {
            let in_query = query.iter().find(|(found, _)| found == name).and_then(|(_, value)| value.parse().ok());
            in_query.or(body[name].as_u64())
        };
        let first = match (number("page"), number("offset")) {
            (Some(page), _) => (page - 1) * 10,
            (_, Some(offset)) => offset,
            _ => 0,
        };
        let rows: Vec<_> = (first..25.min(first + 10)).map(|id| json!({"id": id})).collect();
        Response::json_of(200, &json!({"data": {"items": rows}}))
    }

    #[test]
    fn pages_follow_each_other_to_the_last() {
        for (pagination, requests) in [
            (json!({"type": "page", "page_size": 10}), 3),
            (json!({"type": "page"}), 4),
            (json!({"type": "offset", "page_size": 10}), 3),
            (json!({"type": "page", "page_size": 10, "in": "body"}), 3),
        ] {
            let server = TestServer::new(counted);
            let method = if pagination["in"] == "body" { "POST" } else { "GET" };
            let selection = json!({"data_path": "data.items", "pagination": pagination, "method": method});
            assert_eq!(all(&server, selection).unwrap().len(), 25, "{pagination}");
            assert_eq!(server.requests().len(), requests, "{pagination}");
            assert!(server.requests().iter().all(|request| request.is_repeatable));
        }
    }

    #[test]
    fn links_are_followed_with_what_they_say_and_no_more() {
        let server = TestServer::new(|request| match request.url.as_str() {
            "https://a.example/v1/orders?status=open" => Response {
                headers: vec![("link".to_owned(), "</v1/orders?token=2>; rel=\"next\"".to_owned())],
                ..Response::json_of(200, &json!([{"id": 1}]))
            },
            "https://a.example/v1/orders?token=2" => Response::json_of(200, &json!([{"id": 2}])),
            other => Response::json_of(404, &json!(other)),
        });
        let selection = json!({"path": "orders", "params": {"status": "open"}, "pagination": {"type": "link_header"}});
        assert_eq!(all(&server, selection), Ok(vec![json!({"id": 1}), json!({"id": 2})]));
    }

    #[test]
    fn pages_that_would_never_end_are_an_error() {
        for (pagination, expected) in [
            (json!({"type": "page"}), "pages 1 to 3 are the same: the API does not know the parameter"),
            (json!({"type": "cursor"}), "page 3: the same `cursor` came twice, so that the pages would never end"),
            (
                json!({"type": "next_link", "next_path": "here"}),
                "page 2: the same address came twice, so that the pages would never end",
            ),
            (json!({"type": "next_link", "next_path": "there", "max_pages": 3}), "there are more than 3 pages"),
        ] {
            let server = TestServer::new(|request| {
                let there = format!("{}?x", request.url);
                let answer = json!({"rows": [{"id": 1}], "next_cursor": "a", "here": "/v1", "there": there});
                Response::json_of(200, &answer)
            });
            let selection = json!({"data_path": "rows", "pagination": pagination});
            assert_eq!(all(&server, selection).unwrap_err(), expected, "{pagination}");
        }
    }

    #[test]
    fn what_an_answer_is_not_is_said() {
        for (status, body, selection, expected) in [
            (
                200,
                "{\"items\": []}",
                json!({"data_path": "data"}),
                "page 1: there are no rows: the answer has the keys items, and no `data`",
            ),
            (
                200,
                "<html>",
                json!({}),
                "page 1: the answer is not the JSON that is expected: expected value at line 1 column 1; it begins: <html>",
            ),
            (422, "no", json!({}), "page 1: GET https://a.example/v1 was answered with status 422: no"),
        ] {
            let body = body.to_owned();
            let server =
                TestServer::new(move |_| Response { status, headers: Vec::new(), body: body.clone().into_bytes() });
            assert_eq!(all(&server, selection).unwrap_err(), expected);
        }
    }

    #[test]
    fn what_is_no_list_is_one_row_and_nothing_is_none() {
        for (body, selection, expected) in [
            ("{\"id\": 1}", json!({}), json!([{"id": 1}])),
            ("{\"data\": {\"id\": 1}}", json!({"data_path": "data"}), json!([{"id": 1}])),
            ("{\"data\": null}", json!({"data_path": "data"}), json!([])),
            ("[1, \"a\"]", json!({}), json!([1, "a"])),
            (" ", json!({}), json!([])),
        ] {
            let answer = body.to_owned();
            let server = TestServer::new(move |_| Response {
                status: 200,
                headers: Vec::new(),
                body: answer.clone().into_bytes(),
            });
            let rows = all(&server, selection).unwrap();
            assert_eq!(Value::Array(rows), expected, "{body}");
        }
    }
}
