//! The ways to misbehave.

use std::hint::black_box;

use crate::bindings::duckpen::columns::columns::VarData;
use crate::bindings::duckpen::columns::failures::{Failure, Kind};
use crate::bindings::duckpen::functions::states::{self, GroupStates};
use crate::sums::{self, emit_results, emit_states};

/// A call of the contract.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Update,
    Merge,
    Finalize,
}

/// How states are declared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Fixed,
    Variable,
}

/// An aggregate that misbehaves.
pub struct Misdeed {
    /// Its name in SQL.
    pub name: &'static str,
    /// How its states are declared.
    pub shape: Shape,
    /// The call in which it misbehaves.
    call: Call,
    /// What it does then, with the sums of so many groups.
    commit: fn(&[i64]) -> Result<(), Failure>,
}

impl Misdeed {
    /// Answers a call, as it should be or not.
    pub fn answer(&self, call: Call, sums: &[i64]) -> Result<(), Failure> {
        if call == self.call {
            return (self.commit)(sums);
        }
        match call {
            Call::Update | Call::Merge => emit_states(self.shape, sums),
            Call::Finalize => emit_results(sums),
        }
        Ok(())
    }
}

const fn fixed(name: &'static str, call: Call, commit: fn(&[i64]) -> Result<(), Failure>) -> Misdeed {
    Misdeed { name, shape: Shape::Fixed, call, commit }
}

const fn variable(name: &'static str, call: Call, commit: fn(&[i64]) -> Result<(), Failure>) -> Misdeed {
    Misdeed { name, shape: Shape::Variable, call, commit }
}

/// All of them.
pub static MISDEEDS: &[Misdeed] = &[
    fixed("trap_update", Call::Update, trap),
    variable("trap_merge", Call::Merge, trap),
    fixed("trap_finalize", Call::Finalize, trap),
    variable("loop_update", Call::Update, loop_forever),
    fixed("loop_merge", Call::Merge, loop_forever),
    variable("loop_finalize", Call::Finalize, loop_forever),
    fixed("fail_update", Call::Update, fail),
    variable("fail_merge", Call::Merge, fail),
    variable("fail_finalize", Call::Finalize, fail),
    fixed("no_states", Call::Update, nothing),
    fixed("no_merged_states", Call::Merge, nothing),
    fixed("no_results", Call::Finalize, nothing),
    fixed("states_twice", Call::Update, states_twice),
    fixed("one_state_less", Call::Update, |sums| emitted(&sums::states(Shape::Fixed, &sums[1..], 8))),
    fixed("one_state_more", Call::Update, |sums| emitted(&sums::states(Shape::Fixed, &[sums, &[0]].concat(), 8))),
    fixed("short_states", Call::Update, |sums| emitted(&sums::states(Shape::Fixed, sums, 7))),
    fixed("states_of_any_length", Call::Update, |sums| emitted(&sums::states(Shape::Variable, sums, 8))),
    variable("states_of_one_length", Call::Update, |sums| emitted(&sums::states(Shape::Fixed, sums, 8))),
    variable("no_offsets", Call::Update, |_| emitted(&variable_states(Vec::new(), Vec::new()))),
    variable("one_offset_less", Call::Merge, |sums| emitted(&sums::states(Shape::Variable, &sums[1..], 8))),
    variable("offsets_fall", Call::Update, |sums| {
        let mut offsets: Vec<u32> = (0..=sums.len() as u32).rev().collect();
        offsets[0] = 0;
        emitted(&variable_states(offsets, vec![0; sums.len()]))
    }),
    variable("offsets_past_end", Call::Update, |sums| {
        emitted(&variable_states((0..=sums.len() as u32).map(|offset| offset * 9).collect(), vec![0; sums.len()]))
    }),
    fixed("results_for_states", Call::Update, |sums| {
        emit_results(sums);
        Ok(())
    }),
    fixed("states_for_results", Call::Finalize, |sums| {
        emit_states(Shape::Fixed, sums);
        Ok(())
    }),
    fixed("one_result_less", Call::Finalize, |sums| {
        emit_results(&sums[1..]);
        Ok(())
    }),
    variable("states_of_a_mebibyte", Call::Update, |sums| emitted(&sums::states(Shape::Variable, sums, 1 << 20))),
    variable("good", Call::Update, |sums| emitted(&sums::states(Shape::Variable, sums, 8))),
];

fn variable_states(offsets: Vec<u32>, bytes: Vec<u8>) -> GroupStates {
    GroupStates::Variable(VarData { offsets, bytes })
}

fn emitted(states: &GroupStates) -> Result<(), Failure> {
    states::emit(states);
    Ok(())
}

fn nothing(_: &[i64]) -> Result<(), Failure> {
    Ok(())
}

fn states_twice(sums: &[i64]) -> Result<(), Failure> {
    emit_states(Shape::Fixed, sums);
    emit_states(Shape::Fixed, sums);
    Ok(())
}

/// Does not return.
pub fn loop_forever(_: &[i64]) -> Result<(), Failure> {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// Dies.
#[cfg(target_arch = "wasm32")]
pub fn trap(_: &[i64]) -> Result<(), Failure> {
    core::arch::wasm32::unreachable()
}

/// Dies.
#[cfg(not(target_arch = "wasm32"))]
pub fn trap(_: &[i64]) -> Result<(), Failure> {
    std::process::abort()
}

fn fail(_: &[i64]) -> Result<(), Failure> {
    Err(Failure {
        kind: Kind::InvalidInput,
        message: "these groups are not to its taste".to_owned(),
        hint: Some("try others".to_owned()),
        row: None,
    })
}
