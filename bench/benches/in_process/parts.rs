//! What a fresh instance and a call are made of. Every part is measured within the whole, so
//! that each finds memory and caches as it does there.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use tokio::runtime::Builder;

use crate::guest::{Guest, call, request};
use crate::{engine, setting};

const PARTS: [&str; 4] = ["store", "instantiate", "call", "drop"];

pub(crate) fn measure(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let guest = Guest::new(&engine::for_small(), &setting::caller_name());
    let mut group = criterion.benchmark_group("parts");
    for (part, name) in PARTS.into_iter().enumerate() {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| runtime.block_on(spent(&guest, part, times)));
        });
    }
    group.finish();
}

/// The time that one part takes, in so many calls.
async fn spent(guest: &Guest, part: usize, times: u64) -> Duration {
    let request = request();
    let mut spent = Duration::ZERO;
    for _ in 0..times {
        let began = Instant::now();
        let mut store = guest.store();
        let made = Instant::now();
        let instance = guest.instantiate(&mut store).await;
        let instantiated = Instant::now();
        let answer = black_box(call(&instance, &mut store, &request).await);
        let called = Instant::now();
        drop((store, answer));
        let ended = Instant::now();
        let moments = [began, made, instantiated, called, ended];
        spent += moments[part + 1] - moments[part];
    }
    spent
}
