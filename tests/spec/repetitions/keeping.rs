//! For how long an answer is given again: by time, by memory, and across a reload and a
//! restart.

use std::fs;

use jackfield_tests::versions::{label, version};
use jackfield_tests::{NUMBER, Signed, TestHost, guest};

use super::{answered, builder, call, counted, named, pair, said, same, served_by, slow};

/// How many answers are asked for where there is room for a few.
const MANY: u64 = 200;
/// How long each of them is, about, in bytes.
const LENGTH: usize = 60_000;

/// A request whose answer is long, as the guest `echo` gives it.
fn long(host: &TestHost, request: u64) -> Signed {
    host.keep_secret(NUMBER);
    let filler = "x".repeat(LENGTH);
    let form = [("phone", NUMBER), ("filler", filler.as_str())];
    named(host.twilio().form("/lookups", &form), request)
}

/// Changes the configuration, and waits until it is taken up.
async fn change(host: &TestHost, old: &str, new: &str) {
    let config = host.config();
    assert!(config.contains(old), "{config}");
    host.configure(|toml| toml.replace(old, new));
    host.logs("taken up", 1).await;
}

#[tokio::test]
async fn the_oldest_answers_go_where_memory_ends() {
    let echo = fs::read(guest("echo")).unwrap();
    let host = served_by(&echo, "")
        .server("ledger_memory = \"1MiB\"")
        .start();
    let first = said(long(&host, 0)).await;
    let mut last = String::new();
    for request in 1..MANY {
        last = said(long(&host, request)).await;
    }
    let [entries, bytes, evicted] =
        ["entries", "bytes", "evicted"].map(|what| counted(&host, what));
    assert!(bytes <= 1024 * 1024, "{bytes}");
    assert!(bytes >= entries * LENGTH as u64, "{entries}: {bytes}");
    assert!(entries > 0, "{bytes}");
    assert_eq!(entries + evicted, MANY);
    assert_eq!(said(long(&host, MANY - 1)).await, last);
    assert_eq!(counted(&host, "replayed"), 1);
    assert_ne!(said(long(&host, 0)).await, first);
}

#[tokio::test]
async fn an_answer_that_is_kept_long_enough_is_forgotten() {
    let host = builder("").server("ledger_keep = \"50ms\"").start();
    let first = said(call(&host, 1)).await;
    let runs_again = async || said(call(&host, 1)).await != first;
    host.until("it runs again", runs_again).await;
}

#[tokio::test]
async fn nothing_is_remembered_where_that_is_switched_off() {
    let host = builder("").server("ledger_keep = \"0s\"").start();
    let first = said(call(&host, 1)).await;
    assert_ne!(said(call(&host, 1)).await, first);
    // Nor is it known whose SID this is.
    said(call(&host, 1).target("/lookups?phone=%2B12125550199")).await;
    for what in ["entries", "replayed", "conflicts"] {
        assert_eq!(counted(&host, what), 0, "{what}");
    }
}

#[tokio::test]
async fn a_reload_forgets_nothing() {
    let host = builder("queue = 8").start();
    let first = said(call(&host, 1)).await;
    change(&host, "queue = 8", "queue = 9").await;
    assert_eq!(said(call(&host, 1)).await, first);
    assert_eq!(counted(&host, "replayed"), 1);
}

#[tokio::test]
async fn what_comes_after_a_reload_waits_for_a_call_from_before_it() {
    let host = builder("").start();
    let before = pair(&host, || slow(&host, 1)).await;
    host.put("plugins/it.wasm", version(2));
    host.logs("taken up", 1).await;
    let after = said(slow(&host, 1)).await;
    assert!(after.contains(&label(1)), "{after}");
    assert_eq!(answered(&same(before).await), after);
}

#[tokio::test]
async fn a_restart_forgets_everything() {
    let mut host = builder("").start();
    let first = said(call(&host, 1)).await;
    host.restart("TERM");
    assert_eq!(counted(&host, "entries"), 0);
    assert_ne!(said(call(&host, 1)).await, first);
}

/// Before, the provider was to be given the field `wait`, and afterwards it is not.
#[tokio::test]
async fn a_request_that_is_read_differently_since_a_reload_is_not_taken_for_another_one() {
    let host = builder("").start();
    let plain = said(call(&host, 1)).await;
    let before = pair(&host, || slow(&host, 2)).await;
    change(&host, "[\"*\"]", "[\"nonce\"]").await;
    let meanwhile = said(slow(&host, 2)).await;
    let before = same(before).await;
    assert_ne!(meanwhile, answered(&before));
    let after = said(slow(&host, 2)).await;
    assert_ne!(after, before.text());
    assert_eq!(said(slow(&host, 2)).await, after);
    assert_eq!(said(call(&host, 1)).await, plain);
    assert_eq!(counted(&host, "conflicts"), 0);
}
