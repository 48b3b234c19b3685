//! The same on every processor at once, as in a server: memory that is mapped for one call
//! and unmapped after it is taken from all threads of the process.

use std::thread;
use std::time::{Duration, Instant};

use criterion::Criterion;
use tokio::runtime::{Builder, Runtime};

use crate::guest::{Guest, request};
use crate::{engine, provider};

pub(crate) fn measure(criterion: &mut Criterion) {
    providers(criterion);
    engines(criterion);
}

fn providers(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("crowd");
    for ready in runtime.block_on(provider::all()) {
        group.bench_function(ready.name(), |bencher| {
            let call = async || ready.call().await;
            bencher.iter_custom(|times| on_every_processor(times, &call));
        });
    }
    group.finish();
}

fn engines(criterion: &mut Criterion) {
    let request = request();
    let mut group = criterion.benchmark_group("crowd");
    for (name, engine, component) in engine::all() {
        let guest = Guest::new(&engine, &component);
        group.bench_function(name, |bencher| {
            let call = async || drop(guest.call(&request).await);
            bencher.iter_custom(|times| on_every_processor(times, &call));
        });
    }
    group.finish();
}

/// How long so many calls take on each processor.
fn on_every_processor(times: u64, call: &(impl AsyncFn() + Sync)) -> Duration {
    let processors = thread::available_parallelism().map_or(1, Into::into);
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| runtime().block_on(repeat(times, call)));
        }
    });
    began.elapsed()
}

async fn repeat(times: u64, call: &impl AsyncFn()) {
    for _ in 0..times {
        call().await;
    }
}

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}
