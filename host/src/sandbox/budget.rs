//! The memory of one guest, counted for the whole instance.

use wasmtime::{Error, ResourceLimiter, Result};

use super::ceilings::Ceilings;

/// What all memories and all tables of one instance may still take together, and how
/// many of each there may be.
///
/// wasmtime's own limits count every memory by itself: a guest with a thousand of them
/// would have a thousand times its limit. What was granted is not given back, not even
/// where the growth fails afterwards: wasmtime also reports failures that were never
/// granted, and a guest could earn memory with them.
pub(super) struct Budget {
    memory: usize,
    elements: usize,
    refused: bool,
    instances: usize,
    memories: usize,
    tables: usize,
}

impl Budget {
    /// A budget of so much memory, in bytes.
    pub(super) fn new(memory: usize, ceilings: &Ceilings) -> Self {
        Self {
            memory,
            elements: ceilings.table_elements,
            refused: false,
            instances: ceilings.instances,
            memories: ceilings.memories,
            tables: ceilings.tables,
        }
    }

    /// Whether the guest was ever refused memory.
    pub(super) fn refused(&self) -> bool {
        self.refused
    }
}

/// Takes a growth from what is left, where it fits. What can never fit its own maximum
/// costs nothing.
fn take(left: &mut usize, current: usize, desired: usize, maximum: Option<usize>) -> bool {
    if maximum.is_some_and(|maximum| desired > maximum) {
        return false;
    }
    match left.checked_sub(desired.saturating_sub(current)) {
        Some(rest) => *left = rest,
        None => return false,
    }
    true
}

impl ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        let granted = take(&mut self.memory, current, desired, maximum);
        self.refused |= !granted;
        Ok(granted)
    }

    fn memory_grow_failed(&mut self, _: Error) -> Result<()> {
        self.refused = true;
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        let granted = take(&mut self.elements, current, desired, maximum);
        self.refused |= !granted;
        Ok(granted)
    }

    fn table_grow_failed(&mut self, _: Error) -> Result<()> {
        self.refused = true;
        Ok(())
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.memories
    }

    fn tables(&self) -> usize {
        self.tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(memory: usize) -> Budget {
        Budget::new(memory, &Ceilings::default())
    }

    #[test]
    fn all_memories_of_an_instance_share_one_budget() {
        let mut budget = budget(100);
        assert!(budget.memory_growing(0, 60, None).unwrap());
        assert!(budget.memory_growing(0, 40, None).unwrap());
        assert!(!budget.refused());
        assert!(!budget.memory_growing(40, 41, None).unwrap());
        assert!(budget.refused());
    }

    #[test]
    fn a_refusal_leaves_what_is_left() {
        let mut budget = budget(100);
        assert!(!budget.memory_growing(0, 101, None).unwrap());
        assert!(budget.memory_growing(0, 100, None).unwrap());
    }

    #[test]
    fn a_growth_beyond_the_memorys_own_maximum_costs_nothing() {
        let mut budget = budget(100);
        assert!(!budget.memory_growing(0, 80, Some(50)).unwrap());
        assert!(budget.memory_growing(0, 100, None).unwrap());
    }

    #[test]
    fn failures_earn_nothing() {
        let mut budget = budget(100);
        assert!(budget.memory_growing(0, 100, None).unwrap());
        budget.memory_grow_failed(Error::msg("too large")).unwrap();
        assert!(!budget.memory_growing(100, 101, None).unwrap());
    }

    #[test]
    fn all_tables_of_an_instance_share_one_budget() {
        let mut budget = budget(0);
        assert!(budget.table_growing(0, 15_000, None).unwrap());
        assert!(!budget.table_growing(0, 5_001, None).unwrap());
        assert!(budget.table_growing(0, 5_000, None).unwrap());
        budget.table_grow_failed(Error::msg("no room")).unwrap();
        assert!(!budget.table_growing(0, 1, None).unwrap());
    }
}
