//! Wasmtime alone: with the settings of the product, and with its own.

use criterion::Criterion;
use jackfield::sandbox::Stock;
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
        ("product-caller-name", for_small(), caller_name.clone()),
        ("product-default-guest", for_large(), default_guest.clone()),
        ("defaults-caller-name", defaults(), caller_name),
        ("defaults-default-guest", defaults(), default_guest),
    ]
}

/// As the product has it for small guests, but for limits that cost nothing.
pub(crate) fn for_small() -> Engine {
    let mut config = product();
    config.memory_init_cow(false);
    Stock::default().supply(&mut config);
    Engine::new(&config).expect("an engine with a stock")
}

/// As the product has it for large guests, but for limits that cost nothing.
fn for_large() -> Engine {
    let mut pool = PoolingAllocationConfig::default();
    pool.max_memory_size(64 * MIB)
        .linear_memory_keep_resident(128 * KIB)
        .table_keep_resident(64 * KIB)
        .pagemap_scan(Enabled::No);
    let mut config = product();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).expect("an engine with a pool")
}

/// What the product has for guests of any size.
fn product() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .concurrency_support(false)
        .max_wasm_stack(512 * KIB)
        .async_stack_size(2 * MIB);
    config
}

/// As wasmtime has it: memory from the operating system for every instance.
fn defaults() -> Engine {
    Engine::default()
}
