//! What is remembered: what a provider brought, whatever that is, and nothing else.

use std::fs;

use insta::assert_snapshot;
use jackfield_tests::versions::{Deed, label, version, version_that};
use jackfield_tests::{TestHost, add_on_sid, guest};

use super::{
    INSTALL, ONE_AT_A_TIME, answered, builder, call, counted, named, pair, said, same, served_by,
    slow,
};

/// The request runs now, and is remembered from now on.
async fn assert_runs(host: &TestHost, request: u64) {
    let before = counted(host, "replayed");
    let first = said(call(host, request)).await;
    assert_eq!(counted(host, "replayed"), before);
    assert_eq!(said(call(host, request)).await, first);
    assert_eq!(counted(host, "replayed"), before + 1);
}

fn done(host: &TestHost, arguments: &[&str]) {
    let output = host.cli(arguments);
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn a_failure_is_told_again_and_not_brought_about_again() {
    let bytes = |name: &str| fs::read(guest(name)).unwrap();
    for (component, code) in [
        (bytes("refuse"), "busy_upstream"),
        (bytes("not-json"), "reply_malformed"),
        (version_that(Deed::Traps, 1), "provider_failed"),
        (version_that(Deed::Spins, 1), "out_of_cpu"),
    ] {
        let host = served_by(&component, "cpu = \"100ms\"").start();
        let first = call(&host, 1).send().await;
        assert_eq!(first.error_code(), code);
        // From now on, every execution brings an answer.
        host.put("plugins/it.wasm", version(2));
        host.logs("taken up", 1).await;
        assert!(said(call(&host, 2)).await.contains(&label(2)), "{code}");
        assert_eq!(call(&host, 1).send().await.shown(), first.shown());
        assert_eq!(counted(&host, "replayed"), 1, "{code}");
    }
}

#[tokio::test]
async fn a_fallback_that_answered_for_a_failure_is_told_again() {
    let component = version_that(Deed::Traps, 1);
    let host = served_by(&component, "fallback = { score = 0 }").start();
    let first = said(call(&host, 1)).await;
    assert!(first.contains("{\"score\":0}"), "{first}");
    host.put("plugins/it.wasm", version(2));
    host.logs("taken up", 1).await;
    assert!(said(call(&host, 2)).await.contains(&label(2)));
    assert_eq!(said(call(&host, 1)).await, first);
}

#[tokio::test]
async fn an_overload_is_not_remembered() {
    let host = builder(ONE_AT_A_TIME).start();
    let busy = pair(&host, || slow(&host, 1)).await;
    for _ in 0..2 {
        let turned_away = call(&host, 2).send().await;
        assert_eq!(turned_away.error_code(), "overloaded");
    }
    answered(&same(busy).await);
    assert_runs(&host, 2).await;
}

#[tokio::test]
async fn that_an_add_on_is_suspended_is_not_remembered() {
    let toml = "breaker = { failures = 1, pause = \"1s\" }";
    let moody = fs::read(guest("moody")).unwrap();
    let host = served_by(&moody, toml).start();
    let bad = host.twilio().lookup(&add_on_sid('a'), "+12125550120");
    let failed = named(bad, 1).send().await;
    assert_eq!(failed.error_code(), "provider_failed");
    assert_eq!(call(&host, 2).send().await.error_code(), "suspended");
    let answers = async || call(&host, 2).send().await.error_code().is_null();
    host.until("it answers again", answers).await;
    let before = counted(&host, "replayed");
    said(call(&host, 2)).await;
    assert_eq!(counted(&host, "replayed"), before + 1);
}

#[tokio::test]
async fn that_an_add_on_is_paused_is_not_remembered() {
    let host = builder("").start();
    done(&host, &["pause", "it", "--reason", "the vendor is down"]);
    assert_eq!(call(&host, 1).send().await.error_code(), "paused");
    done(&host, &["resume", "it"]);
    assert_runs(&host, 1).await;
}

#[tokio::test]
async fn that_nothing_serves_an_add_on_is_not_remembered() {
    let host = served_by(b"not wasm", "").start();
    assert_eq!(call(&host, 1).send().await.error_code(), "unavailable");
    host.put("plugins/it.wasm", version(1));
    let serves = async || call(&host, 2).send().await.error_code().is_null();
    host.until("it is served", serves).await;
    assert_runs(&host, 1).await;
}

#[tokio::test]
async fn whoever_waits_for_a_call_that_gets_no_turn_is_told_the_same() {
    let toml = "concurrency = 1\nqueue = 2\noverload = \"retry\"";
    let host = builder(toml).start();
    let runs = pair(&host, || slow(&host, 1)).await;
    let waits = pair(&host, || call(&host, 2)).await;
    let displaced = pair(&host, || call(&host, 3)).await;
    // A customer with fewer calls in the queue gets the place of the newest there.
    let other = call(&host, 4).header(INSTALL, "XD0123456789abcdef0123456789abcdef");
    let other = tokio::spawn(said(other));
    let told = same(displaced).await;
    assert_snapshot!(told.shown(), @r#"
    503 Service Unavailable
    {"error_code":"overloaded","message":"the add-on is at its limit of calls, and another customer's goes first"}
    "#);
    assert_eq!(told.headers["retry-after"], "1");
    for served in [runs, waits] {
        answered(&same(served).await);
    }
    other.await.unwrap();
    assert_eq!(counted(&host, "joined"), 3);
    assert_runs(&host, 3).await;
}
