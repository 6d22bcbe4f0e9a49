use wasmtime::ResourceLimiter;

use crate::{Exceeded, LimitKind, Limits};

/// Counts what all memories and tables of an instance hold together, and refuses what is too much.
pub(crate) struct Limiter {
    memory_limit: u64,
    table_limit: u64,
    instance_limit: u32,
    memory: u64,
    peak: u64,
    table_elements: u64,
    /// A growth that is allowed and may still fail in the allocator.
    pending: u64,
    /// The first refusal of the current call: what the guest does next (usually a crash) is its consequence.
    refused: Option<Exceeded>,
}

/// What a table element costs the host.
const ELEMENT_BYTES: u64 = 8;

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory_limit: limits.memory,
            table_limit: limits.table_elements,
            instance_limit: limits.instances,
            memory: 0,
            peak: 0,
            table_elements: 0,
            pending: 0,
            refused: None,
        }
    }

    pub(crate) fn peak(&self) -> u64 {
        self.peak
    }

    pub(crate) fn begin_call(&mut self) {
        self.refused = None;
    }

    pub(crate) fn refused(&self) -> Option<Exceeded> {
        self.refused
    }

    fn refuse(&mut self, kind: LimitKind, limit: u64, used: u64) -> bool {
        self.refused.get_or_insert(Exceeded { kind, limit, used });
        false
    }

    /// Reserves `more` bytes, or refuses them.
    fn reserve(&mut self, more: u64) -> bool {
        let wanted = self.memory.saturating_add(more);
        if wanted > self.memory_limit {
            return self.refuse(LimitKind::Memory, self.memory_limit, wanted);
        }
        self.memory = wanted;
        self.pending = more;
        self.peak = self.peak.max(wanted);
        true
    }

    /// Gives back what the last growth reserved: it was allowed here and failed elsewhere.
    fn give_back(&mut self) {
        self.memory -= std::mem::take(&mut self.pending);
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            // The memory's own maximum: nothing to reserve.
            return Ok(false);
        }
        Ok(self.reserve(desired.saturating_sub(current) as u64))
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.give_back();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        let wanted = self.table_elements.saturating_add(more);
        if wanted > self.table_limit {
            return Ok(self.refuse(LimitKind::TableElements, self.table_limit, wanted));
        }
        let allowed = self.reserve(more.saturating_mul(ELEMENT_BYTES));
        if allowed {
            self.table_elements = wanted;
        }
        Ok(allowed)
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.table_elements -= self.pending / ELEMENT_BYTES;
        self.give_back();
        Ok(())
    }

    // A component has at most a memory and a table or two in each of its instances.
    fn instances(&self) -> usize {
        self.instance_limit as usize
    }

    fn memories(&self) -> usize {
        self.instance_limit as usize
    }

    fn tables(&self) -> usize {
        2 * self.instance_limit as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(memory: u64) -> Limiter {
        Limiter::new(&Limits { memory, table_elements: 10, ..Limits::functions() })
    }

    #[test]
    fn memories_are_counted_together() {
        let mut limiter = limiter(300);
        assert!(limiter.memory_growing(0, 100, None).unwrap());
        assert!(limiter.memory_growing(0, 200, None).unwrap());
        assert!(!limiter.memory_growing(100, 101, None).unwrap());
        assert_eq!(limiter.refused(), Some(Exceeded { kind: LimitKind::Memory, limit: 300, used: 301 }));
        assert_eq!(limiter.peak(), 300);
    }

    #[test]
    fn what_could_not_be_allocated_is_given_back() {
        let mut limiter = limiter(300);
        for _ in 0..10 {
            assert!(limiter.memory_growing(0, 300, None).unwrap());
            limiter.memory_grow_failed(wasmtime::Error::msg("no memory")).unwrap();
        }
        assert!(limiter.table_growing(0, 10, None).unwrap());
        limiter.table_grow_failed(wasmtime::Error::msg("no memory")).unwrap();
        assert!(limiter.table_growing(0, 10, None).unwrap());
        assert!(!limiter.table_growing(10, 11, None).unwrap());
    }

    #[test]
    fn a_memory_past_its_own_maximum_costs_nothing() {
        let mut limiter = limiter(300);
        assert!(!limiter.memory_growing(0, 200, Some(100)).unwrap());
        assert!(limiter.memory_growing(0, 300, None).unwrap());
        assert_eq!(limiter.refused(), None);
    }
}
