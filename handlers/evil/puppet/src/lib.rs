//! A component that does what the test wants: it declares what the test has written over its script, and emits the column
//! that the first row of its first argument describes, whether or not that is a column. Never shipped.

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit/columns", "../../../wit/functions"],
        world: "duckpen:functions/scalar-functions",
        generate_all,
    });
}
mod order;
mod script;

use bindings::duckpen::columns::columns::{Argument, Values};
use bindings::duckpen::columns::failures::{Failure, Kind};
use bindings::duckpen::functions::results;
use bindings::exports::duckpen::functions::scalar::{CallSite, Declaration, Evaluator, Guest, GuestEvaluator};

/// The component.
pub struct Puppet;

impl Guest for Puppet {
    type Evaluator = Puppet;

    fn describe() -> Vec<Declaration> {
        script::perform()
    }

    fn open(_index: u32, _site: CallSite) -> Result<Evaluator, Failure> {
        Ok(Evaluator::new(Puppet))
    }
}

impl GuestEvaluator for Puppet {
    fn evaluate(&self, arguments: Vec<Argument>, _rows: u32) -> Result<(), Failure> {
        let confused = |message: &str| Failure {
            kind: Kind::InvalidInput,
            message: format!("the puppet is confused: {message}"),
            hint: None,
            row: None,
        };
        let first = arguments.into_iter().next().ok_or_else(|| confused("no argument"))?;
        let column = match first {
            Argument::Vector(column) | Argument::Constant(column) => column,
        };
        let Values::Bytes(data) = column.root.values else { return Err(confused("the argument is no BLOB")) };
        let end = data.offsets.get(1).copied().unwrap_or_default() as usize;
        let order = order::read(&data.bytes[..end]).ok_or_else(|| confused("half an order"))?;
        for column in &order {
            results::emit(column);
        }
        Ok(())
    }
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Puppet with_types_in bindings);
