//! One execution for each invocation: who waits for its answer, and who is given it again.
//!
//! Every request here has a mark of its own in a header that a genuine repetition may
//! change, and the guest answers with it: an answer says which request it was brought
//! about for, and no two executions bring the same.

mod erasing;
mod keeping;
mod likeness;
mod outcomes;

use std::sync::atomic::{AtomicU64, Ordering};

use jackfield_tests::versions::{label, version};
use jackfield_tests::{Answer, NUMBER, Signed, TestHost, TestHostBuilder, add_on_sid, request_sid};
use serde_json::Value;
use tokio::task::JoinSet;

/// How many requests come at once.
const CROWD: u64 = 1_000;
/// Longer than it takes to see that a call runs, in milliseconds.
const LONG: u32 = 3_000;

const LOOKUP: &str = "/lookups?phone=%2B12125550123";
/// Where the mark is.
const MARK: &str = "i-twilio-idempotency-token";
const INSTALL: &str = "x-twilio-addoninstallsid";

/// The guest `versioned` answers with its field `nonce`, and waits as its field `wait`
/// says.
const TERMS: &str = "fields.extra.nonce = { header = \"i-twilio-idempotency-token\" }\n\
                     grants.fields = [\"*\"]\ntimeout = \"15s\"\n";
/// A second execution finds no room.
const ONE_AT_A_TIME: &str = "concurrency = 1\nqueue = 0";

/// A host whose add-on `it` is served by version 1.
fn builder(toml: &str) -> TestHostBuilder {
    served_by(&version(1), toml)
}

fn served_by(component: &[u8], toml: &str) -> TestHostBuilder {
    let toml = format!("{TERMS}{toml}");
    TestHost::builder().add_on_of("it", &add_on_sid('a'), component, &toml)
}

/// A lookup by `it`, under a request's SID.
fn call(host: &TestHost, request: u64) -> Signed {
    named(host.twilio().lookup(&add_on_sid('a'), NUMBER), request)
}

/// Another, which takes long.
fn slow(host: &TestHost, request: u64) -> Signed {
    call(host, request).target(&format!("{LOOKUP}&wait={LONG}"))
}

/// Makes a request one of `it` under a SID, with a mark of its own.
fn named(signed: Signed, request: u64) -> Signed {
    static MARKS: AtomicU64 = AtomicU64::new(0);
    let mark = MARKS.fetch_add(1, Ordering::Relaxed).to_string();
    let named = signed.add_on(&add_on_sid('a')).header(MARK, &mark);
    named.request_sid(&request_sid(request))
}

/// Two requests of one SID, of which one has begun and the other waits for its answer.
async fn pair(host: &TestHost, request: impl Fn() -> Signed) -> JoinSet<Answer> {
    let before = counted(host, "joined");
    let both = [request(), request()].map(Signed::send);
    let pair = both.into_iter().collect();
    let joined = async || counted(host, "joined") > before;
    host.until("one waits for the other", joined).await;
    pair
}

/// What a provider says to a request. It answers.
async fn said(request: Signed) -> String {
    answered(&request.send().await).to_owned()
}

/// What is answered, which is no failure.
fn answered(answer: &Answer) -> &str {
    let is_good = answer.status == 200 && answer.error_code().is_null();
    assert!(is_good, "{}", answer.shown());
    answer.text()
}

/// The one answer that all of them get.
async fn same(crowd: JoinSet<Answer>) -> Answer {
    let mut answers = crowd.join_all().await;
    let one = answers.pop().unwrap();
    for other in answers {
        assert_eq!(other.shown(), one.shown());
    }
    one
}

/// What the host counts about its ledger.
fn counted(host: &TestHost, what: &str) -> u64 {
    let status = host.cli(&["status", "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    status["ledger"][what].as_u64().unwrap()
}

/// How many of the log's lines about a request hold a text.
fn lines(host: &TestHost, request: u64, text: &str) -> usize {
    let (log, sid) = (host.log(), request_sid(request));
    let lines = log.lines().filter(|line| line.contains(&sid));
    lines.filter(|line| line.contains(text)).count()
}

#[tokio::test]
async fn what_comes_while_the_first_runs_waits_for_its_answer() {
    let host = builder(ONE_AT_A_TIME).start();
    let crowd = (0..4).map(|_| slow(&host, 1).send()).collect();
    answered(&same(crowd).await);
    assert_eq!(counted(&host, "joined"), 3);
    assert_eq!(lines(&host, 1, "joined=true"), 3);
    assert_eq!(lines(&host, 1, "answered"), 4);
}

#[tokio::test]
async fn a_thousand_identical_requests_at_once_are_one_execution() {
    let host = builder(ONE_AT_A_TIME).start();
    let crowd = (0..CROWD).map(|_| slow(&host, 1).send()).collect();
    answered(&same(crowd).await);
    let again = counted(&host, "joined") + counted(&host, "replayed");
    assert_eq!(again, CROWD - 1);
    assert_eq!(counted(&host, "entries"), 1);
}

#[tokio::test]
async fn what_comes_later_is_given_the_same_bytes_whoever_serves_by_then() {
    let host = builder("").start();
    let first = said(call(&host, 1)).await;
    host.put("plugins/it.wasm", version(2));
    host.logs("taken up", 1).await;
    assert!(said(call(&host, 2)).await.contains(&label(2)));
    for _ in 0..2 {
        let again = call(&host, 1).send().await;
        assert_eq!(again.shown(), format!("200 OK\n{first}"));
        assert_eq!(again.headers["content-type"], "application/json");
    }
    assert_eq!(counted(&host, "replayed"), 2);
    assert_eq!(lines(&host, 1, "replayed=true"), 2);
}

#[tokio::test]
async fn a_request_without_a_sid_is_served_and_not_remembered() {
    let host = builder("").start();
    let without = call(&host, 1).without("x-twilio-requestsid");
    let malformed = call(&host, 1).request_sid("XR1");
    for request in [without, malformed] {
        let first = said(request.clone()).await;
        assert_ne!(said(request.header(MARK, "another")).await, first);
    }
    assert_eq!(
        (counted(&host, "entries"), counted(&host, "replayed")),
        (0, 0)
    );
}

#[tokio::test]
async fn a_call_whose_caller_goes_away_goes_on_and_the_next_gets_its_answer() {
    let host = builder(ONE_AT_A_TIME).start();
    let mut gone = pair(&host, || slow(&host, 1)).await;
    gone.shutdown().await;
    let next = said(slow(&host, 1).header(MARK, "the next one's")).await;
    assert!(!next.contains("the next one's"), "{next}");
    host.logs("unheard=true", 1).await;
    // Of the one that waited and is gone, there is nothing to tell.
    assert_eq!(lines(&host, 1, "answered"), 2);
    assert_eq!(lines(&host, 1, "unheard=true"), 1);
    assert_eq!(said(slow(&host, 1)).await, next);
    assert_eq!(counted(&host, "entries"), 1);
}

#[tokio::test]
async fn an_answer_is_told_again_to_nobody_who_proves_nothing() {
    let host = builder("").start();
    let first = said(call(&host, 1)).await;
    let old = format!("{LOOKUP}&InvocationDate=2020-01-01T00:00:00Z");
    for (request, code) in [
        (call(&host, 1).unsigned(), "signature_missing"),
        (call(&host, 1).signature_of("AAAA"), "signature_invalid"),
        (call(&host, 1).target(&old), "stale_request"),
    ] {
        let refused = request.send().await;
        assert_eq!(refused.status, 403, "{}", refused.shown());
        assert_eq!(refused.error_code(), code);
    }
    assert_eq!(counted(&host, "replayed"), 0);
    assert_eq!(said(call(&host, 1)).await, first);
}
