use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::task::JoinSet;

use super::*;

const FOREVER: Duration = Duration::from_secs(3600);

fn demand(concurrency: usize, queue: usize) -> Demand {
    Demand {
        weight: 1,
        concurrency,
        queue,
    }
}

fn gate(concurrency: usize, queue: usize) -> Gate {
    let demand = demand(concurrency, queue);
    let gate = Admission::new(64, Fairness::default()).gate();
    gate.admission().arrange(&[(gate.clone(), demand)]);
    gate
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
    assert!(gate.admission().state().waiters.is_empty());
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_the_queue() {
    let gate = gate(1, 1);
    let first = gate.enter(nobody(), later()).await.unwrap();
    let gone = tokio::time::timeout(Duration::from_millis(1), gate.enter(nobody(), later()));
    assert!(gone.await.is_err());
    assert!(gate.admission().state().waiters.is_empty());
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

#[tokio::test]
async fn a_call_that_waits_runs_when_a_new_division_has_a_slot_for_it() {
    let gate = gate(1, 1);
    let _first = gate.enter(nobody(), later()).await.unwrap();
    let mut second = Box::pin(gate.enter(nobody(), later()));
    assert!(waits(&mut second).await);
    gate.admission().arrange(&[(gate.clone(), demand(2, 1))]);
    assert!(second.now_or_never().unwrap().is_ok());
}

#[tokio::test]
async fn a_turn_is_for_the_add_on_that_waited_for_it() {
    let admission = Admission::new(2, Fairness::default());
    let (old, new) = (admission.gate(), admission.gate());
    admission.arrange(&[(old.clone(), demand(2, 0))]);
    let first = old.enter(nobody(), later()).await.unwrap();
    let second = old.enter(nobody(), later()).await.unwrap();
    admission.arrange(&[(new.clone(), demand(2, 9))]);
    drop(old);
    let mut third = Box::pin(new.enter(nobody(), later()));
    assert!(waits(&mut third).await);
    drop(first);
    let _third = third.await.unwrap();
    // The old add-on's place is there as long as its last call.
    assert_eq!(admission.state().scheduler.counts(), (2, 2, 0));
    drop(second);
    assert_eq!(admission.state().scheduler.counts(), (1, 2, 1));
}

#[tokio::test]
async fn the_slots_of_a_gate_that_is_gone_go_to_those_who_wait() {
    let admission = Admission::new(2, Fairness::default());
    let (busy, idle) = (admission.gate(), admission.gate());
    let demands = [&busy, &idle].map(|gate| (gate.clone(), demand(2, 1)));
    admission.arrange(&demands);
    drop(demands);
    let _first = busy.enter(nobody(), later()).await.unwrap();
    let mut second = Box::pin(busy.enter(nobody(), later()));
    assert!(waits(&mut second).await);
    drop(idle);
    assert!(second.now_or_never().unwrap().is_ok());
}

#[tokio::test]
async fn a_call_that_must_make_nobody_wait_gives_its_slot_back() {
    let gate = gate(2, 0);
    for _ in 0..3 {
        let spare = gate.try_enter(nobody()).unwrap();
        assert!(gate.try_enter(nobody()).is_none());
        let real = gate.enter(nobody(), later()).await.unwrap();
        assert!(gate.try_enter(nobody()).is_none());
        drop((spare, real));
    }
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
    assert!(gate.admission().state().waiters.is_empty());
    // One customer may have all but one of the slots.
    let mut permits = Vec::new();
    for number in [1, 1, 2] {
        permits.push(gate.enter(somebody(number), Instant::now()).await.unwrap());
    }
}

/// The host's, where it is divided anew.
const SLOTS: usize = 8;

/// Calls on several threads while add-ons come, change and go: never more run than there
/// are slots, every call that has the time for it gets its turn, and nothing is left over.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_call_is_lost_while_the_host_is_divided_anew() {
    const CALLS: usize = 6_000;
    let admission = Admission::new(SLOTS, Fairness::default());
    let gates = [0; 3].map(|_| admission.gate());
    let served = Arc::new(Mutex::new(gates));
    redivide(&admission, &served, 0);
    let (running, done) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
    let reloads = tokio::spawn({
        let (admission, served) = (Arc::clone(&admission), Arc::clone(&served));
        let done = Arc::clone(&done);
        async move {
            let mut rounds = 0;
            while !done.load(Ordering::SeqCst) {
                rounds += 1;
                redivide(&admission, &served, rounds);
                tokio::task::yield_now().await;
            }
            rounds
        }
    });
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        let gate = served.lock().unwrap()[number % 3].clone();
        calls.spawn(call_once(gate, number, Arc::clone(&running)));
        if number % 9 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let turns = tokio::time::timeout(Duration::from_secs(60), calls.join_all()).await;
    let turns = turns.unwrap();
    done.store(true, Ordering::SeqCst);
    let rounds = reloads.await.unwrap();
    println!(
        "{} of {CALLS} ran, in {rounds} divisions",
        turns.iter().filter(|ran| **ran).count()
    );
    assert!(rounds > 10);
    assert_eq!(admission.state().scheduler.counts().0, 3);
    drop(served);
    assert!(admission.state().waiters.is_empty());
    let (add_ons, _, shared) = admission.state().scheduler.counts();
    assert_eq!((add_ons, shared), (0, SLOTS));
    assert_eq!(Arc::strong_count(&admission), 1);
}

/// Two add-ons stay, and the third is another one each time.
fn redivide(admission: &Arc<Admission>, served: &Mutex<[Gate; 3]>, round: usize) {
    let [first, second, _] = served.lock().unwrap().clone();
    let gates = [first, second, admission.gate()];
    let demands: Vec<(Gate, Demand)> = gates
        .iter()
        .enumerate()
        .map(|(number, gate)| {
            let demand = Demand {
                weight: 1 + (round + number) % 3,
                ..demand(2 + (round * 3 + number) % 6, 100_000)
            };
            (gate.clone(), demand)
        })
        .collect();
    admission.arrange(&demands);
    let old = std::mem::replace(&mut *served.lock().unwrap(), gates);
    drop(old);
}

/// One call in some way or other. Returns whether it ran.
async fn call_once(gate: Gate, number: usize, running: Arc<AtomicUsize>) -> bool {
    let customer = somebody(number % 5);
    let permit = match number % 4 {
        0 => gate.try_enter(customer),
        1 => {
            let soon = Instant::now() + Duration::from_micros(200);
            gate.enter(customer, soon).await.ok()
        }
        _ => Some(gate.enter(customer, later()).await.unwrap()),
    };
    drop(gate);
    if permit.is_some() {
        assert!(running.fetch_add(1, Ordering::SeqCst) < SLOTS);
        tokio::task::yield_now().await;
        running.fetch_sub(1, Ordering::SeqCst);
    }
    permit.is_some()
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
