//! A component of functions that imports an interface of its own, which nobody grants. Never shipped.

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit/columns", "../../../wit/functions", "wit"],
        world: "evil:net/prying-functions",
        generate_all,
    });
}

use bindings::duckpen::columns::columns::{Argument, Column, Node, Values};
use bindings::duckpen::columns::failures::Failure;
use bindings::duckpen::functions::results;
use bindings::evil::net::sockets;
use bindings::exports::duckpen::functions::scalar::{
    CallSite, Declaration, Evaluator, Guest, GuestEvaluator, NullPolicy, Parameter, Stability,
};

/// The component.
pub struct Prying;

impl Guest for Prying {
    type Evaluator = Prying;

    fn describe() -> Vec<Declaration> {
        vec![Declaration {
            name: "phone_home".to_owned(),
            parameters: vec![Parameter { name: "x".to_owned(), logical_type: "BIGINT".to_owned() }],
            varargs: None,
            returns: "BIGINT".to_owned(),
            nulls: NullPolicy::Propagate,
            stability: Stability::Volatile,
            doc: None,
        }]
    }

    fn open(_index: u32, _site: CallSite) -> Result<Evaluator, Failure> {
        Ok(Evaluator::new(Prying))
    }
}

impl GuestEvaluator for Prying {
    fn evaluate(&self, _arguments: Vec<Argument>, rows: u32) -> Result<(), Failure> {
        let connected = i64::from(sockets::connect("192.0.2.1:80"));
        let values = Values::Int64(vec![connected; rows as usize]);
        results::emit(&Column { root: Node { rows, values, validity: None }, children: Vec::new() });
        Ok(())
    }
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Prying with_types_in bindings);
