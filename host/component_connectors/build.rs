//! The first-party connectors are components that are built before the host: this says so where they are missing.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-env-changed=DUCKPEN_GUESTS");
    let folder = std::env::var("DUCKPEN_GUESTS").unwrap_or_default();
    for name in ["excel", "rest", "shopify"] {
        let file = format!("{folder}/duckpen_connector_{name}.wasm");
        if !Path::new(&file).is_file() {
            println!("cargo::error=the connector {file} is not built: run `cargo xtask setup`");
        }
    }
}
