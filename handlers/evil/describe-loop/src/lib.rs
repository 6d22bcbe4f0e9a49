//! A component that never says what it offers: `describe` does not return. Never shipped.

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit/columns", "../../../wit/functions"],
        world: "duckpen:functions/scalar-functions",
        generate_all,
    });
}

use bindings::duckpen::columns::columns::Argument;
use bindings::duckpen::columns::failures::{Failure, Kind};
use bindings::exports::duckpen::functions::scalar::{CallSite, Declaration, Evaluator, Guest, GuestEvaluator};

/// The component.
pub struct Silent;

impl Guest for Silent {
    type Evaluator = Silent;

    fn describe() -> Vec<Declaration> {
        let mut turns = 0u64;
        loop {
            turns = std::hint::black_box(turns.wrapping_add(1));
        }
    }

    fn open(_index: u32, _site: CallSite) -> Result<Evaluator, Failure> {
        Ok(Evaluator::new(Silent))
    }
}

impl GuestEvaluator for Silent {
    fn evaluate(&self, _arguments: Vec<Argument>, _rows: u32) -> Result<(), Failure> {
        Err(Failure { kind: Kind::Unsupported, message: "it declares no function".to_owned(), hint: None, row: None })
    }
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Silent with_types_in bindings);
