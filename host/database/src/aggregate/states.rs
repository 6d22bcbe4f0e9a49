//! States as they lie in DuckDB's memory, and the groups of a batch made of pointers to them.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::callback::CallbackError;

/// Rows of a batch, and groups, at most: DuckDB's vectors are no longer.
pub(super) const MOST_ROWS: usize = 2_048;

/// Bits of a stamp that say which group of its batch a state is.
const INDEX_BITS: u32 = MOST_ROWS.trailing_zeros();

/// A state with its stamp.
pub(super) struct Slot<S> {
    /// The batch that the state was last a target in, and its number among the groups of that batch: so that finding the
    /// group of a row takes one look at the state, which has to be looked at anyway.
    stamp: u64,
    state: S,
}

impl<S> Slot<S> {
    pub(super) fn new(state: S, batch: Batch) -> Self {
        Self { stamp: batch.stamp(0), state }
    }
}

/// A number that no other batch and no other state in this process has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Batch(u64);

impl Batch {
    pub(super) fn next() -> Self {
        /// Threads take numbers in blocks, so that they do not wait for each other at every new group.
        const BLOCK: u64 = 1 << 16;
        static BLOCKS: AtomicU64 = AtomicU64::new(1);
        thread_local!(static NEXT: Cell<u64> = const { Cell::new(0) });
        NEXT.with(|next| {
            if next.get() % BLOCK == 0 {
                next.set(BLOCKS.fetch_add(1, Ordering::Relaxed) * BLOCK);
            }
            // The last number of a block is its end, which is the sign to take another.
            next.set(next.get() + 1);
            Self(next.get())
        })
    }

    fn stamp(self, index: usize) -> u64 {
        self.0 << INDEX_BITS | index as u64
    }

    fn of_stamp(stamp: u64) -> Self {
        Self(stamp >> INDEX_BITS)
    }
}

/// The states of groups. They are reached one at a time, so that no two references to one can exist.
pub struct States<'call, S> {
    slots: &'call [*mut Slot<S>],
    lifetime: PhantomData<&'call mut S>,
}

#[expect(unsafe_code, reason = "reads and writes the memory of live states")]
impl<'call, S> States<'call, S> {
    /// # Safety
    /// The slots are live and aligned, and nobody writes to them during `'call`, or, if [`get_mut`](Self::get_mut) is
    /// called, reads them.
    pub(super) unsafe fn new(slots: &'call [*mut Slot<S>]) -> Self {
        Self { slots, lifetime: PhantomData }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The state of a group.
    #[inline]
    pub fn get(&self, group: usize) -> &S {
        // SAFETY: the slot is live; the reference borrows `self`, so that no other method can make a unique one meanwhile.
        unsafe { &(*self.slots[group]).state }
    }

    /// The state of a group, to be changed.
    #[inline]
    pub fn get_mut(&mut self, group: usize) -> &mut S {
        // SAFETY: as above; the reference borrows `self` uniquely, so there is no other one.
        unsafe { &mut (*self.slots[group]).state }
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &S> {
        (0..self.len()).map(|group| self.get(group))
    }
}

/// The groups of a batch: its distinct states, and the group of each row.
pub(super) struct Groups<S> {
    slots: Vec<*mut Slot<S>>,
    of_row: Vec<u32>,
}

#[expect(unsafe_code, reason = "reads and writes the memory of live states")]
impl<S> Groups<S> {
    /// # Safety
    /// The pointers are to live states that nobody else uses during the call of DuckDB's in which this is.
    pub(super) unsafe fn of_rows(
        pointers: impl ExactSizeIterator<Item = *mut Slot<S>>,
        batch: Batch,
    ) -> Result<Self, CallbackError> {
        let mut groups = Self { slots: Vec::new(), of_row: Vec::with_capacity(pointers.len()) };
        let mut last = std::ptr::null_mut();
        let mut group = 0;
        for pointer in pointers {
            // Rows of one group often stand together, and without GROUP BY all do.
            if pointer != last {
                // SAFETY: as promised by the caller.
                group = unsafe { groups.group_of(pointer, batch)? };
                last = pointer;
            }
            groups.of_row.push(group);
        }
        Ok(groups)
    }

    /// The groups of a batch whose rows all belong to the same one.
    ///
    /// # Safety
    /// As of [`of_rows`](Self::of_rows).
    pub(super) unsafe fn one(pointer: *mut Slot<S>, rows: usize, batch: Batch) -> Result<Self, CallbackError> {
        let mut groups = Self { slots: Vec::new(), of_row: vec![0; rows] };
        // SAFETY: as promised by the caller.
        unsafe { groups.group_of(pointer, batch)? };
        Ok(groups)
    }

    /// # Safety
    /// As of [`of_rows`](Self::of_rows).
    #[inline]
    unsafe fn group_of(&mut self, pointer: *mut Slot<S>, batch: Batch) -> Result<u32, CallbackError> {
        check_aligned(pointer)?;
        // SAFETY: the state is live and ours during the call; there is no reference to it.
        let stamp = unsafe { &mut (*pointer).stamp };
        if Batch::of_stamp(*stamp) == batch {
            return Ok((*stamp & (MOST_ROWS as u64 - 1)) as u32);
        }
        let index = self.slots.len();
        *stamp = batch.stamp(index);
        self.slots.push(pointer);
        Ok(index as u32)
    }

    /// The states, and the group of each row.
    ///
    /// # Safety
    /// As of [`of_rows`](Self::of_rows).
    pub(super) unsafe fn states(&self) -> (States<'_, S>, &[u32]) {
        // SAFETY: as promised by the caller; the slots are distinct, aligned and ours.
        (unsafe { States::new(&self.slots) }, &self.of_row)
    }
}

/// The batch that a state was last a target in.
///
/// # Safety
/// The pointer is to a live state that nobody writes to meanwhile.
#[expect(unsafe_code)]
pub(super) unsafe fn batch_of<S>(pointer: *mut Slot<S>) -> Result<Batch, CallbackError> {
    check_aligned(pointer)?;
    // SAFETY: as promised by the caller.
    Ok(Batch::of_stamp(unsafe { (*pointer).stamp }))
}

/// DuckDB aligns states to eight bytes, and says so nowhere.
fn check_aligned<S>(pointer: *mut Slot<S>) -> Result<(), CallbackError> {
    const { assert!(align_of::<Slot<S>>() <= 8, "DuckDB aligns states to eight bytes") }
    if pointer.is_aligned() && !pointer.is_null() {
        Ok(())
    } else {
        Err(CallbackError("fault of the database: a state is not where one can be".into()))
    }
}
