//! How many pointers to states a batch really has.
//!
//! DuckDB hands an aggregate an array with a pointer for each row, with two exceptions, in which the array has one pointer
//! for all rows: `f(x ORDER BY y)`, and windows whose frame is the whole partition. The C API does not tell these apart,
//! and reading the second pointer of one would be reading past the end.
//!
//! They are told apart by what comes before on the same thread. A sorted aggregate asks for the size of a state; then, with
//! nothing in between, it makes a state, updates it, finishes it, destroys it, and makes the next one in the same place, all
//! in one call of DuckDB's. A batch for a state made so, with no other made since, has no other group. The hash table of an
//! ordinary aggregate asks for the size when the query is planned, which [`planned`] ends.
//!
//! Where DuckDB's allocator can be asked how long an array is, that decides, and what follows is not needed
//! ([`allocation`](super::allocation)).
//!
//! A window asks for the size and makes a row of states, one close behind the other; several windows may be under way at
//! once. If all pointers of a batch for one of these are to states of the row there is one for each row of the batch, else
//! there is one only. What an array was seen to have holds for all of its batches. Where there are so few rows that what
//! lies behind one pointer may look like another by chance, and nothing was seen before, the query is refused: a wrong
//! result would be worse.

use std::cell::RefCell;

use super::states::Batch;

/// Rows of states that a thread remembers. More are under way at once only where a query has more windows.
const MOST_ROWS_OF_STATES: usize = 64;

/// What an array of pointers to states has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Array {
    /// At least one pointer; the state is that of all rows.
    One,
    /// One for each row.
    Each,
}

/// What the array of a batch has, as far as what came before tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pointers {
    Known(Array),
    /// One for each row if all of them are to states in a row, of so many from this place on; otherwise one.
    InRow {
        place: usize,
        count: usize,
    },
}

/// States that were made one close behind the other, after the size of one was asked for.
struct Row {
    function: usize,
    place: usize,
    size: usize,
    count: usize,
    /// The batch that the state was last in, where it is the only one: tells it from another one in the same place.
    batch: Batch,
    /// What the arrays for these states have, once one of them has shown it.
    seen: Option<Array>,
}

impl Row {
    fn end(&self) -> usize {
        self.place + self.count * self.size
    }

    fn contains(&self, place: usize) -> bool {
        (self.place..self.end()).contains(&place)
    }
}

/// What a thread's last call of an aggregate was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Of no interest.
    Other,
    /// A function's states were measured.
    Measured { function: usize },
    /// The newest row got a state.
    Made,
    /// The only state of a row was finished.
    Finished { function: usize, place: usize },
}

/// What a thread remembers.
struct History {
    last: Last,
    rows: Vec<Row>,
}

thread_local!(static HISTORY: RefCell<History> = const { RefCell::new(History { last: Last::Other, rows: Vec::new() }) });

/// A function, as long as it is registered.
fn identity<F>(function: &F) -> usize {
    std::ptr::from_ref(function).addr()
}

/// A statement was planned on this thread: sizes asked for until now were not those of sorted aggregates or windows, which
/// ask while the statement runs.
pub(crate) fn planned() {
    HISTORY.with_borrow_mut(|history| history.last = Last::Other);
}

/// The size of a state is asked for.
pub(super) fn measured<F>(of: &F) {
    HISTORY.with_borrow_mut(|history| history.last = Last::Measured { function: identity(of) });
}

/// A state is made.
pub(super) fn made<F, S>(of: &F, state: *mut S, batch: Batch) {
    let (of, at) = (identity(of), state.addr());
    HISTORY.with_borrow_mut(|History { last, rows }| {
        if let (Last::Made, Some(newest)) = (*last, rows.last_mut())
            && newest.function == of
            && newest.end() == at
        {
            newest.count += 1;
            return;
        }
        let begins = match *last {
            Last::Measured { function } => function == of,
            Last::Finished { function, place } => function == of && place == at,
            Last::Made | Last::Other => false,
        };
        if begins {
            rows.retain(|row| !row.contains(at));
            if rows.len() == MOST_ROWS_OF_STATES {
                rows.remove(0);
            }
            rows.push(Row { function: of, place: at, size: size_of::<S>(), count: 1, batch, seen: None });
            *last = Last::Made;
            return;
        }
        // A state that is nobody's neighbour is one of a hash table, and so is the one that seemed to be alone.
        if *last == Last::Made {
            rows.pop_if(|newest| newest.function == of);
        }
        rows.retain(|row| !(row.contains(at) || row.function == of && row.count == 1));
        *last = Last::Other;
    });
}

/// A batch is taken in, of whose states the first is this one, was last in `batch`, and is now in `next`.
pub(super) fn updated<F, S>(of: &F, state: *mut S, batch: Batch, next: Batch) -> Pointers {
    let (of, at) = (identity(of), state.addr());
    HISTORY.with_borrow_mut(|History { last, rows }| {
        match rows.iter_mut().rfind(|row| row.function == of && row.contains(at)) {
            Some(Row { seen: Some(array), .. }) => Pointers::Known(*array),
            Some(row) if row.count > 1 => Pointers::InRow { place: row.place, count: row.count },
            Some(row) if row.batch == batch => {
                row.batch = next;
                Pointers::Known(Array::One)
            }
            _ => {
                *last = Last::Other;
                Pointers::Known(Array::Each)
            }
        }
    })
}

/// The array for states in a row, of which the first is this one, has shown what it has.
pub(super) fn seen<F, S>(of: &F, state: *mut S, what: Array) {
    let (of, at) = (identity(of), state.addr());
    HISTORY.with_borrow_mut(|History { rows, .. }| {
        if let Some(row) = rows.iter_mut().rfind(|row| row.function == of && row.contains(at)) {
            row.seen = Some(what);
        }
    });
}

/// States are merged into others, the first of them this one.
pub(super) fn combined<S>(source: *mut S) {
    HISTORY.with_borrow_mut(|History { last, rows }| {
        *last = Last::Other;
        rows.retain(|row| !row.contains(source.addr()));
    });
}

/// The results of so many states are asked for, of which the first is this one, and was last in `batch`.
pub(super) fn finished<F, S>(of: &F, state: *mut S, batch: Batch, states: usize) {
    let (of, at) = (identity(of), state.addr());
    HISTORY.with_borrow_mut(|History { last, rows }| {
        let is_alone = |row: &Row| row.function == of && row.place == at && row.count == 1 && row.batch == batch;
        *last = if states == 1 && rows.iter().any(is_alone) {
            Last::Finished { function: of, place: at }
        } else {
            Last::Other
        };
        rows.retain(|row| !row.contains(at));
    });
}

/// So many states are destroyed, of which the first is this one.
pub(super) fn destroyed<S>(state: *mut S, states: usize) {
    HISTORY.with_borrow_mut(|History { last, rows }| {
        let is_finished = matches!(*last, Last::Finished { place, .. } if place == state.addr() && states == 1);
        if !is_finished {
            *last = Last::Other;
        }
        rows.retain(|row| !row.contains(state.addr()));
    });
}
