//! The connectors that come with the command.

macro_rules! first_party {
    ($name:literal) => {
        ($name, include_bytes!(concat!(env!("DUCKPEN_GUESTS"), "/duckpen_connector_", $name, ".wasm")).as_slice())
    };
}

/// Their types and their components.
pub const BUILT_IN: &[(&str, &[u8])] = &[first_party!("rest"), first_party!("shopify")];
