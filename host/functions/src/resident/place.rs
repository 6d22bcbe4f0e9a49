//! Where a group is, and how groups are brought together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use duckpen_database::States;
use duckpen_sandbox::Stopped;

use super::home::{Home, Homes, locked};
use crate::aggregate::{Shape, StateBuffer};
use crate::failure::CallError;
use crate::statistics::{StateBudget, Statistics};

/// Where a group is. Several threads may read one at once, of which the first one takes it out of its home.
#[derive(Default)]
pub(crate) struct Place(Mutex<Kept>);

#[derive(Default)]
pub(crate) enum Kept {
    /// It has no rows yet.
    #[default]
    Nowhere,
    Home(Resident),
    /// It was taken out.
    Bytes(Arc<Carried>),
}

/// A group in an instance.
pub(crate) struct Resident {
    home: Arc<Home>,
    number: u32,
    /// Whether the guest still has it, so that it has to be told when it is gone.
    is_there: bool,
}

impl Drop for Resident {
    fn drop(&mut self) {
        if self.is_there {
            self.home.forget(self.number);
        }
    }
}

/// The state of a group on its way from one instance to another.
pub(crate) struct Carried {
    bytes: Box<[u8]>,
    statistics: Arc<Statistics>,
}

/// What a state takes besides its bytes.
const OVERHEAD: u64 = 64;

impl Carried {
    fn new(bytes: &[u8], budget: &StateBudget<'_>) -> Result<Arc<Self>, CallError> {
        budget.reserve(bytes.len() as u64 + OVERHEAD).map_err(Stopped::Limit)?;
        Ok(Arc::new(Self { bytes: bytes.into(), statistics: Arc::clone(budget.statistics) }))
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        self.statistics.release_state(self.bytes.len() as u64 + OVERHEAD);
    }
}

/// Takes groups out of their homes, all those of one home in one call.
fn take_out(mut places: Vec<MutexGuard<'_, Kept>>, budget: &StateBudget<'_>) -> Result<(), CallError> {
    /// A home, and which of the places are in it under which number.
    type OfHome = (Arc<Home>, Vec<(usize, u32)>);
    let mut by_home: HashMap<*const Home, OfHome> = HashMap::new();
    for (index, place) in places.iter().enumerate() {
        if let Kept::Home(Resident { home, number, .. }) = &**place {
            let of_home = by_home.entry(Arc::as_ptr(home)).or_insert_with(|| (Arc::clone(home), Vec::new()));
            of_home.1.push((index, *number));
        }
    }
    for (home, groups) in by_home.into_values() {
        let numbers: Vec<u32> = groups.iter().map(|(_, number)| *number).collect();
        let states = home.with(|accumulator| accumulator.take(&numbers))?;
        for (state, (index, _)) in groups.iter().enumerate() {
            if let Kept::Home(resident) = &mut *places[*index] {
                resident.is_there = false;
            }
            *places[*index] = Kept::Bytes(Carried::new(states.get(state), budget)?);
        }
    }
    Ok(())
}

/// The states of groups that others may want at the same time. None of those without rows.
pub(crate) fn carried(
    sources: &States<'_, Place>,
    budget: &StateBudget<'_>,
) -> Result<Vec<Option<Arc<Carried>>>, CallError> {
    // Whoever holds places does not wait for others. Those that somebody else holds, or that stand here twice, are next.
    take_out(sources.iter().filter_map(|place| place.0.try_lock().ok()).collect(), budget)?;
    sources
        .iter()
        .map(|place| {
            let mut kept = locked(&place.0);
            if matches!(*kept, Kept::Home(_)) {
                take_out(vec![kept], budget)?;
                kept = locked(&place.0);
            }
            Ok(match &*kept {
                Kept::Bytes(carried) => Some(Arc::clone(carried)),
                _ => None,
            })
        })
        .collect()
}

/// Puts a state where none is. Says whether none was.
pub(crate) fn put(place: &Place, carried: &Arc<Carried>) -> bool {
    let mut kept = locked(&place.0);
    let is_free = matches!(*kept, Kept::Nowhere);
    if is_free {
        *kept = Kept::Bytes(Arc::clone(carried));
    }
    is_free
}

/// States as a guest takes them.
pub(crate) fn buffer<'a>(states: impl Iterator<Item = &'a Arc<Carried>>) -> Result<StateBuffer, CallError> {
    let mut buffer = StateBuffer::new(Shape::Variable);
    for state in states {
        buffer.push(&state.bytes)?;
    }
    Ok(buffer)
}

/// Brings groups together in one instance: where they are, if all of them are there, or this thread's own. Returns it and
/// their numbers in it.
pub(crate) fn settle(places: &[&Place], homes: &Homes) -> Result<(Arc<Home>, Vec<u32>), CallError> {
    let home = match common_home(places) {
        Some(home) => home,
        None => homes.own()?,
    };
    let is_elsewhere = |kept: &Kept| matches!(kept, Kept::Home(resident) if !Arc::ptr_eq(&resident.home, &home));
    // One that stands here twice is taken out the first time.
    let elsewhere =
        places.iter().filter_map(|place| place.0.try_lock().ok()).filter(|kept| is_elsewhere(kept)).collect();
    take_out(elsewhere, &homes.budget())?;

    let numbers = home.with(|accumulator| {
        let mut arriving: (Vec<u32>, Vec<Arc<Carried>>) = Default::default();
        let mut numbers = Vec::with_capacity(places.len());
        for place in places {
            let mut kept = locked(&place.0);
            if let Kept::Home(Resident { number, .. }) = &*kept {
                numbers.push(*number);
                continue;
            }
            let number = accumulator.number();
            let resident = Resident { home: Arc::clone(&home), number, is_there: true };
            if let Kept::Bytes(carried) = std::mem::replace(&mut *kept, Kept::Home(resident)) {
                arriving.0.push(number);
                arriving.1.push(carried);
            }
            numbers.push(number);
        }
        if !arriving.0.is_empty() {
            accumulator.merge(&arriving.0, &buffer(arriving.1.iter())?)?;
        }
        Ok(numbers)
    })?;
    Ok((home, numbers))
}

/// The one home of all groups that have one.
fn common_home(places: &[&Place]) -> Option<Arc<Home>> {
    let mut common: Option<Arc<Home>> = None;
    for place in places {
        if let Kept::Home(Resident { home, .. }) = &*locked(&place.0) {
            match &common {
                Some(first) if !Arc::ptr_eq(first, home) => return None,
                Some(_) => {}
                None => common = Some(Arc::clone(home)),
            }
        }
    }
    common
}
