//! The example `rest_sync`, against an API on loopback that answers what stands in its folder `api/`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/http_server.rs"]
mod http_server;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use assert_cmd::cargo::cargo_bin;
use http_server::{Failure, HttpServer, Received, Reply};
use serde_json::{Value, json};
use support::Project;

const TOKEN: &str = "quack-token-of-the-example";

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/rest_sync")
}

fn read(file: &str) -> String {
    fs::read_to_string(example().join(file)).unwrap()
}

fn document(file: &str) -> Value {
    serde_json::from_str(&read(file)).unwrap()
}

/// What the API has, and what it was sent.
struct Shop {
    orders: Value,
    totals: Vec<Value>,
    keys: Vec<String>,
}

impl Shop {
    /// Orders are two a page.
    fn answer(&mut self, request: &Received) -> Reply {
        if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return Reply::json(401, &json!({"error": "who are you?"}));
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/orders") => {
                let since = request.param("updated_since").unwrap_or_default();
                let is_new = |order: &&Value| order["updated_at"].as_str().unwrap() >= since.as_str();
                let orders: Vec<_> = self.orders.as_array().unwrap().iter().filter(is_new).collect();
                let first = request.number("after").unwrap_or(0);
                let last = orders.len().min(first + 2);
                let next = (last < orders.len()).then_some(last);
                Reply::json(200, &json!({"data": {"orders": orders[first..last]}, "meta": {"next": next}}))
            }
            ("GET", "/items") => {
                let category = request.param("category");
                let items = document("api/items.json");
                let is_wanted = |item: &&Value| category.as_deref().is_none_or(|category| item["category"] == category);
                Reply::json(200, &json!(items.as_array().unwrap().iter().filter(is_wanted).collect::<Vec<_>>()))
            }
            ("POST", "/totals") => {
                let key = request.header("idempotency-key").unwrap().to_owned();
                if !self.keys.contains(&key) {
                    self.keys.push(key);
                    self.totals.extend(request.json()["records"].as_array().unwrap().iter().cloned());
                }
                Reply::json(202, &json!({}))
            }
            _ => Reply::json(404, &json!({"error": "there is no such page"})),
        }
    }
}

fn copy(server: &HttpServer) -> Project {
    let private = read("duckpen.toml").replace("127.0.0.1:8091", &server.authority());
    let component = fs::read(example().join("connectors/ducks.wasm")).unwrap();
    Project::new("")
        .file("duckpen.toml", private)
        .file("profiles/dev.yml", read("profiles/dev.yml"))
        .file("pipelines/sync.sf", read("pipelines/sync.sf"))
        .file("connectors/ducks.wasm", component)
}

fn run(project: &Project, server: &HttpServer) -> Value {
    let output = Command::new(cargo_bin("duckpen"))
        .args(["run", "sync", "--format", "json"])
        .current_dir(project.path())
        .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
        .envs([("SHOP_URL", server.url("").as_str()), ("SHOP_TOKEN", TOKEN)])
        .output()
        .unwrap();
    let said = [output.stdout.clone(), output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{said:?}");
    assert!(said.iter().all(|text| !text.contains(TOKEN)), "{said:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn loaded(results: &Value) -> (Value, Value) {
    let steps = results["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["id"].as_str().unwrap().starts_with("load_orders")).unwrap();
    (step["rows_inserted"].clone(), step["rows_updated"].clone())
}

#[test]
fn the_example_reads_what_is_new_and_sends_back_what_it_comes_to() {
    let shop = Shop { orders: document("api/orders_1.json"), totals: Vec::new(), keys: Vec::new() };
    let shop = Arc::new(Mutex::new(shop));
    let shared = Arc::clone(&shop);
    let server = HttpServer::start(move |request| shared.lock().unwrap().answer(request));
    let project = copy(&server);
    let sent = || Value::Array(std::mem::take(&mut shop.lock().unwrap().totals));

    assert_eq!(loaded(&run(&project, &server)), (json!(3), json!(0)));
    assert_eq!(sent(), document("expected/totals_1.json"));

    shop.lock().unwrap().orders = document("api/orders_2.json");
    server.take_received();
    // What is asked first is refused for now, and tried again.
    server.fail_next([Failure::RetryAfter(429, "0")]);
    assert_eq!(
        loaded(&run(&project, &server)),
        (json!(1), json!(1)),
        "one is new, one was changed, two were read before"
    );
    assert_eq!(sent(), document("expected/totals_2.json"));
    let since = |request: &Received| request.param("updated_since");
    let asked: Vec<_> = server.take_received().iter().filter_map(since).collect();
    assert!(asked.iter().all(|since| since == "2025-03-02T08:30:00Z") && !asked.is_empty(), "{asked:?}");

    assert_eq!(loaded(&run(&project, &server)), (json!(0), json!(0)));
    let written = fs::read_to_string(project.path().join("output/orders.csv")).unwrap();
    assert_eq!(written, read("expected/orders.csv"));
}
