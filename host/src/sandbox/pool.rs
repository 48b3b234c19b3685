//! The memory that larger guests have: slots that are reserved at the start and used again.

use wasmtime::{Enabled, PoolingAllocationConfig};

use super::ceilings::Ceilings;
use super::size::Size;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// The most memory that any guest may be given. Slots are made for it.
const LARGEST_MEMORY: usize = 64 * MIB;

/// The most that is kept mapped in one room for guests to come, in bytes, should all of its
/// slots have been used.
const MOST_KEPT: usize = 1024 * MIB;

/// How much of the memory for guests is in use, where it is kept from one to the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pool {
    /// The guests that live in it.
    pub instances: u64,
    /// The guests that may be there at once.
    pub places: u64,
    /// Their memories.
    pub memories: u64,
    /// The memories that nobody has, and that somebody had before.
    pub warm: u64,
}

/// Slots for so many guests of one size, each as large as any may be: an add-on whose
/// guests are made of many parts takes none from its neighbours. What is set aside is
/// address space.
pub(super) fn config(size: Size, guests: u32, ceilings: &Ceilings) -> PoolingAllocationConfig {
    let memories = slots(size, guests.saturating_mul(count(ceilings.memories)));
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(guests)
        .total_core_instances(guests.saturating_mul(count(ceilings.instances)))
        .total_memories(memories)
        .max_unused_warm_slots(memories)
        .total_tables(guests.saturating_mul(count(ceilings.tables)))
        .total_stacks(guests)
        .max_core_instances_per_component(count(ceilings.instances))
        .max_memories_per_component(count(ceilings.memories))
        .max_memories_per_module(count(ceilings.memories))
        .max_tables_per_module(count(ceilings.tables))
        .max_tables_per_component(count(ceilings.tables))
        .max_memory_size(LARGEST_MEMORY)
        .table_elements(ceilings.table_elements)
        // What a guest touches stays mapped between calls and is copied back, which makes a
        // call several times as fast. The scan of the page map stays off: it can miss pages
        // that were swapped out, and show them to the next guest.
        .linear_memory_keep_resident(size.kept())
        .table_keep_resident(64 * KIB)
        .pagemap_scan(Enabled::No);
    pool
}

/// Slots for memories, where so many may be taken at once. A slot that another component had
/// before is mapped anew, which costs ten calls in one of its own. Each thread that serves
/// has slots of its own, and in them wants to find every add-on that it has called before.
fn slots(size: Size, taken: u32) -> u32 {
    let threads = std::thread::available_parallelism().map_or(1, Into::into);
    taken
        .saturating_mul(count(threads))
        .min(count(MOST_KEPT / size.kept()))
        .max(taken)
}

/// The guests that there is room for where so many run: one that ends leaves its room a
/// moment after its turn.
pub(super) fn guests(concurrency: usize) -> u32 {
    count(concurrency.saturating_add(concurrency / 10 + 1))
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
