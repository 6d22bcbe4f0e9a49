use std::path::Path;

use duckpen_sandbox::{Engine, EngineOptions, Measuring, Metering};

/// A compiled guest of this repository.
pub fn guest(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../target/guests/{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask setup` builds it", path.display()))
}

/// An engine as the host makes it.
pub fn metered_engine() -> Engine {
    Engine::new(EngineOptions::default()).expect("this machine runs WebAssembly")
}

/// An engine in which nothing stops a guest: to see what that costs.
pub fn unmetered_engine() -> Engine {
    let options = EngineOptions { metering: Metering::Off, ..EngineOptions::default() };
    Engine::new(options).expect("this machine runs WebAssembly")
}

/// An engine in which nothing is known of what calls cost: to see what knowing it costs.
pub fn unmeasured_engine() -> Engine {
    let options = EngineOptions { measuring: Measuring::Off, ..EngineOptions::default() };
    Engine::new(options).expect("this machine runs WebAssembly")
}
