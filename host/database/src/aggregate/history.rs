//! Whether all rows of a batch belong to one state of which only one pointer is there.
//!
//! DuckDB hands an aggregate an array with a pointer for each row, with one exception: for `f(x ORDER BY y)`, and for
//! windows, it collects and sorts the rows first, then makes one state for each group in turn, and hands over an array of
//! one pointer with each batch, whatever its rows. The C API does not tell the two apart, and reading the second pointer
//! would be reading past the end.
//!
//! They are told apart by what comes before. A sorted aggregate asks for the size of a state; then, on the same thread and
//! with nothing in between, it makes a state, updates it, finishes it, destroys it, and makes the next one in the same
//! place. A batch for a state made in such a way, with no other made since, has no other group: this holds for the
//! hash table of an ordinary aggregate, too, as long as it has one group only.

use std::cell::Cell;

use super::states::Batch;

/// What a thread's last call of an aggregate was.
#[derive(Clone, Copy)]
enum Last {
    /// Of no interest.
    Other,
    /// A function's states were measured.
    Measured { function: usize },
    /// The state at this place is the only one since; its stamp is that of the batch it was last in.
    Alone { function: usize, place: usize, batch: Batch },
    /// That state was finished.
    Finished { function: usize, place: usize },
}

thread_local!(static LAST: Cell<Last> = const { Cell::new(Last::Other) });

/// A function, as long as it is registered.
fn identity<F>(function: &F) -> usize {
    std::ptr::from_ref(function).addr()
}

/// The size of a state is asked for.
pub(super) fn measured<F>(of: &F) {
    LAST.set(Last::Measured { function: identity(of) });
}

/// A state is made.
pub(super) fn made<F, S>(of: &F, state: *mut S, stamp: Batch) {
    let (of, at) = (identity(of), state.addr());
    LAST.set(match LAST.get() {
        Last::Measured { function } if function == of => Last::Alone { function, place: at, batch: stamp },
        Last::Finished { function, place } if function == of && place == at => {
            Last::Alone { function, place, batch: stamp }
        }
        _ => Last::Other,
    });
}

/// A batch is taken in, of whose states the first has this stamp, and gets that of the batch. Says whether it is the only
/// one.
pub(super) fn updated<F>(of: &F, stamp: Batch, next: Batch) -> bool {
    match LAST.get() {
        Last::Alone { function, place, batch } if function == identity(of) && batch == stamp => {
            LAST.set(Last::Alone { function, place, batch: next });
            true
        }
        _ => {
            LAST.set(Last::Other);
            false
        }
    }
}

/// States are merged.
pub(super) fn combined() {
    LAST.set(Last::Other);
}

/// The results of states are asked for, of which the first is this one.
pub(super) fn finished<F, S>(of: &F, state: *mut S, stamp: Batch, states: usize) {
    LAST.set(match LAST.get() {
        Last::Alone { function, place, batch }
            if function == identity(of) && place == state.addr() && batch == stamp && states == 1 =>
        {
            Last::Finished { function, place }
        }
        _ => Last::Other,
    });
}

/// States are destroyed, of which the first is this one.
pub(super) fn destroyed<S>(state: *mut S, states: usize) {
    match LAST.get() {
        Last::Finished { place, .. } if place == state.addr() && states == 1 => {}
        _ => LAST.set(Last::Other),
    }
}
