//! One execution for each request SID: who waits, who is given an answer again, who is
//! refused, and what is never remembered.

use jackfield_tests::versions::{number_in, version};
use jackfield_tests::{Answer, NUMBER, Signed, TestHost, TestHostBuilder, add_on_sid, request_sid};
use serde_json::Value;
use tokio::task::{JoinHandle, JoinSet};

/// How many requests come at once.
const CROWD: u64 = 1_000;
/// Longer than anything else here takes, in milliseconds.
const LONG: u32 = 3_000;
/// Nothing opens a breaker, which would hide who answers.
const TERMS: &str = "grants = { fields = [\"wait\"] }\nbreaker = { failures = 0 }\n";

/// A host whose add-on is served by a first version.
fn builder(toml: &str) -> TestHostBuilder {
    under(&format!("timeout = \"15s\"\n{toml}"))
}

/// The same, with a `timeout` of its own.
fn under(toml: &str) -> TestHostBuilder {
    let toml = format!("{TERMS}{toml}");
    TestHost::builder().add_on_of("it", &add_on_sid('a'), &version(1), &toml)
}

/// A call of it, under a request's SID.
fn call(host: &TestHost, request: u64) -> Signed {
    let call = host.twilio().lookup(&add_on_sid('a'), NUMBER);
    call.request_sid(&request_sid(request))
}

/// A call that takes long.
fn slow(host: &TestHost, request: u64) -> Signed {
    host.keep_secret(NUMBER);
    let wait = LONG.to_string();
    let form = [("phone", NUMBER), ("wait", &wait)];
    let call = host.twilio().form("/lookups", &form);
    call.add_on(&add_on_sid('a'))
        .request_sid(&request_sid(request))
}

/// A call that takes long, and has begun, on a host that runs one at a time.
async fn running(host: &TestHost, request: u64) -> JoinHandle<Answer> {
    let running = tokio::spawn(slow(host, request).send());
    let mut other = 1_000_000;
    let busy = async || {
        other += 1;
        call(host, other).send().await.error_code() == "overloaded"
    };
    host.until("the slow call runs", busy).await;
    running
}

/// What the host tells of its ledger.
fn ledger(host: &TestHost) -> Value {
    let status = host.cli(&["status", "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    status["ledger"].clone()
}

/// A call's parameters, with the moment at which it is said to be sent.
fn dated(moment: &str) -> [(&str, &str); 3] {
    [
        ("phone", NUMBER),
        ("InvocationDate", moment),
        ("TTL", "600"),
    ]
}

fn version_of(answer: &Answer) -> Option<u32> {
    number_in(answer.json()["results"]["version"].as_str()?)
}

/// How many requests of a SID the provider was called for.
fn executions(host: &TestHost, request: u64) -> usize {
    let sid = request_sid(request);
    let log = host.log();
    let lines = log.lines().filter(|line| line.contains(&sid));
    let again = |line: &&str| line.contains("joined=true") || line.contains("replayed=true");
    lines.filter(|line| !again(line)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_the_first_runs_waits_for_its_answer() {
    let host = builder("concurrency = 1\nqueue = 0").start();
    let first = running(&host, 1).await;
    let mut others = JoinSet::new();
    for _ in 0..3 {
        others.spawn(slow(&host, 1).send());
    }
    let first = first.await.unwrap();
    assert_eq!(version_of(&first), Some(1), "{}", first.text());
    for other in others.join_all().await {
        assert_eq!(other.body, first.body);
    }
    assert_eq!(ledger(&host)["joined"], 3);
    assert_eq!(executions(&host, 1), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_identical_requests_at_once_are_one_execution() {
    let host = builder("").start();
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        crowd.spawn(call(&host, 1).send());
    }
    let answers = crowd.join_all().await;
    assert_eq!(version_of(&answers[0]), Some(1), "{}", answers[0].text());
    assert!(answers.iter().all(|it| it.body == answers[0].body));
    let ledger = ledger(&host);
    let again = ledger["joined"].as_u64().unwrap() + ledger["replayed"].as_u64().unwrap();
    assert_eq!(again, CROWD - 1);
    assert_eq!(executions(&host, 1), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_later_gets_the_same_bytes_whatever_serves_by_then() {
    let host = builder("").start();
    let first = call(&host, 1).send().await;
    assert_eq!(version_of(&first), Some(1));
    host.put("plugins/it.wasm", version(2));
    host.logs("taken up", 1).await;
    let other = call(&host, 2).send().await;
    assert_eq!(version_of(&other), Some(2));
    let again = call(&host, 1).send().await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(ledger(&host)["replayed"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_content_under_the_same_sid_is_refused_and_counted() {
    let host = builder("").start();
    let first = call(&host, 1).send().await;
    let other = host.twilio().lookup(&add_on_sid('a'), "+12125550199");
    for other in [
        other.request_sid(&request_sid(1)),
        call(&host, 1).header(
            "x-twilio-addoninstallsid",
            "XD0123456789abcdef0123456789abcdef",
        ),
        slow(&host, 1),
    ] {
        let refused = other.send().await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert_eq!(refused.json()["error_code"], "request_reused");
    }
    assert_eq!(call(&host, 1).send().await.body, first.body);
    assert_eq!(ledger(&host)["conflicts"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_add_ons_request_of_the_same_sid_is_another_request() {
    let host = builder("");
    let host = host
        .add_on_of("other", &add_on_sid('b'), &version(2), TERMS)
        .start();
    assert_eq!(version_of(&call(&host, 1).send().await), Some(1));
    let other = host.twilio().lookup(&add_on_sid('b'), NUMBER);
    let other = other.request_sid(&request_sid(1)).send().await;
    assert_eq!(version_of(&other), Some(2));
    assert_eq!(ledger(&host)["replayed"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_genuine_repetition_may_differ_in_how_it_is_sent() {
    let host = builder("").start();
    let first = call(&host, 1).send().await;
    host.keep_secret(NUMBER);
    let (twilio, sid) = (host.twilio(), request_sid(1));
    let add_on = add_on_sid('a');
    let now = |seconds: u64| {
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
        (since.as_secs() - seconds).to_string()
    };
    for other in [
        twilio.form("/lookups", &[("phone", NUMBER)]),
        twilio.json("/lookups", &format!("{{\"phone\":\"{NUMBER}\"}}")),
        twilio.form("/lookups", &dated(&now(0))),
        twilio.form("/lookups", &dated(&now(60))),
        twilio
            .form("/lookups", &[("phone", NUMBER)])
            .header("i-twilio-idempotency-token", "another"),
    ] {
        let again = other.add_on(&add_on).request_sid(&sid).send().await;
        assert_eq!(again.body, first.body, "{}", again.text());
    }
    assert_eq!(ledger(&host)["replayed"], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_providers_failure_is_told_again_and_not_brought_about_again() {
    let sid = add_on_sid('a');
    for (guest, code) in [("trap", "provider_failed"), ("refuse", "no_such_number")] {
        let host = TestHost::with(guest, &sid, "breaker = { failures = 0 }").start();
        let call = || {
            host.twilio()
                .lookup(&sid, NUMBER)
                .request_sid(&request_sid(1))
        };
        let first = call().send().await;
        assert_ne!(first.error_code(), Value::Null, "{guest}: {code}");
        let again = call().send().await;
        assert_eq!(again.body, first.body, "{guest}");
        assert_eq!(ledger(&host)["replayed"], 1, "{guest}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_nothing_about_the_next_try_is_not_remembered() {
    let host = builder("concurrency = 1\nqueue = 0").start();
    let busy = running(&host, 1).await;
    assert_eq!(call(&host, 2).send().await.error_code(), "overloaded");
    assert_eq!(version_of(&busy.await.unwrap()), Some(1));
    assert_eq!(version_of(&call(&host, 2).send().await), Some(1));
    let paused = host.cli(&["pause", "it", "--reason", "a test"]);
    assert!(paused.status.success());
    assert_eq!(call(&host, 3).send().await.error_code(), "paused");
    let resumed = host.cli(&["resume", "it"]);
    assert!(resumed.status.success());
    assert_eq!(version_of(&call(&host, 3).send().await), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_for_one_that_gets_no_turn_are_told_the_same() {
    let host = under("timeout = \"2s\"\nconcurrency = 1\nqueue = 1").start();
    host.keep_secret(NUMBER);
    let wait = LONG.to_string();
    let form = [("phone", NUMBER), ("wait", wait.as_str())];
    let held = host
        .twilio()
        .form("/lookups", &form)
        .add_on(&add_on_sid('a'));
    let held = tokio::spawn(held.send());
    let mut others = JoinSet::new();
    for _ in 0..3 {
        others.spawn(call(&host, 2).send());
    }
    let others = others.join_all().await;
    assert!(others.iter().all(|it| it.body == others[0].body));
    held.await.unwrap();
    let after = call(&host, 2).send().await;
    assert_eq!(version_of(&after), Some(1), "{}", after.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_sid_is_served_and_not_remembered() {
    let host = builder("").start();
    for count in 0..2 {
        let answer = host.twilio().lookup(&add_on_sid('a'), NUMBER);
        assert_eq!(version_of(&answer.send().await), Some(1), "{count}");
    }
    let ledger = ledger(&host);
    assert_eq!(
        (&ledger["entries"], &ledger["replayed"]),
        (&0.into(), &0.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_answers_go_where_there_is_no_more_memory() {
    let host = builder("").server("ledger_memory = \"1MiB\"").start();
    for batch in 0..60 {
        let mut calls = JoinSet::new();
        for number in 0..100 {
            calls.spawn(call(&host, batch * 100 + number).send());
        }
        calls.join_all().await;
    }
    let ledger = ledger(&host);
    assert!(ledger["evicted"].as_u64().unwrap() > 0, "{ledger}");
    assert!(ledger["bytes"].as_u64().unwrap() <= 1024 * 1024, "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_remembered_where_that_is_switched_off() {
    let host = builder("").server("ledger_keep = \"0s\"").start();
    assert_eq!(version_of(&call(&host, 1).send().await), Some(1));
    host.put("plugins/it.wasm", version(2));
    host.logs("taken up", 1).await;
    assert_eq!(version_of(&call(&host, 1).send().await), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_loses_nothing_for_the_next() {
    let host = builder("concurrency = 1\nqueue = 0").start();
    let first = running(&host, 1).await;
    first.abort();
    let again = slow(&host, 1).send().await;
    assert_eq!(version_of(&again), Some(1), "{}", again.text());
    let unheard = async || host.log().contains("unheard=true");
    host.until("the first is told to nobody", unheard).await;
    assert_eq!(executions(&host, 1), 1);
}
