//! The engines of the process: what guests may be made of, and where they live.

use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::Semaphore;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::ceilings::Ceilings;
use super::lane::SlowLane;
use super::room::Room;
use super::ticker::Ticker;
use crate::counter::Counter;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// The most memory that any guest may be given. Pool slots are made for it.
const LARGEST_MEMORY: usize = 64 * MIB;

/// The most slots for memories beyond those that are needed: 32 TiB of address space, and
/// 1 GiB of memory should all of them have been used.
const MOST_MEMORIES: u32 = 8 * 1024;

/// What host functions have of a guest's stack beyond its own part, in bytes.
const HOST_STACK: usize = 3 * MIB / 2;

/// The version of the engine. (It does not tell.)
pub const ENGINE: &str = "48.0.8";

/// Providers that are tried at once.
const PROBES: usize = 2;

/// How guests get their memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// From slots that are reserved at start and used again: a fresh instance costs
    /// microseconds.
    Pooled,
    /// From the operating system for every call, because the slots could not be
    /// reserved. Correct, and several times slower.
    OnDemand,
}

/// How much of the pool is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// The guests that live in it.
    pub instances: u64,
    /// The guests that it was made for.
    pub places: u64,
    /// Their memories.
    pub memories: u64,
    /// The memories that nobody has, and that somebody had before.
    pub warm: u64,
}

/// The sandbox could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the WebAssembly engine does not start: {0}")]
pub struct SandboxError(String);

/// Where guests live, and the clock that stops them.
pub struct Sandbox {
    pub(super) serving: Arc<Room>,
    /// Where a provider is tried before it serves. What runs here leaves nothing behind:
    /// in the pool, the memory of a guest is kept for the next call, were there never one.
    pub(super) trying: Arc<Room>,
    pub(super) ceilings: Ceilings,
    pub(super) lane: SlowLane,
    pub(super) probes: Arc<Semaphore>,
    pub(super) instances: Arc<Counter>,
    allocation: Allocation,
    places: u64,
    pool_error: Option<String>,
    _ticker: Ticker,
}

impl Sandbox {
    /// Reserves room for `concurrency` guests at once.
    ///
    /// # Errors
    /// Where the engine does not start at all. Where only the pool cannot be reserved,
    /// as on machines with little address space, the sandbox works without it.
    pub fn new(concurrency: usize, ceilings: Ceilings) -> Result<Self, SandboxError> {
        let failed = |error: wasmtime::Error| SandboxError(format!("{error:#}"));
        let mut config = guest_config();
        config
            .max_wasm_stack(ceilings.stack)
            .async_stack_size(ceilings.stack + HOST_STACK);
        let trying = Room::new(&config).map_err(failed)?;
        let guests = guests(concurrency);
        let pool = pool(guests, &ceilings);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        let (serving, allocation, pool_error) = match Room::new(&config) {
            Ok(room) => (room, Allocation::Pooled, None),
            Err(error) => (
                Arc::clone(&trying),
                Allocation::OnDemand,
                Some(format!("{error:#}")),
            ),
        };
        let engines = [&serving.engine, &trying.engine];
        Ok(Self {
            _ticker: Ticker::start(engines).map_err(|error| SandboxError(error.to_string()))?,
            serving,
            trying,
            lane: SlowLane::start(ceilings.long_runners.unwrap_or_else(spare_processors))
                .map_err(|error| SandboxError(error.to_string()))?,
            probes: Arc::new(Semaphore::new(PROBES)),
            instances: Arc::default(),
            ceilings,
            allocation,
            places: u64::from(guests),
            pool_error,
        })
    }

    /// How guests get their memory.
    #[must_use]
    pub fn allocation(&self) -> Allocation {
        self.allocation
    }

    /// How many instances were made, each for one call, were it only to try a component.
    #[must_use]
    pub fn instances(&self) -> u64 {
        self.instances.read()
    }

    /// How much of the pool is in use at the moment; nothing where there is none.
    #[must_use]
    pub fn pool(&self) -> Option<Pool> {
        let metrics = self.serving.engine.pooling_allocator_metrics()?;
        Some(Pool {
            instances: metrics.component_instances(),
            places: self.places,
            memories: metrics.memories() as u64,
            warm: u64::from(metrics.unused_warm_memories()),
        })
    }

    /// Why the pool could not be reserved, where it could not.
    #[must_use]
    pub fn pool_error(&self) -> Option<&str> {
        self.pool_error.as_deref()
    }
}

/// The processors that guests may hold for long: all but one.
fn spare_processors() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    processors.saturating_sub(1).max(1)
}

/// What guests may be made of: WebAssembly 2.0 and components, and none of the newer
/// proposals that only widen what can go wrong.
pub(super) fn guest_config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .wasm_component_model(true)
        .concurrency_support(false)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false)
        .memory_init_cow(true)
        // For other unwinders than wasmtime's own. Each module would register it with the
        // system's, in one list for the process.
        .native_unwind_info(false)
        .wasm_backtrace_details(wasmtime::WasmBacktraceDetails::Enable);
    config
}

/// The guests that there is room for where so many run: one that ends leaves its room a
/// moment after its turn.
fn guests(concurrency: usize) -> u32 {
    count(concurrency.saturating_add(concurrency / 10 + 1))
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Slots for so many guests, each as large as any may be: an add-on whose guests are
/// made of many parts takes none from its neighbours. What is set aside is address space.
fn pool(guests: u32, ceilings: &Ceilings) -> PoolingAllocationConfig {
    let memories = memories(guests.saturating_mul(count(ceilings.memories)));
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(guests)
        .total_core_instances(guests.saturating_mul(count(ceilings.instances)))
        .total_memories(memories)
        // A slot that another component had before is mapped anew, which costs ten calls
        // in a slot of one's own: with many add-ons, each should find one.
        .max_unused_warm_slots(memories)
        .total_tables(guests.saturating_mul(count(ceilings.tables)))
        .total_stacks(guests)
        .max_core_instances_per_component(count(ceilings.instances))
        .max_memories_per_component(count(ceilings.memories))
        .max_tables_per_component(count(ceilings.tables))
        .max_memory_size(LARGEST_MEMORY)
        .table_elements(ceilings.table_elements)
        // What a small guest touches stays mapped between calls and is cleared by a
        // plain memset: the difference between 25 and 5 microseconds a call. The scan of
        // the page map stays off: it can miss pages that were swapped out, and show
        // them to the next guest.
        .linear_memory_keep_resident(128 * KIB)
        .table_keep_resident(64 * KIB)
        .async_stack_keep_resident(32 * KIB)
        .pagemap_scan(Enabled::No);
    pool
}

/// Slots for memories, where so many may be taken at once. Each thread that serves has
/// slots of its own, and in them wants to find every add-on that it has called before.
fn memories(taken: u32) -> u32 {
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = u32::try_from(threads).unwrap_or(u32::MAX);
    taken.saturating_mul(threads).min(MOST_MEMORIES).max(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_the_one_that_is_built_in() {
        let lock = include_str!("../../../Cargo.lock");
        let package = format!("name = \"wasmtime\"\nversion = \"{ENGINE}\"\n");
        assert!(lock.contains(&package));
    }
}
