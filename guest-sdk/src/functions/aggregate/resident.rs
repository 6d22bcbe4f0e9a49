//! Aggregates that keep their states: the interface `resident-aggregate`.

use std::cell::RefCell;

use super::Aggregate;
use super::bytes::decode;
use super::describe::resident_declaration;
use super::state::State;
use crate::functions::contract::aggregate::{GroupStates, states};
use crate::functions::contract::resident::{Accumulator, Declaration, GuestAccumulator};
use crate::functions::contract::{Argument, Failure, RawColumn, VarData, results};
use crate::functions::library::report_panics;
use crate::functions::results::Results;
use crate::{Error, ErrorKind};

/// One aggregate of a component, whatever its type.
pub struct Entry {
    declaration: fn() -> Declaration,
    open: fn() -> Box<dyn Accumulating>,
}

impl Entry {
    /// That of a type.
    pub const fn of<A: Aggregate + Clone>() -> Self {
        Self { declaration: resident_declaration::<A>, open: || Box::new(Work::<A>::default()) }
    }
}

/// All declarations.
pub fn describe(entries: &[Entry]) -> Vec<Declaration> {
    report_panics();
    entries.iter().map(|entry| (entry.declaration)()).collect()
}

/// One aggregate made ready.
pub fn open(entries: &[Entry], index: u32) -> Result<Accumulator, Failure> {
    report_panics();
    match entries.get(index as usize) {
        Some(entry) => Ok(Accumulator::new(Calls(RefCell::new((entry.open)())))),
        None => Err(Error::new(ErrorKind::Internal, format!("there is no aggregate {index}")).into()),
    }
}

/// An aggregate at work, with the states of its groups.
pub trait Accumulating {
    /// Takes rows in.
    fn update(&mut self, of_row: &[u32], arguments: &[Argument], rows: usize) -> Result<(), Error>;

    /// The states of groups, which are empty then.
    fn take(&mut self, groups: &[u32]) -> GroupStates;

    /// Merges states into groups.
    fn merge(&mut self, groups: &[u32], states: &GroupStates) -> Result<(), Error>;

    /// Makes results.
    fn finalize(&mut self, groups: &[u32]) -> Result<&RawColumn, Error>;

    /// Empties groups.
    fn drop_groups(&mut self, groups: &[u32]);
}

/// The contract's accumulator.
pub struct Calls(RefCell<Box<dyn Accumulating>>);

impl GuestAccumulator for Calls {
    fn update(&self, group_of_row: Vec<u32>, arguments: Vec<Argument>, rows: u32) -> Result<(), Failure> {
        Ok(self.0.borrow_mut().update(&group_of_row, &arguments, rows as usize)?)
    }

    fn take(&self, groups: Vec<u32>) -> Result<(), Failure> {
        states::emit(&self.0.borrow_mut().take(&groups));
        Ok(())
    }

    fn merge(&self, groups: Vec<u32>, states: GroupStates) -> Result<(), Failure> {
        Ok(self.0.borrow_mut().merge(&groups, &states)?)
    }

    fn finalize(&self, groups: Vec<u32>) -> Result<(), Failure> {
        results::emit(self.0.borrow_mut().finalize(&groups)?);
        Ok(())
    }

    fn drop_groups(&self, groups: Vec<u32>) {
        self.0.borrow_mut().drop_groups(&groups);
    }
}

/// The groups of an aggregate. Their numbers are small: the host gives those that are free again.
struct Work<A: Aggregate> {
    groups: Vec<A>,
    results: Results<A::Results>,
}

impl<A: Aggregate> Default for Work<A> {
    fn default() -> Self {
        Self { groups: Vec::new(), results: Results::default() }
    }
}

impl<A: Aggregate> Work<A> {
    /// Makes room for the groups of these numbers.
    fn reach(&mut self, numbers: &[u32]) {
        let needed = numbers.iter().max().map_or(0, |most| *most as usize + 1);
        if self.groups.len() < needed {
            self.groups.resize_with(needed, A::default);
        }
    }
}

impl<A: Aggregate + Clone> Accumulating for Work<A> {
    fn update(&mut self, of_row: &[u32], arguments: &[Argument], rows: usize) -> Result<(), Error> {
        self.reach(of_row);
        A::steps(&mut self.groups, of_row, arguments, rows)
    }

    fn take(&mut self, groups: &[u32]) -> GroupStates {
        self.reach(groups);
        let (mut offsets, mut bytes) = (vec![0], Vec::new());
        for group in groups {
            std::mem::take(&mut self.groups[*group as usize]).encode(&mut bytes);
            offsets.push(bytes.len() as u32);
        }
        GroupStates::Variable(VarData { offsets, bytes })
    }

    fn merge(&mut self, groups: &[u32], states: &GroupStates) -> Result<(), Error> {
        self.reach(groups);
        let mut others: Vec<Carried<A>> = Vec::new();
        decode(states, &mut others)?;
        groups.iter().zip(others).try_for_each(|(group, other)| self.groups[*group as usize].merged(other.0))
    }

    fn finalize(&mut self, groups: &[u32]) -> Result<&RawColumn, Error> {
        self.reach(groups);
        self.results.begin(groups.len());
        A::results(groups.iter().map(|group| self.groups[*group as usize].clone()), &mut self.results)?;
        Ok(self.results.finish())
    }

    fn drop_groups(&mut self, groups: &[u32]) {
        self.reach(groups);
        groups.iter().for_each(|group| self.groups[*group as usize] = A::default());
    }
}

/// A state on the way from one instance to another, which is one of any length whatever its size.
#[derive(Default)]
struct Carried<A>(A);

impl<A: State> State for Carried<A> {
    const SIZE: Option<usize> = None;

    fn encode(&self, bytes: &mut Vec<u8>) {
        self.0.encode(bytes);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        A::decode(bytes).map(Self)
    }
}
