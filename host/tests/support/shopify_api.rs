//! A shop with the shape of Shopify's Admin REST API, on loopback: orders, customers and products in pages that follow each
//! other by the header `Link`.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::http_server::{HttpServer, Received, Reply};

pub const TOKEN: &str = "shpat_0123456789abcdef";
const VERSION: &str = "2025-01";
/// Records of a page; Shopify's own are 250.
const PAGE: usize = 2;

pub struct ShopifyApi {
    pub server: HttpServer,
    state: Arc<Mutex<State>>,
}

/// What a shop has.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub orders: Vec<Value>,
    pub customers: Vec<Value>,
    pub products: Vec<Value>,
}

impl ShopifyApi {
    pub fn start(shop: State) -> Self {
        let state = Arc::new(Mutex::new(shop));
        let shared = Arc::clone(&state);
        Self { server: HttpServer::start(move |request| shared.lock().unwrap().answer(request)), state }
    }

    pub fn url(&self) -> String {
        self.server.url("")
    }

    /// Changes what the shop has.
    pub fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }
}

/// An order with line items of 4.95 each.
pub fn order(id: i64, updated_at: &str, items: i64) -> Value {
    let item = |number: i64| {
        json!({"id": id * 100 + number, "title": format!("Duck {number}"), "sku": format!("D-{number}"), "quantity": 1,
               "price": "4.95", "total_discount": "0.00"})
    };
    json!({
        "id": id, "order_number": 1000 + id, "name": format!("#{}", 1000 + id), "email": "ada@example.com",
        "created_at": updated_at, "updated_at": updated_at, "currency": "EUR",
        "total_price": format!("{}.{:02}", items * 495 / 100, items * 495 % 100), "financial_status": "paid", "test": false,
        "customer": {"id": 7, "email": "ada@example.com"}, "line_items": (1..=items).map(item).collect::<Vec<_>>(),
    })
}

impl State {
    fn answer(&self, request: &Received) -> Reply {
        if request.header("x-shopify-access-token") != Some(TOKEN) {
            let message = "[API] Invalid API key or access token (unrecognized login or wrong password)";
            return Reply::json(401, &json!({"errors": message}));
        }
        let resource = request.path.strip_prefix("/admin/api/").and_then(|path| path.strip_prefix(VERSION));
        match resource {
            Some("/shop.json") => Reply::json(200, &json!({"shop": {"name": "quack", "currency": "EUR"}})),
            Some("/orders.json") => page("orders", &self.orders, request),
            Some("/customers.json") => page("customers", &self.customers, request),
            Some("/products.json") => page("products", &self.products, request),
            _ => Reply::json(404, &json!({"errors": "Not Found"})),
        }
    }
}

fn page(name: &str, records: &[Value], request: &Received) -> Reply {
    let info = request.param("page_info");
    if info.is_some() && (request.param("updated_at_min").is_some() || request.param("status").is_some()) {
        return Reply::json(400, &json!({"errors": "a page_info cannot be passed with other parameters"}));
    }
    // A page's name carries what the first one was asked with.
    let (first, since) = match &info {
        Some(info) => info.split_once('~').map(|(first, since)| (first.parse().unwrap(), since.to_owned())).unwrap(),
        None => (0, request.param("updated_at_min").unwrap_or_default()),
    };
    let is_new = |record: &&Value| record["updated_at"].as_str().is_some_and(|updated| updated >= since.as_str());
    let records: Vec<_> = records.iter().filter(is_new).collect();
    let last = records.len().min(first + PAGE);
    let reply = Reply::json(200, &json!({name: records[first.min(last)..last]}));
    if last == records.len() {
        return reply;
    }
    let host = request.header("host").unwrap();
    let since = since.replace('+', "%2B");
    let next = format!("http://{host}{}?limit=250&page_info={last}~{since}", request.path);
    reply.with_header("link", format!("<{next}>; rel=\"next\""))
}
