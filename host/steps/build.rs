//! The first-party handlers are components that are built before the host: this says so where they are missing.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-env-changed=DUCKPEN_GUESTS");
    let folder = std::env::var("DUCKPEN_GUESTS").unwrap_or_default();
    for kind in ["source", "load", "transform", "export"] {
        let file = format!("{folder}/duckpen_handler_{kind}.wasm");
        if !Path::new(&file).is_file() {
            println!("cargo::error=the handler {file} is not built: run `cargo xtask setup`");
        }
    }
}
