//! What there is in a shop, and its columns.

use duckpen::Error;
use duckpen::connectors::{JsonColumn, JsonPath};

use crate::Selection;

/// The streams' names.
pub const NAMES: [&str; 3] = ["orders", "customers", "products"];

/// Under this key a row of an order has its one line item.
pub const LINE_ITEM: &str = "line_item";

/// Under these keys it has what is computed.
pub const CUSTOMER_EMAIL: &str = "customer_email";
pub const TOTAL_REFUNDED: &str = "total_refunded";
pub const LINE_TOTAL: &str = "line_total";

/// Name, type and path of a column; the path is the name where it is empty.
type Column = (&'static str, &'static str, &'static str);

const MOMENT: &str = "TIMESTAMP WITH TIME ZONE";
const MONEY: &str = "DECIMAL(18,2)";

const ORDERS: &[Column] = &[
    ("id", "BIGINT", ""),
    ("order_number", "BIGINT", ""),
    ("name", "VARCHAR", ""),
    ("email", "VARCHAR", ""),
    ("created_at", MOMENT, ""),
    ("updated_at", MOMENT, ""),
    ("processed_at", MOMENT, ""),
    ("closed_at", MOMENT, ""),
    ("cancelled_at", MOMENT, ""),
    ("cancel_reason", "VARCHAR", ""),
    ("currency", "VARCHAR", ""),
    ("total_price", MONEY, ""),
    ("subtotal_price", MONEY, ""),
    ("total_tax", MONEY, ""),
    ("total_discounts", MONEY, ""),
    ("financial_status", "VARCHAR", ""),
    ("fulfillment_status", "VARCHAR", ""),
    ("customer_id", "BIGINT", "customer.id"),
    ("customer_email", "VARCHAR", "customer.email"),
    ("shipping_country_code", "VARCHAR", "shipping_address.country_code"),
    ("tags", "VARCHAR", ""),
    ("note", "VARCHAR", ""),
    ("test", "BOOLEAN", ""),
];

/// Those of orders of which each line item is a row, with SQLFlow's names.
const ORDER_ITEMS: &[Column] = &[
    ("order_id", "BIGINT", "id"),
    ("order_number", "BIGINT", ""),
    ("order_name", "VARCHAR", "name"),
    ("customer_id", "BIGINT", "customer.id"),
    ("customer_email", "VARCHAR", CUSTOMER_EMAIL),
    ("customer_first_name", "VARCHAR", "customer.first_name"),
    ("customer_last_name", "VARCHAR", "customer.last_name"),
    ("total_price", MONEY, ""),
    ("subtotal_price", MONEY, ""),
    ("total_tax", MONEY, ""),
    ("total_discounts", MONEY, ""),
    ("total_refunded", MONEY, TOTAL_REFUNDED),
    ("currency", "VARCHAR", ""),
    ("financial_status", "VARCHAR", ""),
    ("fulfillment_status", "VARCHAR", ""),
    ("cancelled_at", MOMENT, ""),
    ("created_at", MOMENT, ""),
    ("updated_at", MOMENT, ""),
    ("processed_at", MOMENT, ""),
    ("billing_country", "VARCHAR", "billing_address.country"),
    ("billing_province", "VARCHAR", "billing_address.province"),
    ("billing_city", "VARCHAR", "billing_address.city"),
    ("billing_zip", "VARCHAR", "billing_address.zip"),
    ("shipping_country", "VARCHAR", "shipping_address.country"),
    ("shipping_province", "VARCHAR", "shipping_address.province"),
    ("shipping_city", "VARCHAR", "shipping_address.city"),
    ("shipping_zip", "VARCHAR", "shipping_address.zip"),
    ("tracking_company", "VARCHAR", "fulfillments[0].tracking_company"),
    ("tracking_number", "VARCHAR", "fulfillments[0].tracking_number"),
    ("tracking_url", "VARCHAR", "fulfillments[0].tracking_url"),
    ("fulfillment_created_at", MOMENT, "fulfillments[0].created_at"),
    ("fulfillment_updated_at", MOMENT, "fulfillments[0].updated_at"),
    ("line_item_id", "BIGINT", "line_item.id"),
    ("product_id", "BIGINT", "line_item.product_id"),
    ("variant_id", "BIGINT", "line_item.variant_id"),
    ("sku", "VARCHAR", "line_item.sku"),
    ("product_title", "VARCHAR", "line_item.title"),
    ("variant_title", "VARCHAR", "line_item.variant_title"),
    ("vendor", "VARCHAR", "line_item.vendor"),
    ("quantity", "BIGINT", "line_item.quantity"),
    ("line_item_price", MONEY, "line_item.price"),
    ("line_total", MONEY, LINE_TOTAL),
    ("line_item_total_discount", MONEY, "line_item.total_discount"),
    ("line_item_grams", "BIGINT", "line_item.grams"),
    ("line_item_requires_shipping", "BOOLEAN", "line_item.requires_shipping"),
    ("line_item_taxable", "BOOLEAN", "line_item.taxable"),
    ("line_item_fulfillment_service", "VARCHAR", "line_item.fulfillment_service"),
    ("tags", "VARCHAR", ""),
    ("note", "VARCHAR", ""),
    ("test", "BOOLEAN", ""),
];

const CUSTOMERS: &[Column] = &[
    ("id", "BIGINT", ""),
    ("email", "VARCHAR", ""),
    ("first_name", "VARCHAR", ""),
    ("last_name", "VARCHAR", ""),
    ("phone", "VARCHAR", ""),
    ("created_at", MOMENT, ""),
    ("updated_at", MOMENT, ""),
    ("state", "VARCHAR", ""),
    ("orders_count", "BIGINT", ""),
    ("total_spent", MONEY, ""),
    ("currency", "VARCHAR", ""),
    ("verified_email", "BOOLEAN", ""),
    ("country_code", "VARCHAR", "default_address.country_code"),
    ("city", "VARCHAR", "default_address.city"),
    ("tags", "VARCHAR", ""),
    ("note", "VARCHAR", ""),
    ("addresses", "VARCHAR", ""),
];

const PRODUCTS: &[Column] = &[
    ("id", "BIGINT", ""),
    ("title", "VARCHAR", ""),
    ("handle", "VARCHAR", ""),
    ("vendor", "VARCHAR", ""),
    ("product_type", "VARCHAR", ""),
    ("status", "VARCHAR", ""),
    ("created_at", MOMENT, ""),
    ("updated_at", MOMENT, ""),
    ("published_at", MOMENT, ""),
    ("body_html", "VARCHAR", ""),
    ("tags", "VARCHAR", ""),
    ("variants", "VARCHAR", ""),
    ("options", "VARCHAR", ""),
];

/// Something that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Orders,
    Customers,
    Products,
}

impl Stream {
    pub const ALL: [Self; 3] = [Self::Orders, Self::Customers, Self::Products];

    /// The stream of a name, in any case of letters.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stream| stream.name().eq_ignore_ascii_case(name))
    }

    /// As it stands in addresses and answers.
    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    pub fn doc(self) -> &'static str {
        match self {
            Self::Orders => "Orders, open and closed; a row for each line item, or one each",
            Self::Customers => "Customers, with their first address",
            Self::Products => "Products; variants are a list of JSON",
        }
    }

    /// The columns that tell its rows apart.
    pub fn key(self) -> &'static [&'static str] {
        match self {
            Self::Orders => &["order_id", "line_item_id"],
            Self::Customers | Self::Products => &["id"],
        }
    }

    /// Its columns. What has no column of its own and is wanted is a column of JSON.
    pub fn columns(self, selection: &Selection) -> Result<Vec<JsonColumn>, Error> {
        let mut columns: Vec<&Column> = match self {
            Self::Orders if selection.is_flattened() => ORDER_ITEMS.iter().collect(),
            Self::Orders => ORDERS.iter().chain(&[("line_items", "VARCHAR", "")]).collect(),
            Self::Customers => CUSTOMERS.iter().collect(),
            Self::Products => PRODUCTS.iter().collect(),
        };
        if self == Self::Orders {
            if selection.include_fulfillments == Some(true) {
                columns.push(&("fulfillments", "VARCHAR", ""));
            }
            if selection.include_refunds == Some(true) {
                columns.push(&("refunds", "VARCHAR", ""));
            }
        }
        let column = |(name, logical_type, path): &Column| match *path {
            "" => JsonColumn::of_key(name, logical_type),
            path => JsonColumn::new(*name, path.parse::<JsonPath>()?, logical_type),
        };
        columns.into_iter().map(column).collect()
    }
}
