//! What there is in a shop, and its columns.

use duckpen::Error;
use duckpen::connectors::{JsonColumn, JsonPath};

use crate::Selection;

/// The streams' names.
pub const NAMES: [&str; 3] = ["orders", "customers", "products"];

/// Under this key a row of an order has its one line item.
pub const LINE_ITEM: &str = "line_item";

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

const LINE_ITEMS: &[Column] = &[
    ("line_item_id", "BIGINT", "line_item.id"),
    ("line_item_product_id", "BIGINT", "line_item.product_id"),
    ("line_item_variant_id", "BIGINT", "line_item.variant_id"),
    ("line_item_title", "VARCHAR", "line_item.title"),
    ("line_item_variant_title", "VARCHAR", "line_item.variant_title"),
    ("line_item_sku", "VARCHAR", "line_item.sku"),
    ("line_item_vendor", "VARCHAR", "line_item.vendor"),
    ("line_item_quantity", "BIGINT", "line_item.quantity"),
    ("line_item_price", MONEY, "line_item.price"),
    ("line_item_total_discount", MONEY, "line_item.total_discount"),
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
            Self::Orders => "Orders, open and closed; one row each, or one for each line item",
            Self::Customers => "Customers, with their first address",
            Self::Products => "Products; variants are a list of JSON",
        }
    }

    /// Its columns. What has no column of its own and is wanted is a column of JSON.
    pub fn columns(self, selection: &Selection) -> Result<Vec<JsonColumn>, Error> {
        let mut columns: Vec<&Column> = match self {
            Self::Orders => ORDERS.iter().collect(),
            Self::Customers => CUSTOMERS.iter().collect(),
            Self::Products => PRODUCTS.iter().collect(),
        };
        if self == Self::Orders {
            match selection.flatten_line_items {
                true => columns.extend(LINE_ITEMS),
                false => columns.push(&("line_items", "VARCHAR", "")),
            }
            if selection.include_fulfillments {
                columns.push(&("fulfillments", "VARCHAR", ""));
            }
            if selection.include_refunds {
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
