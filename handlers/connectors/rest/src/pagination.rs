//! How one page follows another.

use duckpen::Error;
use duckpen::connectors::{JsonPath, Response, kind_of, url};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::misconfigured;

/// Pages of a read, unless it is said otherwise.
const MOST_PAGES: u64 = 10_000;

/// What users say.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    #[serde(rename = "type")]
    kind: Option<String>,
    page_param: Option<String>,
    start_page: Option<u64>,
    offset_param: Option<String>,
    size_param: Option<String>,
    page_size: Option<u64>,
    cursor_param: Option<String>,
    cursor_path: Option<JsonPath>,
    next_path: Option<JsonPath>,
    has_more_path: Option<JsonPath>,
    max_pages: Option<u64>,
    #[serde(rename = "in")]
    place: Option<String>,
    /// SQLFlow asks for pages beside one another; here one follows the other.
    parallel_safe: Option<IgnoredAny>,
}

/// How one page follows another, and how many there may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Pagination {
    /// How.
    pub kind: Kind,
    /// Name and number that ask for so many rows a page.
    pub size: Option<(String, u64)>,
    /// Where the answer says whether there is more; it may say so besides.
    pub has_more: Option<JsonPath>,
    /// Whether the parameters stand in the body that is sent, and not in the query.
    pub is_in_body: bool,
    /// More pages are an error.
    pub most_pages: u64,
}

/// How one page follows another.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// There is one page.
    None,
    /// Pages are counted.
    Page {
        /// The parameter.
        param: String,
        /// The number of the first page.
        first: u64,
    },
    /// Rows are counted.
    Offset {
        /// The parameter.
        param: String,
    },
    /// An answer has what asks for the next one.
    Cursor {
        /// The parameter.
        param: String,
        /// Where it stands in the answer.
        path: JsonPath,
    },
    /// An answer has the address of the next one.
    NextLink {
        /// Where it stands.
        path: JsonPath,
    },
    /// The header `Link` has it.
    LinkHeader,
}

/// What asks for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The first page.
    First,
    /// A parameter with this value.
    Param(String, String),
    /// An address.
    Address(String),
}

impl Pagination {
    /// Reads what users say.
    pub fn new(options: Option<&Value>) -> Result<Self, Error> {
        let options = match options {
            None | Some(Value::Null) => {
                return Self::of(Options { kind: Some("none".to_owned()), ..Options::default() });
            }
            Some(options @ Value::Object(_)) => options,
            Some(_) => return Err(misconfigured("`pagination` has to be an object")),
        };
        Self::of(Options::deserialize(options).map_err(|error| misconfigured(format!("`pagination`: {error}")))?)
    }

    fn of(options: Options) -> Result<Self, Error> {
        let kind = match options.kind.as_deref().map(str::to_ascii_lowercase) {
            Some(kind) => kind,
            None if options.cursor_param.is_some() || options.cursor_path.is_some() => "cursor".to_owned(),
            None if options.next_path.is_some() => "next_link".to_owned(),
            None if options.offset_param.is_some() => "offset".to_owned(),
            None if options.page_param.is_some() || options.size_param.is_some() || options.page_size.is_some() => {
                "page".to_owned()
            }
            None => "none".to_owned(),
        };
        let param = |given: Option<String>, usual: &str| given.unwrap_or_else(|| usual.to_owned());
        let path = |given: Option<JsonPath>, usual: &str| given.map_or_else(|| usual.parse(), Ok);
        let usual_size_param = if kind == "offset" { "limit" } else { "page_size" };
        let kind = match kind.as_str() {
            "none" => Kind::None,
            "page" | "page_number" => {
                Kind::Page { param: param(options.page_param, "page"), first: options.start_page.unwrap_or(1) }
            }
            "offset" => Kind::Offset { param: param(options.offset_param, "offset") },
            "cursor" => Kind::Cursor {
                param: param(options.cursor_param, "cursor"),
                path: path(options.cursor_path, "next_cursor")?,
            },
            "next_link" => Kind::NextLink { path: path(options.next_path, "next")? },
            "link_header" => Kind::LinkHeader,
            other => {
                let hint = "there are none, page, offset, cursor, next_link and link_header";
                return Err(misconfigured(format!("`pagination`: there is no type `{other}`")).with_hint(hint));
            }
        };
        let size = match (options.size_param, options.page_size) {
            (Some(param), Some(size)) => Some((param, size)),
            (None, Some(size)) => Some((usual_size_param.to_owned(), size)),
            (Some(_), None) => return Err(misconfigured("`pagination`: `size_param` needs a `page_size`")),
            (None, None) => None,
        };
        if size.as_ref().is_some_and(|(_, size)| *size == 0) {
            return Err(misconfigured("`pagination`: `page_size` has to be 1 or more"));
        }
        let is_in_body = match options.place.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("query") => false,
            Some("body") => true,
            Some(_) => return Err(misconfigured("`pagination`: `in` is query or body")),
        };
        let most_pages = options.max_pages.unwrap_or(MOST_PAGES).max(1);
        Ok(Self { kind, size, has_more: options.has_more_path, is_in_body, most_pages })
    }

    /// What asks for the first page.
    pub fn first(&self) -> Next {
        match &self.kind {
            Kind::Page { param, first } => Next::Param(param.clone(), first.to_string()),
            Kind::Offset { param } => Next::Param(param.clone(), "0".to_owned()),
            _ => Next::First,
        }
    }

    /// What asks for the page behind an answer; None behind the last one. `page` is its number from 0, `rows` how many it
    /// has, `before` how many all the ones before it had, `address` where it came from.
    pub fn next(&self, answer: &Answer<'_>) -> Result<Option<Next>, Error> {
        if self.has_more.as_ref().is_some_and(|path| path.find(answer.document).is_none_or(says_no)) {
            return Ok(None);
        }
        let is_full = match &self.size {
            Some((_, size)) => answer.rows as u64 >= *size,
            None => answer.rows > 0,
        };
        match &self.kind {
            Kind::None => Ok(None),
            Kind::Page { param, first } => {
                Ok(is_full.then(|| Next::Param(param.clone(), first.saturating_add(answer.page + 1).to_string())))
            }
            Kind::Offset { param } => {
                let offset = answer.before + answer.rows as u64;
                Ok(is_full.then(|| Next::Param(param.clone(), offset.to_string())))
            }
            Kind::Cursor { param, path } => {
                let cursor = match path.find(answer.document) {
                    None => return Ok(None),
                    Some(cursor) if says_no(cursor) => return Ok(None),
                    Some(Value::String(cursor)) => cursor.clone(),
                    Some(cursor @ Value::Number(_)) => cursor.to_string(),
                    Some(other) => {
                        let kind = kind_of(other);
                        return Err(Error::from(format!("`{path}` is {kind}, and no cursor of the next page")));
                    }
                };
                Ok(Some(Next::Param(param.clone(), cursor)))
            }
            Kind::NextLink { path } => match path.find(answer.document) {
                None => Ok(None),
                Some(link) if says_no(link) => Ok(None),
                Some(Value::String(link)) => Ok(Some(Next::Address(url::next_page(answer.address, link)?))),
                Some(other) => {
                    Err(Error::from(format!("`{path}` is {}, and no address of the next page", kind_of(other))))
                }
            },
            Kind::LinkHeader => match answer.response.link("next") {
                Some(link) => Ok(Some(Next::Address(url::next_page(answer.address, &link)?))),
                None => Ok(None),
            },
        }
    }
}

/// An answer, as what follows it depends on it.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The number of the page, from 0.
    pub page: u64,
    /// How many rows it has.
    pub rows: usize,
    /// How many the pages before it had.
    pub before: u64,
    /// Where it came from.
    pub address: &'a str,
    /// Its body.
    pub document: &'a Value,
    /// The whole of it.
    pub response: &'a Response,
}

/// `null`, `false` and an empty text.
fn says_no(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn after(options: Value, document: Value, link: Option<&str>, rows: usize) -> Result<Option<Next>, String> {
        let pagination = Pagination::new(Some(&options)).map_err(|error| error.message)?;
        let headers = link.map(|link| ("link".to_owned(), link.to_owned())).into_iter().collect();
        let response = Response { status: 200, headers, body: Vec::new() };
        let address = "https://a.example/v1/orders?page=1";
        let answer = Answer { page: 2, rows, before: 200, address, document: &document, response: &response };
        pagination.next(&answer).map_err(|error| error.message)
    }

    #[test]
    fn each_kind_has_its_next_page() {
        let param = |name: &str, value: &str| Ok(Some(Next::Param(name.to_owned(), value.to_owned())));
        let address = |address: &str| Ok(Some(Next::Address(address.to_owned())));
        let nothing = json!({});
        for (options, document, link, rows, expected) in [
            (json!({}), nothing.clone(), None, 100, Ok(None)),
            (
                json!({"page_param": "p", "page_size": 100, "parallel_safe": true}),
                nothing.clone(),
                None,
                100,
                param("p", "4"),
            ),
            (json!({"page_param": "p", "page_size": 100}), nothing.clone(), None, 99, Ok(None)),
            (json!({"page_param": "p", "start_page": 0}), nothing.clone(), None, 1, param("p", "3")),
            (json!({"type": "page"}), nothing.clone(), None, 0, Ok(None)),
            (json!({"offset_param": "skip", "page_size": 50}), nothing.clone(), None, 50, param("skip", "250")),
            (json!({"type": "cursor"}), json!({"next_cursor": "abc"}), None, 0, param("cursor", "abc")),
            (
                json!({"cursor_param": "after", "cursor_path": "meta.end"}),
                json!({"meta": {"end": 7}}),
                None,
                1,
                param("after", "7"),
            ),
            (json!({"cursor_param": "after"}), json!({"next_cursor": null}), None, 1, Ok(None)),
            (json!({"cursor_param": "after"}), json!({"next_cursor": ""}), None, 1, Ok(None)),
            (
                json!({"cursor_param": "after", "has_more_path": "more"}),
                json!({"next_cursor": "x", "more": false}),
                None,
                1,
                Ok(None),
            ),
            (
                json!({"next_path": "links.next"}),
                json!({"links": {"next": "?page=2"}}),
                None,
                1,
                address("https://a.example/v1/orders?page=2"),
            ),
            (
                json!({"next_path": "next"}),
                json!({"next": "http://a.example/x"}),
                None,
                1,
                address("https://a.example/x"),
            ),
            (json!({"next_path": "next"}), json!({}), None, 1, Ok(None)),
            (
                json!({"type": "link_header"}),
                nothing.clone(),
                Some("</x?p=2>; rel=next"),
                1,
                address("https://a.example/x?p=2"),
            ),
            (json!({"type": "link_header"}), nothing.clone(), Some("</x>; rel=prev"), 1, Ok(None)),
        ] {
            assert_eq!(after(options.clone(), document, link, rows), expected, "{options}");
        }
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        for (options, document, expected) in [
            (json!({"page_parm": "p"}), json!({}), "`pagination`: unknown field `page_parm`"),
            (json!({"type": "pages"}), json!({}), "`pagination`: there is no type `pages`"),
            (json!({"type": "page", "page_size": 0}), json!({}), "`page_size` has to be 1 or more"),
            (json!({"size_param": "n"}), json!({}), "`size_param` needs a `page_size`"),
            (json!([1]), json!({}), "`pagination` has to be an object"),
            (json!({"type": "cursor"}), json!({"next_cursor": [1]}), "`next_cursor` is a list, and no cursor"),
            (
                json!({"next_path": "next"}),
                json!({"next": "https://b.example/x?key=1"}),
                "`https://b.example/x`, leads to another host",
            ),
            (json!({"next_path": "next"}), json!({"next": "javascript:x"}), "is no address"),
            (json!({"next_path": "next"}), json!({"next": 1}), "`next` is a number, and no address"),
        ] {
            let found = after(options.clone(), document, None, 1).unwrap_err();
            assert!(found.contains(expected), "{options}: {found}");
        }
    }
}
