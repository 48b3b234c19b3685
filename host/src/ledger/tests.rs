use std::sync::atomic::AtomicUsize;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::StatusCode;
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::task::JoinSet;

use super::*;
use crate::protocol::fingerprint::FingerprintBuilder;
use crate::protocol::point::IntegrationPoint;

pub(super) fn key(request: u64) -> Key {
    let digits = "0".repeat(32);
    Key {
        account: format!("AC{digits}").parse().unwrap(),
        add_on: format!("XB{digits}").parse().unwrap(),
        request: format!("XR{request:032x}").parse().unwrap(),
    }
}

pub(super) fn content(says: u8) -> Content {
    Content {
        fingerprint: FingerprintBuilder::new(IntegrationPoint::Lookups)
            .field("says", &[says])
            .finish(),
        reading: 1,
        install: format!("XD{}", "1".repeat(32)).parse().ok(),
    }
}

pub(super) fn told(status: StatusCode, body: &str) -> Told {
    Told {
        status,
        ..Told::answered(body.to_owned())
    }
}

const RULE: LedgerRule = LedgerRule {
    keep: Duration::from_secs(600),
    memory: 64 << 20,
};

fn ledger() -> Arc<Ledger> {
    Arc::new(Ledger::new())
}

fn ask(ledger: &Arc<Ledger>, request: u64) -> Found {
    ledger.ask(key(request), content(0), RULE)
}

fn lead(ledger: &Arc<Ledger>, request: u64) -> Lead {
    match ask(ledger, request) {
        Found::Nothing(lead) => lead,
        _ => panic!("somebody was here before"),
    }
}

fn running(ledger: &Arc<Ledger>, request: u64) -> Arc<Flight> {
    match ask(ledger, request) {
        Found::Running(flight) => flight,
        _ => panic!("nothing runs"),
    }
}

fn answered(ledger: &Arc<Ledger>, request: u64) -> Option<Arc<Told>> {
    match ask(ledger, request) {
        Found::Answered(told) => Some(told),
        _ => None,
    }
}

fn ended<S>(body: &str, lasts: bool, story: S) -> Ended<S> {
    Ended {
        told: told(StatusCode::OK, body),
        lasts,
        story,
    }
}

fn nobody<S>(_: S, _: &Told) {
    panic!("the caller is there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_at_once_are_one_call() {
    let (ledger, runs) = (ledger(), Arc::new(AtomicUsize::new(0)));
    let (all, ready) = (Arc::new(Semaphore::new(0)), Arc::new(Notify::new()));
    let mut callers = JoinSet::new();
    for _ in 0..1_000 {
        let (ledger, runs) = (Arc::clone(&ledger), Arc::clone(&runs));
        let (all, ready) = (Arc::clone(&all), Arc::clone(&ready));
        callers.spawn(async move {
            match ask(&ledger, 1) {
                Found::Nothing(lead) => {
                    let call = async move {
                        let number = runs.fetch_add(1, Ordering::Relaxed);
                        // Until everybody else has come.
                        let _everybody = all.acquire_many(999).await.unwrap();
                        ready.notify_one();
                        ended(&format!("answer {number}"), true, ())
                    };
                    lead.run(call, nobody).await.0
                }
                Found::Running(flight) => {
                    all.add_permits(1);
                    flight.answer().await.unwrap()
                }
                _ => panic!("it has not ended yet"),
            }
        });
    }
    let answers = callers.join_all().await;
    assert!(answers.iter().all(|told| Arc::ptr_eq(told, &answers[0])));
    assert_eq!(answers[0].body, "answer 0");
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert_eq!(answered(&ledger, 1).unwrap().body, "answer 0");
    let stats = ledger.stats();
    assert_eq!((stats.joined, stats.replayed, stats.entries), (999, 1, 1));
}

#[tokio::test]
async fn those_who_wait_are_told_what_does_not_last_and_the_next_runs() {
    let ledger = ledger();
    let first = lead(&ledger, 1);
    let waiting = running(&ledger, 1);
    let waiter = tokio::spawn(async move { waiting.answer().await });
    let (told, ()) = first
        .run(async { ended("no room", false, ()) }, nobody)
        .await;
    assert!(Arc::ptr_eq(&waiter.await.unwrap().unwrap(), &told));
    drop(lead(&ledger, 1));
}

#[tokio::test]
async fn whoever_asks_after_the_end_waits_for_nothing() {
    let ledger = ledger();
    let first = lead(&ledger, 1);
    let flight = running(&ledger, 1);
    first.run(async { ended("one", true, ()) }, nobody).await;
    assert_eq!(flight.answer().await.unwrap().body, "one");
}

/// When it has begun, what ends it, the call, and what is heard of it.
type HeldCall = (
    oneshot::Receiver<()>,
    oneshot::Sender<&'static str>,
    BoxFuture<'static, Ended<oneshot::Sender<String>>>,
    oneshot::Receiver<String>,
);

/// A call that goes on until it is told to end, and has begun once it says so.
fn held() -> HeldCall {
    let (begin, begun) = oneshot::channel();
    let (release, released) = oneshot::channel();
    let (tell, heard) = oneshot::channel();
    let call = async move {
        begin.send(()).unwrap();
        let body = released.await.unwrap();
        ended(body, true, tell)
    };
    (begun, release, call.boxed(), heard)
}

fn tell(tell: oneshot::Sender<String>, told: &Told) {
    let text = String::from_utf8(told.body.to_vec()).unwrap();
    tell.send(text).unwrap();
}

#[tokio::test]
async fn a_caller_who_goes_away_takes_nothing_with_it() {
    let ledger = ledger();
    let (begun, release, call, heard) = held();
    let first = tokio::spawn(lead(&ledger, 1).run(call, tell));
    begun.await.unwrap();
    let waiting = running(&ledger, 1);
    let waiter = tokio::spawn(async move { waiting.answer().await });
    first.abort();
    assert!(first.await.is_err_and(|error| error.is_cancelled()));
    // It runs on, so whoever comes now waits as well.
    let late = running(&ledger, 1);
    release.send("one").unwrap();
    assert_eq!(waiter.await.unwrap().unwrap().body, "one");
    assert_eq!(late.answer().await.unwrap().body, "one");
    assert_eq!(heard.await.unwrap(), "one");
    assert_eq!(answered(&ledger, 1).unwrap().body, "one");
}

#[tokio::test]
async fn a_caller_who_stays_is_told_and_nobody_else_is() {
    let ledger = ledger();
    let (_begun, release, call, heard) = held();
    release.send("one").unwrap();
    let (told, _) = lead(&ledger, 1).run(call, tell).await;
    assert_eq!(told.body, "one");
    assert!(heard.await.is_err());
}

#[tokio::test]
async fn one_that_waits_and_goes_away_changes_nothing() {
    let ledger = ledger();
    let (begun, release, call, _heard) = held();
    let first = tokio::spawn(lead(&ledger, 1).run(call, tell));
    begun.await.unwrap();
    let flight = running(&ledger, 1);
    let gone = tokio::spawn(async move { flight.answer().await });
    tokio::task::yield_now().await;
    gone.abort();
    assert!(gone.await.is_err());
    release.send("one").unwrap();
    assert_eq!(first.await.unwrap().0.body, "one");
}

#[test]
fn a_call_that_ends_with_its_runtime_leaves_nothing_and_holds_nobody_up() {
    let ledger = ledger();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (begun, release, call, heard) = held();
    let first = runtime.spawn(lead(&ledger, 1).run(call, tell));
    runtime.block_on(begun).unwrap();
    let flight = running(&ledger, 1);
    first.abort();
    drop(runtime);
    let waiter = tokio::runtime::Runtime::new().unwrap();
    assert!(waiter.block_on(flight.answer()).is_none());
    assert!(release.send("one").is_err());
    drop(heard);
    drop(lead(&ledger, 1));
}

#[tokio::test]
async fn a_call_that_panics_leaves_nothing() {
    let ledger = ledger();
    let call = async { panic!("in the midst of it") };
    let first = tokio::spawn(lead(&ledger, 1).run::<()>(call, nobody));
    let flight = running(&ledger, 1);
    assert!(first.await.is_err_and(|error| error.is_panic()));
    assert!(flight.answer().await.is_none());
    drop(lead(&ledger, 1));
}

#[tokio::test]
async fn what_is_kept_and_refused_is_counted() {
    let ledger = ledger();
    for request in 0..100 {
        let call = async { ended("some body", true, ()) };
        lead(&ledger, request).run(call, nobody).await;
    }
    let reused = ledger.ask(key(0), content(1), RULE);
    assert!(matches!(reused, Found::Reused));
    let stats = ledger.stats();
    let each = shelf::OVERHEAD + "some body".len() + "success".len();
    assert_eq!((stats.entries, stats.bytes), (100, 100 * each));
    assert_eq!((stats.conflicts, stats.evicted), (1, 0));
    ledger.tidy(RULE.keep);
    assert_eq!(ledger.stats().entries, 100);
    assert_eq!(ledger.erase(|kept| kept.body == b"some body"), 100);
    ledger.tidy(Duration::ZERO);
    assert_eq!(ledger.stats().bytes, 0);
}

#[tokio::test]
async fn all_shelves_together_keep_no_more_than_the_rule_says() {
    let (ledger, body) = (ledger(), "x".repeat(60_000));
    let rule = LedgerRule {
        memory: 1 << 20,
        ..RULE
    };
    for request in 0..200 {
        let Found::Nothing(lead) = ledger.ask(key(request), content(0), rule) else {
            panic!("somebody was here before");
        };
        let body = body.clone();
        lead.run(async move { ended(&body, true, ()) }, nobody)
            .await;
        assert!(ledger.stats().bytes <= rule.memory);
        // The newest always has a place.
        assert!(answered(&ledger, request).is_some());
    }
    let stats = ledger.stats();
    assert_eq!(stats.entries as u64 + stats.evicted, 200);
    assert!(stats.entries >= SHELVES, "{stats:?}");
}
