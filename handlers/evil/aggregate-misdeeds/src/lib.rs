//! Aggregates that misbehave, each in one way and in one call. Never shipped.
//!
//! All take one BIGINT, and are written against the contract itself. Where they behave they sum up, in a state of eight
//! bytes, of a fixed size or of any.

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit/columns", "../../../wit/functions"],
        inline: "
            package duckpen:evil;
            world aggregates {
                import duckpen:functions/log@0.1.0;
                import duckpen:functions/results@0.1.0;
                import duckpen:functions/states@0.1.0;
                export duckpen:functions/aggregate@0.1.0;
                export duckpen:functions/resident-aggregate@0.1.0;
            }
        ",
        world: "duckpen:evil/aggregates",
        generate_all,
    });
}
mod misdeeds;
mod resident;
mod sums;

use bindings::duckpen::columns::columns::Argument;
use bindings::duckpen::columns::failures::Failure;
use bindings::duckpen::functions::states::GroupStates;
use bindings::exports::duckpen::functions::aggregate::{
    Aggregator, Declaration, Guest, GuestAggregator, NullPolicy, Parameter, StateShape,
};
use misdeeds::{Call, MISDEEDS, Misdeed, Shape};

/// The component.
pub struct Evil;

impl Guest for Evil {
    type Aggregator = &'static Misdeed;

    fn describe() -> Vec<Declaration> {
        let declaration = |misdeed: &Misdeed| Declaration {
            name: misdeed.name.to_owned(),
            parameters: vec![Parameter { name: "x".to_owned(), logical_type: "BIGINT".to_owned() }],
            returns: "BIGINT".to_owned(),
            nulls: NullPolicy::Propagate,
            state: match misdeed.shape {
                Shape::Fixed => StateShape::Fixed,
                Shape::Variable => StateShape::Variable,
            },
            initial: vec![0; 8],
            doc: None,
        };
        MISDEEDS.iter().map(declaration).collect()
    }

    fn open(index: u32) -> Result<Aggregator, Failure> {
        Ok(Aggregator::new(&MISDEEDS[index as usize]))
    }
}

impl GuestAggregator for &'static Misdeed {
    fn update(
        &self,
        groups: GroupStates,
        group_of_row: Vec<u32>,
        arguments: Vec<Argument>,
        _rows: u32,
    ) -> Result<(), Failure> {
        let mut sums = sums::read(&groups);
        sums::add(&mut sums, &group_of_row, &arguments);
        self.answer(Call::Update, &sums)
    }

    fn merge(&self, left: GroupStates, right: GroupStates) -> Result<(), Failure> {
        let sums: Vec<i64> =
            sums::read(&left).iter().zip(sums::read(&right)).map(|(left, right)| left + right).collect();
        self.answer(Call::Merge, &sums)
    }

    fn finalize(&self, groups: GroupStates) -> Result<(), Failure> {
        self.answer(Call::Finalize, &sums::read(&groups))
    }
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Evil with_types_in bindings);
