use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::JoinSet;

use super::*;

const FOREVER: Duration = Duration::from_secs(3600);

fn gate(concurrency: usize, queue: usize) -> Gate {
    let demand = Demand {
        weight: 1,
        concurrency,
        queue,
    };
    let mut gates = Admission::divide(64, Fairness::default(), &[demand]);
    gates.remove(0)
}

fn nobody() -> Customer {
    Customer(None)
}

fn somebody(number: usize) -> Customer {
    Customer(format!("XD{number:032x}").parse().ok())
}

fn later() -> Instant {
    Instant::now() + FOREVER
}

/// Lets every task that can go on do so.
async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

/// Looks once whether a call has a turn.
async fn waits(call: &mut (impl Future + Unpin)) -> bool {
    poll_fn(|context| Poll::Ready(call.poll_unpin(context).is_pending())).await
}

#[tokio::test]
async fn a_call_that_waits_gets_the_slot_of_one_that_ends() {
    let gate = gate(1, 1);
    let first = gate.enter(nobody(), later()).await.unwrap();
    let second = tokio::spawn({
        let gate = gate.clone();
        async move { gate.enter(nobody(), later()).await.is_ok() }
    });
    settle().await;
    assert!(!second.is_finished());
    assert_eq!(
        gate.enter(nobody(), later()).await.err(),
        Some(NoTurn::Full)
    );
    drop(first);
    assert!(second.await.unwrap());
}

#[tokio::test]
async fn a_call_that_waits_too_long_is_told_and_leaves_the_queue() {
    let gate = gate(1, 1);
    let _first = gate.enter(nobody(), later()).await.unwrap();
    for _ in 0..3 {
        let soon = Instant::now() + Duration::from_millis(1);
        let second = gate.enter(nobody(), soon).await;
        assert_eq!(second.err(), Some(NoTurn::Late));
    }
    assert!(gate.admission.state().waiters.is_empty());
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_the_queue() {
    let gate = gate(1, 1);
    let first = gate.enter(nobody(), later()).await.unwrap();
    let gone = tokio::time::timeout(Duration::from_millis(1), gate.enter(nobody(), later()));
    assert!(gone.await.is_err());
    assert!(gate.admission.state().waiters.is_empty());
    drop(first);
    assert!(gate.enter(nobody(), later()).await.is_ok());
}

#[tokio::test]
async fn a_slot_that_a_caller_no_longer_takes_goes_to_the_next() {
    let gate = gate(1, 2);
    let first = gate.enter(nobody(), later()).await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut call = Box::pin(gate.enter(nobody(), later()));
        assert!(waits(&mut call).await);
        waiting.push(call);
    }
    let second = waiting.pop().unwrap();
    drop(first);
    // The first in the queue was given the slot, and goes without having looked.
    drop(waiting);
    assert!(second.await.is_ok());
    assert!(gate.enter(nobody(), later()).await.is_ok());
}

#[tokio::test]
async fn a_displaced_call_is_told_at_once() {
    let gate = gate(1, 2);
    let _first = gate.enter(somebody(1), later()).await.unwrap();
    let mut calls = Vec::new();
    for number in [1, 1, 2] {
        let mut call = Box::pin(gate.enter(somebody(number), later()));
        assert!(waits(&mut call).await);
        calls.push(call);
    }
    let told = calls.remove(1).await;
    assert_eq!(told.err(), Some(NoTurn::Displaced));
    assert!(waits(&mut calls[0]).await);
}

#[tokio::test]
async fn a_panic_gives_its_slot_back() {
    let gate = gate(1, 0);
    let crashed = tokio::spawn({
        let gate = gate.clone();
        async move {
            let _permit = gate.enter(nobody(), later()).await;
            panic!("on purpose");
        }
    });
    assert!(crashed.await.is_err());
    assert!(gate.enter(nobody(), later()).await.is_ok());
}

/// Many callers on several threads, some of whom go away: never more than may run do,
/// and in the end every slot is free and nobody is forgotten.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_wake_up_is_lost_and_no_slot_leaks() {
    const SLOTS: usize = 3;
    let gate = gate(SLOTS, 1_000);
    let running = Arc::new(AtomicUsize::new(0));
    let mut calls = JoinSet::new();
    for number in 0..2_000 {
        let (gate, running) = (gate.clone(), Arc::clone(&running));
        calls.spawn(async move {
            let until = match number % 3 {
                0 => Instant::now() + Duration::from_micros(200),
                _ => later(),
            };
            let permit = gate.enter(somebody(number % 5), until).await.ok();
            if permit.is_some() {
                assert!(running.fetch_add(1, Ordering::SeqCst) < SLOTS);
                tokio::task::yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
            }
        });
        if number % 7 == 0 {
            tokio::task::yield_now().await;
        }
    }
    tokio::time::timeout(Duration::from_secs(60), calls.join_all())
        .await
        .unwrap();
    assert!(gate.admission.state().waiters.is_empty());
    // One customer may have all but one of the slots.
    let mut permits = Vec::new();
    for number in [1, 1, 2] {
        permits.push(gate.enter(somebody(number), Instant::now()).await.unwrap());
    }
}

/// Where nobody waits: the best of many rounds, since other work on the machine only ever
/// adds to it. It takes a quarter of a microsecond; what is held here is its order.
#[tokio::test]
async fn a_slot_costs_next_to_nothing() {
    const CALLS: u32 = 1_000;
    let gate = gate(64, 64);
    let customer = somebody(3);
    let mut others = Vec::new();
    for number in [1, 1, 2] {
        others.push(gate.enter(somebody(number), later()).await.unwrap());
    }
    let mut best = Duration::MAX;
    for _ in 0..100 {
        let started = Instant::now();
        for _ in 0..CALLS {
            let permit = gate.enter(customer, started + FOREVER).await;
            assert!(std::hint::black_box(permit).is_ok());
        }
        best = best.min(started.elapsed() / CALLS);
    }
    println!("{best:?} for one permit, taken and given back");
    assert!(best < Duration::from_micros(5), "{best:?}");
}
