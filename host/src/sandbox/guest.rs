//! What the host keeps for one running guest: its limits and its empty WASI context.

use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, Result};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

/// The most elements that all tables of an instance may have together.
const MOST_TABLE_ELEMENTS: usize = 20_000;
/// The most core instances, memories and tables of one component.
const MOST_INSTANCES: usize = 16;
const MOST_MEMORIES: usize = 4;
const MOST_TABLES: usize = 8;
/// The most WASI handles that a guest may hold.
const MOST_RESOURCES: usize = 256;
/// The most random bytes that one call of `wasi:random` gives.
const MOST_RANDOM: u64 = 4 * 1024;

/// The state of one guest.
pub(super) struct Guest {
    pub(super) budget: Budget,
    wasi: Option<Box<Wasi>>,
}

struct Wasi {
    context: WasiCtx,
    table: ResourceTable,
}

impl Guest {
    pub(super) fn new(memory: usize) -> Self {
        Self {
            budget: Budget {
                memory,
                elements: MOST_TABLE_ELEMENTS,
                exhausted: false,
            },
            wasi: None,
        }
    }
}

impl WasiView for Guest {
    /// The context of a guest that asks for one: no arguments, no environment, no
    /// directories, no network, and streams that lead nowhere. Most guests never ask.
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let wasi = self.wasi.get_or_insert_with(|| {
            let mut table = ResourceTable::new();
            table.set_max_capacity(MOST_RESOURCES);
            let context = WasiCtxBuilder::new().max_random_size(MOST_RANDOM).build();
            Box::new(Wasi { context, table })
        });
        WasiCtxView {
            ctx: &mut wasi.context,
            table: &mut wasi.table,
        }
    }
}

/// What all memories and all tables of one instance may still take together.
pub(super) struct Budget {
    memory: usize,
    elements: usize,
    exhausted: bool,
}

impl Budget {
    /// Whether the guest was refused memory.
    pub(super) fn exhausted(&self) -> bool {
        self.exhausted
    }
}

impl ResourceLimiter for Budget {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let more = desired.saturating_sub(current);
        match self.memory.checked_sub(more) {
            Some(left) => self.memory = left,
            None => self.exhausted = true,
        }
        Ok(!self.exhausted)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let more = desired.saturating_sub(current);
        match self.elements.checked_sub(more) {
            Some(left) => self.elements = left,
            None => self.exhausted = true,
        }
        Ok(!self.exhausted)
    }

    fn instances(&self) -> usize {
        MOST_INSTANCES
    }

    fn memories(&self) -> usize {
        MOST_MEMORIES
    }

    fn tables(&self) -> usize {
        MOST_TABLES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_of_an_instance_share_one_budget() {
        let mut budget = Guest::new(100).budget;
        assert!(budget.memory_growing(0, 60, None).unwrap());
        assert!(budget.memory_growing(0, 40, None).unwrap());
        assert!(!budget.memory_growing(40, 41, None).unwrap());
        assert!(budget.exhausted());
    }
}
