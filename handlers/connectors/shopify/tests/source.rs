//! A shop, against a double of Shopify's API.
#![allow(clippy::unwrap_used, missing_docs)]

use duckpen::ErrorKind;
use duckpen::connectors::testing::{self, TestServer};
use duckpen::connectors::{Connector, Relation, Request, Response, Source, url};
use duckpen_connector_shopify::{Records, Shopify};
use serde_json::{Value, json};

const API: &str = "https://quack.myshopify.com/admin/api/2025-01";

fn order(id: i64, updated_at: &str, items: usize) -> Value {
    let item = |number| json!({"id": id * 10 + number, "title": "Duck", "quantity": 2, "price": "4.95"});
    json!({
        "id": id, "order_number": 1000 + id, "name": format!("#{id}"), "updated_at": updated_at, "total_price": "9.90",
        "currency": "EUR", "customer": {"id": 7, "email": "ada@example.com"}, "test": false,
        "line_items": (0..items as i64).map(item).collect::<Vec<_>>(), "refunds": [],
    })
}

/// Three orders on two pages; what was updated before `updated_at_min` is left out, and what was at it is not.
fn shop(request: &Request) -> Response {
    let query = url::query(&request.url);
    let param = |name: &str| query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    match url::without_query(&request.url).strip_prefix(API) {
        Some("/shop.json") => Response::json_of(200, &json!({"shop": {"name": "quack"}})),
        Some("/orders.json") if param("page_info") == Some("two") => {
            Response::json_of(200, &json!({"orders": [order(3, "2025-01-02T01:00:00+01:00", 0)]}))
        }
        Some("/orders.json") => {
            let since = param("updated_at_min").unwrap_or_default();
            let orders = [order(1, "2025-01-01T00:00:00Z", 1), order(2, "2025-01-02T00:00:00Z", 2)];
            let orders: Vec<_> =
                orders.into_iter().filter(|order| order["updated_at"].as_str().unwrap() >= since).collect();
            let link = format!("<{API}/orders.json?limit=250&page_info=two>; rel=\"next\"");
            Response { headers: vec![("link".to_owned(), link)], ..Response::json_of(200, &json!({"orders": orders})) }
        }
        Some("/products.json") => Response::json_of(403, &json!({"errors": "[API] read_products is needed"})),
        _ => Response::json_of(404, &json!({"errors": "Not Found"})),
    }
}

fn open(server: &TestServer, selection: Value) -> Result<Records, duckpen::Error> {
    let configuration = json!({"shop_domain": "quack.myshopify.com", "access_token": true});
    let selection = testing::parameters(selection)?;
    <Shopify as Source>::open(testing::parameters(configuration)?, selection, &server.host())
}

fn column(rows: &[Value], name: &str) -> Vec<Value> {
    rows.iter().map(|row| row[name].clone()).collect()
}

#[test]
fn orders_come_page_by_page_with_types() {
    let server = TestServer::new(shop);
    let orders = open(&server, json!({"flatten_line_items": false})).unwrap();
    assert!(server.requests().is_empty(), "the columns are known");
    let read = testing::read(&orders, None).unwrap();
    assert_eq!(column(&read.rows, "id"), [1, 2, 3]);
    let first = &read.rows[0];
    assert_eq!((&first["total_price"], &first["customer_id"]), (&json!(9.9), &json!(7)));
    assert_eq!(read.rows[2]["updated_at"], "2025-01-02T00:00:00Z");
    assert!(first["line_items"].as_str().unwrap().starts_with("[{\"id\":10,"));
    let asked: Vec<_> = server.requests().into_iter().map(|request| request.url).collect();
    let pages =
        [format!("{API}/orders.json?limit=250&status=any"), format!("{API}/orders.json?limit=250&page_info=two")];
    assert_eq!(asked, pages);
    let types: Vec<_> = orders.fields().into_iter().map(|field| field.logical_type).collect();
    assert_eq!(
        (types[0].as_str(), types[4].as_str(), types[11].as_str()),
        ("BIGINT", "TIMESTAMP WITH TIME ZONE", "DECIMAL(18,2)")
    );
}

#[test]
fn each_line_item_is_a_row_with_the_names_of_sqlflow() {
    let server = TestServer::new(shop);
    let orders = open(&server, json!({"include_refunds": true})).unwrap();
    let read = testing::read(&orders, None).unwrap();
    assert_eq!(column(&read.rows, "order_id"), [1, 2, 2, 3]);
    assert_eq!(column(&read.rows, "line_item_id"), [json!(10), json!(20), json!(21), Value::Null]);
    assert_eq!(column(&read.rows, "line_item_price"), [json!(4.95), json!(4.95), json!(4.95), Value::Null]);
    assert_eq!(column(&read.rows, "line_total"), [json!(9.9), json!(9.9), json!(9.9), Value::Null]);
    assert_eq!(column(&read.rows, "product_title"), [json!("Duck"), json!("Duck"), json!("Duck"), Value::Null]);
    assert_eq!(column(&read.rows, "total_refunded"), [0.0; 4]);
    assert_eq!(read.rows[0]["customer_email"], "ada@example.com");
    assert_eq!(read.rows[0]["refunds"], "[]");
    assert!(!orders.fields().iter().any(|field| field.name == "line_items" || field.name == "fulfillments"));
}

#[test]
fn orders_of_some_statuses_are_read() {
    let orders = |_: &Request| {
        let order = |id: i64, paid: &str, sent: Value| json!({"id": id, "updated_at": "2025-01-01T00:00:00Z", "financial_status": paid, "fulfillment_status": sent});
        let orders =
            [order(1, "paid", json!("fulfilled")), order(2, "refunded", json!(null)), order(3, "pending", json!(null))];
        Response::json_of(200, &json!({ "orders": orders }))
    };
    for (selection, expected, asked) in [
        (json!({"financial_status_filter": ["paid", "Refunded"]}), &[1, 2][..], ""),
        (json!({"financial_status_filter": ["paid"]}), &[1], "&financial_status=paid"),
        (json!({"fulfillment_status_filter": ["fulfilled"]}), &[1], "&fulfillment_status=shipped"),
        (json!({"fulfillment_status_filter": ["unfulfilled"]}), &[2, 3], "&fulfillment_status=unfulfilled"),
        (
            json!({"financial_status_filter": ["any"], "cursor_field": "updated_at"}),
            &[1, 2, 3],
            "&financial_status=any",
        ),
    ] {
        let server = TestServer::new(orders);
        let read = testing::read(&open(&server, selection.clone()).unwrap(), None).unwrap();
        assert_eq!(column(&read.rows, "order_id"), expected, "{selection}");
        assert!(server.requests()[0].url.ends_with(&format!("status=any{asked}")), "{:?}", server.requests());
    }
}

#[test]
fn a_read_goes_on_by_updated_at_and_takes_each_order_once() {
    let server = TestServer::new(shop);
    let read = testing::read(&open(&server, json!({"start_date": "2024-12-31"})).unwrap(), None).unwrap();
    assert!(server.requests()[0].url.ends_with("&updated_at_min=2024-12-31"));
    let again = TestServer::new(shop);
    let next = testing::read(&open(&again, json!({"start_date": "2024-12-31"})).unwrap(), read.state.clone()).unwrap();
    assert!(again.requests()[0].url.ends_with("&updated_at_min=2025-01-02T00%3A00%3A00Z"), "{again:?}");
    assert_eq!((next.rows, next.state), (vec![], read.state), "those of the same moment were read");
}

#[test]
fn a_shop_is_checked_and_tells_what_it_has() {
    let configuration = || testing::parameters(json!({"shop_domain": "https://quack.myshopify.com/"})).unwrap();
    let server = TestServer::new(shop);
    assert_eq!(Shopify::check(configuration(), &server.host()).unwrap(), "Shopify shop quack, API 2025-01");
    let streams = Shopify::discover(configuration(), &server.host()).unwrap();
    let names: Vec<_> = streams.iter().map(|stream| stream.name.as_str()).collect();
    assert_eq!(names, ["orders", "customers", "products"]);
    assert!(streams.iter().all(|stream| stream.is_incremental && stream.fields.len() > 10));
    let keys: Vec<_> = streams.into_iter().map(|stream| stream.primary_key.join(" ")).collect();
    assert_eq!(keys, ["order_id line_item_id", "id", "id"]);
    let elsewhere = json!({"shop_domain": "quack.myshopify.com", "base_url": "http://127.0.0.1:8080"});
    let server = TestServer::new(|_| Response::json_of(200, &json!({"shop": {"name": "mock"}})));
    Shopify::check(testing::parameters(elsewhere).unwrap(), &server.host()).unwrap();
    assert_eq!(server.requests()[0].url, "http://127.0.0.1:8080/admin/api/2025-01/shop.json");
}

#[test]
fn what_is_wrong_is_said() {
    for (selection, expected) in [
        (json!({"stream": "oders"}), "there is no stream `oders`"),
        (
            json!({"stream": "products", "flatten_line_items": true}),
            "the stream `products` has no line items, fulfillments, refunds and statuses",
        ),
    ] {
        assert_eq!(open(&TestServer::new(shop), selection).unwrap_err().message, expected);
    }
    for (configuration, expected) in [
        (json!({"shop_domain": ""}), "`` is no domain of a shop"),
        (json!({"shop_domain": "a.example", "api_version": "../x"}), "`../x` is no version of the API"),
    ] {
        let configuration = testing::parameters(configuration).unwrap();
        let error = Shopify::check(configuration, &TestServer::new(shop).host()).unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::InvalidConfiguration, expected));
    }
    let products = open(&TestServer::new(shop), json!({"stream": "products"})).unwrap();
    let error = testing::read(&products, None).unwrap_err();
    assert!(error.message.contains("status 403: {\"errors\":\"[API] read_products is needed\"}"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("look at `access_token`, what its app may read, and `shop_domain`"));
    let wrong = TestServer::new(|_| Response::json_of(200, &json!({"orders": {}})));
    assert_eq!(
        testing::read(&open(&wrong, json!({})).unwrap(), None).unwrap_err().message,
        "the answer has no list `orders`"
    );
}

#[test]
fn pages_that_lead_elsewhere_or_in_a_circle_are_an_error() {
    for (link, expected) in [
        (
            "https://evil.example/orders.json?x",
            "the link to the next page, `https://evil.example/orders.json`, leads to another host",
        ),
        ("?limit=250&status=any", "the same page came twice, so that the pages would never end"),
    ] {
        let link = format!("<{link}>; rel=\"next\"");
        let server = TestServer::new(move |_| Response {
            headers: vec![("link".to_owned(), link.clone())],
            ..Response::json_of(200, &json!({"orders": []}))
        });
        assert_eq!(testing::read(&open(&server, json!({})).unwrap(), None).unwrap_err().message, expected);
    }
}
