//! Where the state of a group is kept.

use std::sync::Arc;

use duckpen_sandbox::Exceeded;

use crate::statistics::{StateBudget, Statistics};

/// The place of one state.
pub(crate) trait Store: Send + Sync + Sized + 'static {
    /// Of a group without rows.
    fn initial(initial: &[u8]) -> Self;

    /// The state, given what it is initially.
    fn bytes<'a>(&'a self, initial: &'a [u8]) -> &'a [u8];

    /// Puts the state behind others.
    fn append_to(&self, initial: &[u8], states: &mut Vec<u8>) {
        states.extend_from_slice(self.bytes(initial));
    }

    /// Another state.
    ///
    /// # Errors
    /// When the function has no room left.
    fn set(&mut self, state: &[u8], budget: &StateBudget) -> Result<(), Exceeded>;
}

/// A state of at most `BYTES` bytes, in DuckDB's memory.
pub(crate) struct Inline<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Store for Inline<BYTES> {
    fn initial(initial: &[u8]) -> Self {
        let mut bytes = [0; BYTES];
        bytes[..initial.len()].copy_from_slice(initial);
        Self(bytes)
    }

    fn bytes<'a>(&'a self, initial: &'a [u8]) -> &'a [u8] {
        &self.0[..initial.len()]
    }

    /// The whole place, of which what is too much is taken away again: a copy of a constant length is a few instructions,
    /// and any other a call.
    #[inline]
    fn append_to(&self, initial: &[u8], states: &mut Vec<u8>) {
        states.extend_from_slice(&self.0);
        states.truncate(states.len() - (BYTES - initial.len()));
    }

    #[inline]
    fn set(&mut self, state: &[u8], _: &StateBudget) -> Result<(), Exceeded> {
        match state.first_chunk() {
            Some(whole) if state.len() == BYTES => self.0 = *whole,
            _ => self.0[..state.len()].copy_from_slice(state),
        }
        Ok(())
    }
}

/// A state on the host's heap, counted; none as long as it is the initial one.
pub(crate) struct Heap(Option<HeapState>);

struct HeapState {
    bytes: Vec<u8>,
    statistics: Arc<Statistics>,
}

/// What a state takes besides its bytes: an entry of the allocator, and its place in DuckDB's memory.
const OVERHEAD: u64 = 64;

impl HeapState {
    fn counted(bytes: &Vec<u8>) -> u64 {
        bytes.capacity() as u64 + OVERHEAD
    }
}

impl Drop for HeapState {
    fn drop(&mut self) {
        self.statistics.release_state(Self::counted(&self.bytes));
    }
}

impl Store for Heap {
    fn initial(_: &[u8]) -> Self {
        Self(None)
    }

    fn bytes<'a>(&'a self, initial: &'a [u8]) -> &'a [u8] {
        self.0.as_ref().map_or(initial, |state| &state.bytes)
    }

    fn set(&mut self, state: &[u8], budget: &StateBudget) -> Result<(), Exceeded> {
        match &mut self.0 {
            Some(kept) if kept.bytes.capacity() >= state.len() => {
                kept.bytes.clear();
                kept.bytes.extend_from_slice(state);
            }
            _ => {
                // One that grows will grow again.
                let mut bytes = Vec::with_capacity(state.len() + self.0.as_ref().map_or(0, |_| state.len() / 2));
                budget.reserve(HeapState::counted(&bytes))?;
                bytes.extend_from_slice(state);
                self.0 = Some(HeapState { bytes, statistics: Arc::clone(budget.statistics) });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_on_the_heap_are_counted_until_they_are_dropped() {
        let statistics = Arc::new(Statistics::default());
        let budget = StateBudget { statistics: &statistics, limit: 400 };
        let mut state = Heap::initial(b"nothing");
        assert_eq!((state.bytes(b"nothing"), statistics.snapshot().state_bytes), (&b"nothing"[..], 0));
        state.set(&[1; 100], &budget).unwrap();
        assert_eq!((state.bytes(b"nothing"), statistics.snapshot().state_bytes), (&[1; 100][..], 164));
        state.set(&[2; 10], &budget).unwrap();
        assert_eq!((state.bytes(b"nothing"), statistics.snapshot().state_bytes), (&[2; 10][..], 164));
        let exceeded = state.set(&[3; 300], &budget).unwrap_err();
        assert_eq!((exceeded.limit, exceeded.used), (400, 164 + 514));
        assert_eq!((state.bytes(b"nothing"), statistics.snapshot().state_bytes), (&[2; 10][..], 164));
        drop(state);
        assert_eq!(statistics.snapshot().state_bytes, 0);
    }
}
