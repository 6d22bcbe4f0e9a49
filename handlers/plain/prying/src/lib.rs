//! A component with its own WIT that imports an interface which nobody grants. Never shipped.

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "prying" });
}

use bindings::plain::prying::sockets;

/// The component.
pub struct Prying;

impl bindings::Guest for Prying {
    fn phone_home(_value: i64) -> bool {
        sockets::connect("192.0.2.1:80")
    }
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Prying with_types_in bindings);
