//! The same for aggregates that keep their states.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::Evil;
use crate::bindings::duckpen::columns::columns::Argument;
use crate::bindings::duckpen::columns::failures::Failure;
use crate::bindings::duckpen::functions::states::GroupStates;
use crate::bindings::exports::duckpen::functions::resident_aggregate::{
    Accumulator, Declaration, Guest, GuestAccumulator, NullPolicy, Parameter,
};
use crate::misdeeds::{Shape, loop_forever, trap};
use crate::sums::{self, emit_results, emit_states};

/// In which call an aggregate misbehaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Update,
    Take,
    Merge,
    Finalize,
    Drop,
    Never,
}

type Commit = fn(&[i64]) -> Result<(), Failure>;

const MISDEEDS: &[(&str, Call, Commit)] = &[
    ("kept_good", Call::Never, trap),
    ("kept_trap_update", Call::Update, trap),
    ("kept_trap_take", Call::Take, trap),
    ("kept_trap_merge", Call::Merge, trap),
    ("kept_trap_finalize", Call::Finalize, trap),
    ("kept_trap_drop", Call::Drop, trap),
    ("kept_loop_take", Call::Take, loop_forever),
    ("kept_loop_drop", Call::Drop, loop_forever),
    ("kept_one_state_less", Call::Take, |sums| {
        emit_states(Shape::Variable, &sums[1..]);
        Ok(())
    }),
    ("kept_no_states", Call::Take, |_| Ok(())),
];

/// One that sums up until it misbehaves.
pub struct Sums {
    call: Call,
    commit: Commit,
    sums: RefCell<HashMap<u32, i64>>,
}

impl Guest for Evil {
    type Accumulator = Sums;

    fn describe() -> Vec<Declaration> {
        let declaration = |(name, ..): &(&str, Call, Commit)| Declaration {
            name: (*name).to_owned(),
            parameters: vec![Parameter { name: "x".to_owned(), logical_type: "BIGINT".to_owned() }],
            returns: "BIGINT".to_owned(),
            nulls: NullPolicy::Propagate,
            doc: None,
        };
        MISDEEDS.iter().map(declaration).collect()
    }

    fn open(index: u32) -> Result<Accumulator, Failure> {
        let (_, call, commit) = MISDEEDS[index as usize];
        Ok(Accumulator::new(Sums { call, commit, sums: RefCell::default() }))
    }
}

impl Sums {
    /// Of groups, in the order asked.
    fn of(&self, groups: &[u32]) -> Vec<i64> {
        let sums = self.sums.borrow();
        groups.iter().map(|group| sums.get(group).copied().unwrap_or(0)).collect()
    }

    fn add(&self, groups: &[u32], values: impl IntoIterator<Item = i64>) {
        let mut sums = self.sums.borrow_mut();
        groups.iter().zip(values).for_each(|(group, value)| *sums.entry(*group).or_default() += value);
    }
}

impl GuestAccumulator for Sums {
    fn update(&self, group_of_row: Vec<u32>, arguments: Vec<Argument>, _rows: u32) -> Result<(), Failure> {
        let mut values = vec![0; group_of_row.len()];
        let rows: Vec<u32> = (0..group_of_row.len() as u32).collect();
        sums::add(&mut values, &rows, &arguments);
        self.add(&group_of_row, values);
        if self.call == Call::Update { (self.commit)(&[]) } else { Ok(()) }
    }

    fn take(&self, groups: Vec<u32>) -> Result<(), Failure> {
        let taken = self.of(&groups);
        self.sums.borrow_mut().retain(|group, _| !groups.contains(group));
        if self.call == Call::Take {
            return (self.commit)(&taken);
        }
        emit_states(Shape::Variable, &taken);
        Ok(())
    }

    fn merge(&self, groups: Vec<u32>, states: GroupStates) -> Result<(), Failure> {
        self.add(&groups, sums::read(&states));
        if self.call == Call::Merge { (self.commit)(&[]) } else { Ok(()) }
    }

    fn finalize(&self, groups: Vec<u32>) -> Result<(), Failure> {
        let sums = self.of(&groups);
        if self.call == Call::Finalize {
            return (self.commit)(&sums);
        }
        emit_results(&sums);
        Ok(())
    }

    fn drop_groups(&self, groups: Vec<u32>) {
        self.sums.borrow_mut().retain(|group, _| !groups.contains(group));
        if self.call == Call::Drop {
            let _ = (self.commit)(&[]);
        }
    }
}
