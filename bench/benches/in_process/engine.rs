//! Wasmtime alone: with the settings of the product, and with its own.

use criterion::Criterion;
use tokio::runtime::Builder;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::guest::{Guest, request};
use crate::setting;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

pub(crate) fn measure(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let request = request();
    let mut group = criterion.benchmark_group("engine");
    for (name, engine, component) in all() {
        let guest = Guest::new(&engine, &component);
        group.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(|| guest.call(&request));
        });
    }
    group.finish();
}

/// Every engine with every guest, by name.
pub(crate) fn all() -> [(&'static str, Engine, Vec<u8>); 4] {
    let (caller_name, default_guest) = (setting::caller_name(), setting::default_guest());
    [
        ("product-caller-name", product(true), caller_name.clone()),
        (
            "product-default-guest",
            product(false),
            default_guest.clone(),
        ),
        ("defaults-caller-name", defaults(), caller_name),
        ("defaults-default-guest", defaults(), default_guest),
    ]
}

/// As the product's sandbox has it, but for limits that cost nothing. A small guest's memory
/// is filled by copying, a large one's mapped.
pub(crate) fn product(copied: bool) -> Engine {
    let mut pool = PoolingAllocationConfig::default();
    pool.max_memory_size(64 * MIB)
        .linear_memory_keep_resident(128 * KIB)
        .table_keep_resident(64 * KIB)
        .async_stack_keep_resident(32 * KIB)
        .pagemap_scan(Enabled::No);
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .concurrency_support(false)
        .memory_init_cow(!copied)
        .max_wasm_stack(512 * KIB)
        .async_stack_size(2 * MIB)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).expect("an engine with a pool")
}

/// As wasmtime has it: memory from the operating system for every instance.
fn defaults() -> Engine {
    Engine::default()
}
