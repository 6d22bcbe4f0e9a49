//! A component with its own WIT and no SDK: nothing that SQL can call. Never shipped.

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "hopeless" });
}

/// The component.
pub struct Hopeless;

impl bindings::Guest for Hopeless {
    fn forget(_value: i64) {}
    fn select(value: i64) -> i64 {
        value
    }
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Hopeless with_types_in bindings);
