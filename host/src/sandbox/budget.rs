//! The memory of one guest, counted for the whole instance.

use wasmtime::{Error, ResourceLimiterAsync, Result};
use wasmtime_wasi::async_trait;

use super::ceilings::Ceilings;
use super::run::Run;

/// What all memories and all tables of one instance may still take together, and how
/// many of each there may be.
///
/// wasmtime's own limits count every memory by itself: a guest with a thousand of them
/// would have a thousand times its limit. What was granted is not given back, not even
/// where the growth fails afterwards: wasmtime also reports failures that were never
/// granted, and a guest could earn memory with them.
pub(super) struct Budget {
    memory: usize,
    /// What may be taken before the guest counts as one that runs for long.
    light: usize,
    elements: usize,
    run: Run,
    refused: bool,
    instances: usize,
    memories: usize,
    tables: usize,
}

impl Budget {
    /// A budget of so much memory, in bytes.
    pub(super) fn new(memory: usize, ceilings: &Ceilings, run: Run) -> Self {
        Self {
            memory,
            light: ceilings.light,
            run,
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

#[async_trait]
impl ResourceLimiterAsync for Budget {
    async fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        let granted = take(&mut self.memory, current, desired, maximum);
        self.refused |= !granted;
        if granted {
            self.run.grew(desired.saturating_sub(current));
        }
        if granted && !take(&mut self.light, current, desired, None) {
            self.run.become_long().await;
        }
        Ok(granted)
    }

    fn memory_grow_failed(&mut self, _: Error) -> Result<()> {
        self.refused = true;
        Ok(())
    }

    async fn table_growing(
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
    use std::time::{Duration, Instant};

    use super::*;

    fn budget(memory: usize) -> Budget {
        let long = Duration::from_secs(60);
        let run = Run::new(long, Instant::now() + long);
        Budget::new(memory, &Ceilings::default(), run)
    }

    #[tokio::test]
    async fn all_memories_of_an_instance_share_one_budget() {
        let mut budget = budget(100);
        assert!(budget.memory_growing(0, 60, None).await.unwrap());
        assert!(budget.memory_growing(0, 40, None).await.unwrap());
        assert!(!budget.refused());
        assert!(!budget.memory_growing(40, 41, None).await.unwrap());
        assert!(budget.refused());
    }

    #[tokio::test]
    async fn a_refusal_leaves_what_is_left() {
        let mut budget = budget(100);
        assert!(!budget.memory_growing(0, 101, None).await.unwrap());
        assert!(budget.memory_growing(0, 100, None).await.unwrap());
    }

    #[tokio::test]
    async fn a_growth_beyond_the_memorys_own_maximum_costs_nothing() {
        let mut budget = budget(100);
        assert!(!budget.memory_growing(0, 80, Some(50)).await.unwrap());
        assert!(budget.memory_growing(0, 100, None).await.unwrap());
    }

    #[tokio::test]
    async fn failures_earn_nothing() {
        let mut budget = budget(100);
        assert!(budget.memory_growing(0, 100, None).await.unwrap());
        budget.memory_grow_failed(Error::msg("too large")).unwrap();
        assert!(!budget.memory_growing(100, 101, None).await.unwrap());
    }

    #[tokio::test]
    async fn all_tables_of_an_instance_share_one_budget() {
        let mut budget = budget(0);
        assert!(budget.table_growing(0, 15_000, None).await.unwrap());
        assert!(!budget.table_growing(0, 5_001, None).await.unwrap());
        assert!(budget.table_growing(0, 5_000, None).await.unwrap());
        budget.table_grow_failed(Error::msg("no room")).unwrap();
        assert!(!budget.table_growing(0, 1, None).await.unwrap());
    }

    #[tokio::test]
    async fn a_guest_with_much_memory_is_a_long_one_before_it_has_it() {
        let light = Ceilings::default().light;
        let mut budget = budget(usize::MAX);
        assert!(budget.memory_growing(0, light, None).await.unwrap());
        assert!(!budget.run.is_long());
        assert!(budget.memory_growing(0, 1, None).await.unwrap());
        assert!(budget.run.is_long());
    }
}
