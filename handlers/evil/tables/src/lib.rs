//! Table functions that misbehave, each in one way and in one of its calls. Never shipped.
//!
//! They are written against the contract itself, because the SDK does not let a function do most of this. Where they do
//! not misbehave, they are a table of one field `x` without an end.

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit/columns", "../../../wit/functions"],
        world: "duckpen:functions/table-functions",
        generate_all,
    });
}
mod batches;
mod misdeeds;
mod shapes;

use bindings::duckpen::columns::columns::Column;
use bindings::duckpen::columns::failures::Failure;
use bindings::exports::duckpen::functions::table::{
    Binding, Declaration, Guest, GuestBinding, GuestScanner, NamedArgument, Scanner, Shape,
};
use misdeeds::{MISDEEDS, Misdeed};

/// The component.
pub struct Evil;

impl Guest for Evil {
    type Binding = &'static Misdeed;
    type Scanner = Scan;

    fn describe() -> Vec<Declaration> {
        let declaration = |misdeed: &Misdeed| Declaration {
            name: misdeed.name.to_owned(),
            parameters: Vec::new(),
            named: Vec::new(),
            doc: None,
        };
        MISDEEDS.iter().map(declaration).collect()
    }

    fn bind(index: u32, _arguments: Vec<Column>, _named: Vec<NamedArgument>) -> Result<Binding, Failure> {
        let misdeed = &MISDEEDS[index as usize];
        (misdeed.bind)()?;
        Ok(Binding::new(misdeed))
    }
}

impl GuestBinding for &'static Misdeed {
    fn shape(&self) -> Shape {
        (self.shape)()
    }

    fn scan(&self, _partition: u32, _projection: Vec<u32>) -> Result<Scanner, Failure> {
        (self.scan)()?;
        Ok(Scanner::new(Scan(self)))
    }
}

/// A scan under way.
pub struct Scan(&'static Misdeed);

impl GuestScanner for Scan {
    fn next(&self, most: u32) -> Result<(), Failure> {
        (self.0.next)(most as usize)
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        (self.0.drop)();
    }
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Evil with_types_in bindings);
