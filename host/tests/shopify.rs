//! Pipelines that read a shop of Shopify's shape, on loopback, through the command.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/http_server.rs"]
mod http_server;
#[path = "support/shopify_api.rs"]
mod shopify_api;
mod support;

use duckpen_database::{Database, Options};
use http_server::Failure;
use serde_json::{Value, json};
use shopify_api::{ShopifyApi, State, TOKEN, order};
use support::{Project, Said};

fn shop() -> ShopifyApi {
    let product = |id: i64| json!({"id": id, "title": format!("Duck {id}"), "updated_at": "2025-01-01T00:00:00Z"});
    ShopifyApi::start(State {
        orders: vec![
            order(1, "2025-01-01T10:00:00Z", 1),
            order(2, "2025-01-02T10:00:00Z", 2),
            order(3, "2025-01-03T10:00:00Z", 3),
        ],
        customers: Vec::new(),
        products: vec![product(1), product(2), product(3), product(4), product(5)],
    })
}

fn project(api: &ShopifyApi, pipeline: &str) -> Project {
    let profile = format!(
        "engines: {{duckdb: {{mode: persistent, path: p.duckdb}}}}\nconnectors:\n  shop:\n    type: SHOPIFY\n    params:\n      \
         {{shop_domain: quack.myshopify.com, base_url: \"{}\", access_token: \"{TOKEN}\", retry_delay: 0.01}}\n",
        api.url()
    );
    Project::new(pipeline)
        .file("profiles/dev.yml", profile)
        .file("duckpen.toml", format!("[network]\nprivate = [\"{}\"]\n", api.server.authority()))
}

fn succeeds(said: &Said) {
    assert_eq!(said.exit, 0, "{}\n{}", said.stdout, said.stderr);
    assert!(!said.stdout.contains(TOKEN) && !said.stderr.contains(TOKEN), "{}\n{}", said.stdout, said.stderr);
}

fn rows(project: &Project, query: &str) -> Value {
    let database = Database::open(Options::file(project.path().join("p.duckdb"))).unwrap();
    serde_json::from_str(&database.connect().unwrap().query(query).unwrap().to_json().to_string()).unwrap()
}

#[test]
fn orders_and_products_are_loaded_with_their_types() {
    let api = shop();
    let pipeline = "SOURCE o FROM \"shop\" OPTIONS {\"stream\": \"orders\", \"flatten_line_items\": false};\nLOAD orders FROM o;\n\
                    SOURCE i FROM \"shop\";\nLOAD items FROM i;\n\
                    SOURCE p FROM \"shop\" OPTIONS {\"stream\": \"products\"};\nLOAD products FROM p;";
    let project = project(&api, pipeline);
    succeeds(&project.duckpen(&["run", "p"]));
    let query = "SELECT count(*) AS n, sum(total_price)::VARCHAR AS total, max(updated_at)::TIMESTAMP::VARCHAR AS last, \
                 any_value(typeof(total_price)) AS money FROM orders";
    let expected = json!([{"n": 3, "total": "29.70", "last": "2025-01-03 10:00:00", "money": "DECIMAL(18,2)"}]);
    assert_eq!(rows(&project, query), expected);
    let query = "SELECT count(*) AS n, sum(line_item_price)::VARCHAR AS total FROM items";
    assert_eq!(rows(&project, query), json!([{"n": 6, "total": "29.70"}]));
    assert_eq!(rows(&project, "SELECT count(DISTINCT id) AS n FROM products"), json!([{"n": 5}]));
}

/// As SQLFlow's users ask a shop.
#[test]
fn line_items_have_the_names_that_pipelines_of_sqlflow_use() {
    let api = shop();
    let pipeline = "SOURCE shopify_store TYPE SHOPIFY PARAMS {\"shop_domain\": \"quack.myshopify.com\", \
                    \"access_token\": \"${SHOPIFY_TOKEN}\", \"base_url\": \"${url}\", \"sync_mode\": \"full_refresh\", \
                    \"flatten_line_items\": true, \"include_fulfillments\": true, \"include_refunds\": true, \
                    \"financial_status_filter\": [\"paid\", \"pending\"]};\n\
                    LOAD orders FROM shopify_store;\n\
                    CREATE TABLE daily AS SELECT DATE(created_at) AS day, count(DISTINCT order_id) AS orders, \
                    sum(CAST(line_item_price AS DECIMAL) * quantity) AS revenue, sum(CAST(total_refunded AS DECIMAL)) AS back, \
                    count(DISTINCT customer_email) AS customers, any_value(product_title) AS product, \
                    any_value(coalesce(shipping_country, billing_country, 'Unknown')) AS country, sum(line_total)::VARCHAR AS total \
                    FROM orders WHERE created_at >= CURRENT_DATE - INTERVAL 90000 DAYS AND product_id IS NULL \
                    GROUP BY DATE(created_at) ORDER BY day DESC;";
    let project = project(&api, pipeline);
    let vars = json!({"SHOPIFY_TOKEN": TOKEN, "url": api.url()}).to_string();
    succeeds(&project.duckpen(&["run", "p", "--vars", &vars]));
    let query = "SELECT count(*) AS n, sum(orders)::INT AS orders, sum(revenue)::INT AS revenue, sum(back)::INT AS back, \
                 max(customers) AS customers, min(product) AS product, min(country) AS country, max(total) AS total FROM daily";
    assert_eq!(
        rows(&project, query),
        json!([{"n": 3, "orders": 3, "revenue": 30, "back": 0, "customers": 1, "product": "Duck 1", "country": "Unknown",
                "total": "9.90"}])
    );
}

#[test]
fn only_what_was_updated_is_read_again() {
    let api = shop();
    let pipeline = "SOURCE o FROM \"shop\" OPTIONS {\"sync_mode\": \"incremental\", \"flatten_line_items\": false};\nLOAD orders FROM o MODE APPEND;";
    let project = project(&api, pipeline);
    succeeds(&project.duckpen(&["run", "p"]));
    assert_eq!(rows(&project, "SELECT count(*) AS n FROM orders"), json!([{"n": 3}]));
    // One more of the last moment, and one later.
    api.change(|shop| shop.orders.extend([order(4, "2025-01-03T10:00:00Z", 1), order(5, "2025-01-04T10:00:00Z", 1)]));
    api.server.take_received();
    succeeds(&project.duckpen(&["run", "p"]));
    let ids = "SELECT string_agg(id::VARCHAR, ',' ORDER BY id) AS ids FROM orders";
    assert_eq!(rows(&project, ids), json!([{"ids": "1,2,3,4,5"}]));
    let first = &api.server.received()[0];
    assert_eq!(first.param("updated_at_min").as_deref(), Some("2025-01-03T10:00:00Z"));
    succeeds(&project.duckpen(&["run", "p"]));
    assert_eq!(rows(&project, ids), json!([{"ids": "1,2,3,4,5"}]), "nothing is new");
}

#[test]
fn what_fails_for_a_moment_is_tried_again() {
    let api = shop();
    let pipeline =
        "SOURCE o FROM \"shop\" OPTIONS {\"stream\": \"orders\", \"flatten_line_items\": false};\nLOAD orders FROM o;";
    let project = project(&api, pipeline);
    api.server.fail_next([Failure::RetryAfter(429, "0"), Failure::Cut]);
    succeeds(&project.duckpen(&["run", "p"]));
    assert_eq!(rows(&project, "SELECT count(*) AS n FROM orders"), json!([{"n": 3}]));
}

#[test]
fn a_connection_is_tried_and_what_is_wrong_is_said() {
    let api = shop();
    let project = project(&api, "CREATE TABLE t AS SELECT 1 AS x;");
    let said = project.duckpen(&["connect", "test", "shop"]);
    succeeds(&said);
    assert!(said.stdout.contains("Shopify shop quack, API 2025-01"), "{}", said.stdout);
    let wrong = "shpat_which_is_not_known_there";
    let profile = std::fs::read_to_string(project.path().join("profiles/dev.yml")).unwrap().replace(TOKEN, wrong);
    let project = project.file("profiles/dev.yml", profile);
    let said = project.duckpen(&["connect", "test", "shop"]);
    let all = format!("{}{}", said.stdout, said.stderr);
    assert!(said.exit != 0 && all.contains("401") && all.contains("look at `access_token`"), "{all}");
    assert!(!all.contains(wrong), "{all}");
}
