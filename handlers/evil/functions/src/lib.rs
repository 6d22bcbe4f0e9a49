//! Functions that misbehave, each in one way: what the host has to survive. Never shipped.
//!
//! All take one BIGINT. They are written against the contract itself, because the SDK does not let a function do any of
//! this but loop, recurse, allocate, panic and fail.

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit/columns", "../../../wit/functions"],
        world: "duckpen:functions/scalar-functions",
        generate_all,
    });
}
mod allocator;
mod columns;
mod misdeeds;
mod nested;

use bindings::duckpen::columns::columns::Argument;
use bindings::duckpen::columns::failures::Failure;
use bindings::exports::duckpen::functions::scalar::{
    CallSite, Declaration, Evaluator, Guest, GuestEvaluator, NullPolicy, Parameter, Stability,
};
use misdeeds::{MISDEEDS, Misdeed};
use nested::NESTED;

/// The component.
pub struct Evil;

impl Guest for Evil {
    type Evaluator = Opened;

    fn describe() -> Vec<Declaration> {
        let declaration = |misdeed: &Misdeed| Declaration {
            name: misdeed.name.to_owned(),
            parameters: vec![Parameter { name: "x".to_owned(), logical_type: "BIGINT".to_owned() }],
            varargs: None,
            returns: misdeed.returns.to_owned(),
            nulls: NullPolicy::Propagate,
            stability: Stability::Volatile,
            doc: None,
        };
        MISDEEDS.iter().chain(NESTED).map(declaration).collect()
    }

    fn open(index: u32, _site: CallSite) -> Result<Evaluator, Failure> {
        match MISDEEDS.iter().chain(NESTED).nth(index as usize) {
            Some(misdeed) => (misdeed.open)(misdeed),
            None => unreachable!("the host counts in what was declared"),
        }
    }
}

/// A function made ready.
pub struct Opened(&'static Misdeed);

impl GuestEvaluator for Opened {
    fn evaluate(&self, _arguments: Vec<Argument>, rows: u32) -> Result<(), Failure> {
        (self.0.commit)(rows as usize)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        (self.0.close)();
    }
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Evil with_types_in bindings);
