//! The first-party connector `shopify`: orders, customers and products of a shop, through Shopify's Admin REST API.
//!
//! The access token goes into the header `X-Shopify-Access-Token`, which the host does: it never comes here. Pages follow
//! each other by the header `Link`. A read goes on by `updated_at`.

mod items;
mod relation;
mod streams;

use duckpen::connectors::{
    Authentication, Connector, Dataset, Host, JsonColumn, Kind, Parameter, Response, Source, url,
};
use duckpen::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::Value;

pub use relation::{Reader, Records};
use streams::Stream;

/// The version of the API, unless it is said otherwise. Shopify answers one that it no longer has with its oldest.
const API_VERSION: &str = "2025-01";

/// The connector.
#[derive(Debug)]
pub struct Shopify;

/// Which shop.
#[derive(Debug, Clone, Deserialize)]
pub struct Configuration {
    /// `quack.myshopify.com`
    shop_domain: String,
    api_version: Option<String>,
    base_url: Option<String>,
}

/// What of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Selection {
    stream: Option<String>,
    start_date: Option<String>,
    flatten_line_items: Option<bool>,
    include_fulfillments: Option<bool>,
    include_refunds: Option<bool>,
    financial_status_filter: Vec<String>,
    fulfillment_status_filter: Vec<String>,
}

impl Selection {
    /// Whether each line item of an order is a row.
    fn is_flattened(&self) -> bool {
        self.flatten_line_items.unwrap_or(true)
    }
}

impl Connector for Shopify {
    type Configuration = Configuration;

    const NAME: &'static str = "shopify";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOC: &'static str = "Orders, customers and products of a shop of Shopify.";

    fn parameters() -> Vec<Parameter> {
        vec![
            Parameter::required("shop_domain", Kind::Url, "The shop's own domain: quack.myshopify.com"),
            Parameter::required("access_token", Kind::Secret, "The token of an app that the shop has installed"),
            Parameter::optional("api_version", Kind::Text, "Such as 2025-01, which it is if not given"),
            Parameter::optional("base_url", Kind::Url, "Where the API is asked, if not at the shop's domain"),
        ]
    }

    fn authentication() -> Vec<Authentication> {
        vec![Authentication::Header("X-Shopify-Access-Token", "access_token")]
    }

    fn check(configuration: Configuration, host: &Host) -> Result<String, Error> {
        let answer: Value = get(host, &configuration.address("shop")?)?.json()?;
        let name = answer.pointer("/shop/name").and_then(Value::as_str);
        let name: String = name.ok_or("the answer names no shop")?.chars().take(100).collect();
        Ok(format!("Shopify shop {name}, API {}", configuration.version()?))
    }
}

impl Source for Shopify {
    type Selection = Selection;
    type Relation = Records;

    fn source_parameters() -> Vec<Parameter> {
        vec![
            Parameter::optional("stream", Kind::Text, "What is read; orders if not given").one_of(&streams::NAMES),
            Parameter::optional("start_date", Kind::Text, "What was last updated before is left out: 2025-01-31"),
            Parameter::optional("flatten_line_items", Kind::Flag, "orders: whether each line item is a row; true"),
            Parameter::optional(
                "include_fulfillments",
                Kind::Flag,
                "orders: whether there is a column of fulfillments",
            ),
            Parameter::optional("include_refunds", Kind::Flag, "orders: whether there is a column of refunds"),
            Parameter::optional("financial_status_filter", Kind::Texts, "orders: only those of these: paid, refunded"),
            Parameter::optional("fulfillment_status_filter", Kind::Texts, "orders: only those of these: fulfilled"),
            Parameter::optional(
                "lookback_window",
                Kind::Text,
                "Taken, and not needed: what is changed has a later updated_at",
            ),
            Parameter::optional("cursor_field", Kind::Text, "What an incremental read goes on by")
                .one_of(&["updated_at"]),
        ]
    }

    fn discover(configuration: Configuration, host: &Host) -> Result<Vec<Dataset>, Error> {
        // Whether it may be read is known here and not later.
        Self::check(configuration, host)?;
        let dataset = |stream: Stream| {
            Ok(Dataset {
                name: stream.name().to_owned(),
                fields: stream.columns(&Selection::default())?.iter().map(JsonColumn::field).collect(),
                primary_key: stream.key().iter().map(|&column| column.to_owned()).collect(),
                is_incremental: true,
                doc: Some(stream.doc().to_owned()),
            })
        };
        Stream::ALL.into_iter().map(dataset).collect()
    }

    fn open(configuration: Configuration, selection: Selection, host: &Host) -> Result<Records, Error> {
        let name = selection.stream.as_deref().unwrap_or("orders");
        let stream = Stream::named(name).ok_or_else(|| {
            let hint = match duckpen::did_you_mean(name, streams::NAMES) {
                Some(near) => format!("Did you mean '{near}'?"),
                None => format!("there are {}", streams::NAMES.join(", ")),
            };
            misconfigured(format!("there is no stream `{name}`")).with_hint(hint)
        })?;
        let flags = [selection.flatten_line_items, selection.include_fulfillments, selection.include_refunds];
        let of_orders = flags.contains(&Some(true))
            || !selection.financial_status_filter.is_empty()
            || !selection.fulfillment_status_filter.is_empty();
        if of_orders && stream != Stream::Orders {
            let message = format!("the stream `{name}` has no line items, fulfillments, refunds and statuses");
            return Err(misconfigured(message).with_hint("those are of orders"));
        }
        Records::new(stream, &selection, configuration.address(stream.name())?, host)
    }
}

impl Configuration {
    /// Where a resource is.
    fn address(&self, resource: &str) -> Result<String, Error> {
        let base = url::complete(self.base_url.as_deref().unwrap_or(&self.shop_domain));
        let Some(origin) = url::origin(&base) else {
            let message = format!("`{}` is no domain of a shop", self.shop_domain);
            return Err(misconfigured(message).with_hint("write it as quack.myshopify.com"));
        };
        Ok(format!("{origin}/admin/api/{}/{resource}.json", self.version()?))
    }

    /// The version of the API, which is a part of each address.
    fn version(&self) -> Result<&str, Error> {
        let version = self.api_version.as_deref().unwrap_or(API_VERSION);
        let is_month = version.len() == 7 && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        if is_month || version == "unstable" {
            return Ok(version);
        }
        Err(misconfigured(format!("`{version}` is no version of the API")).with_hint("write it as 2025-01"))
    }
}

/// An answer of the shop, with what can be done where it refuses.
fn get(host: &Host, address: &str) -> Result<Response, Error> {
    let response = host.get(address).header("accept", "application/json").send()?;
    let what = format!("GET {}", url::without_query(address));
    response.success(&what).map_err(|error| match error.kind {
        ErrorKind::InvalidConfiguration => {
            error.with_hint("look at `access_token`, what its app may read, and `shop_domain`")
        }
        _ => error,
    })
}

/// An error about a parameter.
fn misconfigured(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidConfiguration, message)
}

duckpen::connector!(Shopify: source);
