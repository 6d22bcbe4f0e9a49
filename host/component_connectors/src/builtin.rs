//! The connectors that come with the command.

macro_rules! first_party {
    ($name:literal) => {
        ($name, include_bytes!(concat!(env!("DUCKPEN_GUESTS"), "/duckpen_connector_", $name, ".wasm")).as_slice())
    };
}

/// Their types and their components.
pub const BUILT_IN: &[(&str, &[u8])] = &[first_party!("rest"), first_party!("shopify")];

/// Formats of files and the components that read them.
pub const BUILT_IN_FILE_READERS: &[(&str, &[u8])] = &[first_party!("excel")];
