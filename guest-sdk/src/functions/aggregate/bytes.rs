//! Aggregates whose states the host keeps: the interface `aggregate`.

use std::cell::RefCell;
use std::marker::PhantomData;

use super::describe::declaration;
use super::{Aggregate, State};
use crate::functions::contract::aggregate::{Aggregator, Declaration, GroupStates, GuestAggregator, states};
use crate::functions::contract::{Argument, Failure, RawColumn, VarData, results};
use crate::functions::library::report_panics;
use crate::functions::results::Results;
use crate::{Error, ErrorKind};

/// One aggregate of a component, whatever its type.
pub struct Entry {
    declaration: fn() -> Declaration,
    open: fn() -> Box<dyn Aggregating>,
}

impl Entry {
    /// That of a type.
    pub const fn of<A: Aggregate>() -> Self {
        Self { declaration: declaration::<A>, open: || Box::new(Work::<A>::default()) }
    }
}

/// All declarations.
pub fn describe(entries: &[Entry]) -> Vec<Declaration> {
    report_panics();
    entries.iter().map(|entry| (entry.declaration)()).collect()
}

/// One aggregate made ready.
pub fn open(entries: &[Entry], index: u32) -> Result<Aggregator, Failure> {
    report_panics();
    match entries.get(index as usize) {
        Some(entry) => Ok(Aggregator::new(Calls(RefCell::new((entry.open)())))),
        None => Err(Error::new(ErrorKind::Internal, format!("there is no aggregate {index}")).into()),
    }
}

/// An aggregate at work. What it returns stays in buffers of its own, which the next call fills anew.
pub trait Aggregating {
    /// Takes rows in.
    fn update(
        &mut self,
        groups: &GroupStates,
        of_row: &[u32],
        arguments: &[Argument],
        rows: usize,
    ) -> Result<&GroupStates, Error>;

    /// Merges pairs.
    fn merge(&mut self, left: &GroupStates, right: &GroupStates) -> Result<&GroupStates, Error>;

    /// Makes results.
    fn finalize(&mut self, groups: &GroupStates) -> Result<&RawColumn, Error>;
}

/// The contract's aggregator.
pub struct Calls(RefCell<Box<dyn Aggregating>>);

impl GuestAggregator for Calls {
    fn update(
        &self,
        groups: GroupStates,
        group_of_row: Vec<u32>,
        arguments: Vec<Argument>,
        rows: u32,
    ) -> Result<(), Failure> {
        states::emit(self.0.borrow_mut().update(&groups, &group_of_row, &arguments, rows as usize)?);
        Ok(())
    }

    fn merge(&self, left: GroupStates, right: GroupStates) -> Result<(), Failure> {
        states::emit(self.0.borrow_mut().merge(&left, &right)?);
        Ok(())
    }

    fn finalize(&self, groups: GroupStates) -> Result<(), Failure> {
        results::emit(self.0.borrow_mut().finalize(&groups)?);
        Ok(())
    }
}

/// The buffers of an aggregate.
struct Work<A: Aggregate> {
    groups: Vec<A>,
    emitted: GroupStates,
    results: Results<A::Results>,
    aggregate: PhantomData<A>,
}

impl<A: Aggregate> Default for Work<A> {
    fn default() -> Self {
        let emitted = if A::SIZE.is_some() {
            GroupStates::Fixed(Vec::new())
        } else {
            GroupStates::Variable(VarData { offsets: Vec::new(), bytes: Vec::new() })
        };
        Self { groups: Vec::new(), emitted, results: Results::default(), aggregate: PhantomData }
    }
}

impl<A: Aggregate> Work<A> {
    fn emit(&mut self) -> &GroupStates {
        encode(&self.groups, &mut self.emitted);
        &self.emitted
    }
}

impl<A: Aggregate> Aggregating for Work<A> {
    fn update(
        &mut self,
        groups: &GroupStates,
        of_row: &[u32],
        arguments: &[Argument],
        rows: usize,
    ) -> Result<&GroupStates, Error> {
        decode(groups, &mut self.groups)?;
        A::steps(&mut self.groups, of_row, arguments, rows)?;
        Ok(self.emit())
    }

    fn merge(&mut self, left: &GroupStates, right: &GroupStates) -> Result<&GroupStates, Error> {
        let mut others = Vec::new();
        decode(left, &mut self.groups)?;
        decode(right, &mut others)?;
        self.groups.iter_mut().zip(others).try_for_each(|(group, other): (&mut A, A)| group.merged(other))?;
        Ok(self.emit())
    }

    fn finalize(&mut self, groups: &GroupStates) -> Result<&RawColumn, Error> {
        decode(groups, &mut self.groups)?;
        self.results.begin(self.groups.len());
        A::results(self.groups.drain(..), &mut self.results)?;
        Ok(self.results.finish())
    }
}

/// States as values.
pub fn decode<S: State>(states: &GroupStates, values: &mut Vec<S>) -> Result<(), Error> {
    let broken = || Error::new(ErrorKind::Internal, "a state is not one that this function made");
    let value = |mut bytes: &[u8]| S::decode(&mut bytes).filter(|_| bytes.is_empty()).ok_or_else(broken);
    values.clear();
    match (states, S::SIZE) {
        (GroupStates::Fixed(bytes), Some(size)) if size > 0 => {
            for state in bytes.chunks(size) {
                values.push(value(state)?);
            }
        }
        (GroupStates::Variable(VarData { offsets, bytes }), None) => {
            for state in offsets.windows(2) {
                values.push(value(bytes.get(state[0] as usize..state[1] as usize).ok_or_else(broken)?)?);
            }
        }
        _ => return Err(broken()),
    }
    Ok(())
}

/// Values as states.
pub fn encode<S: State>(values: &[S], states: &mut GroupStates) {
    match states {
        GroupStates::Fixed(bytes) => {
            bytes.clear();
            values.iter().for_each(|value| value.encode(bytes));
        }
        GroupStates::Variable(VarData { offsets, bytes }) => {
            bytes.clear();
            offsets.clear();
            offsets.push(0);
            for value in values {
                value.encode(bytes);
                offsets.push(bytes.len() as u32);
            }
        }
    }
}
