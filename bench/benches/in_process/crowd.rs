//! The same on every processor at once, as in a server: memory that is mapped for one call
//! and unmapped after it is taken from all threads of the process.

use std::thread;
use std::time::{Duration, Instant};

use criterion::Criterion;
use tokio::runtime::Builder;

use crate::engine;
use crate::guest::{Guest, request};

pub(crate) fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("crowd");
    for (name, engine, component) in engine::all() {
        let guest = Guest::new(&engine, &component);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| on_every_processor(&guest, times));
        });
    }
    group.finish();
}

/// How long so many calls take on each processor.
fn on_every_processor(guest: &Guest, times: u64) -> Duration {
    let processors = thread::available_parallelism().map_or(1, Into::into);
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| calls(guest, times));
        }
    });
    began.elapsed()
}

fn calls(guest: &Guest, times: u64) {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let request = request();
    runtime.block_on(async {
        for _ in 0..times {
            guest.call(&request).await;
        }
    });
}
